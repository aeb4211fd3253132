package backtest

import "math"

// window is the newest stretch of a series.
type window struct {
	length   float64 // seconds
	shortest float64 // seconds that it must span before there is a verdict
	points   []point
}

// point is RSS at an instant.
type point struct{ t, bytes float64 }

func (w *window) forget() { w.points = w.points[:0] }

func (w *window) add(t, rss float64) {
	old := 0
	for old < len(w.points) && w.points[old].t < t-w.length {
		old++
	}
	w.points = append(w.points[old:], point{t, rss})
}

// spans reports whether the window is long enough at t for a verdict.
func (w *window) spans(t float64) bool {
	return len(w.points) > 0 && t-w.points[0].t >= w.shortest
}

// line is a least-squares line.
type line struct {
	slope  float64 // bytes per second
	t, at  float64 // a point on the line: the means
	r2     float64 // share of the variance that it explains; 0 of a flat series
	points int
}

func (l line) value(t float64) float64 { return l.at + l.slope*(t-l.t) }

// fit draws the least-squares line through points, of which there must be one at least.
// Through points of one instant it is flat.
func fit(points []point) line {
	n := float64(len(points))
	var t, v float64
	for _, p := range points {
		t += p.t
		v += p.bytes
	}
	l := line{t: t / n, at: v / n, points: len(points)}
	var tt, tv, vv float64
	for _, p := range points {
		dt, dv := p.t-l.t, p.bytes-l.at
		tt += dt * dt
		tv += dt * dv
		vv += dv * dv
	}
	if tt > 0 {
		l.slope = tv / tt
		if vv > 0 {
			l.r2 = tv * tv / (tt * vv)
		}
	}
	return l
}

// lineFit alarms when RSS rises and a line explains it well.
type lineFit struct{ window }

func (f *lineFit) verdict(t float64) (alarm bool, rate float64) {
	if !f.spans(t) {
		return false, math.NaN()
	}
	l := fit(f.points)
	return l.slope > 0 && l.r2 > 0.8, l.slope
}

// prediction alarms when a line through the window crosses the limit in time to come.
type prediction struct {
	window
	ahead float64 // seconds
	limit float64 // bytes; without one (0) there is nothing to cross
}

func (p *prediction) verdict(t float64) (alarm bool, rate float64) {
	if p.limit <= 0 || !p.spans(t) {
		return false, math.NaN()
	}
	l := fit(p.points)
	return l.value(t+p.ahead) > p.limit, l.slope
}
