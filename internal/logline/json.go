package logline

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting is how deep keys of objects in objects are told apart; what lies deeper stays
// as it is written.
const maxNesting = 4

// json understands a line that is one object. Of one that is longer than what is looked at
// the beginning counts.
func (r *reader) json(b []byte) bool {
	end, ok := r.object(b, 0, maxNesting)
	if !ok {
		return r.cut && r.fields.found > 0
	}
	return blanks(b, end) == len(b)
}

// object reads an object that begins at i; ok where it is whole.
func (r *reader) object(b []byte, i, nesting int) (end int, ok bool) {
	f := r.fields
	under := len(f.path)
	i = space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, true
	}
	for i < len(b) && b[i] == '"' {
		key := quoted(b, i)
		if key < 0 {
			return i, false
		}
		colon := space(b, key)
		if colon >= len(b) || b[colon] != ':' {
			return i, false
		}
		f.path = unescape(f.path, b[i+1:key-1], most)
		if i, ok = r.value(b, space(b, colon+1), nesting); !ok {
			return i, false
		}
		f.path = f.path[:under]
		i = space(b, i)
		switch b0(b[i:]) {
		case '}':
			return i + 1, true
		case ',':
			i = space(b, i+1)
		default:
			return i, false
		}
	}
	return i, false
}

// value reads the value of the key that stands in path.
func (r *reader) value(b []byte, i, nesting int) (end int, ok bool) {
	f := r.fields
	switch c := b0(b[min(i, len(b)):]); {
	case c == '"':
		end = quoted(b, i)
		if ok = end >= 0; !ok {
			if !r.cut {
				return i, false
			}
			end = len(b) + 1 // where the line was cut
		}
		inner := b[i+1 : end-1]
		if plainString(inner) {
			r.add(f.path, inner, true)
		} else {
			r.add(f.path, unescape(nil, inner, most), true)
		}
		return end, ok
	case c == '{' && nesting > 0 && len(f.path) < most:
		f.path = append(f.path, '.')
		return r.object(b, i, nesting-1)
	case c == '{' || c == '[':
		end = balanced(b, i)
		if ok = end >= 0; !ok {
			if !r.cut {
				return i, false
			}
			end = len(b)
		}
		f.put(f.path, withoutSecrets(b[i:end]), false)
		return end, ok
	default:
		end = i
		for end < len(b) && (tokenByte(b[end]) || b[end] == '-' || b[end] == '+' || b[end] == '.') {
			end++
		}
		if end == i {
			return i, false
		}
		r.add(f.path, b[i:end], false)
		return end, true
	}
}

// space skips what JSON allows between its words.
func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// quoted returns the position behind the string that begins at i; -1 where it has no end.
func quoted(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// balanced returns the position behind the object or array that begins at i; -1 where it
// has no end. That its brackets are of one kind is not its matter.
func balanced(b []byte, i int) int {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			end := quoted(b, i)
			if end < 0 {
				return -1
			}
			i = end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func plainString(b []byte) bool {
	for _, c := range b {
		if c == '\\' {
			return false
		}
	}
	return true
}

// unescape adds what a string in quotes says to dst, until that has about so many bytes.
func unescape(dst, b []byte, most int) []byte {
	for i := 0; i < len(b) && len(dst) < most; i++ {
		if b[i] != '\\' || i+1 == len(b) {
			dst = append(dst, b[i])
			continue
		}
		i++
		switch c := b[i]; c {
		case 'n', 'r', 't', 'f', 'v':
			dst = append(dst, ' ')
		case 'b', 'a':
			dst = append(dst, '?')
		case 'u':
			first, ok := hex(b, i+1)
			if !ok {
				dst = append(dst, '?')
				continue
			}
			i += 4
			if utf16.IsSurrogate(first) {
				if second, ok := hex(b, i+3); ok && b[i+1] == '\\' && b[i+2] == 'u' {
					if both := utf16.DecodeRune(first, second); both != utf8.RuneError {
						first = both
						i += 6
					}
				}
			}
			dst = utf8.AppendRune(dst, first)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// hex reads the four digits of \u….
func hex(b []byte, i int) (rune, bool) {
	if i+4 > len(b) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[i:i+4]), 16, 16)
	return rune(n), err == nil
}
