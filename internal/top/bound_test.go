package top

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/tally"
)

// crowd is a machine with services of five processes each.
func crowd(services int) []actor {
	out := make([]actor, services)
	for i := range out {
		out[i] = actor{name: fmt.Sprintf("service-%03d", i), private: func(k int, since time.Duration) float64 {
			return float64(20+i%50) + float64(k) + since.Hours()*float64(i%7)
		}}
		for k := range 5 {
			out[i].pids = append(out[i].pids, int32(1000+5*i+k))
		}
	}
	return out
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what had finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryIsBounded watches 1,000 processes in 200 services through 10,000 readings,
// while processes end and begin and ever new names come by. What is kept must not depend
// on how long it went on.
func TestMemoryIsBounded(t *testing.T) {
	readings := 10_000
	if underRace {
		readings = 1_000
		t.Log("1,000 readings instead of 10,000: the race detector is on")
	}
	const (
		// most is 1,000 histories of 0.5 KB, 100 detectors of 10 KB, 1,000 accounts, the rows of
		// two readings at 0.4 KB a process, and as much again.
		most = 6 << 20
		// more is what a heap may move between two looks at it.
		more = 512 << 10
	)
	empty := heap()
	p := newPlay(t, crowd(200)...)
	s := newStage(p, func(o *Options) { o.Interval = 100 * time.Millisecond })
	s.finish(s.Init())
	s.press("enter", "down")
	var early uint64
	pid := int32(1_000_000)
	for i := range readings {
		if i%10 == 0 { // a process is replaced
			a := &p.actors[i/10%200]
			pid++
			a.pids[i/2000%5] = pid
		}
		if i%5 == 0 { // a name comes by that nobody will see again
			p.actors[199].name = fmt.Sprintf("job-%d", i)
		}
		s.read(100 * time.Millisecond)
		if i%50 == 0 {
			s.View()
		}
		if i == readings/2 {
			// By now the bounds are reached: 1,200 names, 500 ended processes, 120 points.
			if living, _, _ := s.watch.tally.Counts(); len(s.histories.of) > tally.MaxServices || living != 1000 {
				t.Fatalf("%d histories, %d processes", len(s.histories.of), living)
			}
			early = heap()
		}
	}
	late := heap()
	t.Logf("heap: %d KB after %d readings, %d KB after %d", (early-empty)>>10, readings/2, (late-empty)>>10, readings)
	if late > early+more {
		t.Errorf("the heap grew from %d to %d bytes between reading %d and reading %d", early, late, readings/2, readings)
	}
	if late-empty > most {
		t.Errorf("the view holds %d bytes, the bound is %d", late-empty, most)
	}
	runtime.KeepAlive(s)
}

// TestMoreServicesThanTheBound shows the watched ones first and says what it left out.
func TestMoreServicesThanTheBound(t *testing.T) {
	actors := crowd(tally.MaxServices + 50)
	for i := range actors {
		actors[i].pids = actors[i].pids[:1]
		actors[i].unwatched = i < 100
	}
	s := newStage(newPlay(t, actors...), func(o *Options) { o.All = true })
	s.finish(s.Init())
	if n := len(s.list.lines); n != tally.MaxServices {
		t.Errorf("%d services are shown", n)
	}
	watched := 0
	for _, x := range s.list.rows {
		if x.watched {
			watched++
		}
	}
	if watched != tally.MaxServices-50 {
		t.Errorf("%d watched services are shown", watched)
	}
	if want := "50 more services not shown"; !containsLine(s.text(), want) {
		t.Errorf("the screen does not say %q:\n%s", want, s.text())
	}
}
