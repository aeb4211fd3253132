package backtest

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// The labels.
const (
	Leak      = "leak"      // never given back, grows as long as the program goes on
	OK        = "ok"        // bounded by the program's logic
	Ambiguous = "ambiguous" // bounded, but the bound is not reached within the trace
)

// The resources that leak.
const (
	Memory  = "memory"
	Shmem   = "shmem"
	FDs     = "fds"
	Threads = "threads"
)

// Labelled is a trace and what is known about it.
type Labelled struct {
	ID      string // unique in the set
	File    string // path of the recording, ready to be opened
	Program string // traces of one program are no independent witnesses; see Folds
	Label   string // Leak, OK or Ambiguous
	Class   string // kind of behaviour within the label, "linear", "gc-sawtooth"
	// Resource is what leaks or is said to be bounded: Memory, Shmem, FDs or Threads.
	Resource string
	// Onset is the time of the first leaked byte, in seconds of the trace. NaN without a leak.
	Onset float64
	// Evidence is the time from which a leak could be known: something had been leaked
	// that stands out of single allocations. An alarm before it cannot rest on the leak.
	// Equal to Onset where the manifest names none; NaN without a leak.
	Evidence float64
	// Limit is the memory limit that an operator could have set, in bytes; 0 is none.
	Limit float64
	// Baseline is the median RSS around the onset, in bytes; 0 is unknown.
	Baseline float64
	// Truth is the path of the program's own log of leaked bytes; empty is none.
	Truth string
}

// Blind is the trace as a detector may know it: id, file and limit.
func (l Labelled) Blind() Labelled {
	return Labelled{ID: l.ID, File: l.File, Limit: l.Limit, Onset: math.NaN(), Evidence: math.NaN()}
}

// Set is a folder of labelled traces, read and checked.
type Set struct {
	Dir    string
	Traces []Labelled // in the order of the manifest

	recordings map[string]recording
}

// recording is what one trace holds, as far as the baselines and the score need it.
type recording struct {
	samples []Sample
	log     truthLog // empty without a log
}

// Sample is one row of a recording.
type Sample struct {
	T   float64 // seconds of the trace
	PID int64   // changes when the service was restarted
	RSS float64 // bytes; NaN where it was not measured
}

// Samples are the rows of a trace in order of time, at least two; nil for an id that is not in
// the set. They belong to the set and must not be changed.
func (s *Set) Samples(id string) []Sample { return s.recordings[id].samples }

// span is the time of the first and of the last sample.
func (s *Set) span(id string) (first, last float64) {
	samples := s.Samples(id)
	return samples[0].T, samples[len(samples)-1].T
}

// maxSamples bounds what a set keeps of all its traces together: 2 million samples are
// 48 MB, four years at a sample a minute. Log entries are bounded by the same number.
const maxSamples = 2_000_000

// manifestName is the file that makes a folder a set.
const manifestName = "manifest.json"

// Load reads the manifest of a folder, every trace it lists and the logs of the leaking
// ones. Nothing outside of the folder is read, whatever the manifest says. Every error is
// an *Error.
func Load(dir string) (*Set, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &Error{File: dir, Err: err, Hint: "name a folder that holds " + manifestName + " and the traces it lists"}
	}
	defer root.Close() //nolint:errcheck // opened for reading
	text, err := readManifest(root)
	var traces []Labelled
	if err == nil {
		traces, err = parseManifest(text)
	}
	if err != nil {
		wrong := &Error{Err: err}
		errors.As(err, &wrong)
		wrong.File = filepath.Join(dir, manifestName)
		return nil, wrong
	}
	return load(root, traces)
}

// load reads the files of the traces, whose paths are relative to the folder still.
func load(root *os.Root, traces []Labelled) (*Set, error) {
	set := &Set{Dir: root.Name(), Traces: traces, recordings: make(map[string]recording, len(traces))}
	samplesLeft, entriesLeft := maxSamples, maxSamples
	for i := range traces {
		trace := &traces[i]
		var r recording
		var err error
		if r.samples, err = readSamples(root, trace.File, samplesLeft); err != nil {
			return nil, inTrace(err, root, trace.File, trace.ID)
		}
		if trace.Label == Leak && trace.Truth != "" {
			if r.log, err = readTruth(root, trace.Truth, entriesLeft); err != nil {
				return nil, inTrace(err, root, trace.Truth, trace.ID)
			}
		}
		samplesLeft -= len(r.samples)
		entriesLeft -= len(r.log)
		set.recordings[trace.ID] = r
		trace.File = filepath.Join(set.Dir, trace.File)
		if trace.Truth != "" {
			trace.Truth = filepath.Join(set.Dir, trace.Truth)
		}
	}
	return set, nil
}

// inTrace makes an error about a file say whose file it is.
func inTrace(err error, root *os.Root, file, id string) error {
	out := &Error{Err: err}
	if !errors.As(err, &out) {
		out.Hint = "the manifest names this file: put it into the folder (links out of it are not followed), or take the trace out of the manifest"
		if errors.Is(err, fs.ErrPermission) {
			out.Hint = "make the file readable for this user"
		}
	}
	out.File, out.Trace = filepath.Join(root.Name(), file), quoted(id)
	return out
}

// openRegular opens a file of the folder. Only regular files are opened: a pipe would wait for a writer
// for ever.
func openRegular(root *os.Root, file string) (*os.File, error) {
	info, err := root.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is no regular file but %s", info.Mode().Type())
	}
	return root.Open(file)
}
