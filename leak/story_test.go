package leak

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// served are samples of a service under a daily load that leaks a tenth of a megabyte an
// hour, everything known.
func served(n int, step float64, seed uint64) []Sample {
	r := rand.New(rand.NewPCG(seed, 1))
	samples := make([]Sample, n)
	var work, faults, wander float64
	for i := range samples {
		t := float64(i) * step
		load := 1 + .6*math.Sin(2*math.Pi*t/day) + .2*r.Float64()
		work += load * step * .1
		faults += load * step * 3
		wander = .9*wander + r.NormFloat64()
		samples[i] = Sample{
			T:      1.7e9 + t,
			Value:  200e6 + math.Round(1e5*t/3600) + 20e6*load + math.Round(4e5*wander),
			Work:   math.Round(work*100) / 100,
			Faults: math.Round(faults),
			Beside: 30e6,
		}
	}
	return samples
}

// eager is a model that calls growth a leak that stands out of the noise, whatever the
// built-in one was trained to say: tests of the machinery need leaks that stay leaks.
func eager() *Model {
	m := &Model{Intercept: -3, Weights: make([]Weight, termCount)}
	m.Weights[absoluteGrowth] = Weight{Spread: 1, Weight: 1}
	m.Weights[trendTest] = Weight{Spread: 1, Weight: .5}
	m.Weights[overSaturating] = Weight{Spread: 1, Weight: -1}
	return m
}

// pretty shows all of a detector that decides what it will say: floats to the last bit,
// rings without what they no longer hold.
func pretty(d *Detector) string {
	c := *d
	for level := range c.history.rings {
		var r ring
		for i := range int(d.history.rings[level].used) {
			r.push(*d.history.rings[level].at(i))
		}
		c.history.rings[level] = r
	}
	return fmt.Sprintf("%+v", c)
}

// event is one thing that happens to a detector.
type event struct {
	sample  Sample
	restart bool
	limit   float64 // told first, where it is no NaN
}

func (e event) on(d *Detector) {
	if !math.IsNaN(e.limit) {
		d.SetLimit(e.limit)
	}
	if e.restart {
		d.Restart(e.sample.T)
	}
	d.ObserveSample(e.sample)
}

// story is an eventful series: growth that comes and goes, gaps, restarts, samples that
// are out of order or no number, figures known and unknown.
func story(seed uint64, n int) []event {
	r := rand.New(rand.NewPCG(seed, 2))
	step := []float64{1, 10, 60, 900}[r.IntN(4)]
	known, restarts := r.IntN(2) == 0, r.IntN(2) == 0
	events := make([]event, n)
	now, value, work := 1.7e9*r.Float64(), 1e8, 0.0
	slope := 0.0
	for i := range events {
		now += step * (.5 + r.Float64())
		work += r.Float64()
		if r.IntN(200) == 0 {
			slope = max(0, r.NormFloat64()) * 1e6
		}
		value += slope
		s := At(now, value+3e5*r.NormFloat64())
		if known {
			s.Work, s.Faults, s.Beside = work, math.Floor(work*100), 1e7
		}
		e := event{sample: s, limit: math.NaN()}
		switch r.IntN(150) {
		case 0:
			now += step * 300 * r.Float64()
		case 1:
			e.sample.T -= 3 * step
		case 2:
			e.sample.Value = math.NaN()
		case 3:
			e.sample.Work = math.Inf(1)
		case 4:
			e.limit = value * 2
		case 5:
			if e.restart = restarts; restarts {
				value, work = 1e8, 0
			}
		}
		events[i] = e
	}
	return events
}

// same reports whether two verdicts agree to the last bit; what is unknown in both agrees.
func same(a, b Verdict) bool { return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b) }

func watched(samples []Sample, o Options) *Detector {
	d := New(o)
	for _, s := range samples {
		d.ObserveSample(s)
	}
	return d
}
