package service

import (
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// stage is a fake machine: processes that tests start, change and end. It counts what was
// read of them.
type stage struct {
	t        testing.TB
	resolver *Resolver
	actors   []*actor
	reads    map[process.Need]int
}

// actor is one process on the stage.
type actor struct {
	sample memory.Sample
	facts  process.Facts
	fails  error
}

func newStage(t testing.TB, o Options) *stage {
	t.Helper()
	if o.HostRoot == "" {
		o.HostRoot = t.TempDir()
	}
	if o.UserName == nil {
		o.UserName = func(uid int64) string { return map[int64]string{0: "root", 1000: "bob"}[uid] }
	}
	return &stage{t: t, resolver: New(o), reads: make(map[process.Need]int)}
}

const every = process.NeedCmdline | process.NeedExecutable | process.NeedCwd | process.NeedCgroup | process.NeedPorts

// start adds a process that has run for an hour; everything about it may be read.
func (s *stage) start(pid, parent int32, name string, args ...string) *actor {
	a := &actor{
		sample: memory.Sample{ID: process.ID{PID: pid, Start: 1000 + uint64(pid)}, Parent: parent, Name: name, Age: time.Hour},
		facts:  process.Facts{Known: every, Cmdline: args},
	}
	s.actors = append(s.actors, a)
	return a
}

func (a *actor) in(cgroup string) *actor          { a.facts.Cgroup = cgroup; return a }
func (a *actor) at(cwd string) *actor             { a.facts.Cwd = cwd; return a }
func (a *actor) image(path string) *actor         { a.facts.Executable = path; return a }
func (a *actor) listening(ports ...uint16) *actor { a.facts.Ports = ports; return a }
func (a *actor) aged(age time.Duration) *actor    { a.sample.Age = age; return a }
func (a *actor) user(uid int64) *actor            { a.sample.UID = uid; return a }
func (a *actor) withhold(n process.Need) *actor   { a.facts.Known &^= n; return a }

// end takes a process away and hands its children to PID 1.
func (s *stage) end(pid int32) {
	for i, a := range s.actors {
		if a.sample.ID.PID == pid {
			s.actors = append(s.actors[:i:i], s.actors[i+1:]...)
			break
		}
	}
	for _, a := range s.actors {
		if a.sample.Parent == pid {
			a.sample.Parent = 1
		}
	}
}

// pass lets time go by.
func (s *stage) pass(d time.Duration) {
	for _, a := range s.actors {
		a.sample.Age += d
	}
}

func (s *stage) Describe(id process.ID, need process.Need) (process.Facts, error) {
	for bit := process.Need(1); bit <= process.NeedPorts; bit <<= 1 {
		if need&bit != 0 {
			s.reads[bit]++
		}
	}
	for _, a := range s.actors {
		if a.sample.ID == id {
			if a.fails != nil {
				return process.Facts{}, a.fails
			}
			out := process.Facts{Known: need & a.facts.Known}
			if out.Has(process.NeedCmdline) {
				out.Cmdline = a.facts.Cmdline
			}
			if out.Has(process.NeedExecutable) {
				out.Executable = a.facts.Executable
			}
			if out.Has(process.NeedCwd) {
				out.Cwd = a.facts.Cwd
			}
			if out.Has(process.NeedCgroup) {
				out.Cgroup = a.facts.Cgroup
			}
			if out.Has(process.NeedPorts) {
				out.Ports = a.facts.Ports
			}
			return out, nil
		}
	}
	return process.Facts{}, fmt.Errorf("cannot describe process %s: %w", id, fs.ErrNotExist)
}

func (s *stage) samples() []memory.Sample {
	samples := make([]memory.Sample, len(s.actors))
	for i, a := range s.actors {
		samples[i] = a.sample
	}
	return samples
}

// resolve looks at the stage once.
func (s *stage) resolve() map[int32]Identity {
	out := make(map[int32]Identity)
	for i, identity := range s.resolver.Resolve(s.samples(), s) {
		out[s.actors[i].sample.ID.PID] = identity
	}
	return out
}

// expect looks at the stage once and compares the services.
func (s *stage) expect(want map[int32]string) map[int32]Identity {
	s.t.Helper()
	got := s.resolve()
	for pid, name := range want {
		if got[pid].Service != name {
			s.t.Errorf("process %d is %q by %s, want %q", pid, got[pid].Service, got[pid].Step, name)
		}
	}
	return got
}

// answers describes processes from a table, for measurements.
type answers map[process.ID]process.Facts

func (a answers) Describe(id process.ID, _ process.Need) (process.Facts, error) { return a[id], nil }
