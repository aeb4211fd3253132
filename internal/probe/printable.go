package probe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zol0/zol0/internal/redact"
)

// printable makes text of a process harmless for terminals, tables and files: control
// characters, line ends, bidirectional marks and invalid UTF-8 become "?".
func printable(b string) string {
	clean := true
	for _, r := range b {
		if !harmless(r) {
			clean = false
			break
		}
	}
	if clean {
		return b
	}
	var out strings.Builder
	out.Grow(len(b))
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRuneInString(b[i:])
		if r == utf8.RuneError || !harmless(r) {
			r = '?'
		}
		out.WriteRune(r)
		i += n
	}
	return out.String()
}

// harmless reports whether r shows as itself. Format characters (category Cf) are out
// because they reorder or hide the text around them; RuneError stands for a broken byte.
func harmless(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r != 0x7f
	}
	return r != utf8.RuneError && unicode.IsPrint(r)
}

// printableName is printable for a kernel's short name, and without the secrets that a
// process can put there. An empty one is "?": a table needs something to point at.
func printableName(comm string) string {
	if comm == "" {
		return "?"
	}
	return redact.Name(printable(comm))
}
