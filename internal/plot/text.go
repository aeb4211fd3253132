package plot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of foreign text, in characters: a title is a name and a few words, a sentence the
// longest verdict with its caveats.
const (
	maxTitle    = 200
	maxSentence = 1000
)

// printable makes foreign text harmless for terminals and files, and cuts it to most
// characters: line ends and tabs become spaces, other control characters, bidirectional
// marks and broken UTF-8 "?".
func printable(text string, most int) string {
	var out strings.Builder
	for n := 0; len(text) > 0; n++ {
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		switch {
		case n == most-1 && text != "":
			out.WriteRune('…')
			return strings.TrimSpace(out.String())
		case r == '\n' || r == '\r' || r == '\t':
			r = ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			r = '?'
		}
		out.WriteRune(r)
	}
	return strings.TrimSpace(out.String())
}
