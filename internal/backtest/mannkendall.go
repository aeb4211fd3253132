package backtest

import (
	"math"
	"slices"
)

// mannKendall alarms when the Mann–Kendall test finds a rising trend in medians of five
// minutes (two-sided p below 1 %, variance corrected for ties; Kendall 1975, Gilbert 1987
// section 16.4) and Sen's slope is positive. It takes the medians for independent.
type mannKendall struct {
	window
	medians []binned
	scratch []float64
}

// binned is the median of a bin of five minutes.
type binned struct{ bin, median float64 }

const (
	binSeconds   = 300.0
	fewestBins   = 12   // an hour of medians
	significance = 0.01 // two-sided
)

func (m *mannKendall) verdict(t float64) (alarm bool, rate float64) {
	if !m.spans(t) || !m.fill() {
		return false, math.NaN()
	}
	s, variance := m.kendall()
	if s <= 0 || variance <= 0 {
		return false, math.NaN()
	}
	z := (s - 1) / math.Sqrt(variance) // continuity correction
	if math.Erfc(z/math.Sqrt2) >= significance {
		return false, math.NaN()
	}
	rate = m.sen()
	return rate > 0, rate
}

// fill makes medians of the points and reports whether there are enough.
func (m *mannKendall) fill() bool {
	m.medians = m.medians[:0]
	for rest := m.points; len(rest) > 0; {
		bin := math.Floor(rest[0].t / binSeconds)
		m.scratch = m.scratch[:0]
		for len(rest) > 0 && math.Floor(rest[0].t/binSeconds) == bin {
			m.scratch = append(m.scratch, rest[0].bytes)
			rest = rest[1:]
		}
		m.medians = append(m.medians, binned{bin, median(m.scratch)})
	}
	return len(m.medians) >= fewestBins
}

// kendall is the test's S, pairs that rise minus pairs that fall, and its variance.
func (m *mannKendall) kendall() (s, variance float64) {
	m.scratch = m.scratch[:0]
	for i, a := range m.medians {
		m.scratch = append(m.scratch, a.median)
		for _, b := range m.medians[i+1:] {
			switch {
			case b.median > a.median:
				s++
			case b.median < a.median:
				s--
			}
		}
	}
	spread := func(n float64) float64 { return n * (n - 1) * (2*n + 5) / 18 }
	variance = spread(float64(len(m.medians)))
	slices.Sort(m.scratch)
	for rest := m.scratch; len(rest) > 0; {
		ties := 1
		for ties < len(rest) && rest[ties] == rest[0] {
			ties++
		}
		variance -= spread(float64(ties))
		rest = rest[ties:]
	}
	return s, variance
}

// sen is the median slope over all pairs of medians, in bytes per second.
func (m *mannKendall) sen() float64 {
	m.scratch = m.scratch[:0]
	for i, a := range m.medians {
		for _, b := range m.medians[i+1:] {
			m.scratch = append(m.scratch, (b.median-a.median)/((b.bin-a.bin)*binSeconds))
		}
	}
	return median(m.scratch)
}
