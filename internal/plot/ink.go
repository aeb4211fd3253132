package plot

import (
	"github.com/go-analyze/charts/chartdraw"
	"github.com/go-analyze/charts/chartdraw/drawing"

	"github.com/zol0/zol0/leak"
)

// dotsPerInch makes a point of type three units of the drawing: 72 points an inch.
const dotsPerInch = 72 * density

// Sizes of text in pixels of the finished image.
const (
	titleSize    = 18
	legendSize   = 12
	figureSize   = 12
	sentenceSize = 13
)

// The colours of an image. They stand on white, and each line has a contrast of more than 3
// to it, text more than 7.
var (
	white  = drawing.Color{R: 255, G: 255, B: 255, A: 255}
	black  = drawing.Color{A: 255}
	dark   = drawing.Color{R: 0x1d, G: 0x29, B: 0x39, A: 255}
	grey   = drawing.Color{R: 0x47, G: 0x54, B: 0x67, A: 255}
	pale   = drawing.Color{R: 0xe4, G: 0xe7, B: 0xec, A: 255}
	steel  = drawing.Color{R: 0x33, G: 0x5c, B: 0x81, A: 255}
	red    = drawing.Color{R: 0xd9, G: 0x2d, B: 0x20, A: 255}
	amber  = drawing.Color{R: 0xc4, G: 0x6a, B: 0x00, A: 255}
	blue   = drawing.Color{R: 0x15, G: 0x70, B: 0xef, A: 255}
	violet = drawing.Color{R: 0x7a, G: 0x3e, B: 0xb1, A: 255}
)

// bandOpacity lets the grid shine through the band.
const bandOpacity = 40

// inks is how an image is drawn: the font, and the colour of the verdict's state.
type inks struct {
	face  chartdraw.FontStyle // without size and colour
	state drawing.Color
}

func inksOf(state leak.State) inks {
	own := grey
	switch state {
	case leak.Leaking:
		own = red
	case leak.Suspect:
		own = amber
	case leak.Filling:
		own = blue
	}
	return inks{face: chartdraw.FontStyle{Font: chartdraw.GetDefaultFont()}, state: own}
}

func (k inks) font(size float64, colour drawing.Color) chartdraw.FontStyle {
	k.face.FontSize, k.face.FontColor = size, colour
	return k.face
}

// write prepares r for text.
func (k inks) write(r chartdraw.Renderer, size float64, colour drawing.Color) {
	k.font(size, colour).WriteTextOptionsToRenderer(r)
}

// background is the sheet with a hairline around it, which shows on a white page.
func (k inks) background() chartdraw.Style {
	return chartdraw.Style{FillColor: white, StrokeColor: pale, StrokeWidth: density}
}

// pen prepares r for lines; dashes are lengths of lines and gaps in turn, none is a full line.
func pen(r chartdraw.Renderer, colour drawing.Color, width float64, dashes ...float64) {
	chartdraw.Style{StrokeColor: colour, StrokeWidth: width, StrokeDashArray: dashes}.WriteDrawingOptionsToRenderer(r)
}

// brush prepares r for areas.
func brush(r chartdraw.Renderer, colour drawing.Color) {
	chartdraw.Style{FillColor: colour}.WriteDrawingOptionsToRenderer(r)
}

// The pens of the parts, the same in the plot and in its legend.
func (k inks) part(r chartdraw.Renderer, of part) {
	switch of {
	case partTrend:
		pen(r, k.state, 5)
	case partForecast:
		pen(r, k.state, 5, 16, 10)
	case partLimit:
		pen(r, violet, 4, 20, 10)
	case partRestart:
		pen(r, grey, 3, 4, 8)
	case partBand:
		brush(r, k.state.WithAlpha(bandOpacity))
	default:
		pen(r, steel, 3)
	}
}
