package top

import (
	"sync"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/tally"
)

// A verdict is read anew when the watch has grown by a sixtieth, at the latest after a
// minute: it moves no faster, and the verdicts on the memory of 100 processes take about
// 12 ms of processor time (BenchmarkVerdicts), as do those on what else changes.
const (
	judgings   = 60
	maxJudging = time.Minute
)

// watch reads the machine and keeps the account. It is used by one command at a time,
// away from the keyboard, so that no key ever waits for the machine.
type watch struct {
	machine Taker
	source  func() string
	now     func() time.Time

	mu     sync.Mutex // held while reading
	closed bool

	tally    *tally.Tally
	all      bool // services that nobody asked to watch are accounted for too
	began    time.Time
	judged   time.Time
	verdicts map[process.ID]*tally.Instance
	accounts map[string]*tally.Account
	chosen   []sampler.Service
}

func newWatch(o *Options) *watch {
	return &watch{machine: o.Machine, source: o.Source, now: o.Now, tally: tally.New()}
}

// close waits for a reading that is under way and lets no other begin.
func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
}

// read takes one reading. From the first time that all is true every service is accounted
// for: an account with a gap would take an interruption for growth.
func (w *watch) read(all bool) reading {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return reading{}
	}
	w.all = w.all || all
	at := w.now()
	s, err := w.machine.Take(at)
	if err != nil {
		return reading{at: at, took: w.now().Sub(at), err: err}
	}
	if w.began.IsZero() {
		w.began = at
	}
	w.chosen = w.chosen[:0]
	for k := range s.Services {
		if v := &s.Services[k]; !v.Kernel() && (w.all || v.Watched) {
			w.chosen = append(w.chosen, *v)
		}
	}
	w.tally.Observe(at, w.chosen)
	w.judge(at)
	out := reading{
		at: at, host: s.Host, source: w.source(), watched: s.Watched, watchedLimit: s.WatchedLimit, over: s.OverWatched(),
		processes: s.Processes, denied: s.Denied, hidden: s.Hidden, untracked: w.tally.Untracked() > 0,
	}
	w.services(s, &out)
	out.took = w.now().Sub(at)
	return out
}

// judge reads the verdicts where it is time to.
func (w *watch) judge(at time.Time) {
	due := min(maxJudging, at.Sub(w.began)/judgings)
	if !w.judged.IsZero() && at.Sub(w.judged) < due {
		return
	}
	w.judged = at
	w.verdicts = make(map[process.ID]*tally.Instance, tally.MaxJudged)
	w.accounts = make(map[string]*tally.Account)
	for _, s := range w.tally.Summaries() {
		w.accounts[s.Name] = s.Account
		for i := range s.Instances {
			if x := &s.Instances[i]; !x.Ended {
				w.verdicts[x.ID] = x
			}
		}
	}
}

// services turns the snapshot into rows, watched services first where there are more than
// the view holds.
func (w *watch) services(s *sampler.Snapshot, out *reading) {
	out.services = make([]service, 0, min(len(s.Services), tally.MaxServices))
	for _, watched := range []bool{true, false} {
		for k := range s.Services {
			v := &s.Services[k]
			if v.Watched != watched {
				continue
			}
			if len(out.services) == tally.MaxServices {
				out.left++
				continue
			}
			out.services = append(out.services, w.service(v))
		}
	}
}

func (w *watch) service(v *sampler.Service) service {
	out := service{
		name: v.Name, kind: v.Kind, watched: v.Watched, kernel: v.Kernel(), status: v.Status, verdict: noVerdict(),
		usage: usage{
			private: sumOf(&v.Total, memory.Private), rss: sumOf(&v.Total, memory.RSS), swap: sumOf(&v.Total, memory.Swap),
			threads: sumOf(&v.Total, memory.Threads), fds: sumOf(&v.Total, memory.FDs), cpu: v.CPU, age: v.Age,
		},
		instances: make([]instance, len(v.Instances)),
	}
	if a := w.accounts[v.Name]; a != nil {
		out.growth.value = a.Growth // of those that ended
	}
	out.verdict.living = len(v.Instances)
	for i := range v.Instances {
		x := w.instance(&v.Instances[i])
		out.instances[i] = x
		if x.growth.known {
			out.growth.value += x.growth.value
			out.growth.known = true
		}
		if judged := w.verdicts[x.id]; judged != nil {
			out.verdict.add(judged)
		}
	}
	return out
}

func (w *watch) instance(x *sampler.Instance) instance {
	out := instance{
		id: x.ID(), name: x.Sample.Name, status: x.Status, passed: x.Passed, verdict: noVerdict(),
		usage: usage{
			private: figureOf(x.Sample, memory.Private), rss: figureOf(x.Sample, memory.RSS), swap: figureOf(x.Sample, memory.Swap),
			threads: figureOf(x.Sample, memory.Threads), fds: figureOf(x.Sample, memory.FDs), cpu: x.CPU, age: x.Sample.Age,
		},
	}
	if growth, ok := w.tally.Growth(out.id); ok {
		out.growth = figure{value: growth, known: true}
	}
	out.verdict.living = 1
	if judged := w.verdicts[out.id]; judged != nil {
		out.verdict.add(judged)
	}
	return out
}
