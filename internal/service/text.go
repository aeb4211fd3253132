package service

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// baseName is the last part of a path, also of a Windows path and of a URL.
func baseName(path string) string {
	if scheme := strings.Index(path, "://"); scheme > 0 {
		path, _, _ = strings.Cut(path[scheme+len("://"):], "?")
	}
	path = strings.TrimRight(path, `/\`)
	return path[strings.LastIndexAny(path, `/\`)+1:]
}

// directory is what stands before the last part of a path; "" where nothing does.
func directory(path string) string {
	path = strings.TrimRight(path, `/\`)
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		return path[:i+1]
	}
	return ""
}

// absolute reports whether a path does not depend on the working directory.
func absolute(path string) bool {
	return strings.HasPrefix(path, "/") || strings.Contains(path, "://") ||
		len(path) > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
}

// withoutExtension cuts the extension from a file's name; a leading dot begins none.
func withoutExtension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[:i]
	}
	return name
}

// listed reports whether word is one of the words of list, which blanks separate.
func listed(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// harmless reports whether text shows as itself: no control character, no mark that
// reorders or hides the text around it, no broken byte.
func harmless(text string) bool {
	for _, r := range text {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// printable makes text that came from a file harmless.
func printable(text string) string {
	if harmless(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// shortened cuts a name to MaxName bytes.
func shortened(name string) string { return shortenedTo(name, MaxName) }

// shortenedTo cuts a text to n bytes, the mark "…" included, between two characters.
func shortenedTo(name string, n int) string {
	if len(name) <= n {
		return name
	}
	cut := n - len("…")
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + "…"
}
