package logline

import (
	"strconv"
	"time"

	"github.com/zol0/zol0/internal/redact"
)

// fields are the message and the other keys of a line of JSON or logfmt.
type fields struct {
	message []byte
	rest    []byte // " key=value" for each
	path    []byte // the keys around the one at hand, each with a dot
	rank    uint8  // of the key that the message was found under
	time    time.Time
	level   Level
	found   int // of message, time and level
}

func (f *fields) none() bool { return len(f.message) == 0 && len(f.rest) == 0 }

// most bounds what is put together of fields and values: more than is kept, as taking
// secrets out may shorten it.
const most = 2 * MaxText

// structured understands JSON and logfmt.
func (r *reader) structured(b []byte) bool {
	known := false
	switch c := b0(b); {
	case c == '{':
		r.fields = new(fields)
		known = r.json(b) && (r.fields.found > 0 || !r.fields.none())
	case letter(c) || c == '_' || c == '@':
		known = r.logfmt(b)
	}
	if !known {
		return false
	}
	f := r.fields
	if f.level != Unknown {
		r.line.Level = f.level
	}
	if !f.time.IsZero() {
		r.line.Time = f.time
	}
	rest := f.rest
	if len(f.message) == 0 && len(rest) > 0 {
		rest = rest[1:]
	}
	r.keep(f.message, "")
	r.keep(rest, "")
	return true
}

// add takes in one key. A value that is text was written in quotes.
func (r *reader) add(key, value []byte, text bool) {
	f := r.fields
	switch keyOf(key) {
	case levelKey:
		if l := ofValue(value); l != Unknown && f.level == Unknown {
			f.level = l
			f.found++
			return
		}
	case timeKey:
		if t := r.moment(value); !t.IsZero() && f.time.IsZero() {
			f.time = t
			f.found++
			return
		}
	case messageKey, eventKey:
		rank := uint8(2)
		if keyOf(key) == eventKey {
			rank = 1
		}
		if rank > f.rank {
			if f.rank > 0 { // event gives way to message
				f.put([]byte("event"), f.message, true)
			}
			f.found++
			f.rank = rank
			f.message = append(f.message[:0], bound(value)...)
			return
		}
	}
	f.put(key, value, text)
}

// bound is as much of a key or a value as is looked at.
func bound(b []byte) []byte { return b[:min(len(b), most)] }

// put writes one of the remaining keys. Its secret goes here, where it is known where the
// value ends.
func (f *fields) put(key, value []byte, text bool) {
	if len(f.rest) >= most {
		return
	}
	key, value = bound(key), bound(value)
	f.rest = append(f.rest, ' ')
	if suspicious(string(key)) {
		pair := string(key) + "=" + string(value)
		if clean := redact.Args([]string{pair})[0]; clean != pair {
			f.rest = append(f.rest, clean...)
			return
		}
	}
	f.rest = append(f.rest, key...)
	f.rest = append(f.rest, '=')
	if text && quotes(value) {
		f.rest = strconv.AppendQuote(f.rest, string(value))
		return
	}
	f.rest = append(f.rest, value...)
}

// quotes reports whether a value has to stand in quotes.
func quotes(value []byte) bool {
	for _, c := range value {
		if c <= ' ' || c == '"' || c == '=' {
			return true
		}
	}
	return len(value) == 0
}

// moment is the time that a value says.
func (r *reader) moment(value []byte) time.Time {
	var s stamp
	if end := s.read(value, 0); end > 0 && end == len(value) && s.month > 0 {
		return s.time(r.now, r.zone)
	}
	for i, c := range value {
		if i > 0 && c|0x20 == 'e' && len(value) < 32 { // zap: 1.7955e+09
			if f, err := strconv.ParseFloat(string(value), 64); err == nil && f > 0 && f < 1e19 {
				value = strconv.AppendFloat(nil, f, 'f', -1, 64)
			}
			break
		}
	}
	return unix(value, r.now)
}

// kind is what a key is for.
type kind uint8

const (
	otherKey kind = iota
	levelKey
	timeKey
	messageKey
	eventKey
)

func keyOf(key []byte) kind {
	var folded [16]byte
	if len(key) > len(folded) {
		return otherKey
	}
	for i, c := range key {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		folded[i] = c
	}
	switch string(folded[:len(key)]) {
	case "level", "lvl", "severity", "levelname", "log.level", "log_level", "loglevel", "@l":
		return levelKey
	case "time", "ts", "timestamp", "@timestamp", "asctime", "datetime", "@t":
		return timeKey
	case "msg", "message", "@m":
		return messageKey
	case "event":
		return eventKey
	}
	return otherKey
}
