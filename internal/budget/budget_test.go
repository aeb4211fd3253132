package budget

import (
	"math"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const hundred = 100_000_000 // a budget whose percents are whole megabytes

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestEachStepBeginsAtItsShare(t *testing.T) {
	for percent, want := range map[uint64]Step{
		0: Normal, 69: Normal, 70: NoCaches, 79: NoCaches, 80: CoarserWindows, 87: CoarserWindows,
		88: OnlyServices, 94: OnlyServices, 95: NoNewClients, 100: NoNewClients, 500: NoNewClients,
	} {
		b := New(hundred)
		step, changed := b.Observe(start, percent*hundred/100)
		if step != want || changed != (want != Normal) || b.Step() != want {
			t.Errorf("%d %%: %s, changed %t; want %s", percent, step, changed, want)
		}
	}
}

// A peak goes up at once and comes back one step every Hold and one beat.
func TestOnePeakAndTheWayBack(t *testing.T) {
	b := New(hundred)
	beat := 5 * time.Second
	b.Observe(start, 97_000_000)
	down := map[Step]time.Duration{}
	for at := beat; at < 10*time.Minute; at += beat {
		if step, changed := b.Observe(start.Add(at), 40_000_000); changed {
			down[step] = at
		}
	}
	for i, s := range []Step{OnlyServices, CoarserWindows, NoCaches, Normal} {
		if want := time.Duration(i+1) * (Hold + beat); down[s] != want {
			t.Errorf("%s after %v, want %v", s, down[s], want)
		}
	}
	h := b.History()
	if len(h) != 5 || h[0] != (Change{start, Normal, NoNewClients, 97_000_000, hundred}) || h[4].From != NoCaches || h[4].To != Normal {
		t.Errorf("%+v", h)
	}
}

func TestWithinTheMarginNothingIsTakenBack(t *testing.T) {
	b := New(hundred)
	b.Observe(start, 80_000_000)
	for i := 1; i <= 1000; i++ {
		if step, changed := b.Observe(start.Add(time.Duration(i)*5*time.Second), 75_000_000); changed {
			t.Fatalf("at beat %d: %s", i, step)
		}
	}
	// One reading in a minute that is not calm is enough to wait.
	for i := 1001; i <= 2000; i++ {
		own := uint64(60_000_000)
		if i%12 == 0 {
			own = 76_000_000
		}
		if step, changed := b.Observe(start.Add(time.Duration(i)*5*time.Second), own); changed {
			t.Fatalf("at beat %d: %s", i, step)
		}
	}
}

func TestClocksThatJump(t *testing.T) {
	b := New(hundred)
	b.Observe(start, 72_000_000)
	b.Observe(start.Add(5*time.Second), 10_000_000)
	if step, changed := b.Observe(start.Add(24*time.Hour), 10_000_000); changed {
		t.Errorf("a day in one beat: %s", step)
	}
	// Back an hour: the waiting begins again, and ends.
	back := start.Add(-time.Hour)
	for at := time.Duration(0); at < Hold; at += 5 * time.Second {
		if step, changed := b.Observe(back.Add(at), 10_000_000); changed {
			t.Fatalf("%v after the clock was set back: %s", at, step)
		}
	}
	if step, changed := b.Observe(back.Add(Hold), 10_000_000); step != Normal || !changed {
		t.Errorf("%s, changed %t, Hold after the clock was set back", step, changed)
	}
}

func TestBudgetOfAReload(t *testing.T) {
	b := New(hundred)
	b.Observe(start, 60_000_000)
	b.SetBytes(62_000_000)
	if step, changed := b.Observe(start.Add(time.Second), 60_000_000); step != NoNewClients || !changed {
		t.Errorf("with less: %s, changed %t", step, changed)
	}
	b.SetBytes(2 * hundred)
	if got := b.Bytes(); got != 2*hundred {
		t.Errorf("the budget is %d", got)
	}
	if step, changed := b.Observe(start.Add(2*time.Second), 60_000_000); step != NoNewClients || changed {
		t.Errorf("with more: %s at once", step)
	}
	if step, changed := b.Observe(start.Add(3*time.Second), 60_000_000); step != NoNewClients || changed {
		t.Errorf("with more: %s at once", step)
	}
	if step, changed := b.Observe(start.Add(2*time.Second+Hold), 60_000_000); step != OnlyServices || !changed {
		t.Errorf("with more, after Hold: %s, changed %t", step, changed)
	}
	// Without any budget everything is taken back, however much memory there is.
	b.SetBytes(0)
	for i := range 100 {
		b.Observe(start.Add(time.Hour+time.Duration(i)*time.Minute), math.MaxUint64)
	}
	if b.Step() != Normal {
		t.Errorf("without a budget: %s", b.Step())
	}
}

func TestHistoryIsBounded(t *testing.T) {
	b := New(hundred)
	now := start
	for b.Changes() < 100 {
		b.Observe(now, 99_000_000)
		for range 4 {
			now = now.Add(time.Minute)
			b.Observe(now, 0)
		}
	}
	h := b.History()
	if len(h) != maxHistory {
		t.Fatalf("%d changes", len(h))
	}
	for i := 1; i < len(h); i++ {
		if h[i].At.Before(h[i-1].At) || h[i].From != h[i-1].To {
			t.Errorf("%+v follows %+v", h[i], h[i-1])
		}
	}
	h[0] = Change{}
	if b.History()[0] == h[0] {
		t.Error("the history is not a copy")
	}
}

func TestObservingDoesNotAllocate(t *testing.T) {
	b := New(hundred)
	now := start
	if n := testing.AllocsPerRun(1000, func() {
		now = now.Add(time.Minute)
		b.Observe(now, uint64(now.Unix()*7919)%hundred)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestWordsOfEveryStep(t *testing.T) {
	seen := make(map[string]bool)
	for i, s := range Steps() {
		if s.String() == "" || seen[s.String()] || strings.ContainsAny(s.String(), " \n") || !strings.HasSuffix(s.Meaning(), ".") || int(s) != i {
			t.Errorf("%d: %q, %q", i, s, s.Meaning())
		}
		seen[s.String()] = true
		// Left and entered at figures that are apart, also from the step below.
		if i > 0 && s.Share()-margin <= Steps()[i-1].Share() || s.Share() >= 1 {
			t.Errorf("%s begins at %g", s, s.Share())
		}
	}
	if runtimeShare >= NoCaches.Share() {
		t.Error("the runtime's limit is not below the first step")
	}
}

func TestMemoryLimit(t *testing.T) {
	for in, want := range map[uint64]int64{0: math.MaxInt64, hundred: 60_000_000, 64 << 20: 40_265_318, math.MaxUint64: math.MaxInt64} {
		if got := MemoryLimit(in); got != want {
			t.Errorf("MemoryLimit(%d) = %d, want %d", in, got, want)
		}
	}
	before := debug.SetMemoryLimit(MemoryLimit(1 << 40))
	defer debug.SetMemoryLimit(before)
	if got := debug.SetMemoryLimit(-1); got != MemoryLimit(1<<40) {
		t.Errorf("the runtime took %d", got)
	}
}

// beats draws observations: time passes in beats of any length, memory does what it likes.
func beats(t *rapid.T, each func(now time.Time, own uint64)) {
	now := start
	for range rapid.IntRange(1, 300).Draw(t, "beats") {
		now = now.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "milliseconds")) * time.Millisecond)
		each(now, rapid.Uint64Range(0, 120).Draw(t, "percent")*hundred/100)
	}
}

// However memory jumps: no step is given back before Hold has passed since the last
// change, never two at a time, and never while memory is above what belongs to a step.
func TestNothingFlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := New(hundred)
		last, before := start.Add(-time.Hour), Normal
		beats(t, func(now time.Time, own uint64) {
			step, changed := b.Observe(now, own)
			if changed != (step != before) {
				t.Fatalf("%s → %s, changed %t", before, step, changed)
			}
			if fits := stepAt(own, hundred); step < fits {
				t.Fatalf("%s at %d bytes, where %s fits", step, own, fits)
			}
			if step < before && (step != before-1 || now.Sub(last) < Hold) {
				t.Fatalf("%s → %s %v after the last change", before, step, now.Sub(last))
			}
			if changed {
				last, before = now, step
			}
		})
	})
}

// Of two monitors, the one that never has less memory never gives up less.
func TestMoreMemoryIsNoLowerStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small, large := New(hundred), New(hundred)
		beats(t, func(now time.Time, own uint64) {
			more := own + rapid.Uint64Range(0, 30_000_000).Draw(t, "more")
			a, _ := small.Observe(now, own)
			b, _ := large.Observe(now, more)
			if a > b {
				t.Fatalf("%d bytes: %s; %d bytes: %s", own, a, more, b)
			}
		})
	})
}
