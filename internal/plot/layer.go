package plot

import (
	"math"

	"github.com/go-analyze/charts/chartdraw"
)

// layer is one part of the picture as the library takes it: a series that draws itself.
type layer func(r chartdraw.Renderer, box chartdraw.Box)

// GetName is empty: the legend is ours.
func (layer) GetName() string { return "" }

// GetYAxis is the axis on the left.
func (layer) GetYAxis() chartdraw.YAxisType { return chartdraw.YAxisSecondary }

// GetStyle is the default: each layer has its own pens.
func (layer) GetStyle() chartdraw.Style { return chartdraw.Style{} }

// Validate finds nothing: what a layer draws has been looked at before.
func (layer) Validate() error { return nil }

// Render draws the layer into the box of the plot.
func (l layer) Render(r chartdraw.Renderer, box chartdraw.Box, _, _ chartdraw.Range, _ chartdraw.Style) {
	l(r, box)
}

// axisRange is a range whose marks are given: those that the library would choose are not
// round.
type axisRange struct {
	chartdraw.ContinuousRange
	marks []chartdraw.Tick
	// lift moves the figures up, in units of the drawing. The library centres them on the
	// whole height of the font, and figures do not reach below the line.
	lift int
}

// GetTicks gives the marks.
func (a *axisRange) GetTicks(chartdraw.ValueFormatter) []chartdraw.Tick {
	if a.lift == 0 || a.Domain == 0 {
		return a.marks
	}
	lifted := make([]chartdraw.Tick, len(a.marks))
	for i, t := range a.marks {
		lifted[i] = chartdraw.Tick{Value: t.Value + float64(a.lift)*a.GetDelta()/float64(a.Domain), Label: t.Label}
	}
	return lifted
}

func rangeOf(low, high float64, marks []tick) *axisRange {
	a := &axisRange{ContinuousRange: chartdraw.ContinuousRange{Min: low, Max: high}}
	for _, t := range marks {
		a.marks = append(a.marks, chartdraw.Tick{Value: t.at, Label: t.label})
	}
	return a
}

func gridOf(marks []tick) []chartdraw.GridLine {
	lines := []chartdraw.GridLine{}
	for _, t := range marks {
		lines = append(lines, chartdraw.GridLine{Value: t.at})
	}
	return lines
}

func (k *sheet) timeAxis() chartdraw.XAxis {
	return chartdraw.XAxis{
		Name:           "time since the first sample",
		NameStyle:      chartdraw.Style{FontStyle: k.ink.font(figureSize, grey)},
		Style:          chartdraw.Style{FontStyle: k.ink.font(figureSize, grey), StrokeColor: grey, StrokeWidth: density},
		Range:          rangeOf(k.from, k.to, k.instants),
		GridLines:      gridOf(k.instants),
		GridMajorStyle: chartdraw.Style{StrokeColor: pale, StrokeWidth: density},
	}
}

func (k *sheet) valueAxis() chartdraw.YAxis {
	marks := rangeOf(k.low, k.high, k.levels)
	marks.lift = figureSize * density / 6
	if k.slack > 100 {
		for i := range marks.marks { // wider figures would run into the plot
			marks.marks[i].Label += "  "
		}
	}
	return chartdraw.YAxis{
		Style:          chartdraw.Style{FontStyle: k.ink.font(figureSize, grey), StrokeColor: white, StrokeWidth: density},
		Range:          marks,
		GridLines:      gridOf(k.levels),
		GridMajorStyle: chartdraw.Style{StrokeColor: pale, StrokeWidth: density},
		Zero:           chartdraw.GridLine{Style: chartdraw.Hidden()},
	}
}

// x and y are the places of a time and a value within the box.
func (k *sheet) x(box chartdraw.Box, t float64) int {
	return box.Left + int(math.Round(k.across(t)*float64(box.Width())))
}

func (k *sheet) y(box chartdraw.Box, value float64) int {
	return box.Bottom - int(math.Round(k.up(k.clamp(value))*float64(box.Height())))
}
