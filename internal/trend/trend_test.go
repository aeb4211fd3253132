package trend

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// watched takes in value(i) every step, n times.
func watched(n int, step time.Duration, value func(i int) float64) *Series {
	s := new(Series)
	for i := range n {
		s.Observe(start.Add(time.Duration(i)*step), value(i))
	}
	return s
}

func TestStatesOfKnownShapes(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name  string
		n     int
		step  time.Duration
		value func(i int) float64
		want  State
	}{
		{"three samples", 3, 30 * time.Second, func(i int) float64 { return 50e6 + 1e6*float64(i) }, Learning},
		{"a minute of many samples", 60, time.Second, func(i int) float64 { return 50e6 + 1e6*float64(i) }, Learning},
		{"constant", 21, 30 * time.Second, func(int) float64 { return 50e6 }, Steady},
		{"noise", 200, 30 * time.Second, func(int) float64 { return 50e6 + 1e6*noise.NormFloat64() }, Steady},
		{"growth below the floor", 21, 30 * time.Second, func(i int) float64 { return 50e6 + 1e4*float64(i) }, Steady},
		{"sawtooth", 240, 30 * time.Second, func(i int) float64 { return 50e6 + 1e6*float64(i%24) }, Steady},
		{"falling", 60, 30 * time.Second, func(i int) float64 { return 500e6 - 1e6*float64(i) }, Steady},
		{"ten minutes of growth", 21, 30 * time.Second, func(i int) float64 { return 50e6 + 1e6*float64(i) }, Suspect},
		{"a cache that fills", 240, 30 * time.Second, func(i int) float64 { return 300e6 - 250e6*math.Exp(-float64(i)/60) }, Filling},
		{"a cache that was full before half of the watch", 60, 10 * time.Second, func(i int) float64 { return 8e6 + 1e6*math.Min(float64(i), 25) }, Filling},
		{"one step up", 60, 10 * time.Second, func(i int) float64 { return 50e6 + 20e6*float64(i/30) }, Steady},
		{"a day of growth", 1440, time.Minute, func(i int) float64 { return 50e6 + 1e5*float64(i) + 1e6*noise.NormFloat64() }, Leaking},
		{"steps that never come back", 1440, time.Minute, func(i int) float64 { return 50e6 + 10e6*float64(i/120) }, Leaking},
	} {
		r := watched(c.n, c.step, c.value).Read()
		if r.State != c.want {
			t.Errorf("%s: %v, want %v (growth %s)", c.name, r, c.want, r.Slope.pretty())
		}
	}
}

func (s Slope) pretty() string { return Reading{State: Steady, Slope: s}.String() }

// The interval must hold the true rate about as often as it says, also under the
// correlated noise that memory has.
func TestIntervalCoversTheTruth(t *testing.T) {
	const runs, truth = 400, 12e6 // bytes per hour
	for _, correlation := range []float64{0, 0.5} {
		random := rand.New(rand.NewPCG(7, uint64(100*correlation)))
		covered := 0
		for range runs {
			noise := 0.0
			r := watched(60, time.Minute, func(i int) float64 {
				noise = correlation*noise + 2e6*random.NormFloat64()
				return 80e6 + truth*float64(i)/60 + noise
			}).Read()
			if r.Slope.Low <= truth && truth <= r.Slope.High {
				covered++
			}
		}
		if share := float64(covered) / runs; share < 0.90 {
			t.Errorf("noise with correlation %.1f: the 95 %% interval covers the truth in %.0f %% of runs", correlation, 100*share)
		}
	}
}

// Noise alone, correlated or not, is nearly never called growth.
func TestNoiseIsSteady(t *testing.T) {
	const runs = 400
	for _, correlation := range []float64{0, 0.5, 0.8} {
		random := rand.New(rand.NewPCG(11, uint64(100*correlation)))
		alarms, fillings := 0, 0
		for range runs {
			noise := 0.0
			switch watched(60, time.Minute, func(int) float64 {
				noise = correlation*noise + 2e6*random.NormFloat64()
				return 80e6 + noise
			}).Read().State {
			case Suspect, Leaking:
				alarms++
			case Filling:
				fillings++
			}
		}
		if alarms > runs/50 || fillings > runs/20 {
			t.Errorf("noise with correlation %.1f: %d alarms and %d fillings in %d runs", correlation, alarms, fillings, runs)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	if size := unsafe.Sizeof(Series{}); size > 3<<10 {
		t.Errorf("a series takes %d bytes, more than 3 KiB", size)
	}
	s := new(Series)
	at := start
	if allocs := testing.AllocsPerRun(20000, func() { at = at.Add(time.Second); s.Observe(at, 1e6) }); allocs != 0 {
		t.Errorf("taking in a sample allocates %.1f times", allocs)
	}
	if s.used > MaxPoints || s.Samples() < 20000 {
		t.Errorf("%d points hold %d samples", s.used, s.Samples())
	}
}

// Merging points must not change what the series says about a straight line.
func TestMergingKeepsTheSlope(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(MinSamples, 3000).Draw(t, "samples")
		perHour := rapid.Float64Range(-1e9, 1e9).Draw(t, "slope")
		s := watched(n, time.Minute, func(i int) float64 { return 1e9 + perHour*float64(i)/60 })
		got, _ := s.slope()
		if math.Abs(got.PerHour-perHour) > 1e-6*math.Abs(perHour)+1 {
			t.Fatalf("slope %g after %d samples, want %g", got.PerHour, n, perHour)
		}
	})
}

func TestHostileSamplesAreIgnored(t *testing.T) {
	s := watched(21, 30*time.Second, func(int) float64 { return 50e6 })
	before := s.Read()
	s.Observe(start, 900e6)                        // the past
	s.Observe(start.Add(600*time.Second), 900e6)   // the same instant
	s.Observe(start.Add(time.Hour), math.NaN())    // no number
	s.Observe(start.Add(2*time.Hour), math.Inf(1)) // no number
	if got := s.Read(); got != before {
		t.Errorf("after hostile samples %v, before %v", got, before)
	}
}

func TestReadingSpeaks(t *testing.T) {
	if got := watched(3, time.Minute, func(int) float64 { return 1 }).Read().String(); got != "learning: too short to tell (3 samples over 2m)" {
		t.Error(got)
	}
	got := watched(21, 30*time.Second, func(i int) float64 { return 50e6 + 1e6*float64(i) }).Read().String()
	if !strings.HasPrefix(got, "suspect +120 MB/h (+120 MB to +120 MB); 10m cannot tell") {
		t.Error(got)
	}
}
