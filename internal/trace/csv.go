package trace

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// header is the first row of a CSV file.
type header struct {
	names []string // as they stand in the file
	lower []string // trimmed and in lower case, for looking up
}

// at is the place of the first of the given columns that exists, -1 for none.
func (h *header) at(names ...string) int {
	for _, name := range names {
		if i := slices.Index(h.lower, name); i >= 0 {
			return i
		}
	}
	return -1
}

// has reports whether all the given columns exist.
func (h *header) has(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return h.at(name) < 0 })
}

// chosen is the place of a column that the caller named.
func (h *header) chosen(name string) (int, error) {
	if i := slices.Index(h.names, name); i >= 0 {
		return i, nil
	}
	if i := h.at(strings.ToLower(strings.TrimSpace(name))); i >= 0 {
		return i, nil
	}
	return -1, &Error{Line: 1, Err: fmt.Errorf("there is no column %s", quoted(name)), Hint: "the columns are " + h.list()}
}

// list names the columns for an error.
func (h *header) list() string {
	shown := make([]string, 0, maxListed+1)
	for i, name := range h.names {
		if i == maxListed {
			shown = append(shown, fmt.Sprintf("and %d more", len(h.names)-i))
			break
		}
		shown = append(shown, printable(name))
	}
	return strings.Join(shown, ", ")
}

// column names a column for an error: "fds (17)".
func (h *header) column(i int) string { return fmt.Sprintf("%s (%d)", printable(h.names[i]), i+1) }

// delimiterOf is the one of comma, semicolon and tab that the header has most of.
func delimiterOf(head []byte) rune {
	counts := map[rune]int{}
	within := false
	for _, r := range string(head) {
		switch {
		case r == '"':
			within = !within
		case within:
		case r == '\n' && len(counts) > 0:
			return mostOf(counts)
		case r == ',' || r == ';' || r == '\t':
			counts[r]++
		}
	}
	return mostOf(counts)
}

func mostOf(counts map[rune]int) rune {
	most := ','
	for _, r := range []rune{';', '\t'} {
		if counts[r] > counts[most] {
			most = r
		}
	}
	return most
}

// rows reads a CSV file row by row.
type rows struct {
	src    *source
	csv    *csv.Reader
	header header
	line   int // of the row that next gave, 0 before the header
}

func newRows(src *source) (*rows, error) {
	r := &rows{src: src}
	delimiter := delimiterOf(src.peek())
	r.csv = csv.NewReader(src)
	r.csv.Comma, r.csv.ReuseRecord = delimiter, true
	src.mark()
	first, err := r.csv.Read()
	if err != nil {
		return nil, r.broken(err)
	}
	r.line, _ = r.csv.FieldPos(0)
	if len(first) > maxColumns {
		return nil, &Error{Line: r.line, Err: fmt.Errorf("the header has %d columns, more than %d", len(first), maxColumns), Hint: "cut the columns that matter out of the file (cut -d, -f1,2)"}
	}
	numbers := 0
	for i, name := range first {
		if i == 0 {
			name = strings.TrimLeft(name, "# ") // some tools mark the header as a comment
		}
		if v, ok := figure(name, false); ok && !math.IsNaN(v) {
			numbers++
		}
		r.header.names = append(r.header.names, strings.Clone(name))
		r.header.lower = append(r.header.lower, strings.ToLower(strings.TrimSpace(name)))
	}
	if numbers == len(first) {
		return nil, &Error{Line: r.line, Err: errors.New("the file has no header: its first row holds figures only"), Hint: "put a row with the names of the columns in front, like: t_s,value"}
	}
	return r, nil
}

// next gives the next row, io.EOF after the last. The row is valid until the next call.
func (r *rows) next() ([]string, error) {
	for {
		r.src.mark()
		row, err := r.csv.Read()
		if err == io.EOF && r.src.failed == nil {
			return nil, io.EOF
		}
		if err != nil {
			return nil, r.broken(err)
		}
		r.line, _ = r.csv.FieldPos(0)
		if row[0] == r.header.names[0] && slices.Equal(row, r.header.names) {
			continue // files that were joined with cat repeat the header
		}
		return row, nil
	}
}

// broken is the error of a row that cannot be split into fields.
func (r *rows) broken(err error) error {
	if r.src.failed != nil {
		return r.src.broken(r.line + 1)
	}
	var e *csv.ParseError
	if !errors.As(err, &e) {
		return brokenLine(r.line+1, "", err)
	}
	why := e.Err
	switch {
	case errors.Is(why, csv.ErrFieldCount):
		row, _ := r.csv.FieldPos(0)
		return brokenLine(row, "", fmt.Errorf("the row has another number of columns than the %d of the header: it was cut off, or a text with a delimiter lacks quotes", len(r.header.names)))
	case errors.Is(why, csv.ErrQuote):
		why = errors.New(`a quoted text does not end, or goes on behind its closing "`)
	case errors.Is(why, csv.ErrBareQuote):
		why = errors.New(`a " stands within a text without quotes: quote the text and write "" for it`)
	}
	return brokenLine(e.StartLine, "", why)
}

// cell is the figure in one field of a row, NaN where it is empty or no finite number.
func (r *rows) cell(row []string, i int) (float64, error) {
	v, ok := figure(row[i], r.csv.Comma != ',')
	if !ok {
		return 0, brokenLine(r.line, r.header.column(i), fmt.Errorf("%s is no number", quoted(row[i])))
	}
	return v, nil
}

// figure reads a number. What stands for "not measured" is NaN, and so is an infinite one.
// With commas a lone comma may be the decimal point, as spreadsheets write it in much of
// Europe: "12,5".
func figure(text string, commas bool) (float64, bool) {
	text = strings.TrimSpace(text)
	v, err := strconv.ParseFloat(text, 64)
	if err == nil {
		return finite(v), true
	}
	switch strings.ToLower(text) {
	case "", "null", "none", "na", "n/a", "-", "–":
		return math.NaN(), true
	}
	if commas && strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		return figure(strings.Replace(text, ",", ".", 1), false)
	}
	return 0, false
}

// finite is v, or NaN where v is infinite.
func finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}
