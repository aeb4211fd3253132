package tally

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
)

// mostBytes is what ARCHITECTURE.md allows all detectors and what is kept beside them.
const mostBytes = 4_000_000

// heap is what lives on it.
func heap() int {
	runtime.GC()
	runtime.GC() // what the first found to be swept
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// crowd is a machine of processes of 60 services of which everything that is judged
// changes now and then.
type crowd struct {
	samples  []memory.Sample
	services []sampler.Service
	round    int
	step     time.Duration
}

func newCrowd(n int, from int32) *crowd {
	c := &crowd{step: 10 * time.Second, samples: make([]memory.Sample, n), services: make([]sampler.Service, min(n, 60))}
	for k := range c.services {
		c.services[k].Name = fmt.Sprint("service-", k)
	}
	for i := range c.samples {
		c.samples[i] = worker(from+int32(i), fmt.Sprint("bot-", from+int32(i)), 50e6+1e4*float64(i), 20, 8, 0)
		k := i % len(c.services)
		c.services[k].Instances = append(c.services[k].Instances, sampler.Instance{Sample: &c.samples[i]})
	}
	return c
}

// show lets a tally observe the next round.
func (c *crowd) show(t *Tally) {
	for i := range c.samples {
		x := &c.samples[i]
		x.Set(memory.Private, uint64(50e6+1e4*float64(c.round*i%7)+1e5*float64(i)))
		x.Set(memory.Shmem, uint64(4096*(c.round%5)))
		x.Set(memory.FDs, uint64(20+c.round%3))
		x.Set(memory.Threads, uint64(8+c.round%2))
		x.Set(memory.CPUTime, uint64(time.Duration(c.round)*time.Second))
	}
	for k := range c.services {
		v := &c.services[k]
		v.Total = memory.Sum{}
		for i := range v.Instances {
			v.Total.Add(v.Instances[i].Sample)
		}
	}
	elapsed := time.Duration(c.round) * c.step
	t.ObserveAt(elapsed, noon.Add(elapsed), c.services)
	c.round++
}

// A hundred processes with as many detectors as there may be, and those that may wait for
// a successor, stay within what ARCHITECTURE.md says, verdicts that were asked for and
// changes of state included.
func TestDetectorsAreBounded(t *testing.T) {
	first, last, others := newCrowd(2*MaxJudged, 1), newCrowd(1, 10_000), newCrowd(2*MaxJudged, 20_000)
	before := heap()
	tally := New()
	for range 60 {
		first.show(tally)
	}
	if tally.Judged() != MaxJudged || tally.counting() != MaxCounting {
		t.Errorf("%d are judged with %d detectors beside those of private memory", tally.Judged(), tally.counting())
	}
	pinned := others.samples[7].ID
	tally.Pin(pinned)
	last.round = first.round
	last.show(tally) // all but one end: MaxWaiting of them wait
	if len(tally.waiting) != MaxWaiting {
		t.Errorf("%d wait for a successor, want %d", len(tally.waiting), MaxWaiting)
	}
	others.round = last.round
	for range 59 {
		others.show(tally)
	}
	for i := range others.samples {
		tally.Instance(others.samples[i].ID)
	}
	if tally.Judged() != MaxJudged || len(tally.waiting) != MaxWaiting || tally.counting() != MaxCounting || tally.Crowded == 0 {
		t.Errorf("%d are judged, %d wait, %d detectors count, %d found none", tally.Judged(), len(tally.waiting), tally.counting(), tally.Crowded)
	}
	after := heap()
	t.Logf("%d bytes for %d detectors and what is beside them", after-before, MaxJudged+MaxWaiting+MaxCounting)
	if after-before > mostBytes {
		t.Errorf("the account holds %d bytes, the bound is %d", after-before, mostBytes)
	}

	// Fewer under pressure: what is dropped is free at once.
	for _, c := range []struct{ limit, judged, waiting int }{{25, 25, 5}, {3, 3, 0}, {0, 1, 0}} {
		tally.SetMaxJudged(c.limit)
		held := heap() - before
		t.Logf("%d judged: %d bytes", c.limit, held)
		detectors := c.judged + len(tally.waiting) + tally.counting()
		if tally.Judged() != c.judged || len(tally.waiting) != c.waiting || held > detectors*10_240+400_000 {
			t.Errorf("limit %d: %d are judged and %d wait with %d detectors in %d bytes", c.limit, tally.Judged(), len(tally.waiting), detectors, held)
		}
		for range 2 {
			others.show(tally)
		}
		if tally.Judged() != c.judged || tally.lives[pinned].judges == nil {
			t.Errorf("limit %d: %d are judged afterwards, the pinned one %v", c.limit, tally.Judged(), tally.lives[pinned].judges != nil)
		}
	}
	tally.SetMaxJudged(1000)
	others.show(tally)
	if tally.MaxJudged() != MaxJudged || tally.Judged() != MaxJudged {
		t.Errorf("raised again: %d of %d are judged", tally.Judged(), tally.MaxJudged())
	}
	runtime.KeepAlive(tally)
	runtime.KeepAlive([]*crowd{first, last, others})
}

// The pinned one keeps its detectors though it is the smallest of a thousand.
func TestPinned(t *testing.T) {
	for _, limit := range []int{MaxJudged, 25, 1, 0} {
		tally := New()
		me := process.ID{PID: 1, Start: 1}
		tally.Pin(me)
		tally.SetMaxJudged(limit)
		c := newCrowd(300, 1)
		for i := range 10 {
			c.show(tally)
			if x, ok := tally.Instance(me); !ok || x.Samples != i+1 || tally.Judged() != max(limit, 1) {
				t.Fatalf("limit %d: after %d rounds the pinned one has %d samples, %d are judged", limit, i+1, x.Samples, tally.Judged())
			}
		}
	}
}

// A steady beat allocates nothing, however many are watched, and neither do the figures
// that a table of services needs.
func TestSteadyBeatDoesNotAllocate(t *testing.T) {
	for _, n := range []int{1, 40, 150} {
		tally, c := New(), newCrowd(n, 1)
		tally.Pin(c.samples[0].ID)
		for range 60 {
			c.show(tally)
		}
		silent := 0
		if allocated := testing.AllocsPerRun(100, func() {
			c.show(tally)
			if len(tally.Changed()) == 0 {
				silent++
			}
			for k := range c.services {
				tally.Standing(c.services[k].Name)
			}
		}); allocated > 0 {
			t.Errorf("%d processes: %v allocations a beat, want none", n, allocated)
		}
		if silent < 90 {
			t.Errorf("%d processes: states changed in %d of 100 beats: the test watches something else", n, 101-silent)
		}
	}
}
