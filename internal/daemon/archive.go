package daemon

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/engine"
	"github.com/zol0/zol0/internal/store"
)

// archive is what knows the past of this machine: its own store, or an engine elsewhere.
type archive interface {
	// Owners lists those of a kind that had samples between two times and whose labels have
	// these values; an empty value is no label.
	Owners(ctx context.Context, k store.Kind, match map[string]string, from, to int64) ([]store.Owner, error)
	Points(ctx context.Context, s store.Series, from, to int64, each func(store.Point) bool) error
	// Buckets are as the store's; First may be no number for what is no counter.
	Buckets(ctx context.Context, s store.Series, from, to, step int64, each func(store.Bucket) bool) error
	Finest(ctx context.Context, from int64) (string, error)
}

// ownStore is the store as an archive of this machine, without what a hub received of others.
type ownStore struct{ *store.Store }

// Owners are those of this machine.
func (o ownStore) Owners(ctx context.Context, k store.Kind, match map[string]string, from, to int64) ([]store.Owner, error) {
	return o.Store.Owners(ctx, k, from, to, ofMachine(match, func(l store.Labels) bool {
		for name, value := range match {
			if l.Get(name) != value {
				return false
			}
		}
		return k != store.Host || len(l) == 0
	}))
}

// inquiry is one question about the past, and whom it is asked.
type inquiry struct {
	d    *Daemon
	past archive
}

// asking is how the questions to an engine elsewhere go. Its zero value is that none was asked.
type asking struct {
	host   string // the label of this machine there; empty: none is to be asked
	mu     sync.Mutex
	err    error     // of the last question; nil: it was answered
	since  time.Time // of the first error in a row
	again  time.Time // until when it is left alone
	failed int64     // questions that it did not answer
}

const (
	// answerWithin is how long a person waits for a chart before it is made of the own store.
	answerWithin = 10 * time.Second
	// restAfter is how long an engine is left alone that did not answer.
	restAfter = 30 * time.Second
)

// ask asks the engine elsewhere where one is to be read, and the own store where there is none
// or it does not answer: what this machine measured lies in both.
func ask[T any](ctx context.Context, d *Daemon, fromEngine func(context.Context, *engine.Past) (T, error), fromStore func(context.Context) (T, error)) (T, error) {
	r := &d.asking
	if r.host == "" || !r.due(d.clock.Now()) {
		return fromStore(ctx)
	}
	soon, cancel := context.WithTimeout(ctx, answerWithin)
	out, err := fromEngine(soon, engine.NewPast(d.queries, r.host, d.clock.Now()))
	cancel()
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err() // nobody waits
	case errors.Is(err, fs.ErrNotExist):
		return fromStore(ctx) // what waits in the spool still is not there yet
	}
	r.went(d.clock.Now(), err)
	if err != nil {
		return fromStore(ctx)
	}
	return out, nil
}

// due reports whether the engine is to be asked.
func (r *asking) due(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !now.Before(r.again)
}

// went notes how a question went.
func (r *asking) went(now time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.err, r.since, r.again = nil, time.Time{}, time.Time{}
		return
	}
	if r.err == nil {
		r.since = now
	}
	r.err, r.again = err, now.Add(restAfter)
	r.failed++
}

// state is what is to be said of it.
func (r *asking) state() (err error, since time.Time, failed int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err, r.since, r.failed
}
