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
	// spare lets the column be left out when cutting is not enough, 1 first; 0 never.
	spare int
}

// gap stands between two columns.
const gap = 2

// minShrunk is the width below which a column is not cut any further.
const minShrunk = 12

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write lays the table out. paint may colour a finished cell; it gets the row's index,
// -1 for the head, and must not change the cell's width.
func (t *table) write(w io.Writer, paint func(row, column int, cell string) string) error {
	widths, left := t.fit()
	last := len(t.columns) - 1 // never spare
	var out strings.Builder
	line := func(row int, cells []string) {
		for c, cell := range cells {
			if widths[c] == leftOut {
				continue
			}
			last := c == last
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
	if len(left) > 0 {
		out.WriteString("(left out for want of room: " + strings.Join(left, ", ") + ")\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// leftOut is the width of a column that is not shown.
const leftOut = -1

// fit gives the widths of the columns that the terminal has room for, and names those that
// are left out.
func (t *table) fit() (widths []int, left []string) {
	hidden := make([]bool, len(t.columns))
	for {
		widths, total := t.widths(hidden)
		next := -1
		for c := range t.columns {
			if s := t.columns[c].spare; s > 0 && !hidden[c] && (next < 0 || s < t.columns[next].spare) {
				next = c
			}
		}
		if t.width == 0 || total <= t.width || next < 0 {
			return widths, left // where nothing more can go the terminal wraps
		}
		hidden[next] = true
		left = append(left, t.columns[next].head)
	}
}

// widths fits the columns into the terminal by cutting those that may shrink, the widest
// first, and returns what they take in all.
func (t *table) widths(hidden []bool) (widths []int, total int) {
	widths = make([]int, len(t.columns))
	total = -gap
	for c := range t.columns {
		if hidden[c] {
			widths[c] = leftOut
			continue
		}
		widths[c] = ansi.StringWidth(t.columns[c].head)
		for _, row := range t.rows {
			widths[c] = max(widths[c], ansi.StringWidth(row[c]))
		}
		total += gap + widths[c]
	}
	for t.width > 0 && total > t.width {
		widest := -1
		for c := range widths {
			if t.columns[c].shrink && widths[c] > minShrunk && (widest < 0 || widths[c] > widths[widest]) {
				widest = c
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		total--
	}
	return widths, total
}
