package leak

import "math"

// blocks of the window whose floors and means are compared.
const blocks = 8

// minBins is the smallest number of bins with samples that is judged: half a window and a
// little, under which eight blocks hold fewer than two bins each.
const minBins = 16

// circumstances are what is known beside the window.
type circumstances struct {
	Options
	beside       float64 // what else counts towards the limit
	earlierLives float64 // lives before this one that grew without levelling off
	model        *Model
	age          float64 // seconds since the first sample of the life
}

// measurement is a window on its way to its evidence.
type measurement struct {
	*window
	circumstances
	x, y      []float64 // bins and their floors
	slopes    [pairs]float64
	slope     float64 // of the floor per bin, robust
	intercept float64
	rest      [bins]float64 // what the line leaves of the floor
	envelope  [bins]float64 // the floor under which the series has not come since
	low, high float64
	level     float64
	floor     float64 // the smallest growth worth a word
	grain     float64 // an eighth of it: what two floors may differ by for nothing
	growth    float64 // of the line over the window; negative if it falls
	risen     float64 // the growth, at least one grain
	reach     float64 // of the floors, and one grain
	climb     float64 // of the envelope, and one grain
	informed  information
	terms     terms
	// certain is growth whose rate leaves zero out and that cannot be the rise of a day:
	// only that is called a leak.
	certain bool
}

// on is the measurement of a window that is still to be weighed. The caller keeps the
// window: a method that stored it would move it to the heap.
func on(w *window, c circumstances) measurement {
	return measurement{window: w, circumstances: c, x: w.x[:w.n], y: w.low[:w.n]}
}

// measure weighs the window. It reports false where there is too little to weigh.
func (m *measurement) measure() bool {
	if !m.measureShape() {
		return false
	}
	m.weighLoad()
	m.weighFaults()
	m.weighRoom()
	m.weighKind()
	return true
}

// measureShape weighs what the figures alone say.
func (m *measurement) measureShape() bool {
	if m.n < minBins {
		return false
	}
	m.slope, m.intercept = theilSen(m.x, m.y, m.slopes[:])
	m.low, m.high = m.y[0], m.y[0]
	for i, v := range m.y {
		m.low, m.high = min(m.low, v), max(m.high, v)
		m.rest[i] = v - m.intercept - m.slope*m.x[i]
	}
	e := m.y[m.n-1]
	for i := m.n - 1; i >= 0; i-- {
		e = min(e, m.y[i])
		m.envelope[i] = e
	}
	m.level = math.Abs(median(m.y))
	m.floor = m.Options.floor(m.level)
	m.grain = m.floor / 8
	m.growth = m.slope * (m.x[m.n-1] - m.x[0])
	m.risen = max(m.growth, 0) + m.grain
	m.reach = m.high - m.low + m.grain
	m.climb = m.envelope[m.n-1] - m.envelope[0] + m.grain

	m.weighGrowth()
	m.weighSteps()
	m.weighCurve()
	m.weighModels()
	return true
}

// weighGrowth asks whether there is growth at all, and how much.
func (m *measurement) weighGrowth() {
	var off [bins]float64
	for i := range m.x {
		off[i] = math.Abs(m.rest[i])
	}
	scatter := normal * median(off[:m.n])
	t := &m.terms
	t[relativeGrowth] = clip(math.Log2(m.risen/(m.level+m.floor)), -9, 2)
	t[absoluteGrowth] = clip(math.Log2(m.risen/m.floor), -3, 8)
	t[signalToNoise] = clip(math.Log2(m.risen/(scatter+m.grain)), -1, 7)
	t[swing] = clip(math.Log2(m.reach/m.risen), -1, 6)
	s, variance := kendall(m.y)
	if variance > 0 && s != 0 {
		z := (s - math.Copysign(1, s)) / math.Sqrt(variance*inflation(lag1(m.rest[:m.n]), m.n))
		t[trendTest] = clip(z, -2, 8)
	}
	var height float64
	for i := range m.x {
		height += (m.mean[i] - m.y[i]) / float64(m.n)
	}
	t[teeth] = clip(math.Log2((height+m.grain)/m.risen), -6, 4)
}

// weighSteps compares the floors and means of eight blocks.
func (m *measurement) weighSteps() {
	var floors, means [blocks]float64
	for k := range blocks {
		from, to := k*m.n/blocks, (k+1)*m.n/blocks
		floors[k] = math.Inf(1)
		for i := from; i < to; i++ {
			floors[k] = min(floors[k], m.y[i])
			means[k] += m.mean[i] / float64(to-from)
		}
	}
	var up, step float64
	for k := 1; k < blocks; k++ {
		if floors[k]-floors[k-1] > m.grain/8 {
			up++
		}
		step = max(step, floors[k]-floors[k-1])
	}
	peak, _, fall := extremes(floors[:])
	t := &m.terms
	t[ratchet] = up / (blocks - 1)
	t[largestStep] = clip(step/m.reach, 0, 1)
	t[belowPeak] = clip((peak-max(floors[blocks-1], floors[blocks-2]))/m.reach, 0, 1)
	t[retreat] = clip(fall/m.reach, 0, 1)
	peak, trough, fall := extremes(means[:])
	t[meanRetreat] = clip(fall/(peak-trough+m.grain), 0, 1)
}

// extremes are the highest and lowest value and the deepest fall from an earlier one.
func extremes(v []float64) (high, low, fall float64) {
	high, low = v[0], v[0]
	for _, x := range v[1:] {
		fall = max(fall, high-x)
		high, low = max(high, x), min(low, x)
	}
	return high, low, fall
}

// weighCurve asks where in the window it grew: throughout, at first, or of late.
func (m *measurement) weighCurve() {
	n, t := m.n, &m.terms
	half, third := n/2, n-n/3
	first, _ := theilSen(m.x[:half], m.y[:half], m.slopes[:])
	second, _ := theilSen(m.x[half:], m.y[half:], m.slopes[:])
	last, _ := theilSen(m.x[third:], m.y[third:], m.slopes[:])
	t[lateSlope] = clip(last/m.steepness(), -1, 2.5)
	t[acceleration] = clip((second-first)/(math.Abs(first)+math.Abs(second)+m.grain/bins), -1, 1)
	e := &m.envelope
	t[tailGrowth] = clip((e[n-1]-e[n-1-n/6])/m.climb*6, 0, 3)
	t[halfGrowth] = clip((e[n-1]-e[half])/m.climb*2, 0, 2)

	begin := m.onsetBin()
	hours := (m.x[n-1] - m.x[begin] + 1) * m.binWidth() / 3600
	t[quietBefore] = (m.x[begin] - m.x[0]) / (m.x[n-1] - m.x[0])
	t[duration] = clip(math.Log2(hours), -4, 10)
	t[longDuration] = max(0, t[duration]-3.5)
	t[growthPace] = clip(math.Log2(m.risen/(m.level+m.floor)/hours), -12, 2)
}

// steepness is the size of the slope, never zero.
func (m *measurement) steepness() float64 { return max(math.Abs(m.slope), m.grain/bins) }

// onsetBin is the bin in which the envelope leaves its lowest tenth.
func (m *measurement) onsetBin() int {
	i := 0
	for i < m.n-1 && m.envelope[i] < m.envelope[0]+.1*(m.envelope[m.n-1]-m.envelope[0]) {
		i++
	}
	return i
}

// weighRoom asks what the limit says. A limit that leaves much room above where the
// growth began was set by somebody who expected growth; growth past most of it was not
// expected.
func (m *measurement) weighRoom() {
	t := &m.terms
	if m.Limit <= 0 {
		return
	}
	t[straight] = t.straightness()
	now, start := m.envelope[m.n-1]+m.beside, m.envelope[0]+m.beside
	t[limitKnown] = 1
	t[roomUsed] = clip(now/m.Limit, 0, 1.2)
	t[roomAtStart] = clip(start/m.Limit, 0, 1.2)
	t[overLimit] = clip(now/m.Limit-.8, 0, .3)
	t[straightRoom] = clip((t[roomAtStart]-.5)/.1, -1.5, 1.5) * t[straight]
}

// straightness is how steadily the floor rises without meeting a cap.
func (t *terms) straightness() float64 {
	return max(0, t[ratchet]*2-1) * clip(-t[overCapped]/2.5, 0, 1.3)
}

func (m *measurement) weighKind() {
	t := &m.terms
	t[earlierLives] = m.earlierLives
	if m.Kind == Shared {
		t[sharedKind] = 1
	}
	if m.Kind == Count {
		t[countKind] = 1
	}
}

// clip bounds a figure to the range seen in training; what is no number says nothing.
func clip(v, low, high float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, low), high)
}

// normal makes the median deviation of normal noise its standard deviation.
const normal = 1.4826
