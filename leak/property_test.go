package leak

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// bent are series of 400 samples at ten minutes in a dozen forms: few and sparse enough
// that no bucket holds two, so that invariances hold to the last digits.
func bent(seed uint64) []Sample {
	const n = 400
	r := rand.New(rand.NewPCG(seed, 11))
	samples := make([]Sample, n)
	rise, noise := 5e7*r.Float64(), 2e6*r.Float64()
	tau := n * (.1 + r.Float64())
	onset := n * r.Float64() * .8
	var work, faults, wander, walk float64
	for i := range samples {
		x := float64(i)
		load := 1 + .5*math.Sin(2*math.Pi*x/144) + .3*r.Float64()
		work += 60 * load
		faults += 2000 * load
		wander = .8*wander + r.NormFloat64()
		walk += 3e5 * r.NormFloat64()
		v := 2e8 + noise*wander
		switch seed % 12 {
		case 0, 1:
			v += rise * x / n
		case 2:
			v += rise * (1 - math.Exp(-x/tau))
		case 3:
			v += rise * min(1, x/tau)
		case 4:
			v += rise * max(0, x-onset) / n
		case 5:
			if x > onset {
				v += rise
			}
		case 6:
			v += rise * load
		case 7:
			v += rise * math.Floor(x/50) / 8
		case 8:
			v += rise * math.Mod(x, 30) / 30
		case 9:
			v += walk
		case 10:
			v -= rise * x / n
		}
		samples[i] = Sample{T: 1e6 + 600*x, Value: math.Round(v), Work: math.Round(work), Faults: math.Round(faults), Beside: 1e7}
	}
	return samples
}

const bentSeeds = 24 // two of each form

// changed is a copy of samples with a change made to each.
func changed(samples []Sample, change func(*Sample)) []Sample {
	c := slices.Clone(samples)
	for i := range c {
		change(&c[i])
	}
	return c
}

// forgetful takes away what is known beside the figure.
func forgetful(s *Sample) { *s = At(s.T, s.Value) }

// near compares what calculation may round: unknown is near unknown only.
func near(a, b, tolerance float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return math.IsNaN(a) && math.IsNaN(b) || a == b
	}
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

func nearIntervals(a, b Interval, tolerance float64) bool {
	return near(a.Value, b.Value, tolerance) && near(a.Low, b.Low, tolerance) && near(a.High, b.High, tolerance)
}

func (i Interval) times(k float64) Interval { return Interval{i.Value * k, i.Low * k, i.High * k} }
func (i Interval) plus(c float64) Interval  { return Interval{i.Value + c, i.Low + c, i.High + c} }

// differing are the names of the terms in which two verdicts differ.
func differing(a, b Verdict, tolerance float64) (names []string) {
	x, y := termsOf(a.Evidence), termsOf(b.Evidence)
	for k := range termCount {
		if !near(x[k], y[k], tolerance) {
			names = append(names, k.String())
		}
	}
	return names
}

// The unit must not matter: bytes, pages or megabytes are the same verdict.
func TestUnitDoesNotMatter(t *testing.T) {
	for seed := range uint64(bentSeeds) {
		// What is known of faults is known in pages: they fix the unit.
		samples := changed(bent(seed), func(s *Sample) { s.Faults = math.NaN() })
		o := Options{Kind: Private, Floor: 1e6, Limit: 4e8}
		a := JudgeSamples(samples, o)
		for _, k := range []float64{1. / 1024, 1024, 1e-6, 37} {
			tolerance := 1e-12 // powers of two round nothing
			if frac, _ := math.Frexp(k); frac != .5 {
				tolerance = 2e-3
			}
			b := JudgeSamples(changed(samples, func(s *Sample) { s.Value *= k; s.Beside *= k }), Options{Kind: Private, Floor: 1e6 * k, Limit: 4e8 * k})
			if a.State != b.State || a.Shape != b.Shape || !near(a.Score, b.Score, tolerance) {
				t.Errorf("seed %d × %v: %v %v at %v, want %v %v at %v", seed, k, b.State, b.Shape, b.Score, a.State, a.Shape, a.Score)
			}
			if names := differing(a, b, tolerance); names != nil {
				t.Errorf("seed %d × %v: %q differ", seed, k, names)
			}
			if !nearIntervals(a.Rate, b.Rate.times(1/k), tolerance) || !near(a.Growth, b.Growth/k, tolerance) || !near(a.Smallest, b.Smallest/k, tolerance) {
				t.Errorf("seed %d × %v: rate %v, growth %v; want %v and %v times that", seed, k, b.Rate, b.Growth, a.Rate, a.Growth)
			}
		}
	}
}

// What was there at the start moves nothing but the two terms that ask how large the
// growth is beside the level. A limit asks for the room, and is left out here.
func TestLevelMovesOnlyRelativeGrowth(t *testing.T) {
	relative := []string{relativeGrowth.String(), growthPace.String()}
	moved := map[string]bool{}
	for seed := range uint64(bentSeeds) {
		samples := bent(seed)
		a := JudgeSamples(samples, Memory())
		for _, c := range []float64{1 << 28, 1 << 34} {
			b := JudgeSamples(changed(samples, func(s *Sample) { s.Value += c }), Memory())
			for _, name := range differing(a, b, 1e-5) {
				moved[name] = true
				if !slices.Contains(relative, name) {
					t.Errorf("seed %d + %v: %q differs", seed, c, name)
				}
			}
			if a.Shape != b.Shape || !nearIntervals(a.Rate, b.Rate, 1e-5) || !near(a.Growth, b.Growth, 1e-9) || !nearIntervals(a.Onset, b.Onset, 1e-12) || !near(a.Level+c, b.Level, 1e-12) {
				t.Errorf("seed %d + %v: %v, rate %v, growth %v, onset %v; want %v, %v, %v, %v", seed, c, b.Shape, b.Rate, b.Growth, b.Onset, a.Shape, a.Rate, a.Growth, a.Onset)
			}
		}
	}
	if len(moved) != len(relative) {
		t.Errorf("only %v moved: the level is not in %q", moved, relative)
	}
}

// Any epoch will do.
func TestEpochDoesNotMatter(t *testing.T) {
	for seed := range uint64(bentSeeds) {
		samples := bent(seed)
		a := JudgeSamples(samples, Memory())
		for _, c := range []float64{-1e6, 1 << 31, -1 << 33} {
			b := JudgeSamples(changed(samples, func(s *Sample) { s.T += c }), Memory())
			b.At -= c
			if !nearIntervals(a.Onset, b.Onset.plus(-c), 1e-12) {
				t.Errorf("seed %d: onset %v, want %v later by %v", seed, b.Onset, a.Onset, c)
			}
			if b.Onset = a.Onset; !same(a, b) {
				t.Errorf("seed %d, %v s later:\n%+v, want\n%+v", seed, c, b, a)
			}
		}
	}
}

// A film that is played slower shows the same forms: only the terms that count hours
// differ, and the rate is that much smaller.
func TestPaceMovesOnlyTheHours(t *testing.T) {
	hours := []string{duration.String(), longDuration.String(), growthPace.String(), noWorkDuration.String()}
	for seed := range uint64(bentSeeds) {
		samples := bent(seed)
		if seed%2 == 1 {
			samples = changed(samples, forgetful)
		}
		a := JudgeSamples(samples, Memory())
		for _, k := range []float64{2, 8, 3.3} {
			tolerance := 1e-12
			if frac, _ := math.Frexp(k); frac != .5 {
				tolerance = 1e-3
			}
			b := JudgeSamples(changed(samples, func(s *Sample) { s.T *= k }), Memory())
			moved := 0
			for _, name := range differing(a, b, tolerance) {
				moved++
				if !slices.Contains(hours, name) {
					t.Errorf("seed %d, %v times slower: %q differs", seed, k, name)
				}
			}
			if moved == 0 {
				t.Errorf("seed %d, %v times slower: no term moved", seed, k)
			}
			if !nearIntervals(a.Rate, b.Rate.times(k), tolerance) || !near(a.Horizon, b.Horizon/k, tolerance) || !near(a.Growth, b.Growth, tolerance) || !nearIntervals(a.PerWork, b.PerWork, tolerance) {
				t.Errorf("seed %d, %v times slower: rate %v over %v, want %v over %v", seed, k, b.Rate, b.Horizon, a.Rate, a.Horizon)
			}
		}
	}
}

// Noise must not make a leak surer. It is told on average: a single noise may point up.
// Under a twentieth of the growth noise means nothing either way: the score of a line
// without any is that of a series nobody ever trained on, and half a unit lower.
func TestNoiseDoesNotMakeSurer(t *testing.T) {
	const seeds, n, rise, little = 100, 720, 100e6, 5e6
	for _, rho := range []float64{0, .9} {
		before := math.NaN()
		for _, sd := range []float64{0, 1e6, little, 20e6, 50e6, 200e6, 1e9} {
			score := 0.0
			for seed := range uint64(seeds) {
				r := rand.New(rand.NewPCG(seed, 12))
				noise := make([]float64, n)
				autoregressive(r, noise, rho)
				var h history
				for i := range n {
					h.add(At(float64(i)*120, 3e9+rise*float64(i)/n+sd*noise[i]))
				}
				var w window
				h.cut(&w, 0)
				m := on(&w, circumstances{Options: Memory(), age: h.last - h.origin})
				if !m.weigh(&h) {
					t.Fatal("not measured")
				}
				score += m.score() / seeds
			}
			t.Logf("rho %.1f, noise of %5.2f of the growth: score %+.2f", rho, sd/rise, score)
			slack := 0.
			if sd <= little {
				slack = .6
			}
			if score > before+slack {
				t.Errorf("rho %v, noise of %v of the growth: score %.2f, with less noise %.2f", rho, sd/rise, score, before)
			}
			before = score
		}
	}
}

// What comes later must not be in what was said before.
func TestNothingSeesTheFuture(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 13))
	for seed := range uint64(12) {
		all := bent(seed)
		o := Options{Kind: Private, Limit: 3e8}
		d := New(o)
		states := make([]State, len(all))
		for i, s := range all {
			d.ObserveSample(s)
			states[i] = d.State()
		}
		for range 2 {
			cut := 1 + r.IntN(len(all)-1)
			early := New(o)
			for i, s := range all[:cut] {
				early.ObserveSample(s)
				if i%40 == 0 {
					sink = early.Verdict() // asking must not change what comes
				}
				if early.State() != states[i] {
					t.Fatalf("seed %d, sample %d of %d: %v, of all it was %v", seed, i, cut, early.State(), states[i])
				}
			}
			if a, b := early.Verdict(), JudgeSamples(all[:cut], o); !same(a, b) {
				t.Fatalf("seed %d, cut at %d: %+v, want %+v", seed, cut, a, b)
			}
		}
	}
}
