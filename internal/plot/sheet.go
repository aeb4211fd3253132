package plot

import (
	"io"

	"github.com/go-analyze/charts/chartdraw"
)

// Places on the sheet, in units of the drawing (density to a pixel).
const (
	sheetWidth  = ImageWidth * density
	sheetHeight = ImageHeight * density

	edge         = 56 // free at every side
	titleLine    = 56 // from one baseline to the next
	legendLine   = 42
	sentenceLine = 40
	figureRoom   = 52 // under the plot, for the figures of time
	axisName     = 40

	// otherFonts is how much wider than ours the font of a viewer may be: an SVG shows text
	// in the font that is at hand.
	otherFonts = 125 // percent

	textRoom = sheetWidth - 2*edge

	// maxSheetLines of the sentence; more is cut.
	maxSheetLines = 4
)

// sheet is one image in the making: the scene with the text set into lines.
type sheet struct {
	*scene
	picture  *Picture
	ink      inks
	head     string // the title, cut to the width
	legends  [][]placed
	text     []string // the sentence
	slack    int      // percent that text may take of its measured width
	levels   []tick
	instants []tick
}

// placed is an entry of the legend with its place in the line.
type placed struct {
	entry
	x int
}

// draw lays the sheet out and lets the library draw it with the given renderer. slack is
// the room for text in percent of what it takes in our font.
func draw(w io.Writer, p *Picture, s *scene, renderer chartdraw.RendererProvider, slack int) error {
	k := sheet{scene: s, picture: p, ink: inksOf(p.Verdict.State), slack: slack}
	ruler := renderer(1, 1) // measures text; nothing is drawn on it
	ruler.SetDPI(dotsPerInch)
	k.head = k.fitted(ruler, s.title)
	k.text = k.lines(ruler)
	k.legends = k.legendLines(ruler)

	chart := chartdraw.Chart{
		Width: sheetWidth, Height: sheetHeight, DPI: dotsPerInch,
		Background: k.ink.background(),
		Canvas:     chartdraw.Style{FillColor: white, StrokeColor: white},
		Elements:   []chartdraw.Renderable{k.drawText},
		XAxis:      chartdraw.HideXAxis(),
		YAxis:      chartdraw.HideYAxis(),
	}
	chart.YAxisSecondary = chartdraw.HideYAxis()
	span := &chartdraw.ContinuousRange{Max: 1}
	chart.XAxis.Range, chart.YAxis.Range = span, span
	if s.empty {
		chart.Series = []chartdraw.Series{layer(k.drawNoData)}
		return chart.Render(renderer, w)
	}

	k.levels = valueTicks(s.view, p.Unit, 7)
	k.instants = timeTicks(s.view, s.start, 9)
	chart.XAxis = k.timeAxis()
	chart.YAxisSecondary = k.valueAxis()
	chart.YAxis.Range = chart.YAxisSecondary.Range
	chart.Background.Padding = chartdraw.Box{
		Top:    edge + k.heading() + 12,
		Left:   edge,
		Right:  edge,
		Bottom: edge + len(k.text)*sentenceLine + axisName,
		IsSet:  true,
	}
	chart.Series = []chartdraw.Series{
		layer(k.drawAhead), layer(k.drawBand), layer(k.drawRestarts), layer(k.drawLimit),
		layer(k.drawMeasured), layer(k.drawCourse),
	}
	return chart.Render(renderer, w)
}

// heading is the height of what stands above the plot.
func (k *sheet) heading() int {
	height := len(k.legends) * legendLine
	if k.head != "" {
		height += titleLine
	}
	return height
}

// room is the width that a line of text may have as measured.
func (k *sheet) room() int { return textRoom * 100 / k.slack }

// fitted cuts the title to the width of the sheet.
func (k *sheet) fitted(r chartdraw.Renderer, title string) string {
	k.ink.write(r, titleSize, dark)
	if width := r.MeasureText(title).Width(); width <= k.room() {
		return title
	}
	text := []rune(title)
	for len(text) > 0 && r.MeasureText(string(text)+"…").Width() > k.room() {
		text = text[:len(text)-1]
	}
	return string(text) + "…"
}

// lines sets the sentence.
func (k *sheet) lines(r chartdraw.Renderer) []string {
	if k.sentence == "" {
		return nil
	}
	style := chartdraw.Style{FontStyle: k.ink.font(sentenceSize, dark), TextWrap: chartdraw.TextWrapWord}
	lines := chartdraw.Text.WrapFit(r, k.sentence, k.room(), style)
	if len(lines) > maxSheetLines {
		lines = lines[:maxSheetLines]
		lines[maxSheetLines-1] += " …"
	}
	return lines
}

const (
	sampleWidth = 52 // of the line that an entry explains
	sampleGap   = 14
	entryGap    = 40
)

// legendLines sets the legend.
func (k *sheet) legendLines(r chartdraw.Renderer) [][]placed {
	k.ink.write(r, legendSize, dark)
	var lines [][]placed
	x := sheetWidth // full: the first entry begins a line
	for _, e := range k.legend {
		width := sampleWidth + sampleGap + r.MeasureText(e.text).Width()*k.slack/100
		if x+width > sheetWidth-edge {
			lines, x = append(lines, nil), edge
		}
		last := &lines[len(lines)-1]
		*last = append(*last, placed{e, x})
		x += width + entryGap
	}
	return lines
}

// drawText writes the title, the legend and the sentence.
func (k *sheet) drawText(r chartdraw.Renderer, _ chartdraw.Box, _ chartdraw.Style) {
	y := edge
	if k.head != "" {
		k.ink.write(r, titleSize, dark)
		r.Text(k.head, edge, y+titleLine/2)
		y += titleLine
	}
	for _, line := range k.legends {
		middle := y + legendLine/2
		for _, e := range line {
			k.drawSample(r, e.part, e.x, middle)
			k.ink.write(r, legendSize, dark)
			r.Text(e.text, e.x+sampleWidth+sampleGap, middle+legendSize*dotsPerInch/72/3)
		}
		y += legendLine
	}
	y = sheetHeight - edge - (len(k.text)-1)*sentenceLine
	k.ink.write(r, sentenceSize, dark)
	for _, line := range k.text {
		r.Text(line, edge, y)
		y += sentenceLine
	}
}
