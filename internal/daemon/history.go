package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// history answers from the store.
type history struct{ d *Daemon }

// Series is the course of the series that fit.
func (h history) Series(ctx context.Context, q api.SeriesQuery) (wire.SeriesAnswer, error) {
	s := h.d.store
	var out wire.SeriesAnswer
	kind, metric, ok := store.MetricNamed(q.Name)
	if !ok {
		kind = store.Gauge
	}
	from, to := q.From.UnixMilli(), q.To.UnixMilli()-1
	owners, err := s.Owners(ctx, kind, from, to, func(l store.Labels) bool {
		if kind == store.Gauge && store.NameOf(kind, 0, l) != q.Name {
			return false
		}
		for name, value := range q.Match {
			if l.Get(name) != value {
				return false
			}
		}
		return true
	})
	if err != nil {
		return out, err
	}
	if out.Tier, err = s.Finest(ctx, from); err != nil {
		return out, err
	}
	// Where more fit than an answer may have, the present is asked for rather than the past.
	slices.SortFunc(owners, func(a, b store.Owner) int { return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(b.ID, a.ID)) })
	for i := range owners {
		if len(out.Series) == q.MaxSeries {
			out.Truncated = true
			break
		}
		x := wire.Series{Labels: map[string]string{}}
		for _, l := range owners[i].Labels {
			x.Labels[l.Name] = l.Value
		}
		err := s.Buckets(ctx, store.SeriesOf(owners[i].ID, metric.Code), from, to, q.Step.Milliseconds(), func(b store.Bucket) bool {
			x.Times = append(x.Times, b.T/1000)
			x.Min, x.Mean, x.Max, x.Last = append(x.Min, b.Min), append(x.Mean, b.Mean), append(x.Max, b.Max), append(x.Last, b.Last)
			return true
		})
		if err != nil {
			return out, err
		}
		if len(x.Times) > 0 {
			out.Series = append(out.Series, x)
		}
	}
	return out, nil
}

// Top is which services grew most.
func (h history) Top(ctx context.Context, q api.TopQuery) (wire.Top, error) {
	var out wire.Top
	to := q.To.UnixMilli()
	code := store.Code(q.Metric)
	top, _, err := h.d.store.Top(ctx, store.Service, code, to-q.Since.Milliseconds(), to, q.Limit)
	for i := range top {
		g := &top[i]
		if g.Delta < 0 {
			break
		}
		row := wire.TopRow{Service: g.Owner.Labels.Get("service"), First: g.First.Value, Last: g.Last.Value, Growth: g.Delta,
			FirstTime: time.UnixMilli(g.First.T).UTC(), LastTime: time.UnixMilli(g.Last.T).UTC()}
		if span := time.Duration(g.Last.T-g.First.T) * time.Millisecond; span >= time.Minute {
			row.GrowthPerHour = pointer(g.Delta / span.Hours())
		}
		out.Services = append(out.Services, row)
	}
	return out, err
}

// Journal are the last events.
func (h history) Journal(_ context.Context, q api.JournalQuery) (wire.Journal, error) {
	var out wire.Journal
	err := h.d.store.Events(q.Before, q.Limit, func(e store.Event) {
		out.Events = append(out.Events, wire.Event{ID: e.ID, Time: time.UnixMilli(e.At).UTC(), Kind: e.Kind, Subject: e.Subject, Text: e.Text, Detail: json.RawMessage(e.Detail)})
	})
	if n := len(out.Events); n == q.Limit {
		out.Before = out.Events[n-1].ID
	}
	return out, err
}

// Store is what is kept on disk.
func (h history) Store(ctx context.Context) (wire.StoreState, error) {
	return h.d.storeState(ctx)
}
