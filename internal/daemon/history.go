package daemon

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// history answers from the store.
type history struct{ d *Daemon }

// Series is the course of the series that fit, name by name in the order they were asked for.
func (h history) Series(ctx context.Context, q api.SeriesQuery) (wire.SeriesAnswer, error) {
	var out wire.SeriesAnswer
	var err error
	if out.Tier, err = h.d.store.Finest(ctx, q.From.UnixMilli()); err != nil {
		return out, err
	}
	for _, name := range q.Names {
		if err := h.named(ctx, &q, name, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// named adds the series of one name.
func (h history) named(ctx context.Context, q *api.SeriesQuery, name string, out *wire.SeriesAnswer) error {
	s := h.d.store
	kind, metric, ok := store.MetricNamed(name)
	if !ok {
		kind = store.Gauge
	}
	from, to := q.From.UnixMilli(), q.To.UnixMilli()-1
	owners, err := s.Owners(ctx, kind, from, to, ofMachine(q.Match, func(l store.Labels) bool {
		if kind == store.Gauge && store.NameOf(kind, 0, l) != name {
			return false
		}
		for name, value := range q.Match {
			if l.Get(name) != value {
				return false
			}
		}
		return true
	}))
	if err != nil {
		return err
	}
	// Where more fit than an answer may have, the present is asked for rather than the past.
	slices.SortFunc(owners, func(a, b store.Owner) int { return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(b.ID, a.ID)) })
	for i := range owners {
		if len(out.Series) == q.MaxSeries {
			out.Truncated = true
			break
		}
		x := wire.Series{Name: name, Labels: map[string]string{}}
		for _, l := range owners[i].Labels {
			x.Labels[l.Name] = l.Value
		}
		add := func(asked bool, column *[]float64, v float64) {
			if asked {
				*column = append(*column, v)
			}
		}
		err := s.Buckets(ctx, store.SeriesOf(owners[i].ID, metric.Code), from, to, q.Step.Milliseconds(), func(b store.Bucket) bool {
			x.Times = append(x.Times, b.T/1000)
			add(q.Columns.Min, &x.Min, b.Min)
			add(q.Columns.Mean, &x.Mean, b.Mean)
			add(q.Columns.Max, &x.Max, b.Max)
			add(q.Columns.Last, &x.Last, b.Last)
			return true
		})
		if err != nil {
			return err
		}
		if len(x.Times) > 0 {
			out.Series = append(out.Series, x)
		}
	}
	return nil
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

// Store is what is kept on disk.
func (h history) Store(ctx context.Context) (wire.StoreState, error) {
	return h.d.storeState(ctx)
}
