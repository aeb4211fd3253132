package leak

import "math"

// estimate is how fast a series grows, and since when.
type estimate struct {
	rate     Interval // per hour
	perWork  Interval // per unit of work
	onset    Interval // seconds in the series' own time
	horizon  float64  // seconds on which it rests
	smallest float64  // smallest growth per hour that would have been seen
}

// estimate fits a line to the means since the growth began; to all of them where there
// was no growth. The interval is widened for the autocorrelation of what the line leaves.
func (m *measurement) estimate(origin float64) estimate {
	begin := 0
	if m.climb >= m.floor {
		begin = min(m.onsetBin(), m.n-minBins/2)
	}
	x, y := m.x[begin:], m.mean[begin:m.n]
	hours := m.binWidth() / 3600
	e := estimate{onset: Unknown(), perWork: Unknown(), horizon: (x[len(x)-1] - x[0] + 1) * m.binWidth()}
	slope, wide := slopeInterval(x, y)
	e.rate = Interval{slope / hours, (slope - wide) / hours, (slope + wide) / hours}
	e.smallest = max(2*wide/hours, m.floor/(m.x[m.n-1]-m.x[0]+1)/hours)
	if begin > 0 {
		at := func(bin int) float64 { return origin + m.from + m.x[bin]*m.binWidth() }
		e.onset = Interval{at(begin), at(max(0, begin-m.n/10)), at(min(m.n-1, begin+m.n/10))}
	} else {
		e.onset = Interval{origin + m.from, math.Inf(-1), origin + m.from + m.binWidth()}
	}
	if w := m.work[begin:m.n]; w[len(w)-1] > w[0] {
		slope, wide := slopeInterval(w, y)
		e.perWork = Interval{slope, slope - wide, slope + wide}
	}
	return e
}

// slopeInterval is the least-squares slope and half the width of its 95 % interval.
func slopeInterval(x, y []float64) (slope, wide float64) {
	n := float64(len(x))
	slope, a, squares := line(x, y)
	var rest [bins]float64
	for i := range x {
		rest[i] = y[i] - a - slope*x[i]
	}
	r := min(lag1(rest[:len(x)]), .9)
	_, spread := moments(x)
	independent := max(3, n*(1-r)/(1+r))
	if spread == 0 {
		return slope, math.Inf(1)
	}
	return slope, 2.1 * math.Sqrt(squares/n/max(1, independent-2)*n/spread)
}

// forecast says what comes next if it goes on as it does.
func (m *measurement) forecast(state State, e estimate) Forecast {
	none := Forecast{In: Unknown(), Near: Unknown()}
	switch {
	case state == Filling:
		none.Outlook = Settles
		top := m.mean[m.n-1]
		none.Near = Interval{top, top, top + max(0, m.climb/2)}
	case state >= Suspect && m.Limit > 0 && e.rate.Value > 0:
		left := m.Limit - m.beside - m.mean[m.n-1]
		reach := func(rate float64) float64 {
			if rate <= 0 {
				return math.Inf(1)
			}
			return max(0, left/rate*3600)
		}
		none.Outlook = Reaches
		none.In = Interval{reach(e.rate.Value), reach(e.rate.High), reach(e.rate.Low)}
	}
	return none
}
