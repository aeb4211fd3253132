package plot

import (
	"io"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Bounds of a terminal plot, in cells. Below the lower ones no axis fits; the upper ones are
// beyond any screen and bound the memory.
const (
	minWidth, minHeight = 30, 8
	maxWidth, maxHeight = 1000, 300
)

const (
	// sentenceLines and legendLines are what text may take of the height.
	sentenceLines = 3
	legendLines   = 3
	// axisLines are the line under the plot and its figures.
	axisLines = 2
	// minRows of the plot itself: below, the sentence gives way.
	minRows = 3
	// legendGap stands between two entries.
	legendGap = "   "
)

// noData is what a picture says that has no point to show.
const noData = "no data"

// The glyphs of a terminal plot. They tell the parts apart without colour.
const (
	glyphBand    = '░'
	glyphLimit   = '╌'
	glyphRestart = '┊'
	glyphRising  = '╱'
	glyphFalling = '╲'
)

// scans are the heights of a level line within a cell, from the top down.
var scans = [...]rune{'▔', '━', '▁'}

// dashes are the same for the forecast, in the dots of the measured values: it is what they
// are expected to be.
var dashes = [...]rune{'⠉', '⠒', '⠤', '⣀'}

// Terminal writes p as text of at most width columns and height lines: the title, the plot
// with its axes, the legend and the sentence. Sizes out of range (30 to 1,000 columns, 8 to
// 300 lines) are moved into it. Without colour no escape sequence is written. Its only
// errors are those of w.
func Terminal(w io.Writer, p Picture, width, height int, colour bool) error {
	width, height = min(max(width, minWidth), maxWidth), min(max(height, minHeight), maxHeight)
	s := sceneOf(&p)
	paint := paletteOf(p.Verdict.State, colour)
	var out strings.Builder
	if s.title != "" {
		title := ansi.Truncate(s.title, width, "…")
		if colour {
			title = "\x1b[" + sgrBold + "m" + title + "\x1b[0m"
		}
		out.WriteString(title + "\n")
		height--
	}
	if s.empty {
		out.WriteString(noData + "\n")
		writeLines(&out, wrapped(s.sentence, width, sentenceLines))
	} else {
		entries := legendRows(s.legend, width, paint)
		sentence := wrapped(s.sentence, width, max(0, min(sentenceLines, height-axisLines-len(entries)-minRows)))
		rows := max(1, height-axisLines-len(entries)-len(sentence))
		s.plot(&out, &p, width, rows, paint)
		writeLines(&out, entries)
		writeLines(&out, sentence)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func writeLines(out *strings.Builder, lines []string) {
	for _, line := range lines {
		out.WriteString(line + "\n")
	}
}

// wrapped breaks text into lines of the given width, most of them at most. (The wrapping of
// x/ansi lets a hyphen and what follows it stand beyond the width.)
func wrapped(text string, width, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case ansi.StringWidth(line)+1+ansi.StringWidth(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
		for ansi.StringWidth(line) > width {
			head := ansi.Truncate(line, width, "")
			if head == "" {
				break // a single character that is wider than any line
			}
			lines, line = append(lines, head), line[len(head):]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > most {
		if lines = lines[:max(0, most)]; most > 0 {
			lines[most-1] = ansi.Truncate(lines[most-1], width-1, "") + "…"
		}
	}
	return lines
}

// legendRows sets the entries of the legend into lines.
func legendRows(entries []entry, width int, paint palette) []string {
	samples := map[part]string{
		partData: "⡠⠊⠢", partTrend: "▁━▔", partForecast: "⠤ ⠒", partBand: "░░░", partLimit: "╌╌╌", partRestart: "┊",
	}
	var rows []string
	row, used := "", 0
	for _, e := range entries {
		text := ansi.Truncate(e.text, width-len("░░ "), "…")
		n := ansi.StringWidth(samples[e.part]) + 1 + ansi.StringWidth(text)
		if used > 0 && used+len(legendGap)+n > width {
			if rows = append(rows, row); len(rows) == legendLines {
				return rows
			}
			row, used = "", 0
		}
		if used > 0 {
			row, used = row+legendGap, used+len(legendGap)
		}
		row, used = row+paint.text(e.part, samples[e.part])+" "+text, used+n
	}
	return append(rows, row)
}

// plot draws the plot area with its axes into width columns and rows lines of its own.
func (s *scene) plot(out *strings.Builder, p *Picture, width, rows int, paint palette) {
	levels := valueTicks(s.view, p.Unit, max(2, rows/3))
	labels, gutter := make([]string, rows), 0
	for _, t := range levels {
		row := int((1 - s.up(t.at)) * float64(rows))
		labels[min(max(row, 0), rows-1)] = t.label
		gutter = max(gutter, ansi.StringWidth(t.label))
	}
	columns := max(1, width-gutter-1)
	c := newCanvas(columns, rows)
	s.ground(c)
	s.measured(c, p.Points)
	s.course.overlay(c, s.view)

	for row := range rows {
		edge := "│"
		if labels[row] != "" {
			edge = "┤"
		}
		pad := strings.Repeat(" ", gutter-ansi.StringWidth(labels[row]))
		out.WriteString(paint.text(partAxis, pad+labels[row]+edge))
		c.line(out, row, paint)
		out.WriteByte('\n')
	}
	s.times(out, gutter, columns, paint)
}

// times writes the axis of time: a line with its marks, and the figures under them.
func (s *scene) times(out *strings.Builder, gutter, columns int, paint palette) {
	axis := []rune(strings.Repeat(" ", gutter) + "└" + strings.Repeat("─", columns))
	figures, free := "", 0 // free is the first column that may be written to
	for _, t := range timeTicks(s.view, s.start, max(2, columns/12)) {
		at := gutter + 1 + min(int(s.across(t.at)*float64(columns)), columns-1)
		size := ansi.StringWidth(t.label)
		from := min(at-size/2, len(axis)-size)
		if from < free {
			continue
		}
		axis[at] = '┬'
		figures += strings.Repeat(" ", from-ansi.StringWidth(figures)) + t.label
		free = from + size + 1
	}
	out.WriteString(paint.text(partAxis, string(axis)) + "\n" + paint.text(partAxis, figures) + "\n")
}

// ground draws what lies behind the measured values: the band, the restarts, the limit.
func (s *scene) ground(c *canvas) {
	for column := range c.columns {
		low, high := s.course.bounds(s.at((float64(column) + 0.5) / float64(c.columns)))
		if math.IsNaN(low) || math.IsNaN(high) || high < s.low || low > s.high {
			continue
		}
		// A cell belongs to the band when its middle does.
		for row := rowOf(c, s.up(s.clamp(high))); row <= rowOf(c, s.up(s.clamp(low))); row++ {
			if middle := s.low + (s.high-s.low)*(1-(float64(row)+0.5)/float64(c.rows)); middle >= low && middle <= high {
				c.under(column, row, glyphBand, partBand)
			}
		}
	}
	for _, t := range s.restarts {
		column := min(int(s.across(t)*float64(c.columns)), c.columns-1)
		for row := range c.rows {
			c.under(column, row, glyphRestart, partRestart)
		}
	}
	if s.limit > 0 {
		for column := range c.columns {
			c.under(column, rowOf(c, s.up(s.limit)), glyphLimit, partLimit)
		}
	}
}

// rowOf is the row of a height between 0, the lower edge, and 1.
func rowOf(c *canvas, up float64) int {
	return min(max(int((1-up)*float64(c.rows)), 0), c.rows-1)
}

// measured draws the series: every column of dots from its lowest to its highest value,
// joined to the next one.
func (s *scene) measured(c *canvas, points []Point) {
	height := func(value float64) int {
		return min(max(int((1-s.up(value))*float64(c.rows*dotsDown)), 0), c.rows*dotsDown-1)
	}
	before := -1 // the last column with points
	columns := reduction(points, s.view, s.usual, c.columns*dotsAcross)
	for x, k := range columns {
		if k.points == 0 {
			continue
		}
		if before >= 0 && !k.broken {
			c.stroke(before, height(columns[before].last), x, height(k.first))
		}
		c.stroke(x, height(k.high), x, height(k.low))
		before = x
	}
}

// overlay draws the trend over every second cell, so that the values under it stay visible,
// and the forecast as single dots.
func (k *course) overlay(c *canvas, v view) {
	for column := range c.columns {
		left, right := v.at(float64(column)/float64(c.columns)), v.at(float64(column+1)/float64(c.columns))
		t := left + (right-left)/2
		y := v.up(k.line(t))
		if !(y >= 0 && y <= 1) || k.reached(t) {
			continue
		}
		row := rowOf(c, y)
		if column%2 == 1 {
			c.clear(column, row, partBand) // so that the line stands out
			continue
		}
		slope := (v.up(k.line(right)) - v.up(k.line(left))) * float64(c.rows)
		within := (1-y)*float64(c.rows) - float64(row) // 0 is the top of the cell
		switch {
		case t > k.at:
			c.over(column, row, level(dashes[:], within), partForecast)
		case slope > 1:
			c.over(column, row, glyphRising, partTrend)
		case slope < -1:
			c.over(column, row, glyphFalling, partTrend)
		default:
			c.over(column, row, level(scans[:], within), partTrend)
		}
	}
}

// level is the glyph of a line at the given height within its cell.
func level(glyphs []rune, within float64) rune {
	return glyphs[min(max(int(within*float64(len(glyphs))), 0), len(glyphs)-1)]
}
