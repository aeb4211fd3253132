// Package alert keeps account of what is wrong: since when each alert holds, and which
// ended lately. It looks at nothing itself: every beat it is told what was found and what
// could not be looked at, and what time it is.
//
//	var book alert.Book
//	var round alert.Round
//	round.Begin()
//	round.Add(alert.Finding{Rule: alert.HostMemory, Value: 91, Limit: alert.BusyPercent})
//	for _, change := range book.Evaluate(now, &round) { … }
//	answer := book.Wire()
//
// An alert begins with the first finding. It ends when nothing was found for a minute, so
// that a figure that goes up and down at its threshold is one alert and not one a beat. What
// could not be looked at neither begins nor ends.
package alert

import (
	"cmp"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

// Bounds of what is kept.
const (
	// MaxFiring is how many alerts are kept; further ones are counted. A person reads
	// fewer.
	MaxFiring = 256
	// MaxResolved is how many ended ones are kept, the last.
	MaxResolved = 50
	// Calm is how long nothing must be found for an alert to end.
	Calm = time.Minute
)

// Turn is what became of an alert.
type Turn uint8

// The turns.
const (
	Began  Turn = iota
	Rose        // it is graver than it ever was
	Lifted      // it ended
)

var turnWords = [...]string{"began", "rose", "ended"}

// String is the turn's word in every format.
func (t Turn) String() string {
	if int(t) < len(turnWords) {
		return turnWords[t]
	}
	return "unknown"
}

// Change is what became of an alert in a beat.
type Change struct {
	Turn  Turn
	Alert wire.Alert
}

// Book is the account. Its zero value is empty. It is not safe for use by several
// goroutines while one evaluates.
type Book struct {
	held     map[key]*held
	resolved []wire.Alert // oldest first
	changes  []Change
	missed   [Rules]string
	omitted  [Rules]int // of the last round, beyond MaxFiring
	rounds   uint64
	at       time.Time
}

// held is an alert that holds, or did a moment ago.
type held struct {
	Finding
	since time.Time
	calm  time.Time // since when nothing is found; zero while something is
	round uint64
	told  Severity // the gravest that it was
}

// Evaluate takes in what a beat found. It returns what changed, which is
// valid until the next call. now should carry the monotonic clock's reading.
func (b *Book) Evaluate(now time.Time, r *Round) []Change {
	if b.held == nil {
		b.held = make(map[key]*held)
	}
	clear(b.changes)
	b.changes = b.changes[:0]
	b.rounds++
	b.at, b.missed, b.omitted = now, r.missed, [Rules]int{}
	for i := range r.findings {
		f := &r.findings[i]
		h := b.held[f.key()]
		if h == nil {
			if len(b.held) >= MaxFiring {
				b.omitted[f.Rule]++
				continue
			}
			h = &held{Finding: *f, since: now, told: f.severity()}
			b.held[f.key()] = h
			b.change(Began, h.wire(now))
		}
		h.Finding, h.round, h.calm = *f, b.rounds, time.Time{}
		if s := f.severity(); s > h.told {
			h.told = s
			b.change(Rose, h.wire(now))
		}
	}
	var over []*held
	for k, h := range b.held {
		if h.round == b.rounds || b.missed[k.rule] != "" {
			continue
		}
		if h.calm.IsZero() || now.Before(h.calm) { // the clock may have been set back
			h.calm = now
		}
		if now.Sub(h.calm) >= Calm {
			over = append(over, h)
		}
	}
	slices.SortFunc(over, func(x, y *held) int { return cmp.Or(x.calm.Compare(y.calm), order(x, y)) })
	for _, h := range over {
		b.end(h)
	}
	return b.changes
}

func (b *Book) change(t Turn, a wire.Alert) { b.changes = append(b.changes, Change{t, a}) }

// end moves an alert to those that ended, at the moment from which nothing was found.
func (b *Book) end(h *held) {
	delete(b.held, h.key())
	a := h.wire(h.calm)
	ended := h.calm.UTC().Truncate(time.Millisecond)
	a.Ended = &ended
	if len(b.resolved) == MaxResolved {
		copy(b.resolved, b.resolved[1:])
		b.resolved = b.resolved[:MaxResolved-1]
	}
	b.resolved = append(b.resolved, a)
	b.change(Lifted, a)
}

// order puts the worst first, then the oldest.
func order(x, y *held) int {
	return cmp.Or(cmp.Compare(y.severity(), x.severity()), x.since.Compare(y.since), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Service, y.Service), cmp.Compare(x.Subject, y.Subject))
}

// sorted are the alerts that hold, in their order.
func (b *Book) sorted() []*held {
	out := make([]*held, 0, len(b.held))
	for _, h := range b.held {
		out = append(out, h)
	}
	slices.SortFunc(out, order)
	return out
}
