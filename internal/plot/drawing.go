package plot

import (
	"math"

	"github.com/go-analyze/charts/chartdraw"
)

// aheadOpacity makes white a shade darker.
const aheadOpacity = 9

// drawAhead tells the time to come from the time that was measured.
func (k *sheet) drawAhead(r chartdraw.Renderer, box chartdraw.Box) {
	if !k.course.forecast {
		return
	}
	brush(r, black.WithAlpha(aheadOpacity)) // the grid shines through
	rectangle(r, k.x(box, k.course.at), box.Top, box.Right, box.Bottom)
}

func rectangle(r chartdraw.Renderer, left, top, right, bottom int) {
	r.MoveTo(left, top)
	r.LineTo(right, top)
	r.LineTo(right, bottom)
	r.LineTo(left, bottom)
	r.Close()
	r.Fill()
}

// curveSteps are the pieces in which a bent line is drawn. More would not be seen, and ends
// that are rounded to whole units make a line of short pieces tremble.
const curveSteps = 32

// instants are times from one to another, both included.
func instants(from, to float64, pieces int) []float64 {
	out := make([]float64, 0, pieces+1)
	for i := range pieces {
		out = append(out, from+(to-from)*float64(i)/float64(pieces))
	}
	return append(out, to)
}

// drawBand fills the area between the bounds of the course.
func (k *sheet) drawBand(r chartdraw.Renderer, box chartdraw.Box) {
	var times []float64
	if k.course.trend {
		times = instants(k.course.from, k.course.at, k.pieces(k.course.from))
	}
	if k.course.forecast {
		times = append(times, instants(k.course.at, k.course.until, k.pieces(k.course.until))...)
	}
	var upper, lower [][2]int
	for _, t := range times {
		low, high := k.course.bounds(t)
		if math.IsNaN(low) || math.IsNaN(high) {
			continue
		}
		upper = append(upper, [2]int{k.x(box, t), k.y(box, high)})
		lower = append(lower, [2]int{k.x(box, t), k.y(box, low)})
	}
	if len(upper) < 2 {
		return
	}
	k.ink.part(r, partBand)
	r.MoveTo(upper[0][0], upper[0][1])
	for _, p := range upper[1:] {
		r.LineTo(p[0], p[1])
	}
	for i := len(lower) - 1; i >= 0; i-- {
		r.LineTo(lower[i][0], lower[i][1])
	}
	r.Close()
	r.Fill()
}

// pieces is in how many the band from the newest sample to its other end is drawn: one where
// its edges are straight and in view.
func (k *sheet) pieces(end float64) int {
	bent := end > k.course.at && (k.course.settles || k.course.reached(end))
	if low, high := k.course.bounds(end); bent || low < k.low || high > min(k.high, k.course.ceiling) || high == k.course.ceiling {
		return curveSteps
	}
	return 1
}

func (k *sheet) drawRestarts(r chartdraw.Renderer, box chartdraw.Box) {
	k.ink.part(r, partRestart)
	for _, t := range k.restarts {
		r.MoveTo(k.x(box, t), box.Top)
		r.LineTo(k.x(box, t), box.Bottom)
		r.Stroke()
	}
}

func (k *sheet) drawLimit(r chartdraw.Renderer, box chartdraw.Box) {
	if k.limit == 0 {
		return
	}
	k.ink.part(r, partLimit)
	r.MoveTo(box.Left, k.y(box, k.limit))
	r.LineTo(box.Right, k.y(box, k.limit))
	r.Stroke()
}

// strokePoints is where a long line is drawn as another stroke. The rasteriser of PNGs keeps
// what a stroke covers of a row in a list that it walks: its time grows with the square of
// the length.
const strokePoints = 48

// drawMeasured draws the series, one column to a pixel of the finished image.
func (k *sheet) drawMeasured(r chartdraw.Renderer, box chartdraw.Box) {
	columns := reduction(k.picture.Points, k.view, k.usual, max(1, box.Width()/density))
	x := func(i int) int { return box.Left + i*density + density/2 }
	k.ink.part(r, partData)
	drawn := 0 // points of the stroke in the making
	at := [2]int{}
	end := func() {
		if drawn == 1 { // a point without neighbours
			brush(r, steel)
			r.Circle(5, at[0], at[1])
			r.Fill()
			k.ink.part(r, partData)
		} else if drawn > 1 {
			r.Stroke()
		}
		drawn = 0
	}
	to := func(i int, value float64) {
		next := [2]int{x(i), k.y(box, value)}
		switch {
		case drawn == 0:
			at, drawn = next, 1
			return
		case next == at:
			return
		case drawn == strokePoints:
			r.Stroke()
			drawn = 1
			fallthrough
		case drawn == 1:
			r.MoveTo(at[0], at[1])
		}
		r.LineTo(next[0], next[1])
		at = next
		drawn++
	}
	for i, c := range columns {
		if c.points == 0 {
			continue
		}
		if c.broken {
			end()
		}
		for _, value := range []float64{c.first, c.low, c.high, c.last} {
			to(i, value)
		}
	}
	end()
}

// drawCourse draws the trend and the forecast, with a light seam that parts them from what
// lies below.
func (k *sheet) drawCourse(r chartdraw.Renderer, box chartdraw.Box) {
	if k.course.trend {
		k.drawLine(r, box, partTrend, instants(k.course.from, k.course.at, 1), k.high)
	}
	if k.course.forecast {
		pieces := 1
		if k.course.settles {
			pieces = curveSteps
		}
		k.drawLine(r, box, partForecast, instants(k.course.at, k.course.until, pieces), min(k.high, k.course.ceiling))
	}
}

// drawLine draws the course through the given times, as far as it is in view and below the
// ceiling.
func (k *sheet) drawLine(r chartdraw.Renderer, box chartdraw.Box, of part, times []float64, ceiling float64) {
	type place struct{ t, value float64 }
	places := make([]place, len(times))
	for i, t := range times {
		places[i] = place{t, k.course.straight(t)}
	}
	for _, seam := range []bool{true, false} {
		drawn := false
		for i, b := range places[1:] {
			a := places[i]
			from, to, visible := crossing(a.value, b.value, k.low, ceiling)
			if !visible {
				continue
			}
			x0, y0 := k.x(box, a.t+from*(b.t-a.t)), k.y(box, a.value+from*(b.value-a.value))
			if !drawn || from > 0 {
				r.MoveTo(x0, y0)
			}
			drawn = true
			r.LineTo(k.x(box, a.t+to*(b.t-a.t)), k.y(box, a.value+to*(b.value-a.value)))
		}
		if !drawn {
			return
		}
		if k.ink.part(r, of); seam {
			pen(r, white.WithAlpha(seamOpacity), seamWidth)
		}
		r.Stroke()
	}
}

const (
	seamOpacity = 200
	seamWidth   = 11
)

// crossing is the part of the way from a to b, in shares of it, that lies between low and
// high.
func crossing(a, b, low, high float64) (from, to float64, visible bool) {
	if !usable(a) || !usable(b) {
		return 0, 0, false
	}
	from, to = 0, 1
	if a == b {
		return from, to, a >= low && a <= high
	}
	first, last := (low-a)/(b-a), (high-a)/(b-a)
	if first > last {
		first, last = last, first
	}
	from, to = max(from, first), min(to, last)
	return from, to, from < to
}

// drawSample draws what an entry of the legend explains.
func (k *sheet) drawSample(r chartdraw.Renderer, of part, x, y int) {
	k.ink.part(r, of)
	switch of {
	case partBand:
		rectangle(r, x, y-11, x+sampleWidth, y+11)
	case partRestart:
		r.MoveTo(x+sampleWidth/2, y-16)
		r.LineTo(x+sampleWidth/2, y+16)
		r.Stroke()
	default:
		r.MoveTo(x, y)
		r.LineTo(x+sampleWidth, y)
		r.Stroke()
	}
}

// drawNoData says that there is nothing to draw.
func (k *sheet) drawNoData(r chartdraw.Renderer, _ chartdraw.Box) {
	k.ink.write(r, titleSize, grey)
	width := r.MeasureText(noData).Width()
	r.Text(noData, (sheetWidth-width)/2, sheetHeight/2)
}
