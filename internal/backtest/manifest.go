package backtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of a manifest. 101 traces with all their fields take 74 kB.
const (
	maxManifestBytes = 16 << 20 // 10,000 traces with twice the usual fields
	maxTraces        = 10_000   // more would be years of recording
	maxNameBytes     = 200      // a name is shown in a table
	maxPathBytes     = 1024     // what Linux and macOS both open
	maxSeconds       = 1e10     // three hundred years: sums of such times stay exact to a microsecond
	maxKilobytes     = 1e13     // ten petabytes: more is a mistake in the unit
)

const manifestHint = "internal/backtest/testdata/leakbench/dev/README.md describes the format: a list \"traces\", each with id, file, label, and onset_s where it leaks"

// readManifest reads manifest.json of the folder.
func readManifest(root *os.Root) ([]byte, error) {
	file, err := openRegular(root, manifestName)
	if err != nil {
		return nil, &Error{Err: err, Hint: "name a folder that holds " + manifestName + " and the traces it lists"}
	}
	defer file.Close() //nolint:errcheck // opened for reading
	text, err := io.ReadAll(io.LimitReader(file, maxManifestBytes+1))
	if err != nil {
		return nil, &Error{Err: err, Hint: "copy the folder to a disk that can be read"}
	}
	return text, nil
}

// entry is a trace in the manifest, as far as it is used. Pointers tell absent from 0.
type entry struct {
	ID         string   `json:"id"`
	File       string   `json:"file"`
	Truth      string   `json:"truth"`
	Program    string   `json:"program"`
	Label      string   `json:"label"`
	Class      string   `json:"class"`
	Resource   string   `json:"resource"`
	OnsetS     *float64 `json:"onset_s"`
	EvidenceS  *float64 `json:"evidence_s"`
	LimitKB    *float64 `json:"limit_kb"`
	BaselineKB *float64 `json:"baseline_rss_kb"`
}

// parseManifest reads the text of a manifest. Paths in the result are relative to the
// folder and do not leave it. Every error is an *Error without its File.
func parseManifest(text []byte) ([]Labelled, error) {
	if len(text) > maxManifestBytes {
		return nil, &Error{Err: fmt.Errorf("it is larger than %d bytes", maxManifestBytes), Hint: "split the folder: a manifest of 10,000 traces fits in 16 MiB"}
	}
	var manifest struct {
		Traces []json.RawMessage `json:"traces"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, jsonError(text, err)
	}
	switch n := len(manifest.Traces); {
	case n == 0:
		return nil, &Error{Field: "traces", Err: errors.New("the list is empty or absent"), Hint: manifestHint}
	case n > maxTraces:
		return nil, &Error{Field: "traces", Err: fmt.Errorf("%d traces, of which at most %d are read", n, maxTraces), Hint: "split the folder"}
	}
	traces := make([]Labelled, 0, len(manifest.Traces))
	seen := make(map[string]bool, len(manifest.Traces))
	for i, raw := range manifest.Traces {
		var e entry
		err := json.Unmarshal(raw, &e)
		name := fmt.Sprintf("%d of the list", i+1)
		if e.ID != "" {
			name = quoted(e.ID)
		}
		if err != nil {
			wrong := jsonError(raw, err)
			wrong.Line, wrong.Trace = 0, name // the line would be counted within the entry
			return nil, wrong
		}
		trace, wrong := e.labelled()
		if wrong == nil && seen[e.ID] {
			wrong = &Error{Field: "id", Err: fmt.Errorf("%s is there twice", quoted(e.ID)), Hint: "give every trace an id of its own"}
		}
		if wrong != nil {
			wrong.Trace = name
			return nil, wrong
		}
		seen[e.ID] = true
		traces = append(traces, trace)
	}
	return traces, nil
}

// jsonError says where JSON is wrong: the line of the text, or the field and what it holds.
func jsonError(text []byte, err error) *Error {
	out := &Error{Err: err, Hint: manifestHint}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		out.Field = kind.Field
		out.Err = fmt.Errorf("is of type %s where %s belongs", kind.Value, jsonWord(kind))
		if literal, number := strings.CutPrefix(kind.Value, "number "); number {
			out.Err = fmt.Errorf("cannot hold the number %s", quoted(literal))
		}
	case errors.As(err, &syntax):
		out.Line = 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
	}
	return out
}

// jsonWord names what should have stood there in words of JSON.
func jsonWord(e *json.UnmarshalTypeError) string {
	switch e.Type.String() {
	case "string":
		return "a text in quotation marks"
	case "float64":
		return "a number"
	case "[]json.RawMessage":
		return "a list"
	}
	return "an object in braces"
}

// labelled checks an entry and turns it into units of this package.
func (e *entry) labelled() (Labelled, *Error) {
	out := Labelled{ID: e.ID, Program: e.Program, Label: e.Label, Class: e.Class, Resource: e.Resource, Onset: math.NaN(), Evidence: math.NaN()}
	if e.ID == "" {
		return out, &Error{Field: "id", Err: errors.New("it is missing"), Hint: "give every trace an id of its own"}
	}
	for _, f := range []struct{ field, text string }{
		{"id", e.ID}, {"program", e.Program}, {"class", e.Class}, {"label", e.Label}, {"resource", e.Resource},
	} {
		if len(f.text) > maxNameBytes || !printable(f.text) {
			return out, &Error{Field: f.field, Err: fmt.Errorf("%s is not fit to be shown", quoted(f.text)), Hint: fmt.Sprintf("use at most %d bytes of printable text", maxNameBytes)}
		}
	}
	if !slices.Contains([]string{Leak, OK, Ambiguous}, e.Label) {
		return out, &Error{Field: "label", Err: fmt.Errorf("%s is no label", quoted(e.Label)), Hint: "use leak, ok or ambiguous"}
	}
	if out.Resource == "" {
		out.Resource = Memory
	}
	if !slices.Contains([]string{Memory, Shmem, FDs, Threads}, out.Resource) {
		return out, &Error{Field: "resource", Err: fmt.Errorf("%s is no resource", quoted(e.Resource)), Hint: "use memory, shmem, fds or threads"}
	}
	if out.Class == "" {
		out.Class = out.Label
	}
	if out.Program == "" {
		out.Program = out.ID
	}
	var wrong *Error
	if out.File, wrong = within("file", e.File); wrong != nil {
		return out, wrong
	}
	if e.Truth != "" {
		if out.Truth, wrong = within("truth", e.Truth); wrong != nil {
			return out, wrong
		}
	}
	return out, e.figures(&out)
}

// figures checks the numbers of an entry.
func (e *entry) figures(out *Labelled) *Error {
	for _, f := range []struct {
		field     string
		value     *float64
		low, high float64
		into      *float64
		scale     float64
	}{
		{"onset_s", e.OnsetS, -maxSeconds, maxSeconds, &out.Onset, 1},
		{"evidence_s", e.EvidenceS, -maxSeconds, maxSeconds, &out.Evidence, 1},
		{"limit_kb", e.LimitKB, 0, maxKilobytes, &out.Limit, 1024},
		{"baseline_rss_kb", e.BaselineKB, 0, maxKilobytes, &out.Baseline, 1024},
	} {
		if f.value == nil {
			continue
		}
		if *f.value < f.low || *f.value > f.high {
			return &Error{Field: f.field, Err: fmt.Errorf("%g is not between %g and %g", *f.value, f.low, f.high), Hint: "look at the unit: fields in _s are seconds of the trace, fields in _kb are KiB"}
		}
		*f.into = *f.value * f.scale
	}
	if out.Label != Leak {
		out.Onset, out.Evidence = math.NaN(), math.NaN()
		return nil
	}
	if math.IsNaN(out.Onset) {
		return &Error{Field: "onset_s", Err: errors.New("it is missing on a trace labelled leak"), Hint: "say when the first byte leaked, in seconds of the trace"}
	}
	if math.IsNaN(out.Evidence) {
		out.Evidence = out.Onset
	}
	if out.Evidence < out.Onset {
		return &Error{Field: "evidence_s", Err: fmt.Errorf("%g s is before the onset at %g s", out.Evidence, out.Onset), Hint: "evidence is the time from which the leak could be known: not before onset_s"}
	}
	return nil
}

// within turns a path of the manifest into one of this system, relative to the folder.
func within(field, path string) (string, *Error) {
	const hint = "name a file inside the folder of the manifest, with / between folders, for example traces/a.csv.gz"
	switch {
	case path == "":
		return "", &Error{Field: field, Err: errors.New("it is missing"), Hint: hint}
	case len(path) > maxPathBytes || !printable(path):
		return "", &Error{Field: field, Err: fmt.Errorf("%s is no path that is read", quoted(path)), Hint: hint}
	}
	local, err := filepath.Localize(strings.TrimPrefix(path, "./"))
	if err != nil {
		return "", &Error{Field: field, Err: fmt.Errorf("%s does not stay inside the folder", quoted(path)), Hint: hint}
	}
	return local, nil
}
