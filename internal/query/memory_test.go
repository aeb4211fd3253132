package query

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
)

// TestAnswersWhileSamplesAreAppended holds that a query sees whole samples only, also over
// the turn of an hour: the figure rises by one with each beat.
func TestAnswersWhileSamplesAreAppended(t *testing.T) {
	s, last := stage(t, time.Hour-time.Minute)
	owners, err := s.Owners(context.Background(), store.Service, 0, last.UnixMilli(), func(l store.Labels) bool { return l.Get("service") == "bot" })
	if err != nil || len(owners) != 1 {
		t.Fatal(owners, err)
	}
	series := store.SeriesOf(owners[0].ID, store.Code(memory.Private))
	const beats = 40
	e := New(s, Options{})
	var all sync.WaitGroup
	done := make(chan struct{})
	all.Go(func() {
		defer close(done)
		for k := range beats {
			at := last.Add(time.Duration(k+1) * 5 * time.Second)
			if err := s.Append(at, []store.Sample{{Series: series, Value: 1e6 + at.Sub(began).Seconds()}}, nil); err != nil {
				t.Error(err)
				return
			}
		}
	})
	end := last.Add(beats * 5 * time.Second)
	before := 0.0
	for running := true; running; {
		select {
		case <-done:
			running = false // once more, with all of them
		default:
		}
		count := instant(t, e, `count_over_time(zol0_service_private_bytes{service="bot"}[2h])`, end)
		if len(count) != 1 || count[0].F < before {
			t.Fatalf("%v after %v", count, before)
		}
		before = count[0].F
	}
	all.Wait()
	if want := end.Sub(began).Seconds()/5 + 1; before != want {
		t.Errorf("%v samples in the end, want %v", before, want)
	}
}

// TestHeapAfterQueriesIsFlat holds that queries leave nothing behind, those that are refused
// neither.
func TestHeapAfterQueriesIsFlat(t *testing.T) {
	s, last := stage(t, 3*time.Hour)
	e := New(s, Options{})
	round := func() uint64 {
		for range 40 {
			for _, text := range []string{`zol0_service_private_bytes`, `rate({service="bot"}[20m])`, `timestamp(equity)`, `sum((`, `equity[10000d:1ms]`} {
				a, err := e.Range(context.Background(), Range{Text: text, From: began, To: last, Step: 15 * time.Second})
				if err == nil {
					a.Close()
				}
			}
		}
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	round()
	before := round()
	if after := round(); after > before+256<<10 {
		t.Errorf("the heap grew from %d to %d bytes with 200 queries", before, after)
	}
}

// TestBytesOfAQueryAreBounded holds that samples are read in small pieces: a figure over all
// samples of three hours allocates far less than they take.
func TestBytesOfAQueryAreBounded(t *testing.T) {
	s, last := stage(t, 3*time.Hour)
	e := New(s, Options{})
	bytes := func(text string) uint64 {
		var a, b runtime.MemStats
		instant(t, e, text, last)
		runtime.ReadMemStats(&a)
		for range 10 {
			instant(t, e, text, last)
		}
		runtime.ReadMemStats(&b)
		return (b.TotalAlloc - a.TotalAlloc) / 10
	}
	now, long := bytes(`zol0_service_private_bytes{service="bot"}`), bytes(`max_over_time(zol0_service_private_bytes{service="bot"}[3h])`)
	t.Logf("%d bytes for the present value, %d for the highest of 2,160", now, long)
	if now > 48<<10 || long > 96<<10 {
		t.Errorf("%d bytes for the present value, %d for the highest of 2,160 samples", now, long)
	}
}
