package transfer

import (
	"errors"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable is a file's name as an error may show it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// maxName is how much of a name becomes the value of a label, below what the store takes.
const maxName = 200

// cut is a name as the value of a label.
func cut(text string) string {
	text = printable(text)
	for len(text) > maxName {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// cause is an error of the file system without the path, which is named already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
