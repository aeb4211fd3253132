// Package logs keeps the last lines of logs in memory, so that they can be shown without
// anybody opening a file: those of a program's own slog.Handler (Tee), of files, of containers
// and of the systemd journal (Follow).
//
// What stands in a log comes from anywhere. A line is made printable before it is kept: it
// holds no control character but the ends of joined lines and no terminal escape, is valid
// UTF-8 and has a bound. Nothing is written to disk.
//
//	rings := logs.NewRings(1)
//	ring := rings.Ring("zol0's own log", "zol0")
//	log := slog.New(logs.Tee(handler, ring))
//	last := rings.Query(logs.Query{Level: "warning", Limit: 10})
package logs

import (
	"cmp"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

// Bounds of what is kept.
const (
	// MaxLines is more than a page shows. An entry takes 56 bytes beside its text.
	MaxLines = 1000
	// MaxBytes bounds the texts of all lines of one source together, and MaxAllBytes those of
	// all sources: with more than eight, each may keep less.
	MaxBytes, MaxAllBytes = 256 << 10, 2 << 20
	// MaxSources may be followed.
	MaxSources = 64
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

// Rings are those of all sources. Their methods may be called by several goroutines; all rings
// are made before.
type Rings struct {
	last  atomic.Uint64 // the ID of the newest line
	all   []*Ring
	bytes int // that each may keep
}

// NewRings makes room for so many sources.
func NewRings(sources int) *Rings {
	return &Rings{bytes: min(MaxBytes, MaxAllBytes/max(1, sources))}
}

// Ring is a further ring for the lines of a source, which are about a service.
func (r *Rings) Ring(source, service string) *Ring {
	x := &Ring{source: source, service: service, last: &r.last, most: r.bytes}
	r.all = append(r.all, x)
	return x
}

// Query returns the newest lines of all rings that fit, newest last; never nil.
func (r *Rings) Query(q Query) []wire.LogLine {
	out := []wire.LogLine{}
	for _, x := range r.all {
		out = append(out, x.Query(q)...)
	}
	slices.SortFunc(out, func(a, b wire.LogLine) int { return cmp.Compare(a.ID, b.ID) })
	return out[max(0, len(out)-q.Limit):]
}

// Sources say where lines come from.
func (r *Rings) Sources() []wire.LogSource {
	out := make([]wire.LogSource, len(r.all))
	for i, x := range r.all {
		out[i] = x.Source()
	}
	return out
}

// Each visits all rings.
func (r *Rings) Each(visit func(*Ring)) {
	for _, x := range r.all {
		visit(x)
	}
}

// Ring keeps the last lines of one source. It is safe for use by several goroutines.
type Ring struct {
	source, service string
	last            *atomic.Uint64
	most            int // bytes of texts

	mu      sync.Mutex
	lines   []line // oldest first, from head on
	head    int
	bytes   int // of all texts that are kept
	seen    uint64
	dropped uint64
	unread  uint64 // bytes that were left out, as they came faster than they are read
	levels  [len(Levels)]uint64
	err     string
}

type line struct {
	id   uint64
	time time.Time
	text string
	rank uint8
}

// Counts are how many lines of each of Levels there were.
func (r *Ring) Counts() [len(Levels)]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.levels
}

// Name is that of the source, and Service what its lines are about.
func (r *Ring) Name() (source, service string) { return r.source, r.service }

// failed notes why the source cannot be read; nil: it can.
func (r *Ring) failed(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err = ""; err != nil {
		r.err = printable(err.Error(), 300)
	}
}

// left notes bytes that were not read.
func (r *Ring) left(bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unread += uint64(max(0, bytes))
}

// add keeps a line whose text is printable and within its bound.
func (r *Ring) add(at time.Time, rank uint8, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen++
	r.levels[rank]++
	for len(r.lines)-r.head >= MaxLines || r.head < len(r.lines) && r.bytes+len(text) > r.most {
		r.bytes -= len(r.lines[r.head].text)
		r.lines[r.head] = line{}
		r.head++
		r.dropped++
	}
	if r.head > 0 && (r.head == len(r.lines) || r.head >= MaxLines/4) {
		r.lines = slices.Delete(r.lines, 0, r.head)
		r.head = 0
	}
	r.lines = append(r.lines, line{r.last.Add(1), at, text, rank})
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
	return wire.LogSource{Name: r.source, Service: r.service, Lines: r.seen, Dropped: r.dropped, UnreadBytes: r.unread, Error: r.err}
}
