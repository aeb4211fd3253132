package leak

import "math"

// page is what one minor fault touches.
const page = 4096

// smoothing is the number of bins over which a load acts: a session or a cache entry
// lives on for a while after the request that made it.
const smoothing = 3

// weighLoad asks whether the load explains the movement: growth that follows the work per
// second is not growth with time.
func (m *measurement) weighLoad() {
	t, n := &m.terms, m.n
	var rate, smooth [bins]float64
	if !m.perSecond(&m.work, &rate) {
		t[noWork], t[noWorkDuration] = 1, t[duration]-3
		return
	}
	if mean, _ := moments(rate[:n]); mean > 0 {
		third := n / 3
		before, _ := moments(rate[1 : third+1])
		after, _ := moments(rate[n-third : n])
		t[loadRise] = clip(math.Log2((after+mean*.1)/(before+mean*.1)), -2, 2)
		var off [bins]float64
		b, a, _ := line(m.x, rate[:n])
		for i := range m.x {
			off[i] = rate[i] - a - b*m.x[i]
		}
		t[loadCorrelation] = correlation(m.rest[:n], off[:n])
		t[growthBesideLoad] = clip(holding(m.x, rate[:n], m.y)/m.steepness(), -1, 2)
	}
	smoothed(rate[:n], &smooth)
	a := m.ofMean()
	b, _, squares := line(smooth[:n], m.mean[:n])
	t[overLoad] = signedLog(-100) // more memory at less load is no effect of the load
	if b > 0 {
		_, spread := moments(m.mean[:n])
		t[overLoad] = a.over(squares, 2, 100)
		t[loadExplains] = clip(1-squares/(spread+a.grain), 0, 1)
	}
	t[loadKeeps] = clip(holding(m.x, smooth[:n], m.mean[:n])/m.steepness(), -1, 2)
}

// weighFaults asks whether the memory that was touched anew was kept. Memory that is
// handed back and taken again faults without growing.
func (m *measurement) weighFaults() {
	t, n := &m.terms, m.n
	var rate, smooth [bins]float64
	if !m.perSecond(&m.faults, &rate) {
		t[noFaults] = 1
		return
	}
	smoothed(rate[:n], &smooth)
	a := m.ofMean()
	b, _, squares := line(smooth[:n], m.mean[:n])
	t[overChurn] = signedLog(-100)
	if b > 0 {
		t[overChurn] = a.over(squares, 2, 100)
	}
	t[faultKeeps] = clip(holding(m.x, smooth[:n], m.mean[:n])/m.steepness(), -1, 2)

	all, late := m.faults[n-1]-m.faults[0], m.faults[n-1]-m.faults[n/2]
	t[retained] = clip(math.Log2((m.growth+m.grain)/(all*page+m.grain)), -8, 1)
	kept := max(0, m.envelope[n-1]-m.envelope[n/2])
	t[retainedLate] = clip(math.Log2((kept+m.grain)/(late*page+m.grain)), -8, 1)
	third := n / 3
	after, before := m.faults[n-1]-m.faults[n-third], m.faults[third]-m.faults[0]
	const few = 8 // faults that mean nothing
	t[faultDecline] = clip(math.Log2((after+few)/(before+few)), -4, 4)
}

// ofMean is the information of a line through the means.
func (m *measurement) ofMean() information {
	a := m.informed
	_, _, squares := line(m.x, m.mean[:m.n])
	a.line = a.of(squares, 2)
	return a
}

// perSecond turns a counter into its rate in every bin. It reports false where the
// counter is not known throughout or does not count.
func (m *measurement) perSecond(counter, rate *[bins]float64) bool {
	width := m.binWidth()
	for i := 1; i < m.n; i++ {
		rate[i] = (counter[i] - counter[i-1]) / (m.x[i] - m.x[i-1]) / width
		if !(rate[i] >= 0) {
			return false
		}
	}
	rate[0] = rate[1]
	return true
}

// smoothed is the mean of each value and those shortly before it.
func smoothed(v []float64, out *[bins]float64) {
	for i := range v {
		from := max(0, i-smoothing+1)
		out[i], _ = moments(v[from : i+1])
	}
}

// correlation of two rows; 0 where one of them is constant.
func correlation(a, b []float64) float64 {
	ma, aa := moments(a)
	mb, bb := moments(b)
	if aa <= 0 || bb <= 0 {
		return 0
	}
	var ab float64
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

// holding is the slope of y on x with z held constant; 0 where z takes all of x.
func holding(x, z, y []float64) float64 {
	bz, az, _ := line(z, y)
	bx, ax, _ := line(z, x)
	var along, across float64
	for i := range x {
		dx := x[i] - ax - bx*z[i]
		along += (y[i] - az - bz*z[i]) * dx
		across += dx * dx
	}
	if across <= 0 {
		return 0
	}
	return along / across
}
