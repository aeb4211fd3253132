package access

import (
	"bytes"
	"strings"
)

// without is a file without the line of a token.
func without(text []byte, name string) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		if fields := strings.Fields(string(line)); len(fields) == 3 && fields[0] == name && fields[0][0] != '#' {
			continue
		}
		out = append(out, line...)
	}
	return out
}
