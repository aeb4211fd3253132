package tally

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
)

// kept is what a store would hold of the records of a tally.
type kept map[process.ID][]byte

func (k kept) save(r *Record) error {
	if len(r.Blob) == 0 {
		delete(k, r.ID)
		return nil
	}
	k[r.ID] = append([]byte(nil), r.Blob...)
	return nil
}

func (k kept) restored(t interface{ Fatal(...any) }, now Resumption) *Tally {
	tally := New()
	for _, blob := range k {
		if err := tally.Restore(blob, now); err != nil {
			t.Fatal(err)
		}
	}
	return tally
}

// showing lets a tally observe one service of the given processes.
func showing(t *Tally, elapsed time.Duration, wall time.Time, samples ...memory.Sample) {
	v := sampler.Service{Name: "bot"}
	for i := range samples {
		v.Instances = append(v.Instances, sampler.Instance{Sample: &samples[i]})
		v.Total.Add(&samples[i])
	}
	t.ObserveAt(elapsed, wall, []sampler.Service{v})
}

// judgedAs is what a tally says of its living instances, its times on the wall clock.
func judgedAs(t *Tally) string {
	var out strings.Builder
	for _, s := range t.Summaries() {
		for _, x := range s.Instances {
			if x.Ended {
				continue
			}
			for k := range x.Verdicts {
				v := &x.Verdicts[k]
				// Nanoseconds are what is lost between two ways to count seconds.
				wall := func(seconds float64) time.Time {
					return t.Wall(seconds).Add(3 * time.Millisecond).Truncate(10 * time.Millisecond)
				}
				at, onset, low, high := wall(v.At), wall(v.Onset.Value), wall(v.Onset.Low), wall(v.Onset.High)
				v.At, v.Onset.Value, v.Onset.Low, v.Onset.High = 0, 0, 0, 0
				fmt.Fprintf(&out, "%s of %s: at %s, since %s (%s to %s): %+v\n", v.Metric, x.ID, at, onset, low, high, *v)
			}
			x.Verdicts = nil
			fmt.Fprintf(&out, "%+v\n", x)
		}
	}
	return out.String()
}

// A watch that was interrupted says what one says that was not, whatever was watched, and
// whether the caller's clock counts on or anew.
func TestRestoredWatchGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rounds := rapid.IntRange(2, 120).Draw(t, "rounds")
		cut := rapid.IntRange(1, rounds-1).Draw(t, "cut")
		anew := rapid.Bool().Draw(t, "clock counts anew")
		step := time.Duration(rapid.IntRange(1, 3600).Draw(t, "step")) * time.Second
		growth := rapid.SliceOfN(rapid.IntRange(-2, 4), 3, 3).Draw(t, "growth")
		show := func(tally *Tally, i int, since time.Duration) {
			var list []memory.Sample
			for k, g := range growth {
				f := float64(g * i)
				x := worker(int32(k+1), fmt.Sprint("bot-", k), 500e6+1e6*f, 600+f, 600+float64(g*(i/7)), time.Duration(i)*time.Second)
				x.Set(memory.Shmem, uint64(1e9+1e6*f))
				x.Age = time.Hour + time.Duration(i)*step
				list = append(list, x)
			}
			elapsed := 100*time.Hour + time.Duration(i)*step
			showing(tally, elapsed-since, noon.Add(elapsed), list...)
		}
		straight, before := New(), New()
		for i := range rounds {
			show(straight, i, 0)
		}
		for i := range cut {
			show(before, i, 0)
		}
		store := kept{}
		if err := before.Saved(store.save); err != nil {
			t.Fatal(err)
		}
		elapsed := 100*time.Hour + time.Duration(cut)*step
		now := Resumption{Elapsed: elapsed, Wall: noon.Add(elapsed)}
		since := time.Duration(0)
		if anew {
			since, now.Elapsed = elapsed, 0
		}
		after := store.restored(t, now)
		for i := cut; i < rounds; i++ {
			show(after, i, since)
		}
		if got, want := judgedAs(after), judgedAs(straight); got != want {
			t.Fatalf("after an interruption:\n%s\nwant\n%s", got, want)
		}
		if c := after.Changed(); cut == rounds-1 && len(c) != len(straight.Changed()) {
			t.Fatalf("the first Observe after it tells %d changes, want %d", len(c), len(straight.Changed()))
		}
	})
}

// Who may inherit after an interruption.
func TestWhoReplacedWhomMeanwhile(t *testing.T) {
	bot := func(pid int32, age time.Duration) memory.Sample {
		x := worker(pid, "bot", 50e6, 20, 8, 0)
		x.Age = age
		return x
	}
	type list = []memory.Sample
	for _, c := range []struct {
		name     string
		before   list
		away     time.Duration
		rebooted bool
		after    list
		want     map[int32][2]int // restarts and samples by PID
	}{
		{"it lives on", list{bot(1, time.Hour)}, time.Minute, false, list{bot(1, time.Hour)}, map[int32][2]int{1: {0, 6}}},
		{"it lives on for long", list{bot(1, time.Hour)}, 30 * time.Hour, false, list{bot(1, time.Hour)}, map[int32][2]int{1: {0, 6}}},
		{"replaced", list{bot(1, time.Hour)}, time.Minute, false, list{bot(2, 30*time.Second)}, map[int32][2]int{2: {1, 1}}},
		{"replaced too late", list{bot(1, time.Hour)}, 11 * time.Minute, false, list{bot(2, 30*time.Second)}, map[int32][2]int{2: {0, 1}}},
		{"the other one was there before", list{bot(1, time.Hour)}, time.Minute, false, list{bot(2, time.Hour)}, map[int32][2]int{2: {0, 1}}},
		{"one of two", list{bot(1, time.Hour), bot(2, time.Hour)}, time.Minute, false, list{bot(1, time.Hour), bot(3, time.Second)}, map[int32][2]int{1: {0, 6}, 3: {1, 1}}},
		{"two by two", list{bot(1, time.Hour), bot(2, time.Hour)}, time.Minute, false, list{bot(3, time.Second), bot(4, time.Second)}, map[int32][2]int{3: {0, 1}, 4: {0, 1}}},
		{"the same PID after a boot", list{bot(1, time.Hour)}, time.Minute, true, list{bot(1, time.Second)}, map[int32][2]int{1: {1, 1}}},
		{"long after a boot", list{bot(1, time.Hour)}, time.Hour, true, list{bot(1, time.Minute)}, map[int32][2]int{1: {0, 1}}},
	} {
		before := New()
		for i := range 5 {
			at := time.Duration(i) * time.Minute
			showing(before, at, noon.Add(at), c.before...)
		}
		store := kept{}
		if err := before.Saved(store.save); err != nil {
			t.Fatal(err)
		}
		at := 4*time.Minute + c.away
		now := Resumption{Elapsed: at, Wall: noon.Add(at), Rebooted: c.rebooted}
		if c.rebooted {
			now.Elapsed = time.Minute // the clock of the system begins anew
		}
		after := store.restored(t, now)
		showing(after, now.Elapsed, now.Wall, c.after...)
		got := map[int32][2]int{}
		for _, x := range summaryOf(t, after.Summaries(), "bot").Instances {
			got[x.ID.PID] = [2]int{x.Memory().Restarts, x.Samples}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: restarts and samples are %v, want %v", c.name, got, c.want)
		}
	}
}

// One that ended just before the end of the watch still has its successor after it.
func TestWaitingIsSaved(t *testing.T) {
	before := New()
	for i := range 4 {
		at := time.Duration(i) * time.Minute
		list := []memory.Sample{worker(9, "other", 5e6, 20, 8, 0), worker(1, "bot", 50e6, 20, 8, 0)}
		showing(before, at, noon.Add(at), list[:2-i/3]...)
	}
	store := kept{}
	if err := before.Saved(store.save); err != nil || len(store) != 2 {
		t.Fatalf("%d records, %v", len(store), err)
	}
	now := Resumption{Elapsed: 5 * time.Minute, Wall: noon.Add(5 * time.Minute)}
	after := store.restored(t, now)
	showing(after, now.Elapsed, now.Wall, worker(9, "other", 5e6, 20, 8, 0), worker(2, "bot", 50e6, 20, 8, 0))
	x, _ := after.Instance(process.ID{PID: 2, Start: 2})
	if x.Memory().Restarts != 1 {
		t.Errorf("the successor counts %d restarts", x.Memory().Restarts)
	}
	if err := after.SaveNext(store.save); err != nil || len(store) != 1 {
		t.Errorf("%d records are left, %v: that of the one that was replaced is to be deleted", len(store), err)
	}
}

func TestRestoringHasItsBounds(t *testing.T) {
	tally, c, store := New(), newCrowd(MaxJudged, 1), kept{}
	for range 4 {
		c.show(tally)
	}
	if err := tally.Saved(store.save); err != nil || len(store) != MaxJudged {
		t.Fatalf("%d records, %v", len(store), err)
	}
	now := Resumption{Elapsed: time.Minute, Wall: noon.Add(time.Minute)}
	after, refused := New(), 0
	for round := range 2 {
		rebooted := now
		rebooted.Rebooted = round == 1
		for _, blob := range store {
			if err := after.Restore(blob, rebooted); err != nil {
				refused++
			}
		}
	}
	counting := 0
	for _, r := range append(after.gone, values(after.restored)...) {
		counting += r.judges.counting()
	}
	if n := len(after.restored) + len(after.gone); n > MaxJudged+MaxWaiting || counting > MaxCounting || n+refused != 2*MaxJudged {
		t.Errorf("%d are restored with %d detectors beside those of private memory, %d refused", n, counting, refused)
	}
	for id, blob := range store {
		if after.restored[id] == nil {
			continue
		}
		if err := after.Restore(blob, now); err == nil || !strings.Contains(err.Error(), id.String()) {
			t.Errorf("the same record again: %v", err)
		}
		c.show(after)
		if err := after.Restore(blob, now); err == nil || !strings.Contains(err.Error(), "before the first Observe") {
			t.Errorf("after the first Observe: %v", err)
		}
		break
	}
	if after.Judged() != MaxJudged || len(after.waiting) > MaxWaiting || after.counting() > MaxCounting || after.restored != nil {
		t.Errorf("%d are judged, %d wait, %d detectors count", after.Judged(), len(after.waiting), after.counting())
	}
}

func values[K comparable, V any](m map[K]V) []V {
	var out []V
	for _, v := range m {
		out = append(out, v)
	}
	return out
}
