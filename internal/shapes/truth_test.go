package shapes

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// observed is the least-squares slope of the points from the onset.
func observed(points []Point, onset float64) float64 {
	var t, v []float64
	for _, p := range points {
		t, v = append(t, p.T), append(v, p.Value)
	}
	return slope(t, v, onset)
}

func TestLabels(t *testing.T) {
	each(t, fiveDays, func(t *testing.T, s Series) {
		want := OK
		switch {
		case strings.HasPrefix(s.Shape, "leak-"):
			want = Leak
		case s.Shape == "cache-unfilled":
			want = Ambiguous
		}
		if s.Truth.Label != want {
			t.Errorf("label %q", s.Truth.Label)
		}
		grows := want != OK
		if (s.Truth.Rate > 0) != grows || (s.Truth.Rate == 0) == grows || math.IsNaN(s.Truth.Onset) == grows {
			t.Errorf("label %s with rate %v and onset %v", want, s.Truth.Rate, s.Truth.Onset)
		}
		if want == Leak && !math.IsNaN(s.Truth.Cap) {
			t.Errorf("a leak with cap %v", s.Truth.Cap)
		}
		if s.Truth.Linear != strings.HasPrefix(s.Shape, "leak-linear-") {
			t.Error("linear is wrong")
		}
	})
}

// TestRateOfQuietLeaks: without noise the slope of what is observed is the rate, but for the
// rounding to pages and the punctuality of the sampler. Leaks under teeth, seasons and lives
// are left to the tests below, because their slope is not the leak's alone.
func TestRateOfQuietLeaks(t *testing.T) {
	quiet := fiveDays
	quiet.Noise = 0
	each(t, quiet, func(t *testing.T, s Series) {
		covered := []string{"leak-sawtooth", "leak-seasonal", "leak-load", "leak-session", "leak-restarts",
			"leak-warmup", "leak-drift", "leak-batch"}
		if s.Truth.Label != Leak || slices.Contains(covered, s.Shape) {
			return
		}
		tolerance := 1e-3
		if !s.Truth.Linear {
			tolerance = 1e-2 // lost samples weigh on curves, whole numbers on counts
		}
		if got := observed(s.Points, s.Truth.Onset); !near(got, s.Truth.Rate, tolerance) {
			t.Errorf("observed %v, true %v units per second", got, s.Truth.Rate)
		}
	})
}

// TestRateOfNoisyLinearLeaks: the slope's standard error under noise of first order is
// sd·sqrt(12/n · (1+rho)/(1-rho))/span (variance of the mean, inflated); the residuals give
// sd, the shape's range the largest rho.
func TestRateOfNoisyLinearLeaks(t *testing.T) {
	each(t, fiveDays, func(t *testing.T, s Series) {
		if !s.Truth.Linear {
			return
		}
		got := observed(s.Points, s.Truth.Onset)
		var rest, mean float64
		n := float64(len(s.Points))
		for _, p := range s.Points {
			mean += (p.Value - got*p.T) / n
		}
		for _, p := range s.Points {
			rest += (p.Value - got*p.T - mean) * (p.Value - got*p.T - mean) / n
		}
		rho := strongRho.high
		standard := math.Sqrt(rest*12/n*(1+rho)/(1-rho)) / (5 * day)
		if math.Abs(got-s.Truth.Rate) > 4*standard {
			t.Errorf("observed %v, true %v ± %v", got, s.Truth.Rate, standard)
		}
	})
}

// TestLeaksUnderSwings: day over day, or life by life, the level rises by the rate.
func TestLeaksUnderSwings(t *testing.T) {
	quiet := fiveDays
	quiet.Noise, quiet.Span = 0, 4*week
	quiet.Interval = 5 * minute
	each(t, quiet, func(t *testing.T, s Series) {
		switch s.Shape {
		case "leak-seasonal", "leak-load", "leak-session":
			// Whole weeks cancel the season; what of it is not a straight line is left.
			first, last := mean(s.Points, 0, week), mean(s.Points, 3*week, 4*week)
			if got := (last - first) / (3 * week); !near(got, s.Truth.Rate, 0.1) {
				t.Errorf("observed %v, true %v units per second", got, s.Truth.Rate)
			}
		case "leak-restarts":
			for i, begin := range append([]int{0}, s.Restarts...) {
				end := append(slices.Clone(s.Restarts), len(s.Points))[i]
				// The second half of a life, after its warm-up.
				half := s.Points[(begin+end)/2 : end]
				if got := observed(half, 0); !near(got, s.Truth.Rate, 0.25) {
					t.Errorf("life %d: observed %v, true %v units per second", i, got, s.Truth.Rate)
				}
			}
		default:
			half := s.Points[len(s.Points)/2:] // warm by then
			if got := observed(half, 0); !near(got, s.Truth.Rate, 0.35) {
				t.Errorf("observed %v, true %v units per second", got, s.Truth.Rate)
			}
		}
	}, "leak-seasonal", "leak-load", "leak-session", "leak-sawtooth", "leak-warmup", "leak-drift", "leak-batch", "leak-restarts")
}

func mean(points []Point, from, to float64) float64 {
	total, n := 0.0, 0.0
	for _, p := range points {
		if p.T >= from && p.T < to {
			total, n = total+p.Value, n+1
		}
	}
	return total / n
}

func highest(points []Point) float64 {
	return slices.MaxFunc(points, func(a, b Point) int {
		if a.Value < b.Value {
			return -1
		}
		return 1
	}).Value
}

func TestLimits(t *testing.T) {
	each(t, fiveDays, func(t *testing.T, s Series) {
		peak := highest(s.Points)
		if s.Truth.Label != Leak || s.Shape == "leak-restarts" {
			if peak*limitMargin > s.Limit || s.Truth.Cap*limitMargin > s.Limit {
				t.Errorf("limit %v, but the peak is %v and the cap %v", s.Limit, peak, s.Truth.Cap)
			}
		} else if first := s.Points[0].Value; s.Limit < limitMargin*first {
			t.Errorf("limit %v for a leak that begins at %v", s.Limit, first)
		}
		if s.Limit > 20*peak {
			t.Errorf("limit %v is beyond reason for a peak of %v", s.Limit, peak)
		}
	})
}

// TestCaps: what settles stays under its cap but for six standard deviations of the
// strongest noise under these shapes.
func TestCaps(t *testing.T) {
	each(t, fiveDays, func(t *testing.T, s Series) {
		if math.IsNaN(s.Truth.Cap) {
			return
		}
		noise := 6 * usualShare.high * s.Truth.Cap
		if s.Shape == "load-ramp" {
			noise += 6 * loadNoise.high * loadMemory.high * s.Truth.Cap
		}
		if peak := highest(s.Points); peak > s.Truth.Cap+noise {
			t.Errorf("cap %v, peak %v", s.Truth.Cap, peak)
		}
	})
}

// TestSettledByTheEnd: without noise the last half day of what is bounded lies at its cap,
// and that of what is ambiguous does not.
func TestSettledByTheEnd(t *testing.T) {
	quiet := fiveDays
	quiet.Noise = 0
	each(t, quiet, func(t *testing.T, s Series) {
		if math.IsNaN(s.Truth.Cap) {
			return
		}
		late := mean(s.Points, 4.5*day, 5*day)
		if settled := near(late, s.Truth.Cap, 0.005); settled != (s.Truth.Label == OK) {
			t.Errorf("cap %v, %s, but the last half day lies at %v", s.Truth.Cap, s.Truth.Label, late)
		}
	})
}

// TestHealthyShapesReturn: the lowest level of the second half of what is only noise, teeth
// or season is that of the first half. Steps, caches and growing load are meant to stay up.
func TestHealthyShapesReturn(t *testing.T) {
	returning := []string{"flat", "noisy", "drift", "gc-sawtooth", "gc-generations", "season-daily",
		"season-growing-peaks", "batch"}
	each(t, fiveDays, func(t *testing.T, s Series) {
		if !slices.Contains(returning, s.Shape) {
			return
		}
		half := len(s.Points) / 2
		first, second := lowest(s.Points[:half]), lowest(s.Points[half:])
		if !near(second, first, 0.25) {
			t.Errorf("the floor goes from %v to %v", first, second)
		}
	})
}

// TestPageCacheIsReclaimed: what it grows by, it gives back, in both halves of the span.
func TestPageCacheIsReclaimed(t *testing.T) {
	each(t, fiveDays, func(t *testing.T, s Series) {
		if s.Shape != "page-cache" {
			return
		}
		swing := highest(s.Points) - lowest(s.Points)
		half := len(s.Points) / 2
		for i, points := range [][]Point{s.Points[:half], s.Points[half:]} {
			reclaims := 0
			for j := range points[1:] {
				if points[j].Value-points[j+1].Value > swing/10 {
					reclaims++
				}
			}
			if reclaims < 3 {
				t.Errorf("%d reclaims in half %d", reclaims, i)
			}
		}
	})
}

func lowest(points []Point) float64 {
	least := math.Inf(1)
	for _, p := range points {
		least = min(least, p.Value)
	}
	return least
}

// TestWorkFollowsLoad: where load drives memory, work by hour and memory by hour rise and
// fall together.
func TestWorkFollowsLoad(t *testing.T) {
	quiet := fiveDays
	quiet.Noise = 0.2
	each(t, quiet, func(t *testing.T, s Series) {
		if !slices.Contains([]string{"season-daily", "season-weekly", "season-growing-peaks", "load-step"}, s.Shape) {
			return
		}
		var work, memory []float64
		for h := 0.0; h < 5*24; h++ {
			var inHour []Point
			for _, p := range s.Points {
				if p.T >= h*hour && p.T < (h+1)*hour {
					inHour = append(inHour, p)
				}
			}
			first, last := inHour[0], inHour[len(inHour)-1]
			work = append(work, (last.Work-first.Work)/(last.T-first.T))
			memory = append(memory, mean(inHour, 0, 5*day))
		}
		if r := correlation(work, memory); r < 0.9 {
			t.Errorf("work and memory correlate by %v", r)
		}
	})
}

func correlation(a, b []float64) float64 {
	n := float64(len(a))
	var ma, mb, ab, aa, bb float64
	for i := range a {
		ma, mb = ma+a[i]/n, mb+b[i]/n
	}
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}
