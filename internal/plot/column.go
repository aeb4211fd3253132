package plot

import "math"

// column is what the points say that fall into one column of the picture.
type column struct {
	low, high   float64
	first, last float64 // in order of time, where the line comes in and leaves
	points      int
	broken      bool // there is a gap between the point before and this column's first
}

// silence is how many times longer than usual, and than just before, nothing was measured
// when the line is broken although no point says so: what a line across would show, nobody
// has seen.
const silence = 20

// reduction folds points into columns of equal spans of time. It keeps what a plot of all
// points would show: the least and the largest of each column and where it is entered and
// left. usual is the mean time between two points. Its memory does not depend on the number
// of points.
func reduction(points []Point, v view, usual float64, columns int) []column {
	out := make([]column, columns)
	gap := false
	before, pause := math.NaN(), math.NaN() // the time of the last point, and how long it was to it
	for _, p := range points {
		if !usable(p.T) {
			continue
		}
		if !usable(p.Value) {
			gap = true
			continue
		}
		i := int(math.Floor(v.across(p.T) * float64(columns)))
		if i < 0 || i > columns {
			continue
		}
		if next := p.T - before; !math.IsNaN(before) {
			gap = gap || next > silence*max(usual, pause) // never where there is no pause yet
			pause = next
		}
		before = p.T
		c := &out[min(i, columns-1)] // the newest point lies on the edge
		if c.points == 0 {
			*c = column{low: p.Value, high: p.Value, first: p.Value, broken: gap}
		}
		c.low, c.high, c.last = min(c.low, p.Value), max(c.high, p.Value), p.Value
		c.points++
		gap = false
	}
	return out
}
