package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// processTable is the list of processes of a system without procfs. macOS and Windows
// each have one. What it gives is raw; the scanner and the facts above it make names
// harmless, bound and redact.
type processTable interface {
	// list takes stock of the processes that are alive and returns their number.
	list() (int, error)
	// sample fills out with what the system says of process i of the list, apart from
	// Age and Name, and returns its name, which is valid until the next call. A figure
	// that the system withholds stays absent. The error wraps fs.ErrNotExist when the
	// process has ended; any other means that not even its start is known.
	sample(i int, out *memory.Sample) (name []byte, err error)
	// now is the time on the clock of process.ID.Start: milliseconds since 1970.
	now() uint64
	// source is the name of the interface that is read, for people.
	source() string

	// start is the start of the process that has pid now.
	start(pid int32) (uint64, error)
	// arguments are separated by NUL.
	arguments(pid int32) ([]byte, error)
	executable(pid int32) (string, error)
	cwd(pid int32) (string, error)
	// ports are the TCP ports the process listens on, in any order.
	ports(pid int32) ([]uint16, error)
}

// tableScanner samples the processes of a table.
type tableScanner struct {
	table processTable
	pop   *population
	// deadParents says that the system keeps the PID of a parent that has ended, which
	// may be another process's by now (Windows).
	deadParents bool
	starts      map[int32]uint64
}

func newTableScanner(table processTable, pop *population) *tableScanner {
	return &tableScanner{table: table, pop: pop, starts: make(map[int32]uint64)}
}

func (s *tableScanner) source() string { return s.table.source() }

func (s *tableScanner) close() error { return nil }

func (s *tableScanner) scan(dst []memory.Sample) (Scan, error) {
	out := Scan{Samples: dst[:0]}
	count, err := s.table.list()
	if err != nil {
		return out, err
	}
	now := s.table.now()
	s.pop.begin()
	for i := range count {
		out.Samples = append(out.Samples, memory.Sample{UID: -1})
		sample := &out.Samples[len(out.Samples)-1]
		name, err := s.table.sample(i, sample)
		if err != nil {
			out.Samples = out.Samples[:len(out.Samples)-1]
			if !errors.Is(err, fs.ErrNotExist) {
				out.Denied++
			}
			continue
		}
		sample.Age = age(sample.ID.Start, now)
		sample.Name = s.pop.meet(sample.ID, name, sample.Age).name
	}
	s.pop.end()
	if s.deadParents {
		s.disown(out.Samples)
	}
	return out, nil
}

// age is 0 for a process that began after the clock was read or before it was set back.
func age(start, now uint64) time.Duration {
	if start >= now {
		return 0
	}
	return time.Duration(now-start) * time.Millisecond
}

// disown takes away parents that began after their children: the real one has ended and
// its PID went to a stranger.
func (s *tableScanner) disown(samples []memory.Sample) {
	clear(s.starts)
	for i := range samples {
		s.starts[samples[i].ID.PID] = samples[i].ID.Start
	}
	for i := range samples {
		if s.starts[samples[i].Parent] > samples[i].ID.Start {
			samples[i].Parent = 0
		}
	}
}

// tableFacts reads facts from a table.
type tableFacts struct {
	table processTable
}

func (f *tableFacts) close() error { return nil }

// begin does nothing: no fact is read for more than one process at once.
func (f *tableFacts) begin() {}

// describe knows at once that a process has no cgroup: only Linux has them.
func (f *tableFacts) describe(id process.ID, need process.Need) (process.Facts, error) {
	facts := process.Facts{Known: need}
	withheld := func(n process.Need) { facts.Known &^= n }
	if need&process.NeedCmdline != 0 {
		if text, err := f.table.arguments(id.PID); err == nil {
			facts.Cmdline = parseCmdline(text)
		} else {
			withheld(process.NeedCmdline)
		}
	}
	if need&process.NeedExecutable != 0 {
		if path, err := f.table.executable(id.PID); err == nil && path != "" {
			facts.Executable = printable(path)
		} else {
			withheld(process.NeedExecutable)
		}
	}
	if need&process.NeedCwd != 0 {
		if path, err := f.table.cwd(id.PID); err == nil && path != "" {
			facts.Cwd = printable(path)
		} else {
			withheld(process.NeedCwd)
		}
	}
	if need&process.NeedPorts != 0 {
		if ports, err := f.table.ports(id.PID); err == nil {
			facts.Ports = firstPorts(ports)
		} else {
			withheld(process.NeedPorts)
		}
	}
	// What was read belongs to id only if the PID still does.
	if start, err := f.table.start(id.PID); err != nil || start != id.Start {
		return process.Facts{}, fmt.Errorf("cannot describe process %s: it has ended: %w", id, fs.ErrNotExist)
	}
	return facts, nil
}

// firstPorts makes the bounded, ascending list that facts keep. A service often listens
// on the same port twice, for IPv4 and IPv6.
func firstPorts(ports []uint16) []uint16 {
	slices.Sort(ports)
	ports = slices.Compact(ports)
	return slices.Clone(ports[:min(len(ports), process.MaxPorts)])
}
