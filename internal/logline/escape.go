package logline

import "bytes"

// maxSequence bounds an escape sequence without an end, so that a forgotten one does not
// swallow the line: titles and links of terminals are shorter.
const maxSequence = 1 << 10

// withoutEscapes is a line without the sequences with which programs colour it, set titles
// and make links (ECMA-48). Where there are none it is b itself.
func withoutEscapes(b []byte) []byte {
	at := bytes.IndexByte(b, 0x1b)
	if c := bytes.IndexByte(b, 0xc2); c >= 0 && (at < 0 || c < at) {
		at = c // a C1 control in UTF-8
	}
	if at < 0 {
		return b
	}
	out := append(make([]byte, 0, len(b)), b[:at]...)
	for i := at; i < len(b); {
		n := sequence(b[i:])
		if n == 0 {
			out = append(out, b[i])
			n = 1
		}
		i += n
	}
	return out
}

// sequence is the length of the escape sequence with which b begins.
func sequence(b []byte) int {
	var i int
	var kind byte
	switch {
	case b[0] == 0x1b && len(b) > 1:
		kind = b[1]
		i = 2
	case b[0] == 0x1b:
		return 1
	case b[0] == 0xc2 && len(b) > 1 && b[1] >= 0x80 && b[1] < 0xa0:
		kind = b[1] - 0x40 // the same in one character
		i = 2
	default:
		return 0
	}
	switch {
	case kind == '[': // CSI: parameters, then a letter
		for i < len(b) && i < maxSequence && b[i] >= 0x20 && b[i] < 0x40 {
			i++
		}
		if i < len(b) && b[i] >= 0x40 && b[i] < 0x7f {
			i++
		}
		return i
	case kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_': // to ST or BEL
		for end := i; end < len(b) && end < maxSequence; end++ {
			switch {
			case b[end] == 0x07:
				return end + 1
			case b[end] == 0x1b && end+1 < len(b) && b[end+1] == '\\', b[end] == 0xc2 && end+1 < len(b) && b[end+1] == 0x9c:
				return end + 2
			}
		}
		return i
	case b[0] == 0x1b && kind >= 0x20 && kind < 0x30: // a set of characters: ESC ( B
		for i < len(b) && i < 8 && b[i] >= 0x20 && b[i] < 0x30 {
			i++
		}
		return min(i+1, len(b))
	case b[0] == 0x1b && kind >= 0x30 && kind < 0x7f:
		return 2
	case b[0] == 0x1b:
		return 1
	}
	return 0 // another control: shown as "?"
}
