package trace

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
)

// lines reads a text whose writer ends every line: one that has no end was cut off, and
// what is left of it may still look like a figure.
type lines struct {
	src     *source
	scanner *bufio.Scanner
}

var errCut = errors.New("the line has no end: the file was cut off while it was written")

func newLines(src *source) *lines {
	l := &lines{src, bufio.NewScanner(src)}
	l.scanner.Buffer(nil, maxLineBytes)
	l.scanner.Split(wholeLines)
	return l
}

func wholeLines(text []byte, atEnd bool) (int, []byte, error) {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1, text[:i], nil
	}
	if atEnd && len(bytes.TrimSpace(text)) > 0 {
		return 0, nil, errCut
	}
	return 0, nil, nil
}

// each calls take with every line that is not empty, until one fails.
func (l *lines) each(take func(line int, text string) error) error {
	number := 0
	for l.scanner.Scan() {
		number++
		if text := strings.TrimSpace(l.scanner.Text()); text != "" {
			if err := take(number, text); err != nil && !l.src.skips(err) {
				return err
			}
		}
	}
	err := l.scanner.Err()
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return brokenLine(number+1, "", errTooLong)
	case l.src.failed != nil:
		return l.src.broken(number + 1)
	case err != nil:
		if err := brokenLine(number+1, "", err); !l.src.skips(err) {
			return err
		}
	}
	return nil
}
