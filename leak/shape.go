package leak

import "math"

// day is the season that shapes are compared with.
const day = 86400

// What a shape must show. The figures are between those that series of known shape gave
// (TestShapes); none decides about a leak.
const (
	// explained is the share of the movement that the day or the load must explain.
	explained = .75
	// ascending is the net rise of the blocks by all their rises and falls: noise came to
	// .5 at most, a rise under noise to .6 at least.
	ascending = .58
	// clearer is by how much a shape must beat a simpler one, in information.
	clearer = 6
	// clearlyStepped is by how much stairs must beat all smooth curves: noise with a memory
	// looks like small stairs.
	clearlyStepped = 26
	// tread is the share of the rise that may lie in the treads of stairs instead of
	// between them; of a smooth curve cut into treads nearly all lies there.
	tread = .3
	// stepped is the least skewness of the differences of stairs: many of nothing, few up.
	stepped = .4
	// toothed is that of a sawtooth: many small rises, few deep falls. Noise came to -.7.
	toothed = -1.1
	// peaked is by how many times the scatter of the floors a peak stands above them. Flat
	// series came to 8.
	peaked = 12
	// goesOn is the pace of the last third, by that of the whole rise, above which it is
	// not level after a step.
	goesOn = .25
	// mostZoom halves the window at most so often: the history holds no finer steps.
	mostZoom = levels
)

// shape names the form of the life, for a person: the state does not rest on it.
func (m *measurement) shape(h *history) Shape {
	switch {
	case m.followsDay(h):
		return Seasonal
	case m.followsLoad():
		return Ramp
	case m.climb >= m.floor && (ascent(m.y) > ascending || ascent(m.mean[:m.n]) > ascending):
		return m.risingShape(h)
	case m.fallsSteadily():
		return Linear
	case m.warmedUp():
		return Saturating
	case m.isSawtooth(h):
		return Sawtooth
	}
	return Flat
}

// ascent is the net rise of the medians of eight blocks by the sum of all their changes.
func ascent(y []float64) float64 {
	var before, changes, first float64
	for k := range blocks {
		now := median(y[k*len(y)/blocks : (k+1)*len(y)/blocks])
		if k == 0 {
			first = now
		} else {
			changes += math.Abs(now - before)
		}
		before = now
	}
	if changes == 0 {
		return 0
	}
	return (before - first) / changes
}

// risingShape tells apart the ways to rise.
func (m *measurement) risingShape(h *history) Shape {
	rise, fill, s := m.rise(), m.fill(), m.stairs()
	mean, _ := moments(m.y)
	step := m.criterion().of(m.stepped(mean), 3)
	late := m.terms[lateSlope] * m.steepness() * (m.x[m.n-1] - m.x[0]) / m.climb
	smooth := min(rise, fill)
	if s.criterion+clearlyStepped < smooth && s.level() || step <= smooth {
		switch {
		case s.rises > 1:
			return Stairs
		case late > goesOn:
			return Linear
		case s.width <= 1:
			return Step
		}
		return Saturating
	}
	if fill+clearer < rise && late < levelling {
		return Saturating
	}
	if m.stairsOfLate(h) {
		return Stairs
	}
	return Linear
}

// fallsSteadily reports a straight fall: one that a line explains, better than one step
// does, and that goes on.
func (m *measurement) fallsSteadily() bool {
	if -m.growth < m.floor || ascent(m.y) >= -ascending && ascent(m.mean[:m.n]) >= -ascending {
		return false
	}
	mean, spread := moments(m.y)
	_, _, left := line(m.x, m.y)
	a := m.criterion()
	return left < (1-explained)*spread && a.of(left, 2)+clearer < a.of(m.stepped(mean), 3) &&
		m.terms[lateSlope] <= -levelling
}

// stairsOfLate looks for steps too small and too many for the whole life: in its last
// half, quarter and so on.
func (m *measurement) stairsOfLate(h *history) bool {
	var w window
	for zoom := 1; zoom <= mostZoom; zoom++ {
		h.cut(&w, m.age/float64(int(1)<<zoom))
		if w.n < 2*minBins || w.samples < bins {
			return false
		}
		if _, skewness, _ := changes(w.low[:w.n]); skewness < stepped {
			continue // so little is no stairs: the search for them can be saved
		}
		z := on(&w, m.circumstances)
		z.grain = m.grain / blocks
		if s := z.stairs(); s.rises >= 3 && s.level() && s.criterion+clearlyStepped < min(z.rise(), z.fill()) {
			return true
		}
	}
	return false
}

// changes from value to value: the deepest fall, the skewness, and how many fall at least
// half as deep as the deepest.
func changes(v []float64) (deepest, skewness float64, falls int) {
	var d [bins]float64
	n := len(v) - 1
	for i := range n {
		d[i] = v[i+1] - v[i]
		deepest = min(deepest, d[i])
	}
	mean, squares := moments(d[:n])
	var cubes float64
	for _, x := range d[:n] {
		cubes += (x - mean) * (x - mean) * (x - mean) / float64(n)
		if x < deepest/2 {
			falls++
		}
	}
	if squares > 0 {
		skewness = cubes / math.Pow(squares/float64(n), 1.5)
	}
	return deepest, skewness, falls
}

// warmedUp reports a rise within the first two bins and none after it.
func (m *measurement) warmedUp() bool {
	mean, spread := moments(m.y)
	a := m.criterion()
	for k := 1; k <= 2; k++ {
		first, one := moments(m.y[:k])
		_, rest := moments(m.y[k:])
		if mean-first >= m.floor && a.of(one+rest, 3)+5*clearer < a.of(spread, 1) {
			return true
		}
	}
	return false
}

// isSawtooth reports that the series climbs slowly and falls deep, again and again, on
// some scale: teeth are seen best where five to twenty fit into the window.
func (m *measurement) isSawtooth(h *history) bool {
	var w window
	for zoom := 0; zoom <= mostZoom; zoom++ {
		h.cut(&w, m.age/float64(int(1)<<zoom))
		if w.n < 2*minBins || w.samples < bins {
			break
		}
		if deepest, skewness, falls := changes(w.mean[:w.n]); skewness < toothed && falls >= 3 && -deepest >= m.floor/2 {
			return true
		}
	}
	return m.hasPeaks()
}

// hasPeaks reports that most of the time the series lies on a floor far more even than it
// is high above it now and then: jobs that come and go, teeth too short to be seen.
func (m *measurement) hasPeaks() bool {
	var heights, off [bins]float64
	base := median(m.y)
	for i, low := range m.y {
		heights[i] = m.mean[i] - base
		off[i] = math.Abs(low - base)
	}
	quiet := peaked * max(normal*median(off[:m.n]), m.grain/peaked)
	high := 0
	for _, v := range heights[:m.n] {
		if v > quiet && v > m.floor/2 {
			high++
		}
	}
	return high >= 3
}

// followsLoad reports that the load explains where the means lie better than time does.
func (m *measurement) followsLoad() bool {
	var rate, smooth [bins]float64
	n := m.n
	if m.reach < m.floor || !m.perSecond(&m.work, &rate) {
		return false
	}
	smoothed(rate[:n], &smooth)
	y := m.mean[:n]
	_, spread := moments(y)
	_, _, overTime := line(m.x, y)
	for _, load := range [...][]float64{rate[:n], smooth[:n]} {
		b, _, rest := line(load, y)
		if b > 0 && rest < (1-explained)*spread && rest < overTime/2 {
			return true
		}
	}
	return false
}

// followsDay reports that the hour of the day explains what a line leaves of the means of
// the last days, two at least, and moves them by more than they grow. Two harmonics of the
// day draw nights and noons of any length, and nothing that comes more often.
func (m *measurement) followsDay(h *history) bool {
	const mostDays = 4 // ten bins a day
	days := min(math.Floor(m.age/day), mostDays)
	if days < 2 {
		return false
	}
	var w window
	h.cut(&w, days*day)
	n := w.n
	if n < minBins*3/2 {
		return false
	}
	var waves [6][bins]float64
	for i := range n {
		hour := w.x[i] * w.binWidth() / day * 2 * math.Pi
		waves[0][i], waves[1][i] = 1, w.x[i]
		waves[2][i], waves[3][i] = math.Sincos(hour)
		waves[4][i], waves[5][i] = math.Sincos(2 * hour)
	}
	rest := w.mean
	var aroundLine float64
	for k := range waves {
		for before := range k {
			remove(waves[k][:n], waves[before][:n])
		}
		remove(rest[:n], waves[k][:n])
		if k == 1 {
			aroundLine = product(rest[:n], rest[:n])
		}
	}
	aroundDay := product(rest[:n], rest[:n])
	swing := math.Sqrt(8 * (aroundLine - aroundDay) / float64(n)) // of a sine of that power
	return aroundDay < (1-explained)*aroundLine && swing >= m.floor && swing > math.Abs(m.growth)
}

// remove takes from v what goes along with u.
func remove(v, u []float64) {
	if own := product(u, u); own > 0 {
		share := product(v, u) / own
		for i := range v {
			v[i] -= share * u[i]
		}
	}
}

func product(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
