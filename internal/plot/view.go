package plot

import "math"

// view is the part of the plane that the picture shows.
type view struct {
	from, to  float64 // seconds
	low, high float64 // values
}

// across is where t lies between the left edge (0) and the right one (1).
func (v view) across(t float64) float64 { return (t - v.from) / (v.to - v.from) }

// up is where value lies between the lower edge (0) and the upper one (1).
func (v view) up(value float64) float64 { return (value - v.low) / (v.high - v.low) }

// at is the time at the given share of the width.
func (v view) at(share float64) float64 { return v.from + share*(v.to-v.from) }

// clamp moves value onto the nearest edge where it lies outside.
func (v view) clamp(value float64) float64 { return min(max(value, v.low), v.high) }

// extent is how far the points reach, and how many of them can be drawn.
type extent struct {
	view
	drawn int
}

func extentOf(points []Point) extent {
	inf := math.Inf(1)
	e := extent{view: view{inf, -inf, inf, -inf}}
	for _, p := range points {
		if !usable(p.T) {
			continue
		}
		e.from, e.to = min(e.from, p.T), max(e.to, p.T) // a gap takes its room too
		if usable(p.Value) {
			e.low, e.high = min(e.low, p.Value), max(e.high, p.Value)
			e.drawn++
		}
	}
	return e
}

const (
	// leastSpan is the share of the largest value that the height shows at least: what moves
	// less than a fiftieth should not look like a mountain.
	leastSpan = 0.02
	// margin is left free above and below the values.
	margin = 0.06
	// fromZero: when the lowest value is below this share of the highest, the axis begins at
	// zero, where heights can be compared.
	fromZero = 0.4
	// loneSpan is the time that a single point is shown in, in seconds.
	loneSpan = 60
)

// framed is the view that holds the points, the trend, the forecast and the limit.
func framed(e extent, c course, unit string, limit float64) view {
	v := e.view
	// Clocks tell nanoseconds apart, and figures of this size their last digits.
	if v.to-v.from < max(1e-9, 1e-12*magnitude(v.from, v.to)) {
		half := max(loneSpan/2, 1e-9*magnitude(v.from, v.to))
		v.from, v.to = v.from-half, v.to+half
	}
	if c.forecast {
		v.to = max(v.to, c.until)
	}

	// The trend is drawn at most as far from the values as they are high: a line through
	// nowhere must not press them flat.
	reach := max(v.high-v.low, leastSpan*magnitude(v.low, v.high))
	for _, t := range []float64{c.from, c.at, c.until} {
		if y := c.line(t); usable(y) {
			v.low = min(v.low, max(y, e.low-reach))
			v.high = max(v.high, min(y, e.high+reach))
		}
	}
	if limit > 0 {
		v.high = max(v.high, limit)
	}

	span, least := v.high-v.low, leastSpan*magnitude(v.low, v.high)
	if least < 1e-200 { // zero throughout, as far as figures can be divided
		least = 1
	}
	if unit == unitCount {
		least = max(least, 4) // whole things: four steps
	}
	pad := margin * max(span, least)
	if span < least {
		pad += (least - span) / 2
	}
	v.low, v.high = v.low-pad, v.high+pad
	if e.low >= 0 && (v.low < 0 || e.low < fromZero*v.high) {
		v.low = 0
	}
	return v
}

func magnitude(a, b float64) float64 { return max(math.Abs(a), math.Abs(b)) }
