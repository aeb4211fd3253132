package cli

import (
	"encoding/csv"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/tally"
)

// crowd is a machine of 1,000 processes of which some leak, some breathe, and a few end
// and begin anew at every reading.
type crowd struct {
	samples []memory.Sample
	round   int
	next    int32
}

func newCrowd() *crowd {
	c := &crowd{next: 1}
	for range 1000 {
		c.samples = append(c.samples, c.begin())
	}
	return c
}

func (c *crowd) begin() memory.Sample {
	x := memory.Sample{ID: process.ID{PID: c.next, Start: uint64(c.next)}, Name: "worker", Age: time.Second}
	c.next++
	return x
}

func (c *crowd) Scan() (probe.Scan, error) {
	c.round++
	for i := range 3 {
		c.samples[(c.round*3+i)%900] = c.begin()
	}
	for i := range c.samples {
		x := &c.samples[i]
		x.Age += time.Second
		x.Set(memory.Private, uint64(50e6+1000*(c.round%50)+c.round*(i%10)))
		x.Set(memory.CPUTime, uint64(x.Age/10))
	}
	return probe.Scan{Samples: c.samples}, nil
}

func (c *crowd) Host() (memory.Host, error) { return memory.Host{TotalBytes: 8e9}, nil }

func (c *crowd) Describe(process.ID, process.Need) (process.Facts, error) {
	return process.Facts{Known: process.NeedCmdline | process.NeedCgroup, Cmdline: []string{"worker"}}, nil
}

type nowhere struct{ io.Writer }

func (nowhere) Close() error { return nil }

// A watch of 10,000 readings of 1,000 processes needs no more memory in the end than in
// the beginning. (make test takes a tenth of the readings, make soak all of them.)
func TestHeapOfAMonitorIsFlat(t *testing.T) {
	readings := 1000
	if os.Getenv("ZOL0_SOAK") != "" {
		readings = 10_000
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := &record{path: "nowhere", file: nowhere{io.Discard}}
	r.rows = csv.NewWriter(&r.pending)
	m := &monitoring{
		app:       &app{World: World{Now: func() time.Time { return now }, Out: io.Discard, Err: io.Discard, Env: func(string) (string, bool) { return "", false }}},
		selection: selection{sort: "private"}, tally: tally.New(), record: r, progress: newProgress(io.Discard, now, time.Hour),
		machine:  &machine{sampler: sampler.New(newCrowd(), service.New(service.Options{}), sampler.DefaultLimits())},
		interval: 30 * time.Second, duration: time.Duration(readings) * 30 * time.Second,
	}
	if err := m.compile(); err != nil {
		t.Fatal(err)
	}
	heapAfter := func(to int) uint64 {
		for m.samples < to {
			now = now.Add(m.interval)
			if err := m.sample(m.samples); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	early := heapAfter(readings / 5)
	late := heapAfter(readings)
	t.Logf("heap after %d readings %d bytes, after %d readings %d bytes", readings/5, early, readings, late)
	if late > early+512<<10 {
		t.Errorf("the heap grew from %d to %d bytes", early, late)
	}
	if late > 8<<20 {
		t.Errorf("the heap holds %d bytes; zol0 monitor is to stay below 20 MB in all", late)
	}
	if err := m.summary(); err != nil {
		t.Fatal(err)
	}
}
