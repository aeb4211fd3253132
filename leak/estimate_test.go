package leak

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/shapes"
)

// The estimates are held to their promises on series whose truth is known, over many
// shapes, spans and noises at once. The figures in the log are those of docs/detection.md.

// estimateWatches are spans and how often they are sampled, in seconds.
var estimateWatches = []struct{ span, interval float64 }{{12 * 3600, 60}, {2 * day, 120}, {7 * day, 300}}

// synthetic are series of a shape: of every watch and noise so many, no two of one seed.
func synthetic(t testing.TB, shape string, each int, work bool, use func(shapes.Series)) {
	t.Helper()
	for i, w := range estimateWatches {
		for j, noise := range []float64{.5, 1, 2} {
			for k := range each {
				seed := uint64((i*3+j)*each + k)
				s, err := shapes.Make(shapes.Setting{Shape: shape, Seed: seed, Span: w.span, Interval: w.interval, Noise: noise, Work: work})
				if err != nil {
					t.Fatal(err)
				}
				use(s)
			}
		}
	}
}

func newest(s shapes.Series) float64 { return s.Points[len(s.Points)-1].T }

// grown is the time by which a share of the growth is past.
func grown(s shapes.Series, share float64) float64 {
	return s.Truth.Onset + share*(newest(s)-s.Truth.Onset)
}

// judgedAt is the verdict at a time. It rests on one judgement in place of the hundred
// that would have been: the estimates do not depend on those, and they take time.
func judgedAt(s shapes.Series, o Options, at float64) Verdict {
	d := New(o)
	for _, p := range s.Points {
		if p.T > at {
			break
		}
		d.next = math.Inf(1)
		x := At(p.T, p.Value)
		x.Work = p.Work
		d.ObserveSample(x)
	}
	d.judge()
	return d.Verdict()
}

// record counts how intervals fare against the truth.
type record struct {
	n, near, covered, above int
	width                   []float64 // half widths by the truth
}

func (r *record) add(truth float64, i Interval) {
	r.n++
	if math.Abs(i.Value-truth) <= .25*math.Abs(truth) {
		r.near++
	}
	switch {
	case i.Low <= truth && truth <= i.High:
		r.covered++
	case truth > i.High:
		r.above++
	}
	r.width = append(r.width, (i.High-i.Low)/2/truth)
}

func (r *record) share(n int) float64 { return float64(n) / float64(r.n) }

func (r *record) halfWidth() float64 {
	slices.Sort(r.width)
	return r.width[r.n/2]
}

func (r *record) String() string {
	return fmt.Sprintf("%4d: within 25 %% %5.1f %%, covered %5.1f %% (under %.1f %%, over %.1f %%), half width %.1f %%",
		r.n, 100*r.share(r.near), 100*r.share(r.covered), 100*r.share(r.n-r.covered-r.above), 100*r.share(r.above), 100*r.halfWidth())
}

func wantShare(t *testing.T, what string, got, low, high float64) {
	t.Helper()
	if !(got >= low && got <= high) {
		t.Errorf("%s: %.1f %%, want %.0f to %.0f %%", what, 100*got, 100*low, 100*high)
	}
}

func TestEstimateRate(t *testing.T) {
	var all, plain record
	for _, shape := range []string{"leak-linear-slow", "leak-linear-fast", "leak-linear-noisy", "leak-late", "leak-warmup",
		"leak-sawtooth", "leak-drift", "leak-batch"} {
		var half, whole record
		synthetic(t, shape, 10, false, func(s shapes.Series) {
			truth := s.Truth.Rate * 3600
			for share, r := range map[float64]*record{.5: &half, 1: &whole} {
				v := judgedAt(s, Memory(), grown(s, share))
				r.add(truth, v.Rate)
				all.add(truth, v.Rate)
				if s.Truth.Linear {
					plain.add(truth, v.Rate)
				}
			}
		})
		t.Logf("%-17s half-way    %v", shape, &half)
		t.Logf("%-17s at the end  %v", shape, &whole)
		wantShare(t, shape+" within 25 % half-way", half.share(half.near), .75, 1)
		wantShare(t, shape+" within 25 % at the end", whole.share(whole.near), .9, 1)
		wantShare(t, shape+" covered half-way", half.share(half.covered), .85, 1)
		wantShare(t, shape+" covered at the end", whole.share(whole.covered), .9, 1)
	}
	t.Logf("linear %v", &plain)
	t.Logf("all    %v", &all)
	wantShare(t, "linear within 25 %", plain.share(plain.near), .9, 1)
	wantShare(t, "linear covered", plain.share(plain.covered), .9, .98)
	wantShare(t, "all covered", all.share(all.covered), .9, .98)
	wantShare(t, "half width", all.halfWidth(), 0, .03)
}

// TestEstimateRateOfCounts: what is lost one by one at random is known no better than the
// number of losses allows.
func TestEstimateRateOfCounts(t *testing.T) {
	for _, shape := range []string{"leak-descriptors", "leak-threads"} {
		var half, whole record
		synthetic(t, shape, 10, false, func(s shapes.Series) {
			half.add(s.Truth.Rate*3600, judgedAt(s, Descriptors(), grown(s, .5)).Rate)
			whole.add(s.Truth.Rate*3600, judgedAt(s, Descriptors(), grown(s, 1)).Rate)
		})
		t.Logf("%-17s half-way    %v", shape, &half)
		t.Logf("%-17s at the end  %v", shape, &whole)
		wantShare(t, shape+" covered half-way", half.share(half.covered), .9, 1)
		wantShare(t, shape+" covered at the end", whole.share(whole.covered), .9, 1)
	}
}

// TestEstimateRateUnderLoad: where the load is known, its days are no growth. Half a day of
// it says little, and the interval has to say so.
func TestEstimateRateUnderLoad(t *testing.T) {
	for _, shape := range []string{"leak-seasonal", "leak-load"} {
		var blind, short, long record
		synthetic(t, shape, 10, true, func(s shapes.Series) {
			truth, r := s.Truth.Rate*3600, &short
			if newest(s) > day {
				r = &long
				unknown := s
				unknown.Points = slices.Clone(s.Points)
				for i := range unknown.Points {
					unknown.Points[i].Work = math.NaN()
				}
				blind.add(truth, judgedAt(unknown, Memory(), newest(s)).Rate)
			}
			r.add(truth, judgedAt(s, Memory(), newest(s)).Rate)
		})
		t.Logf("%-13s days, load unknown %v", shape, &blind)
		t.Logf("%-13s days, load known   %v", shape, &long)
		t.Logf("%-13s half a day, known  %v", shape, &short)
		wantShare(t, shape+" within 25 %", long.share(long.near), .85, 1)
		wantShare(t, shape+" covered", long.share(long.covered), .9, 1)
		wantShare(t, shape+" covered in half a day", short.share(short.covered), .65, 1)
		wantShare(t, shape+" covered without the load", blind.share(blind.covered), .85, 1)
		if known, unknown := long.halfWidth(), blind.halfWidth(); known > unknown/2 {
			t.Errorf("%s: half width %.2f with the load known, %.2f without", shape, known, unknown)
		}
	}
}

func TestEstimatePerWork(t *testing.T) {
	var all record
	for _, shape := range []string{"leak-linear-slow", "leak-linear-fast", "leak-linear-noisy"} {
		synthetic(t, shape, 6, true, func(s shapes.Series) {
			last := s.Points[len(s.Points)-1]
			perSecond := (last.Work - s.Points[0].Work) / (last.T - s.Points[0].T)
			all.add(s.Truth.Rate/perSecond, judgedAt(s, Memory(), last.T).PerWork)
		})
	}
	t.Logf("%v", &all)
	wantShare(t, "within 25 %", all.share(all.near), .9, 1)
	wantShare(t, "covered", all.share(all.covered), .9, .99)
	synthetic(t, "leak-linear-slow", 1, false, func(s shapes.Series) {
		if v := judgedAt(s, Memory(), newest(s)); v.PerWork.Known() {
			t.Errorf("no work is known, yet the growth per work is %v", v.PerWork)
		}
	})
}

func TestEstimateOnset(t *testing.T) {
	var all, half, whole record
	synthetic(t, "leak-late", 24, false, func(s shapes.Series) {
		for share, r := range map[float64]*record{.5: &half, 1: &whole} {
			v := judgedAt(s, Memory(), grown(s, share))
			r.add(s.Truth.Onset, v.Onset)
			all.add(s.Truth.Onset, v.Onset)
		}
	})
	t.Logf("half-way   %v of the onset", &half)
	t.Logf("at the end %v of the onset", &whole)
	wantShare(t, "covered", all.share(all.covered), .9, .98)
	wantShare(t, "half width", all.halfWidth(), 0, .03)
}

// TestEstimateOnsetBeforeTheWatch: of what always grew, the onset was not seen.
func TestEstimateOnsetBeforeTheWatch(t *testing.T) {
	n, unseen := 0, 0
	for _, shape := range []string{"leak-linear-slow", "leak-linear-fast", "leak-linear-noisy", "leak-warmup", "leak-sawtooth"} {
		synthetic(t, shape, 4, false, func(s shapes.Series) {
			v := judgedAt(s, Memory(), newest(s))
			n++
			if math.IsInf(v.Onset.Low, -1) && v.Onset.Value == s.Points[0].T && v.Onset.High < .1*newest(s) {
				unseen++
			}
		})
	}
	t.Logf("%d of %d began before the watch", unseen, n)
	wantShare(t, "began before the watch", float64(unseen)/float64(n), .95, 1)
	synthetic(t, "flat", 2, false, func(s shapes.Series) {
		if v := judgedAt(s, Memory(), newest(s)); v.Growth < FloorBytes/2 && v.Onset.Known() {
			t.Errorf("grew by %v, yet since %v", v.Growth, v.Onset)
		}
	})
}

// TestEstimateSmallest: a growth of the smallest rate that would have been seen is seen
// when it is added; a third of it is not, unless it is too small to be worth a word.
func TestEstimateSmallest(t *testing.T) {
	var n, seen, noisy, third int
	for _, shape := range []string{"flat", "noisy", "drift", "gc-sawtooth", "gc-generations", "season-daily", "batch", "page-cache", "load-levels"} {
		were, saw := n, seen
		synthetic(t, shape, 3, false, func(s shapes.Series) {
			smallest := judgedAt(s, Memory(), newest(s)).Smallest / 3600
			sees := func(rate float64) bool {
				with := s
				with.Points = slices.Clone(s.Points)
				for i := range with.Points {
					with.Points[i].Value += rate * with.Points[i].T
				}
				return judgedAt(with, Memory(), newest(s)).Rate.Low > 0
			}
			n++
			if sees(smallest) {
				seen++
			}
			if smallest*newest(s) > 1.05*FloorBytes {
				noisy++
				if sees(smallest / 3) {
					third++
				}
			}
		})
		t.Logf("%-14s %d of %d seen", shape, seen-saw, n-were)
	}
	t.Logf("%d of %d seen; a third of it %d of %d", seen, n, third, noisy)
	wantShare(t, "seen", float64(seen)/float64(n), .87, .99)
	wantShare(t, "a third of it seen", float64(third)/float64(noisy), 0, .25)
}

// TestEstimateOfALine: of a line without noise only the places of the bins are unsure.
func TestEstimateOfALine(t *testing.T) {
	for _, gap := range []bool{false, true} {
		d := New(Memory())
		for i := range 2000 {
			if !gap || i < 700 || i > 1100 {
				d.Observe(1e9+60*float64(i), 1e8+5e4*float64(i))
			}
		}
		v := d.Verdict()
		const want = 3e6
		if math.Abs(v.Rate.Value/want-1) > 5e-3 || v.Rate.Low > want || v.Rate.High < want || v.Rate.High-v.Rate.Low > .02*want {
			t.Errorf("gap %v: rate %v, want %v", gap, v.Rate, want)
		}
	}
}

// TestEstimateOfNothing: a constant has no growth, no onset and a smallest growth.
func TestEstimateOfNothing(t *testing.T) {
	d := New(Memory())
	for i := range 1000 {
		d.Observe(60*float64(i), 1e8)
	}
	v := d.Verdict()
	if v.Rate != (Interval{}) || v.Onset.Known() || v.PerWork.Known() {
		t.Errorf("rate %v, onset %v, per work %v", v.Rate, v.Onset, v.PerWork)
	}
	if want := FloorBytes / (v.Horizon / 3600); math.Abs(v.Smallest/want-1) > 1e-9 {
		t.Errorf("smallest %v an hour, want the floor over the watch: %v", v.Smallest, want)
	}
}

// TestEstimateCoversUnderAnyCorrelation: rows of known noise, without any detector.
func TestEstimateCoversUnderAnyCorrelation(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	for _, rho := range []float64{-.2, 0, .5, .8, .95} {
		var r record
		for range 1500 {
			var x, y [bins]float64
			noise := random.NormFloat64()
			for i := range x {
				x[i] = float64(i) + .5
				y[i] = 100 + 1*x[i] + 3*noise
				noise = rho*noise + math.Sqrt(1-rho*rho)*random.NormFloat64()
			}
			var w row
			w.prepare(x[:], x[:], y[:])
			fit := w.trend(bins)
			r.add(1, fit.rate())
		}
		t.Logf("correlation %5.2f: covered %.1f %%, half width %.2f", rho, 100*r.share(r.covered), r.halfWidth())
		low := .93
		if rho > .9 {
			low = .83 // two memories in forty bins: it looks like less than it is
		}
		wantShare(t, fmt.Sprintf("covered at a correlation of %v", rho), r.share(r.covered), low, .99)
	}
}

// TestEstimateSumsOfColumns: the sums to the end say what adding up a column says.
func TestEstimateSumsOfColumns(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var x, y, u [bins]float64
	at := .5
	for i := range x {
		x[i], y[i] = at, random.NormFloat64()
		at += float64(1 + random.IntN(2)) // gaps
	}
	var r row
	r.prepare(x[:], x[:], y[:])
	var w whitened
	for _, c := range correlations {
		w.whiten(&r, c)
		for j := 0; j < bins-1; j++ {
			for i := range u {
				u[i] = max(0, r.time[i]-r.time[j])
			}
			a, b := w.rising(j), w.column(&u, 0)
			for _, pair := range [][2]float64{{a.ones, b.ones}, {a.own, b.own}, {a.values, b.values}} {
				if math.Abs(pair[0]-pair[1]) > 1e-9*(1+math.Abs(pair[1])) {
					t.Fatalf("correlation %v, bin %d: %+v, added up %+v", c, j, a, b)
				}
			}
		}
	}
}

// TestEstimateStudent: the short form is as right as it says.
func TestEstimateStudent(t *testing.T) {
	for freedom := 8.0; freedom <= bins; freedom++ {
		if got, want := student(freedom), critical(.05, freedom); math.Abs(got-want) > .01 {
			t.Errorf("%v degrees of freedom: %.3f, want %.3f", freedom, got, want)
		}
	}
}

func BenchmarkEstimate(b *testing.B) {
	for _, shape := range []string{"flat", "leak-linear-noisy", "leak-late", "leak-warmup", "leak-seasonal"} {
		b.Run(strings.TrimPrefix(shape, "leak-"), func(b *testing.B) {
			s, err := shapes.Make(shapes.Setting{Shape: shape, Seed: 1, Span: 2 * day, Interval: 120, Noise: 1, Work: true})
			if err != nil {
				b.Fatal(err)
			}
			d := New(Memory())
			for _, p := range s.Points {
				x := At(p.T, p.Value)
				x.Work = p.Work
				d.ObserveSample(x)
			}
			var w window
			d.history.cut(&w, 0)
			m := on(&w, d.circumstances(d.history.last-d.history.origin))
			if !m.measure() {
				b.Fatal("too little to measure")
			}
			b.ReportAllocs()
			for b.Loop() {
				estimated = m.estimate(0)
			}
		})
	}
}

var estimated estimate
