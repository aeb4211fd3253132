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
	if !m.weigh(h) || d.state == Learning {
		v.Caveats = d.caveats(nil, &v)
		return v
	}
	e := m.estimate(h.origin)
	v.State, v.Score, v.Evidence = d.state, m.score(), m.evidence()
	v.Shape = m.shape(h)
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
