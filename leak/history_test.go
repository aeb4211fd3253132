package leak

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A history must hold of a life what the bins need: nothing lost, nothing out of order,
// however the samples come. check is the list of what holds.
func TestHistoryKeepsItsOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		step func(r *rand.Rand, i int) float64
		n    int
	}{
		{"a thousandth of a second", func(*rand.Rand, int) float64 { return 1e-3 }, 50_000},
		{"a second", func(*rand.Rand, int) float64 { return 1 }, 100_000},
		{"a minute", func(*rand.Rand, int) float64 { return 60 }, 50_000},
		{"a day", func(*rand.Rand, int) float64 { return day }, 5_000},
		{"ever longer", func(_ *rand.Rand, i int) float64 { return math.Pow(1.005, float64(i)) }, 5_000},
		{"ever shorter", func(_ *rand.Rand, i int) float64 { return 1e6 * math.Pow(.995, float64(i)) }, 2_000},
		{"anything", func(r *rand.Rand, _ int) float64 { return math.Exp(20*r.Float64() - 10) }, 50_000},
	} {
		r := rand.New(rand.NewPCG(4, 4))
		var h history
		now := 0.0
		for i := range c.n {
			h.add(At(now, 1e6*r.NormFloat64()))
			now += c.step(r, i)
			if i%499 == 0 || i == c.n-1 {
				if err := h.check(); err != nil {
					t.Fatalf("%s, sample %d: %v", c.name, i, err)
				}
			}
		}
	}
}

// held are all buckets of a history, oldest first.
func held(h *history) (all []bucket) {
	for level := levels - 1; level >= 0; level-- {
		for i := range int(h.rings[level].used) {
			all = append(all, *h.rings[level].at(i))
		}
	}
	if h.open.n > 0 {
		all = append(all, h.open)
	}
	return all
}

// What goes in must come out: the samples, their mean, their lowest value, the counters.
func TestHistoryLosesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	var h history
	var sum float64
	const n = 200_000
	low := math.Inf(1)
	for i := range n {
		v := 1e9 + math.Round(1e6*r.NormFloat64())
		sum += v
		low = min(low, v)
		h.add(Sample{T: 1.7e9 + 10*float64(i), Value: v, Work: 5 + 2*float64(i), Faults: 3 * float64(i)})
	}
	var count uint64
	var mean float64
	lowest := float32(math.Inf(1))
	all := held(&h)
	for _, b := range all {
		count += uint64(b.n)
		mean += float64(b.n) * float64(b.mean)
		lowest = min(lowest, b.low)
	}
	if count != n {
		t.Errorf("%d samples in %d buckets, want %d", count, len(all), n)
	}
	if got, want := h.base+mean/n, sum/n; math.Abs(got-want) > 10 {
		t.Errorf("mean %v, want %v", got, want)
	}
	if got := h.base + float64(lowest); math.Abs(got-low) > 1 {
		t.Errorf("lowest %v, want %v", got, low)
	}
	if b := all[len(all)-1]; float64(b.work) != 2*(n-1) || float64(b.faults) != 3*(n-1) {
		t.Errorf("work %v and faults %v at the end, want %v and %v", b.work, b.faults, 2*(n-1), 3*(n-1))
	}
}

// A series too sparse for its buckets lets its oldest go, and never more than the few that
// pass until the buckets are wide enough.
func TestSparseSeriesLosesLittle(t *testing.T) {
	var h history
	const n = 5000
	for i := range n {
		h.add(At(float64(i)*day, float64(i)))
	}
	lost := n
	for _, b := range held(&h) {
		lost -= int(b.n)
	}
	t.Logf("%d of %d samples lost", lost, n)
	if lost > 20 {
		t.Errorf("%d of %d samples are lost, want at most 20", lost, n)
	}
}

// A counter that was not known at first counts from where it became known.
func TestCounterThatComesLater(t *testing.T) {
	var h history
	for i := range 100 {
		s := At(float64(i), 0)
		if i >= 50 {
			s.Work, s.Faults = float64(1000+i), float64(5000+2*i)
		}
		h.add(s)
	}
	all := held(&h)
	if b := all[0]; b.work == b.work || b.faults == b.faults {
		t.Errorf("work %v and faults %v at the start, want none", b.work, b.faults)
	}
	if b := all[len(all)-1]; b.work != 49 || b.faults != 98 {
		t.Errorf("work %v and faults %v at the end, want 49 and 98", b.work, b.faults)
	}
}

// A bucket's count must not begin anew when it is full: it would weigh nothing.
func TestCountOfABucketStopsAtItsMost(t *testing.T) {
	a := bucket{at: 1, mean: 2, low: 2, n: math.MaxUint32 - 1}
	b := bucket{at: 3, mean: 4, low: 1, n: 5}
	m := merge(a, b)
	if m.n != math.MaxUint32 || m.at < a.at || m.at > b.at || m.low != 1 {
		t.Errorf("merged to %+v", m)
	}
}

// Rounding must not carry the time of a merged bucket past that of the next one.
func TestMergedTimesStayBetween(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 200_000 {
		a := bucket{at: float32(math.Exp(40*r.Float64() - 20)), n: 1 + r.Uint32N(3)}
		b := bucket{at: a.at * float32(1+r.Float64()*float64(r.IntN(8))), n: 1 + r.Uint32()>>r.IntN(32)/2}
		if m := merge(a, b); m.at < a.at || m.at > b.at {
			t.Fatalf("%v × %d and %v × %d merge at %v", a.at, a.n, b.at, b.n, m.at)
		}
	}
}

// A window is the whole life, or its end: bins in order, floors and means those of the
// samples within.
func TestWindowShowsTheSamples(t *testing.T) {
	var h history
	const n = 4000 // 40 bins of 100
	for i := range n {
		h.add(At(float64(i), 1e6+float64(i%10)+float64(i/100)))
	}
	var w window
	h.cut(&w, 0)
	if w.n != bins || w.from != 0 || w.to != n-1 || w.samples != n {
		t.Fatalf("%d bins from %v to %v with %d samples, want %d from 0 to %d with %d", w.n, w.from, w.to, w.samples, bins, n-1, n)
	}
	for i := range w.n {
		if int(w.x[i]) != i || math.Abs(w.low[i]-1e6-float64(i)) > 1 || math.Abs(w.mean[i]-1e6-4.5-float64(i)) > 1.5 {
			t.Errorf("bin %d at %v: low %v, mean %v; want %v and %v", i, w.x[i], w.low[i], w.mean[i], 1e6+i, 1e6+4.5+float64(i))
		}
	}
	h.cut(&w, 1000)
	if w.from != n-1-1000 || w.to != n-1 || w.low[0] < 1e6+29 {
		t.Errorf("the last 1000 s: from %v to %v, lowest at first %v", w.from, w.to, w.low[0])
	}
	h.cut(&w, 1e9)
	if w.from != 0 {
		t.Errorf("longer than the life: from %v, want 0", w.from)
	}
}

func TestWindowLeavesGapsOut(t *testing.T) {
	var h history
	for i := range 1000 {
		at := float64(i)
		if i >= 500 {
			at += 3000
		}
		h.add(At(at, 1))
	}
	var w window
	h.cut(&w, 0)
	if w.n < 9 || w.n > 12 {
		t.Errorf("%d bins of 1000 s in 4000 s, want about 10", w.n)
	}
	if w.longest < 2990 || w.longest > 3100 {
		t.Errorf("longest stretch without a sample %v s, want about 3000", w.longest)
	}
}
