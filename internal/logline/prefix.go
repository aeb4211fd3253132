package logline

// maxName bounds what is taken for the name of a program, a thread or a logger.
const maxName = 128

// understand takes time and level off a line and keeps the rest. A line may hold another
// one; depth says how many more.
func (r *reader) understand(b []byte, depth int) {
	if n, end := priority(b); end > 0 {
		r.line.Level = ofPriority(n)
		b = b[end:]
		if r.protocol(b, depth) {
			return
		}
		b = b[blanks(b, 0):]
	}
	switch {
	case len(b) == 0 || depth == 0:
		r.keep(b, "")
		return
	case r.structured(b) || r.klog(b):
		return
	}
	var s stamp
	end := s.front(b)
	if end == 0 {
		r.leveled(b, false, false, depth)
		return
	}
	if t := s.time(r.now, r.zone); t.IsZero() {
		r.keep(b[:end], " ") // it is no time that can be, so a reader should see it
	} else {
		r.line.Time = t
	}
	b = b[separator(b, end):]
	if undated := s.year == 0 && s.month > 0; undated || s.iso && s.zoned {
		if l, _ := levelAt(b, 0, behind); l == Unknown && r.tagged(b, undated, depth) {
			return
		}
	}
	if !r.structured(b) {
		r.leveled(b, true, s.fraction, depth)
	}
}

// b0 is the first byte; 0 where there is none.
func b0(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

// priority reads <13>, which syslog and systemd put in front.
func priority(b []byte) (n, end int) {
	if b0(b) != '<' {
		return 0, 0
	}
	n, end = number(b, 1)
	if end == 1 || end > 4 || n > 191 || end >= len(b) || b[end] != '>' {
		return 0, 0
	}
	return n, end + 1
}

// front reads the stamp with which a line begins, in brackets or not, and returns where it
// ends; 0 where none does.
func (s *stamp) front(b []byte) int {
	from := 0
	switch {
	case b[0] == '[':
		from = 1
	case len(b) > 4 && b[1] == ',' && b[2] == ' ' && b[3] == '[' && capitals(b[:1]): // Ruby: E, [time #12]
		from = 4
	}
	end := s.read(b, from)
	switch {
	case end == from:
		return 0
	case from > 0:
		for i := end; i < len(b) && i < end+maxName/4; i++ { // a process, a zone
			if b[i] == ']' {
				return i + 1
			}
		}
		return 0
	case end == len(b) || blank(b[end]) || b[end] == ':' || b[end] == '|' || b[end] == ',':
		return end
	}
	return 0
}

// protocol reads what RFC 5424 puts behind the priority: version, time, host, program,
// process, kind of message, structured data.
func (r *reader) protocol(b []byte, depth int) bool {
	if !begins(b, "1 ") {
		return false
	}
	var field [5][]byte
	at := 2
	for i := range field {
		end := word(b, at)
		if end == at || end == len(b) {
			return false
		}
		field[i] = b[at:end]
		at = end + 1
	}
	if string(field[0]) != "-" {
		var s stamp
		if s.read(field[0], 0) != len(field[0]) {
			return false
		}
		r.line.Time = s.time(r.now, r.zone)
	}
	if app, process := field[2], field[3]; string(app) != "-" {
		if string(process) == "-" {
			r.keep(app, ": ")
		} else {
			r.keep(app, "[")
			r.keep(process, "]: ")
		}
	}
	rest := b[min(data(b, at), len(b)):]
	rest = rest[blanks(rest, 0):]
	if begins(rest, "\xef\xbb\xbf") {
		rest = rest[3:]
	}
	r.understand(rest, depth-1)
	return true
}

// data skips the structured data of RFC 5424: a dash, or groups in brackets whose values
// stand in quotes.
func data(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		return i + 1
	}
	quoted, group := false, false
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '[' && !quoted:
			group = true
		case c == ']' && !quoted:
			group = false
		case !group:
			return i
		}
	}
	return i
}

// tagged reads what stands between the time and the message in syslog's files, host and
// program, or in those of a container's engine, the stream. Behind a time with a year the
// program has to show its process, or the line could be prose.
func (r *reader) tagged(b []byte, undated bool, depth int) bool {
	for _, stream := range [...]string{"stdout F ", "stderr F ", "stdout P ", "stderr P "} {
		if begins(b, stream) {
			r.understand(b[len(stream):], depth-1)
			return true
		}
	}
	from, end := 0, word(b, 0)
	if end == 0 || end > maxName {
		return false
	}
	if b[end-1] != ':' {
		from = blanks(b, end)
		end = word(b, from)
	} else if !undated {
		return false
	}
	if end-from < 2 || end-from > maxName || b[end-1] != ':' {
		return false
	}
	if tag := b[from:end]; !undated && tag[len(tag)-2] != ']' && string(tag) != "kernel:" {
		return false
	}
	r.keep(b[from:end], " ")
	r.understand(b[blanks(b, end):], depth-1)
	return true
}

// klog reads the head that Kubernetes' programs write: I1124 10:46:37.123456 12345 f.go:12]
func (r *reader) klog(b []byte) bool {
	if len(b) < len("I1124 10:46:37") || b[5] != ' ' || !digit(b[1]) {
		return false
	}
	var level Level
	switch b[0] {
	case 'D':
		level = Debug
	case 'I':
		level = Info
	case 'W':
		level = Warning
	case 'E':
		level = Error
	case 'F':
		level = Critical
	default:
		return false
	}
	s := stamp{month: two(b, 1), day: two(b, 3)}
	if s.month < 1 || s.month > 12 || s.day < 1 || s.day > 31 {
		return false
	}
	end := s.clock(b, 6)
	if end == 6 {
		return false
	}
	r.line.Level, r.line.Time = level, s.time(r.now, r.zone)
	_, end = number(b, blanks(b, end))
	r.keep(b[blanks(b, end):], "")
	return true
}

// maxNames bounds what may stand between a time and a level: process, thread, logger.
const maxNames = 4

// leveled takes the level off a line whose time, if it had one, is off already.
func (r *reader) leveled(b []byte, stamped, fraction bool, depth int) {
	at, named := first, false
	if stamped {
		at = behind
	}
	i := 0
	for range maxNames + 1 {
		if l, end := levelAt(b, i, at); l != Unknown {
			r.line.Level = l
			r.keep(trimmed(b[:i]), " ")
			if rest := b[end:]; !stamped && i == 0 && nested(rest) {
				r.understand(rest, depth-1)
			} else {
				r.keep(rest, "")
			}
			return
		}
		if l, dot, end := r.channel(b, i); stamped && l != Unknown {
			r.line.Level = l
			r.keep(b[:dot], ": ")
			r.keep(b[end:], "")
			return
		}
		next, place := group(b, i)
		if next == i && stamped {
			var once bool
			if next, place, once = name(b, i, fraction); once {
				if named {
					break
				}
				named = true
			}
		}
		if next == i {
			break
		}
		i, at = next, place
	}
	r.keep(b, "")
}

// nested reports whether what stands behind a level may begin with a time, or be JSON.
func nested(b []byte) bool {
	switch c := b0(b); {
	case c == '[':
		return len(b) > 1 && digit(b[1])
	case c == '{':
		return true
	default:
		return digit(c)
	}
}

// channel reads a name with the level behind its dot, as Monolog writes it: local.ERROR:
func (r *reader) channel(b []byte, i int) (l Level, dot, end int) {
	to := word(b, i)
	if to-i < 5 || to-i > maxName || b[to-1] != ':' {
		return Unknown, 0, 0
	}
	from := to - 1
	for from > i && letter(b[from-1]) {
		from--
	}
	if from <= i+1 || b[from-1] != '.' || !capitals(b[from:to-1]) {
		return Unknown, 0, 0
	}
	return levelOf(b[from : to-1]), from - 1, blanks(b, to)
}

// group skips something in brackets, a process or a thread, and what separates it from what
// follows.
func group(b []byte, i int) (int, place) {
	if i >= len(b) {
		return i, first
	}
	shut := byte(']')
	switch b[i] {
	case '[':
	case '{':
		shut = '}'
	case '(':
		shut = ')'
	default:
		return i, first
	}
	for end := i + 1; end < len(b) && end < i+maxName; end++ {
		if b[end] == shut {
			return separator(b, end+1), first
		}
	}
	return i, first
}

// name skips a word that may name a logger or a process. Where only a blank separates it
// from what follows it may be prose too; once says so.
func name(b []byte, i int, fraction bool) (next int, at place, once bool) {
	end := word(b, i)
	if end == i || end == len(b) || end-i > maxName {
		return i, first, false
	}
	next = separator(b, end)
	switch token := b[i:end]; {
	case token[len(token)-1] == ':':
		return next, first, false
	case next > blanks(b, end):
		return next, behind, false // name - LEVEL -
	case b[i] == '"' || b[i] == '\'':
		return i, first, false
	default:
		if _, all := number(b, i); all == end {
			return next, loose, false
		}
		if fraction || next-end > 1 || dotted(token) {
			return next, loose, true
		}
	}
	return i, first, false
}

// dotted reports whether a word looks like a logger's name more than like prose.
func dotted(token []byte) bool {
	for i, c := range token {
		if (c == '.' || c == ':' || c == '/' || c == '_' || digit(c)) && i+1 < len(token) {
			return true
		}
	}
	return false
}

func trimmed(b []byte) []byte {
	for len(b) > 0 && blank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}
