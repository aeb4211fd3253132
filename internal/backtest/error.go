package backtest

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is a mistake in a folder of labelled traces.
type Error struct {
	File  string // the file with the mistake
	Line  int    // 0 when the mistake is in no line
	Trace string // id of the trace, or its place in the list; empty when it concerns all
	Field string // field of the manifest or column of the file; empty when it is neither
	Err   error  // what is wrong, with the value
	Hint  string // the next step
}

// Error is "FILE:LINE: trace "ID": FIELD: cause", without the parts that are not known.
func (e *Error) Error() string {
	cause := e.Err
	var path *fs.PathError
	if errors.As(cause, &path) { // it names the file a second time
		cause = path.Err
	}
	var out strings.Builder
	out.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&out, ":%d", e.Line)
	}
	if e.Trace != "" {
		fmt.Fprintf(&out, ": trace %s", e.Trace)
	}
	if e.Field != "" {
		fmt.Fprintf(&out, ": %s", e.Field)
	}
	fmt.Fprintf(&out, ": %v", cause)
	return out.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// maxQuoted is how many bytes of a wrong value an error repeats: enough to find it.
const maxQuoted = 64

// quoted is foreign text as an error may show it: short, and harmless for a terminal.
func quoted[T string | []byte](text T) string {
	if len(text) > maxQuoted {
		return fmt.Sprintf("%q…", text[:maxQuoted])
	}
	return fmt.Sprintf("%q", text)
}

// printable reports whether text shows as itself: valid UTF-8 without control characters
// and without marks that hide or reorder the text around them.
func printable(text string) bool {
	for _, r := range text {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
