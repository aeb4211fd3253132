// Package probe reads processes and the host from the operating system: one Scan gives
// a sample of every process instance, Describe gives what does not change in one life.
// It judges nothing and keeps nothing but the facts of living instances.
//
// Three scanners stand behind one Reader: an eBPF task iterator (Linux, privileged), raw
// system calls on procfs (Linux, any user), and the systems' own calls with gopsutil
// (macOS and Windows).
package probe

import (
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// Options says how to read.
type Options struct {
	// Root is where procfs is mounted; empty means /proc. Only Linux has it.
	Root string
	// Light forbids the eBPF scanner: loading it costs more than one procfs scan of
	// 1,000 processes, so a command that scans once is faster without.
	Light bool
	// Log gets one line that says which scanner was chosen and why; nil is silent.
	Log *slog.Logger
}

// DefaultRoot is where procfs is mounted on every usual Linux.
const DefaultRoot = "/proc"

// Scan is one reading of all processes.
type Scan struct {
	// Samples is one sample per process instance, in no particular order. It is valid
	// until the next Scan of the same Reader, which reuses its memory.
	Samples []memory.Sample
	// Denied counts processes that are there but that this user may not read (hidepid).
	Denied int
	// Hidden says that the system shows this user only some processes (hidepid=2),
	// so that totals are a part of the whole.
	Hidden bool
}

// scanner takes one sample of every process instance. It tells the population of the
// Reader whom it met, which keeps names and facts.
type scanner interface {
	// scan appends to dst[:0] and must not allocate in its steady state.
	scan(dst []memory.Sample) (Scan, error)
	// source is the scanner's name for people; see Reader.Source.
	source() string
	close() error
}

// describer reads facts of one instance. It fails with an error that wraps
// fs.ErrNotExist when the instance is gone or its PID belongs to another one. Facts that
// the system withholds are left out without an error.
type describer interface {
	describe(id process.ID, need process.Need) (process.Facts, error)
	// begin says that a new scan begins: what was read for the last one is old.
	begin()
	close() error
}

// Reader reads processes. It is not safe for use by several goroutines at once.
type Reader struct {
	scanner   scanner
	describer describer
	pop       *population
	samples   []memory.Sample
}

// Scan samples every process instance.
func (r *Reader) Scan() (Scan, error) {
	r.describer.begin()
	out, err := r.scanner.scan(r.samples)
	r.samples = out.Samples
	return out, err
}

// Source names the scanner in use: "ebpf" or "procfs" on Linux, "libproc" on macOS,
// "toolhelp" on Windows.
func (r *Reader) Source() string { return r.scanner.source() }

// Describe returns facts of an instance that the last Scan met, reading those that need
// asks for and that are not known yet. The error wraps fs.ErrNotExist when the instance
// has ended.
func (r *Reader) Describe(id process.ID, need process.Need) (process.Facts, error) {
	l := r.pop.lives[id.PID]
	if l == nil || l.id != id {
		return process.Facts{}, fmt.Errorf("cannot describe process %s: %w", id, fs.ErrNotExist)
	}
	if l.fresh(need) {
		return l.facts, nil
	}
	need |= l.asked
	facts, err := r.describer.describe(id, need)
	if err != nil {
		return process.Facts{}, err
	}
	l.keep(facts, need)
	return facts, nil
}

// Close releases what the reader holds open.
func (r *Reader) Close() error {
	err := r.scanner.close()
	if e := r.describer.close(); err == nil {
		err = e
	}
	return err
}
