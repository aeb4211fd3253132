package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// widthOf is the width of the terminal behind w; 0 where there is none, which means
// unlimited: a pipe gets whole lines.
func widthOf(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// ink colours text where a person reads it: on a terminal that can, unless NO_COLOR is
// set to anything (https://no-color.org).
type ink bool

func (a *app) ink() ink {
	noColor, _ := a.Env("NO_COLOR")
	kind, _ := a.Env("TERM")
	return ink(isTerminal(a.Out) && noColor == "" && kind != "dumb")
}

// The colours have one meaning on every screen; the word beside them says the same.
const (
	red    = "31" // leaking, HIGH
	amber  = "33" // suspect, ELEVATED, INVESTIGATE, REVIEW
	blue   = "34" // filling
	faint  = "2"
	strong = "1"
)

func (i ink) paint(colour, text string) string {
	if !i || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// colourOf gives the colour of a status or state word.
func colourOf(word string) string {
	switch word {
	case "HIGH", "leaking":
		return red
	case "ELEVATED", "INVESTIGATE", "REVIEW", "suspect":
		return amber
	case "filling":
		return blue
	}
	return ""
}

// print writes text for a person; every failure to write ends the command.
func (a *app) print(format string, args ...any) error {
	_, err := fmt.Fprintf(a.Out, format, args...)
	return writeError("standard output", err)
}

// json writes one document.
func (a *app) json(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("BUG: cannot encode %T: %w", v, err)
	}
	_, err = a.Out.Write(append(text, '\n'))
	return writeError("standard output", err)
}

// writeError names what could not be written.
func writeError(what string, err error) error {
	if err == nil {
		return nil
	}
	return failure("free space there or write somewhere else", fmt.Errorf("cannot write %s: %w", what, cause(err)))
}
