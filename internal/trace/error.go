package trace

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zol0/zol0/internal/units"
)

// Error says what in a recording cannot be read.
type Error struct {
	File   string // the name of the file, printable
	Line   int    // counted from 1; 0 when the mistake is in no line
	Column string // the column's name and number, or the place in JSON; empty when in neither
	Err    error  // what is wrong, with the value
	Hint   string // the next step, and which lines are readable
	row    bool   // the rows after it can be read
}

// Error is "FILE:LINE: COLUMN: cause", without the parts that are not known.
func (e *Error) Error() string {
	var out strings.Builder
	out.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&out, ":%d", e.Line)
	}
	if e.Column != "" {
		fmt.Fprintf(&out, ": %s", e.Column)
	}
	fmt.Fprintf(&out, ": %v", e.Err)
	return out.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// brokenLine is an error in one line of a text file: those before it were read.
func brokenLine(line int, column string, err error) *Error {
	hint := fmt.Sprintf("repair line %d, or take it out", line)
	if line > 2 {
		hint = fmt.Sprintf("lines 1–%d are readable: repair line %d, or cut the file off before it (head -n %d)", line-1, line, line-1)
	}
	return &Error{Line: line, Column: column, Err: err, Hint: hint, row: true}
}

// tooMuch is the error of a file that passes a bound at a line.
func tooMuch(line, most int, of string) *Error {
	return &Error{
		Line: line,
		Err:  fmt.Errorf("the file holds more than %d %s", most, of),
		Hint: fmt.Sprintf("lines 1–%d are readable: cut the file into parts (split -l), or record fewer processes, less often", line-1),
	}
}

func tooManySeries(n int) error {
	return &Error{
		Err:  fmt.Errorf("the file holds %d series or more, and %d are the most", n, maxSeries),
		Hint: "pick the services that matter: zol0 monitor --filter, grep, or a narrower query",
	}
}

// cause is an error of the file system without the path, which Error names already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// displayed is the name of a file as a person may see it.
func displayed(name string) string {
	if name == "" || name == "-" {
		return "standard input"
	}
	return printable(name)
}

// quoted is foreign text as an error may repeat it: short and harmless for a terminal.
func quoted(text string) string {
	if len(text) > maxQuotedBytes {
		return fmt.Sprintf("%q…", text[:maxQuotedBytes])
	}
	return fmt.Sprintf("%q", text)
}

// printable makes foreign text harmless for terminals, tables and files: control
// characters, marks that hide or reorder text and broken UTF-8 become "?", and what is
// longer than maxNameRunes is cut. Empty text is "?": a table needs something to point at.
func printable(text string) string {
	var out strings.Builder
	count := 0
	for _, r := range text {
		if count == maxNameRunes {
			out.WriteRune('…')
			break
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			r = '?'
		}
		out.WriteRune(r)
		count++
	}
	if count == 0 {
		return "?"
	}
	return out.String()
}

// unitOf is the unit of a series and what its figures are multiplied by.
type unitOf struct {
	name   string // "bytes", "count" or ""
	factor float64
}

// parseUnit reads Options.Unit.
func parseUnit(text string) (unitOf, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "":
		return unitOf{"", 1}, nil
	case "count":
		return unitOf{"count", 1}, nil
	case "byte", "bytes":
		return unitOf{"bytes", 1}, nil
	}
	size, err := units.ParseBytes("1" + strings.TrimSpace(text))
	if err != nil || size == 0 || strings.ContainsAny(text, "0123456789.") {
		return unitOf{}, &Error{Err: fmt.Errorf("%s is no unit", quoted(text)), Hint: "write bytes, count, kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024)"}
	}
	return unitOf{"bytes", float64(size)}, nil
}
