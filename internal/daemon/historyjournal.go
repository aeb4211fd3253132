package daemon

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// Journal are the last events that fit, newest first.
func (h history) Journal(ctx context.Context, q api.JournalQuery) (wire.Journal, error) {
	var out wire.Journal
	err := h.events(ctx, eventQuery{before: q.Before, limit: q.Limit, kinds: q.Kinds, subject: q.Subject, from: q.From, to: q.To}, func(e store.Event) bool {
		out.Events = append(out.Events, wire.Event{ID: e.ID, Time: time.UnixMilli(e.At).UTC(), Kind: e.Kind, Subject: e.Subject, Text: e.Text, Detail: json.RawMessage(e.Detail)})
		return len(out.Events) < q.Limit
	})
	if n := len(out.Events); n == q.Limit && n > 0 {
		out.Before = out.Events[n-1].ID
	}
	return out, err
}

// eventQuery says which events are wanted; what is zero asks for nothing.
type eventQuery struct {
	before   int64    // only those with a lesser ID
	limit    int      // the caller will not want more
	kinds    []string // one of these
	subject  string
	from, to time.Time // from is included, to is not
}

const (
	// eventsAtATime is how many events are read before others may read too.
	eventsAtATime = 1000
	// clockSetBack is by how much a clock may have been set back without events being missed:
	// they stand in the order in which they were written, and looking stops at one that is
	// so much older than what was asked for.
	clockSetBack = 24 * time.Hour
)

// events calls each for the events that fit, newest first, until it returns false.
func (h history) events(ctx context.Context, q eventQuery, each func(store.Event) bool) error {
	from, to, oldest := int64(-1<<62), int64(1<<62), int64(-1<<62)
	if !q.from.IsZero() {
		from, oldest = q.from.UnixMilli(), q.from.Add(-clockSetBack).UnixMilli()
	}
	if !q.to.IsZero() {
		to = q.to.UnixMilli()
	}
	size := eventsAtATime
	if q.limit > 0 && q.subject == "" && len(q.kinds) == 0 && q.to.IsZero() {
		size = min(size, q.limit) // the newest all fit
	}
	more := true
	for before := q.before; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := 0
		err := h.d.store.Events(before, size, func(e store.Event) {
			n++
			before = e.ID
			switch {
			case !more:
			case e.At < oldest:
				more = false
			case e.At < from || e.At >= to || q.subject != "" && e.Subject != q.subject:
			case len(q.kinds) > 0 && !slices.Contains(q.kinds, e.Kind):
			default:
				more = each(e)
			}
		})
		if err != nil {
			return err
		}
		if n < size {
			return nil
		}
	}
	return nil
}
