package logline

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"
)

// text puts the pieces together, printable, without secrets and within its bound.
func (r *reader) text() string {
	total := 0
	for _, p := range r.parts[:r.n] {
		total += len(p.b) + len(p.after)
	}
	if r.n == 1 && !r.cut && total <= most {
		if b := trimmed(r.parts[0].b); harmless(b) == len(b) {
			return r.fit(withoutSecret(string(b)))
		}
	}
	var out strings.Builder
	out.Grow(min(total, most) + len("…"))
	for i, p := range r.parts[:r.n] {
		if !printable(&out, p.b) {
			r.cut = true
		}
		if i+1 < r.n {
			out.WriteString(p.after)
		}
	}
	text := strings.TrimRight(out.String(), " ")
	if r.cut {
		text += "…"
	}
	return r.fit(withoutSecret(text))
}

// fit cuts a text to its bound.
func (r *reader) fit(text string) string {
	if len(text) <= MaxText {
		return text
	}
	r.cut = true
	return head(text, MaxText-len("…")) + "…"
}

// head is the beginning of a text, so many bytes or a little less: characters stay whole.
func head(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// printable adds a piece without anything that a terminal or a page could take for more
// than text: line ends, tabs and the other blanks of Unicode become blanks, control and
// format characters and broken UTF-8 become "?". It returns false where not all went in.
func printable(out *strings.Builder, b []byte) bool {
	for len(b) > 0 {
		room := most - out.Len()
		if room <= 0 {
			return false
		}
		if n := harmless(b[:min(len(b), room)]); n > 0 {
			out.Write(b[:n])
			b = b[n:]
			continue
		}
		c, n := utf8.DecodeRune(b)
		switch {
		case c == '\n' || c == '\r' || c == '\t' || unicode.Is(unicode.Zs, c):
			c = ' '
		case c == utf8.RuneError || !unicode.IsPrint(c):
			c = '?'
		}
		out.WriteRune(c)
		b = b[n:]
	}
	return true
}

// harmless is how many bytes b begins with that are printable ASCII.
func harmless(b []byte) int {
	const low, one, high = 0x2020202020202020, 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		// The highest bit of a byte says that it is below a blank, DEL, or no ASCII. A byte
		// below a blank borrows from the one above, which can only make that look harmful.
		if x := binary.LittleEndian.Uint64(b[i:]); ((x-low)|(x+one)|x)&high != 0 {
			break
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] < 0x7f {
		i++
	}
	return i
}
