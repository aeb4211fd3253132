package leak

import "math"

// mostSteps of stairs: more do not fit into the bins of a window with a tread each.
const mostSteps = 14

// Of a step of usual height, what makes one, and how far the series may come back.
const (
	leastStep = .08
	mostBack  = .4
)

// stairs is the best cut of a series into levels.
type stairs struct {
	criterion  float64
	steps      int     // up, those too small for their number left out
	rises      int     // the same, those next to each other counted as one
	width      float64 // bins over which the last of them extends
	treadSlope float64 // mean slope within the treads, by the slope of the whole
}

// level reports that the rise lies between the treads, and the steps apart: a curve cut
// into stairs climbs steps that lie side by side where it is steep.
func (s *stairs) level() bool { return s.treadSlope < tread && 5*s.rises >= 2*s.steps }

// cutting is the search for the best cut by dynamic programming over the number of steps
// and their places.
type cutting struct {
	sums  [bins + 1]float64              // of the values before a bin
	costs [bins + 1][bins + 1]float64    // squares that one level from a bin to a bin leaves
	left  [2][bins + 1]float64           // squares left up to a bin, with one step less and now
	from  [mostSteps + 1][bins + 1]uint8 // where the last level up to a bin begins
}

// stairs cuts the floors. What comes back by more than a part of a step is no stairs: its
// criterion is infinite.
func (m *measurement) stairs() stairs {
	var c cutting
	n := len(m.y)
	c.weigh(m.y)
	best := stairs{criterion: math.Inf(1)}
	a := m.criterion()
	steps := 0
	for k := 1; k <= min(mostSteps, n-1); k++ {
		before, now := &c.left[(k-1)%2], &c.left[k%2]
		for j := k + 1; j <= n; j++ {
			least, from := math.Inf(1), k
			for i := k; i < j; i++ {
				if s := before[i] + c.costs[j][i]; s < least {
					least, from = s, i
				}
			}
			now[j], c.from[k][j] = least, uint8(from)
		}
		if v := a.of(now[n], float64(2*k+1)); v < best.criterion {
			best.criterion, steps = v, k
		}
	}
	var edges [mostSteps + 2]int
	edges[steps+1] = n
	for k := steps; k > 0; k-- {
		edges[k] = int(c.from[k][edges[k+1]])
	}
	best.describe(m, &c, edges[:steps+2])
	return best
}

// weigh finds what one level leaves of every stretch.
func (c *cutting) weigh(y []float64) {
	mean, _ := moments(y)
	for i, v := range y {
		c.sums[i+1] = c.sums[i] + v - mean
	}
	for j := 1; j <= len(y); j++ {
		var sum, squares float64
		for i := j - 1; i >= 0; i-- {
			v := y[i] - mean
			sum += v
			squares += v * v
			c.costs[j][i] = max(0, squares-sum*sum/float64(j-i))
		}
		c.left[0][j] = c.costs[j][0]
	}
}

func (c *cutting) level(i, j int) float64 { return (c.sums[j] - c.sums[i]) / float64(j-i) }

// describe says how the levels between the edges lie. The noise on a tread cuts it into
// levels too: what counts is measured by the steps of usual height, the mean of all steps
// weighed by themselves.
func (s *stairs) describe(m *measurement, c *cutting, edges []int) {
	last := len(edges) - 2
	var jumps [mostSteps + 1]float64
	var sum, squares, deepest float64
	for k := 1; k <= last; k++ {
		jumps[k] = c.level(edges[k], edges[k+1]) - c.level(edges[k-1], edges[k])
		sum += math.Abs(jumps[k])
		squares += jumps[k] * jumps[k]
		deepest = min(deepest, jumps[k])
	}
	usual := squares / sum
	rise := c.level(edges[last], edges[last+1]) - c.level(edges[0], edges[1])
	if !(rise > 0) || -deepest > mostBack*usual {
		s.criterion = math.Inf(1)
		return
	}
	first, before := 0.0, math.Inf(-1)
	for k := 1; k <= last; k++ {
		if jumps[k] < leastStep*usual {
			continue
		}
		at := m.x[edges[k]]
		if at-before > 2 {
			s.rises++
			first = at
		}
		s.steps++
		before, s.width = at, at-first
	}
	var along, across float64
	for k := 0; k <= last; k++ {
		x, y := m.x[edges[k]:edges[k+1]], m.y[edges[k]:edges[k+1]]
		mean, squares := moments(x)
		across += squares
		for i := range x {
			along += (x[i] - mean) * y[i]
		}
	}
	if across > 0 {
		s.treadSlope = along / across * (m.x[len(m.x)-1] - m.x[0]) / rise
	}
}
