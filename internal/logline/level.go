package logline

// Level says how grave a line is, mildest first.
type Level uint8

// The levels. What programs call otherwise counts as the nearest of these: trace as Debug,
// notice as Info, fatal as Critical.
const (
	Unknown Level = iota
	Debug
	Info
	Warning
	Error
	Critical
)

// String is the word that the rest of the program uses.
func (l Level) String() string {
	switch l {
	case Debug:
		return "debug"
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Error:
		return "error"
	case Critical:
		return "critical"
	}
	return "unknown"
}

// longestLevel is the length of the longest word that levelOf knows.
const longestLevel = len("informational")

// levelOf looks a word up, in any case.
func levelOf(word []byte) Level {
	var folded [longestLevel]byte
	if len(word) < 3 || len(word) > longestLevel {
		return Unknown
	}
	for i, c := range word {
		folded[i] = c | 0x20
	}
	switch string(folded[:len(word)]) {
	case "debug", "dbg", "debg", "trace", "trc", "verbose", "finest", "finer":
		return Debug
	case "info", "inf", "information", "informational", "notice", "success":
		return Info
	case "warn", "warning", "wrn", "warnings":
		return Warning
	case "error", "err", "eror", "severe", "failure":
		return Error
	case "critical", "crit", "fatal", "ftl", "emerg", "emergency", "alert", "panic", "dpanic":
		return Critical
	}
	return Unknown
}

// ofPriority is the level of a priority of syslog (RFC 5424, section 6.2.1).
func ofPriority(n int) Level {
	switch n & 7 {
	case 0, 1, 2:
		return Critical
	case 3:
		return Error
	case 4:
		return Warning
	case 7:
		return Debug
	}
	return Info
}

// ofNumber is the level of a number in JSON: bunyan and pino count up in tens, GELF counts
// like syslog.
func ofNumber(n int) Level {
	switch {
	case n < 0 || n > 99:
		return Unknown
	case n < 8:
		return ofPriority(n)
	case n < 10:
		return Unknown
	case n < 30:
		return Debug
	case n < 40:
		return Info
	case n < 50:
		return Warning
	case n < 60:
		return Error
	}
	return Critical
}

// ofValue is the level that the value of a key names; slog writes ERROR+2 for what is
// between two.
func ofValue(value []byte) Level {
	end := letters(value, 0)
	if rest := value[end:]; end > 0 && (len(rest) == 0 || len(rest) <= 3 && (rest[0] == '+' || rest[0] == '-')) {
		return levelOf(value[:end])
	}
	if n, end := number(value, 0); end == len(value) && end > 0 && end <= 2 {
		return ofNumber(n)
	}
	return Unknown
}

// place says what stands before a word that may be a level, and so how plainly the word has
// to look like one.
type place uint8

const (
	first  place = iota // the line begins with it
	behind              // the time, or a name and a separator
	loose               // only a blank is between it and a word that may be a name or prose
)

// levelAt finds a level that begins at i and returns where the text behind it begins. In
// front of prose a word has to be in capitals or have a colon or the like behind it:
// "error was found" is no level, "ERROR found" and "error: found" are.
func levelAt(b []byte, i int, at place) (Level, int) {
	if i >= len(b) {
		return Unknown, i
	}
	if c := b[i]; c == '[' || c == '<' {
		from := blanks(b, i+1)
		to := letters(b, from)
		end := blanks(b, to)
		if to == from || end >= len(b) || b[end] != c+2 { // "]" and ">" are two further
			return Unknown, i
		}
		if l := levelOf(b[from:to]); l != Unknown {
			return l, separator(b, end+1)
		}
		return Unknown, i
	}
	end := letters(b, i)
	if end-i < 3 || end-i > longestLevel {
		return Unknown, i
	}
	l := levelOf(b[i:end])
	if l == Unknown || !ends(b, i, end, at) {
		return Unknown, i
	}
	return l, separator(b, end)
}

// ends reports whether what follows the word b[from:to] makes a level of it.
func ends(b []byte, from, to int, at place) bool {
	capital := capitals(b[from:to])
	if to == len(b) {
		return capital
	}
	next := blanks(b, to)
	switch c := b[to]; {
	case c == ':':
		if to+1 < len(b) && !blank(b[to+1]) {
			return capital && b[to+1] != ':' // ERROR:root:message, but not Error::New
		}
		return capital || at != loose && !is(b[from:to], "panic") // which begins a trace of Go
	case c == '|':
		return true
	case !blank(c):
		return false
	case capital || next == len(b):
		return capital
	case b[next] == '|':
		return true
	case at == behind:
		// A table's columns, or a dash: what prose does not have behind its first word.
		return c == '\t' || next-to > 1 || b[next] == '-' && next+1 < len(b) && blank(b[next+1])
	}
	return false
}

// separator skips what stands between a level or a name and the text: blanks, one colon or
// bar, a dash between blanks.
func separator(b []byte, i int) int {
	if i < len(b) && b[i] == ':' {
		i++
	}
	for range 3 { // Ruby writes " -- : "
		i = blanks(b, i)
		switch {
		case i < len(b) && (b[i] == '|' || b[i] == ':' || b[i] == '-') && (i+1 == len(b) || blank(b[i+1])):
			i++
		case i+2 < len(b) && b[i] == '-' && b[i+1] == '-' && blank(b[i+2]):
			i += 2
		default:
			return i
		}
	}
	return blanks(b, i)
}
