package leak

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// autoregressive fills y with noise of the first order: every value keeps rho of the one
// before. Its deviation is one.
func autoregressive(r *rand.Rand, y []float64, rho float64) {
	now := r.NormFloat64()
	for i := range y {
		y[i] = now
		now = rho*now + math.Sqrt(1-rho*rho)*r.NormFloat64()
	}
}

// significant is the z above which a trend test is to see a trend in one of forty series
// without one.
const significant = 1.96

// The usual trend test sees trends in noise whose neighbours resemble each other, as those
// of memory do. Ours must not: this is the table of docs/detection.md. Means of five
// minutes of memory have a rho of .9 and more.
func TestTrendTestUnderCorrelatedNoise(t *testing.T) {
	const runs, nominal = 500, .025
	t.Log(" rho   plain    ours")
	for _, c := range []struct{ rho, most, plain float64 }{
		// most is what ours may reach, plain what the usual one surely does.
		{0, .045, 0}, {.3, .045, .04}, {.5, .05, .08}, {.7, .06, .15}, {.8, .07, .2}, {.9, .09, .25}, {.95, .12, .3},
	} {
		r := rand.New(rand.NewPCG(7, uint64(c.rho*100)))
		var plain, ours float64
		for range runs {
			var w window
			w.n, w.to = bins, bins*60
			for i := range bins {
				w.x[i] = float64(i) + .5
			}
			autoregressive(r, w.low[:], c.rho)
			for i := range w.low {
				w.low[i] = 100 + w.low[i]
			}
			w.mean = w.low
			for i := range bins {
				w.work[i], w.faults[i] = math.NaN(), math.NaN()
			}
			m := on(&w, circumstances{Options: Options{Floor: .1}, age: w.to})
			if !m.measure() {
				t.Fatal("not measured")
			}
			if m.terms[trendTest] >= significant {
				ours += 1. / runs
			}
			s, variance := kendall(w.low[:])
			if s > 0 && (s-1)/math.Sqrt(variance) >= significant {
				plain += 1. / runs
			}
		}
		t.Logf("%4.2f   %.3f   %.3f", c.rho, plain, ours)
		if ours > c.most {
			t.Errorf("rho %v: a trend in %.3f of series without one, want at most %v (nominal %v)", c.rho, ours, c.most, nominal)
		}
		if plain < c.plain {
			t.Errorf("rho %v: the plain test errs in %.3f only, want %v and more: the noise is not what it says", c.rho, plain, c.plain)
		}
	}
}

// It must still see a trend that is there.
func TestTrendTestSeesTrends(t *testing.T) {
	const runs = 200
	for _, c := range []struct{ rho, rise, least float64 }{{0, 2, .9}, {.5, 4, .9}, {.9, 14, .75}} {
		r := rand.New(rand.NewPCG(8, uint64(c.rho*100)))
		seen := 0.0
		for range runs {
			var y, x, rest [bins]float64
			autoregressive(r, y[:], c.rho)
			for i := range y {
				x[i] = float64(i)
				y[i] += c.rise * x[i] / (bins - 1)
			}
			var slopes [pairs]float64
			slope, intercept := theilSen(x[:], y[:], slopes[:])
			for i := range y {
				rest[i] = y[i] - intercept - slope*x[i]
			}
			if s, variance := kendall(y[:]); (s-1)/math.Sqrt(variance*inflation(lag1(rest[:]), bins)) >= significant {
				seen += 1. / runs
			}
		}
		t.Logf("rho %.1f, rise of %v deviations: seen in %.2f", c.rho, c.rise, seen)
		if seen < c.least {
			t.Errorf("rho %v: a rise of %v deviations is seen in %.2f, want %v", c.rho, c.rise, seen, c.least)
		}
	}
}

// More than a quarter of the points may be anything: the slope stays that of the others.
func TestSlopeWithstandsOutliers(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for range 200 {
		slope, start := 10*r.NormFloat64(), 1e6*r.NormFloat64()
		var x, y [bins]float64
		for i := range x {
			x[i] = float64(i) + .5
			y[i] = start + slope*x[i]
		}
		for _, i := range r.Perm(bins)[:bins/4] {
			y[i] += 1e9 * r.NormFloat64()
		}
		var slopes [pairs]float64
		got, intercept := theilSen(x[:], y[:], slopes[:])
		if math.Abs(got-slope) > 1e-6*max(1, math.Abs(slope)) || math.Abs(intercept-start) > 1e-3 {
			t.Fatalf("%v + %v x, want %v + %v x", intercept, got, start, slope)
		}
	}
}

func TestSlopeOfTooFewPoints(t *testing.T) {
	var slopes [pairs]float64
	if slope, intercept := theilSen([]float64{1}, []float64{5}, slopes[:]); slope != 0 || intercept != 0 {
		t.Errorf("one point: %v + %v x", intercept, slope)
	}
	if m := median(nil); !math.IsNaN(m) {
		t.Errorf("the median of nothing is %v, want NaN", m)
	}
}

// sortedLine is the line of Theil and Sen by sorting.
func sortedLine(x, y []float64) (slope, intercept float64) {
	middle := func(v []float64) float64 {
		slices.Sort(v)
		return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
	}
	var slopes, rest []float64
	for i := range x {
		for j := range i {
			slopes = append(slopes, (y[i]-y[j])/(x[i]-x[j]))
		}
	}
	if len(slopes) == 0 {
		return 0, 0
	}
	slope = middle(slopes)
	for i := range x {
		rest = append(rest, y[i]-slope*x[i])
	}
	return slope, middle(rest)
}

// The middle that is found must be, to the last bit, the one that sorting finds.
func TestSelectionIsSorting(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 14))
	for run := range 3000 {
		n := r.IntN(bins + 1)
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = float64(i) + .5
			switch run % 4 {
			case 0:
				y[i] = r.NormFloat64()
			case 1:
				y[i] = float64(r.IntN(3)) // ties
			case 2:
				y[i] = float64(i) * 4096
			case 3:
				y[i] = math.Exp(100 * r.NormFloat64())
			}
		}
		var kept [pairs]float64
		slope, intercept := theilSen(x, y, kept[:])
		if wantSlope, want := sortedLine(x, y); slope != wantSlope || intercept != want {
			t.Fatalf("%v: %v + %v x, want %v + %v x", y, intercept, slope, want, wantSlope)
		}
		sorted := slices.Sorted(slices.Values(y))
		for k := range sorted {
			if v := nth(slices.Clone(y), k); v != sorted[k] {
				t.Fatalf("rank %d of %v: %v, want %v", k, y, v, sorted[k])
			}
		}
	}
	// What is no number must not make it run on, nor out of its bounds.
	for range 3000 {
		v := make([]float64, 1+r.IntN(bins))
		for i := range v {
			v[i] = []float64{1, 2, math.NaN(), math.Inf(1), math.Inf(-1)}[r.IntN(5)]
		}
		halfway(v)
	}
}

// S and its variance are those of all orders of the values: with ties too, counted out.
func TestKendallIsThatOfAllOrders(t *testing.T) {
	for _, y := range [][]float64{{1, 2, 3, 4, 5, 6}, {1, 1, 2, 3, 4, 5}, {1, 1, 1, 2, 2, 3}, {0, 0, 0, 0, 0, 1}} {
		var sum, squares, n float64
		orders(slices.Clone(y), 0, func(p []float64) {
			s, _ := kendall(p)
			sum += s
			squares += s * s
			n++
		})
		_, variance := kendall(y)
		if sum != 0 || math.Abs(variance-squares/n) > 1e-9 {
			t.Errorf("%v: mean of S %v, variance %v; want 0 and %v", y, sum/n, variance, squares/n)
		}
	}
}

// orders calls visit with every order of v.
func orders(v []float64, from int, visit func([]float64)) {
	if from == len(v) {
		visit(v)
		return
	}
	for i := from; i < len(v); i++ {
		v[from], v[i] = v[i], v[from]
		orders(v, from+1, visit)
		v[from], v[i] = v[i], v[from]
	}
}

// The autocorrelation of short stretches is found without its usual bias.
func TestAutocorrelationOfShortSeries(t *testing.T) {
	const runs = 2000
	for _, rho := range []float64{.2, .5, .8} {
		r := rand.New(rand.NewPCG(10, uint64(rho*100)))
		var y [bins]float64
		mean := 0.0
		for range runs {
			autoregressive(r, y[:], rho)
			mean += lag1(y[:]) / runs
		}
		t.Logf("rho %v: %.3f on average", rho, mean)
		if math.Abs(mean-rho) > .06 {
			t.Errorf("rho %v is found as %.3f on average", rho, mean)
		}
	}
	if r := lag1([]float64{1, 1, 1, 1, 1, 1, 1, 1}); r != 0 {
		t.Errorf("a constant has an autocorrelation of %v, want 0", r)
	}
}

// The variance of a sum of correlated values, by its definition.
func TestInflationIsThatOfTheVarianceOfASum(t *testing.T) {
	for _, rho := range []float64{0, .3, .9} {
		sum := 0.0
		for i := range bins {
			for j := range bins {
				sum += math.Pow(rho, math.Abs(float64(i-j)))
			}
		}
		if got := inflation(rho, bins); math.Abs(got-sum/bins) > 1e-9 {
			t.Errorf("rho %v: %v, want %v", rho, got, sum/bins)
		}
	}
}

func TestLeastSquares(t *testing.T) {
	b, a, rest := line([]float64{0, 1, 2, 3}, []float64{1, 3, 5, 8})
	if math.Abs(b-2.3) > 1e-12 || math.Abs(a-.8) > 1e-12 || math.Abs(rest-.3) > 1e-12 {
		t.Errorf("%v + %v x leaves %v, want 0.8 + 2.3 x leaves 0.3", a, b, rest)
	}
	if b, a, rest := line([]float64{2, 2}, []float64{1, 3}); b != 0 || a != 2 || rest != 2 {
		t.Errorf("at one place: %v + %v x leaves %v, want 2 + 0 x leaves 2", a, b, rest)
	}
}
