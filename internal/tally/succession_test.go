package tally

import (
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
)

// restartsOf watches a service through rounds of processes and gives the restarts that
// the verdicts of the last round count, by PID.
func restartsOf(t *testing.T, step time.Duration, rounds ...[]memory.Sample) map[int32]int {
	t.Helper()
	tally := New()
	for i, samples := range rounds {
		observed(tally, noon.Add(time.Duration(i)*step), "bot", samples...)
	}
	out := make(map[int32]int)
	for _, s := range tally.Summaries() {
		for i := range s.Instances {
			if x := &s.Instances[i]; !x.Ended {
				out[x.ID.PID] = x.Memory().Restarts
			}
		}
	}
	return out
}

func TestWhoReplacedWhom(t *testing.T) {
	bot := func(pid int32) memory.Sample { return worker(pid, "bot", 50e6, 20, 8, 0) }
	helper := func(pid int32) memory.Sample { return worker(pid, "helper", 5e6, 20, 8, 0) }
	type round = []memory.Sample
	for _, c := range []struct {
		name   string
		step   time.Duration
		rounds []round
		want   map[int32]int
	}{
		{"at once", time.Minute, []round{{bot(1)}, {bot(1)}, {bot(2)}}, map[int32]int{2: 1}},
		{"again and again", time.Minute, []round{{bot(1)}, {bot(2)}, {bot(3)}}, map[int32]int{3: 2}},
		{"after a pause", time.Minute, []round{{bot(1), helper(9)}, {helper(9)}, {helper(9)}, {helper(9), bot(2)}}, map[int32]int{2: 1, 9: 0}},
		{"after too long a pause", 20 * time.Minute, []round{{bot(1), helper(9)}, {helper(9)}, {helper(9), bot(2)}}, map[int32]int{2: 0, 9: 0}},
		{"at once, seen rarely", time.Hour, []round{{bot(1)}, {bot(2)}}, map[int32]int{2: 1}},
		{"one of several", time.Minute, []round{{bot(1), bot(2), bot(3)}, {bot(1), bot(4), bot(3)}}, map[int32]int{1: 0, 3: 0, 4: 1}},
		{"each in its role", time.Minute, []round{{bot(1), helper(2)}, {bot(3), helper(4)}}, map[int32]int{3: 1, 4: 1}},
		{"another program", time.Minute, []round{{bot(1)}, {helper(2)}}, map[int32]int{2: 0}},
		{"two by two", time.Minute, []round{{bot(1), bot(2)}, {bot(3), bot(4)}}, map[int32]int{3: 0, 4: 0}},
		{"two by one", time.Minute, []round{{bot(1), bot(2)}, {bot(3)}, {bot(3), bot(4)}}, map[int32]int{3: 0, 4: 0}},
		{"one by two", time.Minute, []round{{bot(1)}, {bot(2), bot(3)}}, map[int32]int{2: 0, 3: 0}},
		{"one more", time.Minute, []round{{bot(1)}, {bot(1), bot(2)}}, map[int32]int{1: 0, 2: 0}},
		{"one fewer, then another", time.Minute, []round{{bot(1), bot(2)}, {bot(1)}, {bot(3)}, {bot(3), bot(4)}}, map[int32]int{3: 0, 4: 0}},
	} {
		got := restartsOf(t, c.step, c.rounds...)
		for pid, want := range c.want {
			if n, ok := got[pid]; !ok || n != want {
				t.Errorf("%s: PID %d counts %d restarts (judged %v), want %d", c.name, pid, n, ok, want)
			}
		}
	}
}

// The counters of a new life begin anew: they must not be taken for a step back.
func TestTheLoadOfANewLifeCounts(t *testing.T) {
	tally := New()
	for i := range 120 {
		x := worker(1, "bot", 50e6+1e6*float64(i%60), 20, 8, time.Duration(i%60)*time.Second)
		if i >= 60 {
			x.ID.PID = 2
		}
		observed(tally, noon.Add(time.Duration(i)*time.Minute), "bot", x)
	}
	for _, x := range summaryOf(t, tally.Summaries(), "bot").Instances {
		if v := x.Memory(); !x.Ended && (v.Restarts != 1 || !v.PerWork.Known() || x.Samples != 60) {
			t.Errorf("the new life has %d samples, %d restarts, %v per work", x.Samples, v.Restarts, v.PerWork)
		}
	}
}
