package daemon

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/engine"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// history answers about the past: from an engine elsewhere where one is to be read, else from
// the store. The journal and the state of the store are always its own.
type history struct{ d *Daemon }

// Series is the course of the series that fit, name by name in the order they were asked for.
func (h history) Series(ctx context.Context, q api.SeriesQuery) (wire.SeriesAnswer, error) {
	return ask(ctx, h.d, func(ctx context.Context, p *engine.Past) (wire.SeriesAnswer, error) { return seriesOf(ctx, p, &q) },
		func(ctx context.Context) (wire.SeriesAnswer, error) { return h.series(ctx, &q) })
}

// Lives are the present and the earlier lives of a service beside each other.
func (h history) Lives(ctx context.Context, q api.LivesQuery) (wire.Lives, error) {
	return inquire(ctx, h.d, func(ctx context.Context, i inquiry) (wire.Lives, error) { return i.lives(ctx, q) })
}

// Compare are two stretches of time of a service side by side. An error that wraps
// fs.ErrNotExist says that the service has no such life.
func (h history) Compare(ctx context.Context, q api.CompareQuery) (wire.Comparison, error) {
	return inquire(ctx, h.d, func(ctx context.Context, i inquiry) (wire.Comparison, error) { return i.compare(ctx, q) })
}

// Marks are the moments in a stretch of time that are worth a line in a chart.
func (h history) Marks(ctx context.Context, q api.MarksQuery) (wire.Marks, error) {
	return inquire(ctx, h.d, func(ctx context.Context, i inquiry) (wire.Marks, error) { return i.marks(ctx, q) })
}

// inquire asks the same of whoever knows.
func inquire[T any](ctx context.Context, d *Daemon, question func(context.Context, inquiry) (T, error)) (T, error) {
	return ask(ctx, d, func(ctx context.Context, p *engine.Past) (T, error) { return question(ctx, inquiry{d, p}) },
		func(ctx context.Context) (T, error) { return question(ctx, inquiry{d, ownStore{d.store}}) })
}

// series is the course of series in the store.
func (h history) series(ctx context.Context, q *api.SeriesQuery) (wire.SeriesAnswer, error) {
	var out wire.SeriesAnswer
	var err error
	if out.Tier, err = h.d.store.Finest(ctx, q.From.UnixMilli()); err != nil {
		return out, err
	}
	for _, name := range q.Names {
		if err := h.named(ctx, q, name, &out); err != nil {
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
		x := seriesWith(name, owners[i].Labels)
		err := s.Buckets(ctx, store.SeriesOf(owners[i].ID, metric.Code), from, to, q.Step.Milliseconds(), func(b store.Bucket) bool {
			point(&x, q.Columns, b)
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

// seriesWith is a series without points yet.
func seriesWith(name string, labels store.Labels) wire.Series {
	x := wire.Series{Name: name, Labels: map[string]string{}}
	for _, l := range labels {
		x.Labels[l.Name] = l.Value
	}
	return x
}

// point adds a step to the columns that were asked for.
func point(x *wire.Series, asked api.Columns, b store.Bucket) {
	add := func(asked bool, column *[]float64, v float64) {
		if asked {
			*column = append(*column, v)
		}
	}
	x.Times = append(x.Times, b.T/1000)
	add(asked.Min, &x.Min, b.Min)
	add(asked.Mean, &x.Mean, b.Mean)
	add(asked.Max, &x.Max, b.Max)
	add(asked.Last, &x.Last, b.Last)
}

// seriesOf is the course of series in an engine elsewhere.
func seriesOf(ctx context.Context, p *engine.Past, q *api.SeriesQuery) (wire.SeriesAnswer, error) {
	out := wire.SeriesAnswer{Tier: engine.Tier}
	for _, name := range q.Names {
		courses, err := p.Courses(ctx, name, q.Match, q.From.UnixMilli(), q.To.UnixMilli(), q.Step.Milliseconds(),
			engine.Figures{Min: q.Columns.Min, Mean: q.Columns.Mean, Max: q.Columns.Max, Last: q.Columns.Last})
		if err != nil {
			return out, err
		}
		// Where more fit than an answer may have, the present is asked for rather than the past.
		last := func(c engine.Course) int64 { return c.Buckets[len(c.Buckets)-1].T }
		slices.SortStableFunc(courses, func(a, b engine.Course) int { return cmp.Compare(last(b), last(a)) })
		for _, c := range courses {
			if len(out.Series) == q.MaxSeries {
				out.Truncated = true
				break
			}
			x := seriesWith(name, c.Labels)
			for _, b := range c.Buckets {
				point(&x, q.Columns, b)
			}
			out.Series = append(out.Series, x)
		}
	}
	return out, nil
}

// Top is which services grew most.
func (h history) Top(ctx context.Context, q api.TopQuery) (wire.Top, error) {
	var out wire.Top
	to := q.To.UnixMilli()
	from, code := to-q.Since.Milliseconds(), store.Code(q.Metric)
	top, err := ask(ctx, h.d, func(ctx context.Context, p *engine.Past) ([]store.Growth, error) {
		return p.Top(ctx, code, from, to, q.Limit)
	},
		func(ctx context.Context) ([]store.Growth, error) {
			top, _, err := h.d.store.Top(ctx, store.Service, code, from, to, q.Limit)
			return top, err
		})
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
