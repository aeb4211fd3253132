package logline

import "bytes"

// The scanners below all take a position and return the one behind what they skip.

func digit(c byte) bool { return c-'0' <= 9 }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func blank(c byte) bool { return c == ' ' || c == '\t' }

func blanks(b []byte, i int) int {
	for i < len(b) && blank(b[i]) {
		i++
	}
	return i
}

func letters(b []byte, i int) int {
	for i < len(b) && letter(b[i]) {
		i++
	}
	return i
}

// word skips to the next blank.
func word(b []byte, i int) int {
	for i < len(b) && !blank(b[i]) {
		i++
	}
	return i
}

// number reads digits; one of more than nine is no number that any shape has, and its value
// means nothing.
func number(b []byte, i int) (n, end int) {
	for end = i; end < len(b) && digit(b[end]); end++ {
		if end-i < 9 {
			n = n*10 + int(b[end]-'0')
		}
	}
	return n, end
}

func capitals(b []byte) bool {
	for _, c := range b {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// is compares with a word of lower-case letters.
func is(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c|0x20 != lower[i] {
			return false
		}
	}
	return true
}

func begins(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

func holds(b []byte, s string) bool { return bytes.Contains(b, []byte(s)) }
