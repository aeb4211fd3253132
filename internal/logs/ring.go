// Package logs keeps the last lines of a log in memory, so that they can be shown without
// anybody opening a file. It reads no files and follows no other program: what it keeps is
// given to it, line by line, by the slog.Handler that Tee makes.
//
// What stands in a log comes from anywhere. A line is made printable before it is kept: it
// holds no control character and no terminal escape, is valid UTF-8 and has a bound.
//
//	ring := logs.New("zol0's own log", "zol0")
//	log := slog.New(logs.Tee(handler, ring))
//	last := ring.Query(logs.Query{Level: "warning", Limit: 10})
package logs

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

// Bounds of what is kept.
const (
	// MaxLines is more than a page shows. An entry takes 56 bytes beside its text.
	MaxLines = 1000
	// MaxBytes bounds the texts of all lines together.
	MaxBytes = 256 << 10
	// MaxLineBytes is where a line is cut: an error that quotes a long path fits.
	MaxLineBytes = 2 << 10
)

// Levels are the words for how grave a line is, mildest first.
var Levels = [...]string{"debug", "info", "warning", "error", "critical"}

// rankOf is the place of a level of slog in Levels. What is a step above an error, as far
// as that is above a warning, is critical.
func rankOf(l slog.Level) uint8 {
	switch {
	case l < slog.LevelInfo:
		return 0
	case l < slog.LevelWarn:
		return 1
	case l < slog.LevelError:
		return 2
	case l < slog.LevelError+(slog.LevelError-slog.LevelWarn):
		return 3
	}
	return 4
}

// Ring keeps the last lines of one source. It is safe for use by several goroutines.
type Ring struct {
	source, service string

	mu      sync.Mutex
	lines   []line // oldest first, from head on
	head    int
	bytes   int // of all texts that are kept
	seen    uint64
	dropped uint64
}

type line struct {
	id   uint64
	time time.Time
	text string
	rank uint8
}

// New makes an empty ring for the lines of a source, which are about a service.
func New(source, service string) *Ring { return &Ring{source: source, service: service} }

// add keeps a line whose text is printable and within its bound.
func (r *Ring) add(at time.Time, rank uint8, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen++
	for len(r.lines)-r.head >= MaxLines || r.head < len(r.lines) && r.bytes+len(text) > MaxBytes {
		r.bytes -= len(r.lines[r.head].text)
		r.lines[r.head] = line{}
		r.head++
		r.dropped++
	}
	if r.head > 0 && (r.head == len(r.lines) || r.head >= MaxLines/4) {
		r.lines = slices.Delete(r.lines, 0, r.head)
		r.head = 0
	}
	r.lines = append(r.lines, line{r.seen, at, text, rank})
	r.bytes += len(text)
}

// Query says which lines are wanted.
type Query struct {
	Service string // empty: of all
	Level   string // this one of Levels and worse; empty: any
	After   uint64 // only those with a greater ID
	Limit   int    // the newest so many
}

// Query returns the newest lines that fit, newest last; never nil. A level that is none of
// Levels fits no line.
func (r *Ring) Query(q Query) []wire.LogLine {
	out := []wire.LogLine{}
	least := 0
	if q.Level != "" {
		least = slices.Index(Levels[:], q.Level)
	}
	if least < 0 || q.Service != "" && q.Service != r.service {
		return out
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.lines) - 1; i >= r.head && len(out) < q.Limit; i-- {
		x := &r.lines[i]
		if x.id <= q.After {
			break
		}
		if int(x.rank) >= least {
			out = append(out, wire.LogLine{ID: x.id, Time: x.time.UTC().Truncate(time.Millisecond), Level: Levels[x.rank], Service: r.service, Source: r.source, Text: x.text})
		}
	}
	slices.Reverse(out)
	return out
}

// Source says where the lines come from and how many there were.
func (r *Ring) Source() wire.LogSource {
	r.mu.Lock()
	defer r.mu.Unlock()
	return wire.LogSource{Name: r.source, Service: r.service, Lines: r.seen, Dropped: r.dropped}
}
