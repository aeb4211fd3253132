package logline

import (
	"strings"
	"time"
)

// Bounds of an entry.
const (
	// IdleEntry is how long an entry waits for more of its lines: a program writes a traceback
	// at once.
	IdleEntry = time.Second
	// MaxLines bounds the lines of one entry. A longer one is completed and a new one begun.
	MaxLines = 200
	// maxLast bounds what is kept of the last line of an entry that was cut, in bytes.
	maxLast = MaxText / 4
)

// Entry is one line, or several that belong together. Of joined lines "\n" is between their
// texts. Where they are longer than MaxText the beginning and the last line, which in a
// traceback is the exception, are kept with "…" between. Its Level is that of the first
// line; Error where that says none and a traceback is behind it.
type Entry struct {
	Line
	Lines int  // that it was made of
	Cut   bool // the text is not all of them
}

// Joiner joins the lines of one source to entries. One goroutine uses it.
type Joiner struct {
	zone    *time.Location
	open    bool
	entry   Entry
	text    []byte // of several lines; the text of the first stands in entry
	last    string // the last line that did not go into text
	spilled bool   // there is such a line
	added   time.Time
	trace   trace
	sealed  int // lines that are still taken for a private key
	skipped uint64
}

// trace is what the lines to come may belong to.
type trace uint8

const (
	noTrace trace = iota
	python        // until a line that is not indented, which is the exception
	golang        // until a line that is no frame
)

// NewJoiner makes a joiner for lines whose times are in zone (nil: UTC) where they name none.
func NewJoiner(zone *time.Location) *Joiner { return &Joiner{zone: zone} }

// Skipped is how many lines belong to no entry: empty ones with none before them.
func (j *Joiner) Skipped() uint64 { return j.skipped }

// Add takes one raw line and calls out for each entry that is complete by it.
func (j *Joiner) Add(raw []byte, now time.Time, out func(Entry)) {
	r := reader{now: now, zone: j.zone}
	b := clean(raw, &r.cut)
	held := j.belongs(b)
	line := r.read(b, held)
	if j.hides(b, &line) {
		held = true
	}
	begun := pythonTrace(b)
	if line.Start && !held || j.open && begun && j.entry.Level < Warning {
		// What a program was said to do before it failed does not make the failure harmless.
		j.complete(out)
	}
	j.added = now
	switch {
	case j.open:
		j.join(&line, r.cut)
	case line.Text == "" && !line.Start:
		j.skipped++
		return
	default:
		j.begin(line, held, r.cut)
	}
	j.follow(b, begun)
	if j.entry.Lines >= MaxLines {
		level, trace := j.entry.Level, j.trace
		j.complete(out)
		if trace != noTrace {
			j.trace, j.entry.Level = trace, level // its end is still to come
		}
	}
}

// hides reports whether a line belongs to a private key, and takes its text away then. What
// names a level or a time is not a part of one: the program went on.
func (j *Joiner) hides(b []byte, line *Line) bool {
	if j.sealed == 0 {
		return false
	}
	j.sealed--
	end := holds(b, "-----END ")
	if end || line.Level != Unknown || !line.Time.IsZero() {
		j.sealed = 0
	}
	if j.sealed == 0 && !end {
		return false
	}
	line.Text, line.Start = "", false
	return true
}

// Flush completes what is open where nothing was added for IdleEntry, or the clock was set
// back.
func (j *Joiner) Flush(now time.Time, out func(Entry)) {
	if since := now.Sub(j.added); since >= IdleEntry || since < 0 {
		j.complete(out)
	}
}

// belongs reports whether a line goes on with the open entry though it does not look so by
// itself.
func (j *Joiner) belongs(b []byte) bool {
	switch j.trace {
	case python:
		return exception(b)
	case golang:
		return goTrace(b)
	}
	return false
}

// begin opens an entry.
func (j *Joiner) begin(line Line, held, cut bool) {
	level := j.entry.Level // of an entry that was longer than one may be
	j.entry = Entry{Line: line, Lines: 1, Cut: cut}
	if line.Level == Unknown && (held || !line.Start) {
		j.entry.Level = level
	}
	j.entry.Start = true
	j.open = true
}

// join adds a line to the open entry.
func (j *Joiner) join(line *Line, cut bool) {
	e := &j.entry
	e.Lines++
	e.Cut = e.Cut || cut
	if e.OOM == "" {
		e.OOM = line.OOM
	}
	if e.Time.IsZero() {
		e.Time = line.Time
	}
	if line.Text == "" {
		return
	}
	if len(j.text) == 0 {
		j.text = append(j.text, e.Text...)
	}
	if !j.spilled && len(j.text)+len("\n")+len(line.Text) <= MaxText {
		if len(j.text) > 0 {
			j.text = append(j.text, '\n')
		}
		j.text = append(j.text, line.Text...)
		return
	}
	// A line without indent says more than the frames around it: it is the exception.
	if !indented(line.Text) || indented(j.last) || !j.spilled {
		j.last = line.Text
	}
	j.spilled, e.Cut = true, true
}

func indented(s string) bool { return s != "" && s[0] == ' ' }

// follow takes note of what the line says about those to come.
func (j *Joiner) follow(b []byte, begun bool) {
	e := &j.entry
	switch {
	case begun:
		j.trace = python
	case begins(b, "goroutine ") && continues(b), goPanic(b):
		j.trace = golang
	case j.trace == python && len(b) > 0 && !continues(b):
		j.trace = noTrace
	}
	if e.Level == Unknown && (j.trace != noTrace || frame(b) || begins(b, "Caused by: ")) {
		e.Level = Error
	}
	if privateKey(b) {
		j.sealed = MaxLines
	}
}

// complete hands out the open entry.
func (j *Joiner) complete(out func(Entry)) {
	e, open := j.entry, j.open
	if len(j.text) > 0 {
		e.Text = j.joined()
	}
	j.entry, j.text, j.last = Entry{}, j.text[:0], ""
	j.open, j.spilled, j.trace = false, false, noTrace
	if open {
		out(e)
	}
}

// joined is the text of several lines.
func (j *Joiner) joined() string {
	if !j.spilled {
		return string(j.text)
	}
	last := head(j.last, maxLast)
	if len(last) < len(j.last) {
		last = head(last, maxLast-len("…")) + "…"
	}
	const between = "\n…\n"
	top := head(string(j.text), MaxText-len(between)-len(last))
	if end := strings.LastIndexByte(top, '\n'); end > 0 && len(top) < len(j.text) {
		top = top[:end] // whole lines
	}
	return top + between + last
}
