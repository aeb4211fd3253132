package leak

import (
	"math"
	"slices"
)

// Verdict says what is known now. It costs about as much as a judgement, and allocates
// what it returns.
func (d *Detector) Verdict() Verdict {
	h := &d.history
	v := Verdict{
		State: Learning, At: h.last, Value: h.value, Level: h.value, Samples: d.samples, Restarts: d.restarts,
		Rate: Unknown(), PerWork: Unknown(), Onset: Unknown(), Smallest: math.NaN(), Score: math.NaN(),
		Growth: math.NaN(), Forecast: Forecast{In: Unknown(), Near: Unknown()},
	}
	if h.samples == 0 {
		v.At, v.Value, v.Level = math.NaN(), math.NaN(), math.NaN()
		return v
	}
	age := h.last - h.origin
	v.Horizon = age
	var w window
	h.cut(&w, 0)
	m := on(&w, d.circumstances(age))
	if !m.measure() || d.state == Learning {
		v.Caveats = d.caveats(nil, &v)
		return v
	}
	e := m.estimate(h.origin)
	v.State, v.Score, v.Evidence = d.state, m.score(), m.evidence()
	v.Shape = m.shape(h.origin)
	v.Rate, v.PerWork, v.Onset, v.Horizon, v.Smallest = e.rate, e.perWork, e.onset, e.horizon, e.smallest
	v.Level = m.envelope[m.n-1]
	v.Growth = m.climb - m.grain
	v.Forecast = m.forecast(v.State, e)
	v.Caveats = d.caveats(&m, &v)
	return v
}

// evidence lists the terms, weightiest first; terms that moved nothing are left out.
func (m *measurement) evidence() []Term {
	list := make([]Term, 0, termCount)
	for k := range termCount {
		if c := m.contribution(k); c != 0 || m.terms[k] != 0 {
			list = append(list, Term{Name: k.String(), Value: m.terms[k], Weight: c})
		}
	}
	slices.SortStableFunc(list, func(a, b Term) int {
		switch x, y := math.Abs(a.Weight), math.Abs(b.Weight); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return list
}

// day is the season that shapes are compared with.
const day = 86400

// shape names the form of the window, for a person: the state does not rest on it.
func (m *measurement) shape(origin float64) Shape {
	t := &m.terms
	rises := m.climb >= m.floor
	switch {
	case rises && t[overStep] > 2 && t[largestStep] > .7:
		return Step
	case m.reach >= m.floor && !rises && t[loadExplains] > .8 && m.age >= day:
		return Seasonal
	case t[loadExplains] > .8 && t[loadRise] > .3 && t[overLoad] > 1:
		return Ramp
	case rises && t[overSaturating] > 1 && t[overSaturating] >= t[overCapped]-1:
		return Saturating
	case rises && t[overCapped] > 2:
		return Saturating
	case rises && t[largestStep] > .34 && t[ratchet] < .8:
		return Stairs
	case rises && m.growth >= m.floor:
		return Linear
	case t[teeth] > 1 || m.reach > 4*m.floor:
		return Sawtooth
	}
	return Flat
}
