package plot

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/zol0/zol0/leak"
)

// A cell of braille is two dots wide and four high, which is the finest that terminals show.
const (
	dotsAcross = 2
	dotsDown   = 4
	braille    = '\u2800' // the blank one; each of the lower eight bits is a dot
)

// dotBits are the bits of a cell's dots by row and column.
var dotBits = [dotsDown][dotsAcross]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// cell is one character of the canvas. A glyph that lies over hides the dots.
type cell struct {
	dots  uint8
	glyph rune
	over  bool
	part  part // of the glyph
}

// canvas is the plot area of a terminal. Row 0 and dot 0 are at the top.
type canvas struct {
	columns, rows int
	cells         []cell
}

func newCanvas(columns, rows int) *canvas {
	return &canvas{columns: columns, rows: rows, cells: make([]cell, columns*rows)}
}

func (c *canvas) cell(column, row int) *cell { return &c.cells[row*c.columns+column] }

// under puts a glyph where no dot will hide it.
func (c *canvas) under(column, row int, glyph rune, p part) {
	k := c.cell(column, row)
	k.glyph, k.part = glyph, p
}

// over puts a glyph on top of everything.
func (c *canvas) over(column, row int, glyph rune, p part) {
	*c.cell(column, row) = cell{glyph: glyph, over: true, part: p}
}

// clear takes a glyph of the given part away.
func (c *canvas) clear(column, row int, p part) {
	if k := c.cell(column, row); k.part == p {
		k.glyph, k.part = 0, 0
	}
}

func (c *canvas) dot(x, y int) {
	if x < 0 || y < 0 || x >= c.columns*dotsAcross || y >= c.rows*dotsDown {
		return
	}
	c.cell(x/dotsAcross, y/dotsDown).dots |= dotBits[y%dotsDown][x%dotsAcross]
}

// stroke joins two dots, both included.
func (c *canvas) stroke(x0, y0, x1, y1 int) {
	steps := max(abs(x1-x0), abs(y1-y0), 1)
	for i := range steps + 1 {
		share := float64(i) / float64(steps)
		c.dot(x0+int(math.Round(share*float64(x1-x0))), y0+int(math.Round(share*float64(y1-y0))))
	}
}

func abs(v int) int { return max(v, -v) }

// line writes one row, painted, without blanks at its end.
func (c *canvas) line(out *strings.Builder, row int, paint palette) {
	cells := c.cells[row*c.columns : (row+1)*c.columns]
	for len(cells) > 0 && cells[len(cells)-1] == (cell{}) {
		cells = cells[:len(cells)-1]
	}
	for len(cells) > 0 {
		// Cells of one look share one escape sequence.
		first, n := cells[0].shown(), 1
		for n < len(cells) && cells[n].shown() == first {
			n++
		}
		var run strings.Builder
		for _, k := range cells[:n] {
			run.WriteRune(k.rune())
		}
		out.WriteString(paint.text(first, run.String()))
		cells = cells[n:]
	}
}

// shown is the part whose look the cell has.
func (k cell) shown() part {
	if k.dots != 0 && !k.over || k.glyph == 0 {
		return partData
	}
	return k.part
}

func (k cell) rune() rune {
	switch {
	case k.dots != 0 && !k.over:
		return braille + rune(k.dots)
	case k.glyph == 0:
		return ' '
	}
	return k.glyph
}

// palette gives each part its SGR parameters; a nil one leaves text as it is. The colours
// of the states are those of every other screen.
type palette []string

const (
	sgrBold, sgrFaint, sgrRed, sgrYellow, sgrBlue = "1", "2", "31", "33", "34"
)

func paletteOf(state leak.State, colour bool) palette {
	if !colour {
		return nil
	}
	own := sgrBold
	switch state {
	case leak.Leaking:
		own = sgrRed
	case leak.Suspect:
		own = sgrYellow
	case leak.Filling:
		own = sgrBlue
	}
	return palette{partTrend: own, partForecast: own, partBand: sgrFaint + ";" + own, partLimit: sgrBold, partRestart: sgrFaint, partAxis: sgrFaint}
}

// text paints one piece of text.
func (p palette) text(of part, text string) string {
	if int(of) >= len(p) || p[of] == "" || utf8.RuneCountInString(text) == 0 {
		return text
	}
	return "\x1b[" + p[of] + "m" + text + "\x1b[0m"
}
