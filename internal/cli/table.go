package cli

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// table lays text out in columns. The terminal library's table takes 80 µs a row, which
// is the whole budget of `zol0 quick` at 1,000 rows, and text/tabwriter neither aligns
// single columns to the right nor knows that some characters are two cells wide.
type table struct {
	columns []column
	rows    [][]string
	width   int // of the terminal; 0 is unlimited
}

// column is one column of a table.
type column struct {
	head  string
	right bool // figures are aligned to the right
	// shrink lets the column be cut when the table is wider than the terminal.
	shrink bool
}

// gap stands between two columns.
const gap = 2

// minShrunk is the width below which a column is not cut any further.
const minShrunk = 12

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write lays the table out. paint may colour a finished cell; it gets the row's index,
// -1 for the head, and must not change the cell's width.
func (t *table) write(w io.Writer, paint func(row, column int, cell string) string) error {
	widths := t.widths()
	var out strings.Builder
	line := func(row int, cells []string) {
		for c, cell := range cells {
			last := c == len(t.columns)-1
			if ansi.StringWidth(cell) > widths[c] {
				cell = ansi.Truncate(cell, widths[c], "…")
			}
			pad := widths[c] - ansi.StringWidth(cell)
			if t.columns[c].right {
				out.WriteString(strings.Repeat(" ", pad))
			}
			out.WriteString(paint(row, c, cell))
			if !t.columns[c].right && !last {
				out.WriteString(strings.Repeat(" ", pad))
			}
			if !last {
				out.WriteString(strings.Repeat(" ", gap))
			}
		}
		out.WriteByte('\n')
	}
	heads := make([]string, len(t.columns))
	for c := range t.columns {
		heads[c] = t.columns[c].head
	}
	line(-1, heads)
	for i, row := range t.rows {
		line(i, row)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// widths fits the columns into the terminal by cutting those that may shrink, the widest
// first.
func (t *table) widths() []int {
	widths := make([]int, len(t.columns))
	total := gap * (len(t.columns) - 1)
	for c := range t.columns {
		widths[c] = ansi.StringWidth(t.columns[c].head)
		for _, row := range t.rows {
			widths[c] = max(widths[c], ansi.StringWidth(row[c]))
		}
		total += widths[c]
	}
	for t.width > 0 && total > t.width {
		widest := -1
		for c := range widths {
			if t.columns[c].shrink && widths[c] > minShrunk && (widest < 0 || widths[c] > widths[widest]) {
				widest = c
			}
		}
		if widest < 0 {
			break // the terminal wraps; nothing is hidden
		}
		widths[widest]--
		total--
	}
	return widths
}
