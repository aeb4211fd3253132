package logline

// continues reports whether a line can only go on with the entry before it.
func continues(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	switch b[0] {
	case ' ', '\t', '\v', '\f', '\r':
		return true
	case 'T':
		return pythonTrace(b) || begins(b, "The above exception was the direct cause of ")
	case 'D':
		return begins(b, "During handling of the above exception, ")
	case 'C':
		return begins(b, "Caused by: ")
	case '.':
		return begins(b, "... ") && holds(b[:min(len(b), maxName)], " more")
	case 'g':
		if begins(b, "goroutine ") {
			_, end := number(b, len("goroutine "))
			return begins(b[end:], " [") || begins(b[end:], " gp=")
		}
	case 'c':
		if begins(b, "created by ") {
			return true
		}
	}
	return goFrame(b, false)
}

// pythonTrace reports whether a traceback of Python begins with the line.
func pythonTrace(b []byte) bool { return begins(b, "Traceback (most recent call last):") }

// crash reports whether a line that names no level tells of the end of a program: Go, Java,
// Rust, Node.js.
func crash(b []byte) bool {
	return goPanic(b) || begins(b, "Exception in thread ") || begins(b, "thread '") && holds(b[:min(len(b), maxName)], "' panicked at ") ||
		begins(b, "Uncaught ") || begins(b, "Unhandled ") || begins(b, "node:internal/")
}

func goPanic(b []byte) bool { return begins(b, "panic: ") || begins(b, "fatal error: ") }

// frame reports whether an indented line is a frame of Java or Node.js, which says that the
// line before was an exception.
func frame(b []byte) bool {
	i := blanks(b, 0)
	if i == 0 || !begins(b[i:], "at ") {
		return false
	}
	b = trimmed(b)
	c := b[len(b)-1]
	return c == ')' || digit(c) && holds(b, ":")
}

// goFrame reports whether a line is a frame of Go: main.f(0xc000012345, 0x2). Without
// arguments it is one only in a trace.
func goFrame(b []byte, trace bool) bool {
	if len(b) < 4 || b[len(b)-1] != ')' {
		return false
	}
	i, dot := len(b)-2, false
	for ; i > 0 && b[i] != '('; i-- {
		if c := b[i]; !digit(c) && (c < 'a' || c > 'f') && c != 'x' && c != ',' && c != ' ' && c != '.' && c != '{' && c != '}' && c != '?' && c != '_' {
			return false
		}
	}
	if args := b[i+1 : len(b)-1]; !trace && string(args) != "..." && !begins(args, "0x") && !begins(args, "{0x") {
		return false
	}
	for _, c := range b[:i] {
		if blank(c) {
			return false
		}
		dot = dot || c == '.'
	}
	return dot && i > 0
}

// goTrace reports whether a line without indent belongs to a trace of Go that has begun.
func goTrace(b []byte) bool {
	return goFrame(b, true) || begins(b, "[signal ") || begins(b, "runtime stack:") || begins(b, "exit status ") || begins(b, "runtime: ") || begins(b, "[originating from ")
}

// exception reports whether a line can be the last one of a traceback of Python: a name with
// dots, alone or with a colon and a text behind it. A level is none.
func exception(b []byte) bool {
	i := 0
	for i < len(b) && (letter(b[i]) || digit(b[i]) || b[i] == '_' || b[i] == '.' || b[i] >= 0x80) {
		i++
	}
	if i == 0 || digit(b[0]) || b[0] == '.' {
		return false
	}
	if rest := b[i:]; len(rest) > 0 && !begins(rest, ": ") && string(rest) != ":" {
		return false
	}
	return !capitals(b[:i]) || levelOf(b[:i]) == Unknown
}

// privateKey reports whether a key in PEM begins with the line; the lines below are secret.
func privateKey(b []byte) bool {
	b = b[:min(len(b), MaxText)]
	return holds(b, "-----BEGIN ") && holds(b, "PRIVATE KEY") && !holds(b, "-----END ")
}
