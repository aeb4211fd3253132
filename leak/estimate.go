package leak

import "math"

const (
	// smoother is the share of the means' roughness, in squares, under which the floors
	// are fitted in their place: means are less noisy, but for spikes.
	smoother = .25
	// loadTells is the share of what a line leaves that the load must explain to be held:
	// with less, holding it adds more doubt than it takes.
	loadTells = .4
	// singly is by how much losses one at a time, at random times (Poisson), make a slope
	// unsure: least squares on such a walk is 6/5 as unsure as its ends.
	singly = 1.2
	// visible is how many half widths of the interval a growth must have to be seen: one
	// to leave zero out, and .65 (1.28 standard errors) to do so nine times in ten.
	visible = 1.65
)

// estimate is how fast a series grows, and since when.
type estimate struct {
	rate     Interval // per hour
	perWork  Interval // per unit of work
	onset    Interval // seconds in the series' own time
	horizon  float64  // seconds on which it rests
	smallest float64  // smallest growth per hour that would have been seen

	now    trend    // per hour, at the newest sample
	crests crests   // how the series stands out above its line
	since  Interval // the onset in bins
	spiky  bool     // the floors were fitted: the heights of spikes are not known
	held   bool     // what the load explains was taken off
}

// estimate fits a line to the last straight stretch of the window. Its interval allows for
// the autocorrelation of what the line leaves, and for the load where that was held.
func (m *measurement) estimate(origin float64) estimate {
	var e estimate
	var level, load [bins]float64
	copy(level[:], m.mean[:m.n])
	if e.spiky = roughness(m.y) < smoother*roughness(m.mean[:m.n]); e.spiky {
		copy(level[:], m.y)
	}
	doubt, held := m.holdLoad(level[:m.n], &load)
	e.held = held

	begin, since := m.straighten(level[:m.n])
	x, y := m.x[begin:], level[begin:m.n]
	var r row
	r.prepare(x, x, y)
	e.now = r.trend(m.end())
	if doubt > 0 {
		along, _, _ := line(x, load[begin:m.n])
		e.now.varSlope += doubt * along * along
	}
	if m.Kind == Count {
		e.now.varSlope = max(e.now.varSlope, singly*e.now.slope/float64(r.n))
	}
	e.crests = m.crestsOver(&e.now, begin)
	e.now.per(m.binWidth() / 3600)

	e.rate = e.now.rate()
	e.horizon = (m.end() - math.Floor(x[0])) * m.binWidth()
	e.smallest = max(visible*(e.rate.High-e.rate.Value), m.floor/(e.horizon/3600))
	e.since, e.onset = since, m.times(since, origin)
	e.perWork = m.perWork(x, m.work[begin:m.n], y)
	return e
}

// end is the time of the newest sample, in bins: a window ends with it.
func (m *measurement) end() float64 { return bins }

// times is an onset in the series' own time; where nothing grew there was none.
func (m *measurement) times(since Interval, origin float64) Interval {
	if m.climb < m.floor {
		return Unknown()
	}
	at := func(bin float64) float64 { return origin + m.from + bin*m.binWidth() }
	return Interval{at(since.Value), at(since.Low), at(since.High)}
}

// perWork fits the line over the work done, where that is known.
func (m *measurement) perWork(x, work, y []float64) Interval {
	last := work[len(work)-1]
	if !(last > work[0]) {
		return Unknown()
	}
	var r row
	r.prepare(x, work, y)
	t := r.trend(last)
	return t.rate()
}

// roughness is the sum of squared second differences: a line has none, however steep.
func roughness(y []float64) float64 {
	var sum float64
	for i := 2; i < len(y); i++ {
		d := y[i] - 2*y[i-1] + y[i-2]
		sum += d * d
	}
	return sum
}

// holdLoad takes off y what the load explains beside a line, if that is much. doubt is the
// variance of a unit of load: of its effect where that was held; and all of its effect on
// top while less than a day was seen, because then load and time may have risen together.
func (m *measurement) holdLoad(y []float64, load *[bins]float64) (doubt float64, held bool) {
	if !m.perSecond(&m.work, load) {
		return 0, false
	}
	x, z := m.x, load[:m.n]
	by, ay, left := line(x, y)
	bz, az, own := line(x, z)
	if own <= 0 {
		return 0, false
	}
	var both float64
	var off [bins]float64
	for i := range x {
		both += (z[i] - az - bz*x[i]) * (y[i] - ay - by*x[i])
	}
	effect := both / own
	rest := max(0, left-effect*both)
	for i := range x {
		off[i] = y[i] - ay - by*x[i] - effect*(z[i]-az-bz*x[i])
	}
	const most = .95 // of an autocorrelation: beyond, nothing is left to divide by
	r := min(lag1(off[:m.n]), most)
	variance := rest / float64(m.n-3) / own * (1 + r) / (1 - r)
	if m.age < day {
		doubt = variance + effect*effect
	}
	if effect > 0 && rest <= (1-loadTells)*left {
		held, doubt = true, max(doubt, variance)
		usual, _ := moments(z)
		for i := range x {
			y[i] -= effect * (z[i] - usual)
		}
	}
	return doubt, held
}
