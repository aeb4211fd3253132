package redact

import "strings"

// pairs masks the values of secret keys in "key=value", "key: value" and their relatives
// in JSON, queries, connection strings and headers. A key with which the argument begins,
// or that follows such a key (--env=PASSWORD=x), has the whole rest for its value; the
// value of another one ends where its surroundings say.
func pairs(arg string) string {
	clean := true // nothing but keys so far
	for i := 0; i < len(arg); {
		if !nameByte(arg[i]) {
			clean = clean && i == 0 && arg[i] == '/' // /password:x
			i++
			continue
		}
		start := i
		for i < len(arg) && nameByte(arg[i]) {
			i++
		}
		name := arg[start:i]
		value, separator := afterSeparator(arg, i)
		if value < 0 {
			clean = false
			if equalFold(name, "bearer") && i < len(arg) && blank(arg[i]) {
				for i < len(arg) && blank(arg[i]) {
					i++
				}
				arg, i = mask(arg, i, until(arg, i, " \n\"'"))
			} else if quote := literal(arg, start, i); quote > 0 {
				arg, i = mask(arg, quote+1, closing(arg, quote+1, arg[quote], false))
			}
			continue
		}
		expected := judgeKey(name)
		if expected == nothing {
			if separator == '=' {
				i = value // perhaps another key
			} else {
				clean = false
			}
			continue
		}
		from, to := behindScheme(arg, value), len(arg)
		if !clean {
			from, to = valueIn(arg, start, from)
		}
		if from < to && hidesHere(expected, arg, start, i, from, to) {
			arg, i = mask(arg, from, to)
		} else {
			i = max(i, value)
		}
		clean = false
	}
	return arg
}

// literal finds the quote in front of a password in SQL, where arg[start:end] is the word
// before it: ALTER USER u PASSWORD 'x', CREATE USER u IDENTIFIED BY 'x'. It is 0 elsewhere.
func literal(arg string, start, end int) int {
	quote := end
	for quote < len(arg) && blank(arg[quote]) {
		quote++
	}
	if quote == end || quote == len(arg) || arg[quote] != '\'' && arg[quote] != '"' {
		return 0
	}
	name, before := arg[start:end], strings.TrimRight(arg[:start], " ")
	const identified = len("identified")
	if equalFold(name, "password") || equalFold(name, "by") && len(before) >= identified && equalFold(before[len(before)-identified:], "identified") {
		return quote
	}
	return 0
}

// beginsWithKey reports whether an argument is one key with its secret.
func beginsWithKey(arg string) bool {
	i := 0
	for i < len(arg) && nameByte(arg[i]) {
		i++
	}
	if i == 0 {
		return false
	}
	value, separator := afterSeparator(arg, i)
	if value < 0 {
		return false
	}
	if judgeKey(arg[:i]) != nothing {
		return true
	}
	return separator == '=' && beginsWithKey(arg[value:])
}

// judgeKey judges a key as it is written: an option with its dashes, or a system property
// with its D in front (-Dauth=x).
func judgeKey(written string) expectation {
	name := strings.TrimLeft(written, "-")
	e := judge(name)
	if e != nothing && e != maybe || len(written) == len(name) || len(name) < 2 || name[0] != 'D' && name[0] != 'P' {
		return e
	}
	if property := judge(name[1:]); property != nothing {
		return property
	}
	return e
}

// afterSeparator finds where a value begins behind a name that ends at i: after "=" or
// ":" with blanks and what closes the name around. value is -1 where no
// separator follows. "::", "://" and "==" are none.
func afterSeparator(arg string, i int) (value int, separator byte) {
	if i < len(arg) && arg[i] == '\\' {
		i++
	}
	if i < len(arg) && (arg[i] == '"' || arg[i] == '\'') {
		i++
	}
	if i < len(arg) && arg[i] == ']' { // environ["TOKEN"] = …
		i++
	}
	for i < len(arg) && arg[i] == ' ' {
		i++
	}
	if i >= len(arg) || arg[i] != '=' && arg[i] != ':' {
		return -1, 0
	}
	separator = arg[i]
	i++
	if i < len(arg) {
		switch {
		case separator == ':' && (arg[i] == ':' || strings.HasPrefix(arg[i:], "//")), separator == '=' && arg[i] == '=':
			return -1, 0
		case separator == ':' && arg[i] == '=':
			i++
		}
	}
	for i < len(arg) && arg[i] == ' ' {
		i++
	}
	return i, separator
}

// valueIn finds the value that begins at i and whose key begins at start. A quoted value
// ends at its quote; another one where the list of pairs that the key stands in goes on.
func valueIn(arg string, start, i int) (from, to int) {
	escaped := i+1 < len(arg) && arg[i] == '\\'
	if escaped {
		i++
	}
	if i < len(arg) && (arg[i] == '"' || arg[i] == '\'') {
		return i + 1, closing(arg, i+1, arg[i], escaped)
	}
	before := byte(' ')
	if start > 0 {
		before = arg[start-1]
	}
	switch before {
	case '?', '&':
		return i, until(arg, i, "&# \"'")
	case ';':
		return i, until(arg, i, ";")
	case '{', ',', '(', '[':
		return i, until(arg, i, ",})] ")
	case '"', '\'':
		return i, until(arg, i, string([]byte{before, ',', '}'}))
	}
	return i, until(arg, i, " \n")
}

// closing finds the quote that ends a value.
func closing(arg string, i int, quote byte, escaped bool) int {
	for ; i < len(arg); i++ {
		if arg[i] == '\\' && i+1 < len(arg) {
			if escaped && arg[i+1] == quote {
				return i
			}
			i++
			continue
		}
		if arg[i] == quote {
			return i
		}
	}
	return len(arg)
}

// until is the index of the first of some characters from i on, the text's end where
// none follows.
func until(arg string, i int, characters string) int {
	if n := strings.IndexAny(arg[i:], characters); n >= 0 {
		return i + n
	}
	return len(arg)
}

// behindScheme skips the scheme in front of credentials: Bearer x.
func behindScheme(arg string, from int) int {
	end := until(arg, from, " ")
	if end == len(arg) || !authScheme(arg[from:end]) {
		return from
	}
	for end < len(arg) && arg[end] == ' ' {
		end++
	}
	return end
}

// hidesHere decides about the value arg[from:to] of the key arg[start:end]. A colon without
// a blank separates other things, too: the module and the application of auth:app, the two
// ends of a mount.
func hidesHere(expected expectation, arg string, start, end, from, to int) bool {
	value := arg[from:to]
	if authScheme(value) {
		return false // its credentials are the next argument
	}
	if arg[end] != ':' || end+1 != from {
		return expected.hides(value)
	}
	name := strings.TrimLeft(arg[start:end], "-")
	switch {
	case value[0] == '/':
		return false
	case equalFold(name, "password"), equalFold(name, "passwd"), equalFold(name, "pass"), equalFold(name, "pwd"):
		return expected.hides(value)
	}
	// Of a dotted name the last part has to say it: secret.wsgi:app is a module.
	if (expected == secret || expected == digits) && keyPlace(arg, start) && !application(value) {
		if own := judge(name[strings.LastIndexByte(name, '.')+1:]); own == secret || own == digits {
			return expected.hides(value)
		}
	}
	return random(value)
}

// keyPlace reports whether a name that begins at i stands where a key can: not at the end of
// a path (/srv/secret:ro), a host's address (bob@secret:x) or a resource's (arn:…:secret:x).
func keyPlace(arg string, i int) bool {
	switch {
	case i == 0:
		return true
	case arg[i-1] == '/':
		return i == 1 // an option of Windows: /token:x
	}
	return strings.IndexByte(" \t\n\"'{([,;&?=|", arg[i-1]) >= 0
}

// application reports whether a value is what servers call the application in a module, or
// the tag of an image.
func application(value string) bool {
	return value == "app" || value == "application" || value == "latest"
}

// mask replaces arg[from:to] and returns where to go on.
func mask(arg string, from, to int) (string, int) {
	if from >= to {
		return arg, max(from, to)
	}
	return replace(arg, from, to), from + len(Mask)
}
