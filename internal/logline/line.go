// Package logline makes entries of the bytes of log files: it takes the level and the time
// out of the shapes that most programs write, joins the lines of a traceback, and makes
// what is left harmless. It opens no file and follows none: lines are given to it.
//
// What stands in a log comes from anywhere, so nothing is believed: a time that cannot be
// is ignored, a level counts only where levels stand, and every loop ends at a bound.
//
//	j := logline.NewJoiner(time.Local)
//	for each line {
//		j.Add(line, now, func(e logline.Entry) { … })
//	}
//	j.Flush(now, …)
package logline

import (
	"bytes"
	"time"
)

// Bounds of what is read and kept.
const (
	// MaxText bounds the text of an entry in bytes: an error that quotes a long path fits,
	// and so does the end of a traceback. A text that was cut holds "…" there.
	MaxText = 2 << 10
	// MaxRaw is how much of a raw line is looked at, in bytes. A line of JSON with a
	// traceback in it is shorter; what is longer is data and not said to anybody.
	MaxRaw = 64 << 10
)

// Line is one line understood.
type Line struct {
	// Time is in UTC; zero where the line says none that can be.
	Time time.Time
	// Level is Unknown where the line says none.
	Level Level
	// Text is printable and of at most MaxText bytes. Time and level are not in it where they
	// stood in front and were understood. Of JSON and logfmt it is the message with the
	// remaining keys behind it, as " key=value".
	Text string
	// OOM is empty, or says which out-of-memory the line tells of: python, java, node, kernel,
	// go, rust or c.
	OOM string
	// Start says that the line begins an entry; otherwise it continues the one before.
	Start bool
}

// Parse understands one line. Where it names no zone the time is in zone (nil: UTC); where
// it names no year or day, that is taken from now.
func Parse(raw []byte, now time.Time, zone *time.Location) Line {
	r := reader{now: now, zone: zone}
	return r.read(clean(raw, &r.cut), false)
}

// reader is what is known while one line is read.
type reader struct {
	now  time.Time
	zone *time.Location
	line Line

	parts [maxParts]part // the text so far
	n     int
	cut   bool // the text is not all of the line

	fields *fields // of JSON and logfmt, where it may be one
}

// part is a piece of the text: bytes of the line and what is written behind them.
type part struct {
	b     []byte
	after string
}

// maxParts is enough for a line of syslog that holds one of syslog that holds another: each
// adds at most two. What does not fit is left out.
const maxParts = 8

// maxDepth bounds lines that hold lines: what a container prints, behind the time of the
// engine, behind that of syslog.
const maxDepth = 3

// read understands a clean line. Of one that belongs to a trace only the text is wanted.
func (r *reader) read(b []byte, trace bool) Line {
	if r.zone == nil {
		r.zone = time.UTC
	}
	r.line.OOM = outOfMemory(b)
	r.line.Start = !continues(b)
	if r.line.Start && !trace {
		r.understand(b, maxDepth)
		if r.line.Level == Unknown && crash(b) {
			r.line.Level = Error
		}
	} else {
		r.keep(b, "")
	}
	r.line.Text = r.text()
	if r.line.Text == "" && r.line.Level == Unknown && r.line.Time.IsZero() {
		r.line.Start = false // nothing but blanks and escapes
	}
	return r.line
}

// clean is as much of a line as is looked at, without its end and without escapes.
func clean(raw []byte, cut *bool) []byte {
	if len(raw) > MaxRaw {
		raw, *cut = raw[:MaxRaw], true
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	return withoutEscapes(bytes.TrimRight(raw, "\r\n"))
}

// keep adds a piece to the text.
func (r *reader) keep(b []byte, after string) {
	if r.n < len(r.parts) && len(b) > 0 {
		r.parts[r.n] = part{b, after}
		r.n++
	}
}
