package query

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/zol0/zol0/internal/store"
)

// queryable reads the store in Prometheus's words, for one query.
type queryable struct {
	store                          *store.Store
	lookback                       int64 // of this query, in milliseconds
	maxSamples, maxRead, maxSeries int
}

func (q *queryable) Querier(from, to int64) (storage.Querier, error) {
	return &querier{queryable: q, from: from, to: to}, nil
}

// querier reads the series of one stretch of time.
type querier struct {
	*queryable
	from, to int64
}

func (q *querier) Close() error { return nil }

// found is a series that fits.
type found struct {
	id             store.Series
	labels         labels.Labels
	kind           store.Kind
	open, received bool
	// first and last are between which times it can have samples.
	first, last int64
}

// sampleEvery is the shortest time between two samples of a series, for estimates.
const sampleEvery = 5000

// Select finds the series that fit. What would be over the limits of a query is refused
// here, before anything of it is read.
func (q *querier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	every := hints == nil // not the engine asks
	if every {
		hints = &storage.SelectHints{Start: q.from, End: q.to}
	}
	all, err := q.find(ctx, hints.Start, hints.End, matchers)
	if err == nil {
		err = q.afford(all, hints, named(matchers))
	}
	if err != nil {
		return storage.ErrSeriesSet(err)
	}
	if sorted {
		slices.SortFunc(all, func(a, b found) int { return labels.Compare(a.labels, b.labels) })
	}
	return &seriesSet{ctx: ctx, querier: q, all: all, every: every, hints: *hints, next: -1}
}

// afford refuses what certainly is too much. It counts with whole stretches of time, so
// that gaps make it count too much, and with series that an owner may not have, unless one
// metric is named: otherwise only twice the limit of the samples in memory is refused here, as
// the engine, which counts exactly, finds out about the rest in a tenth of a second. To
// find out that too much was read it would have to read it: that limit is one of the count
// made here.
func (q *querier) afford(all []found, hints *storage.SelectHints, certain bool) error {
	samples, reads := 0.0, 0.0
	for i := range all {
		span := float64(min(hints.End, all[i].last) - max(hints.Start, all[i].first))
		points := 1.0
		if hints.Step > 0 {
			points += max(0, span) / float64(hints.Step)
		}
		if hints.Range > 0 {
			reads += points * min(max(span, 0), float64(hints.Range)) / sampleEvery
		} else {
			reads += points
		}
		samples += points
	}
	margin := 2.0
	if certain {
		margin = 1
	}
	if samples > margin*float64(q.maxSamples) {
		return promql.ErrTooManySamples(fmt.Sprintf("query execution: %d series would have more than %d samples", len(all), q.maxSamples))
	}
	if reads > float64(q.maxRead) {
		return &Error{Kind: Execution, Err: fmt.Errorf("the query would read more than %d samples of %d series", q.maxRead, len(all)), Hint: "ask for fewer series, a shorter range or a longer step"}
	}
	return nil
}

// named reports whether one metric is asked for by its name.
func named(matchers []*labels.Matcher) bool {
	return slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual })
}

// find lists the series that may have samples between two times and fit all matchers.
func (q *querier) find(ctx context.Context, from, to int64, matchers []*labels.Matcher) ([]found, error) {
	var names, others []*labels.Matcher
	for _, m := range matchers {
		if m.Name == model.MetricNameLabel {
			names = append(names, m)
		} else {
			others = append(others, m)
		}
	}
	var all []found
	builder := labels.NewScratchBuilder(16)
	for _, kind := range []store.Kind{store.Host, store.Service, store.Process, store.Gauge} {
		var metrics []store.Metric
		for _, m := range store.Metrics(kind) {
			if fits(names, m.Name) {
				metrics = append(metrics, m)
			}
		}
		if kind != store.Gauge && len(metrics) == 0 || kind == store.Gauge && known(names) {
			continue
		}
		owners, err := q.store.Owners(ctx, kind, from, to, func(l store.Labels) bool {
			for _, m := range others {
				if !m.Matches(l.Get(m.Name)) {
					return false
				}
			}
			return kind != store.Gauge || fits(names, l.Get(model.MetricNameLabel))
		})
		if err != nil {
			return nil, err
		}
		for i := range owners {
			o := &owners[i]
			received := store.IsReceived(o.Labels)
			if kind == store.Gauge {
				metrics = []store.Metric{{Name: o.Labels.Get(model.MetricNameLabel)}}
			}
			for k := range metrics {
				if len(all) >= q.maxSeries {
					return nil, &Error{Kind: Execution, Err: fmt.Errorf("more than %d series fit", q.maxSeries), Hint: "ask for a shorter range or with more labels"}
				}
				all = append(all, found{id: store.SeriesOf(o.ID, metrics[k].Code), labels: labelsOf(&builder, metrics[k].Name, o.Labels), kind: kind, open: o.Open(), received: received, first: o.First, last: o.Last})
			}
		}
	}
	return all, nil
}

// labelsOf are the labels of a series in Prometheus's words.
func labelsOf(b *labels.ScratchBuilder, name string, own store.Labels) labels.Labels {
	b.Reset()
	b.Add(model.MetricNameLabel, name)
	for _, l := range own {
		if l.Name != model.MetricNameLabel {
			b.Add(l.Name, l.Value)
		}
	}
	b.Sort()
	return b.Labels()
}

func fits(names []*labels.Matcher, name string) bool {
	for _, m := range names {
		if !m.Matches(name) {
			return false
		}
	}
	return true
}

// known reports whether a name is asked for that the store has a table for, so that no
// gauge need be looked at.
func known(names []*labels.Matcher) bool {
	for _, m := range names {
		if m.Type == labels.MatchEqual {
			_, _, ok := store.MetricNamed(m.Value)
			return ok
		}
	}
	return false
}

// LabelValues are the values of a label among the series that fit.
func (q *querier) LabelValues(ctx context.Context, name string, hints *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	values, err := q.gather(ctx, hints, matchers, func(l labels.Labels, add func(string)) {
		if v := l.Get(name); v != "" {
			add(v)
		}
	})
	return values, nil, err
}

// LabelNames are the names of labels among the series that fit.
func (q *querier) LabelNames(ctx context.Context, hints *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	names, err := q.gather(ctx, hints, matchers, func(l labels.Labels, add func(string)) {
		l.Range(func(x labels.Label) { add(x.Name) })
	})
	return names, nil, err
}

// gather collects texts of the series that exist, sorted, each once.
func (q *querier) gather(ctx context.Context, hints *storage.LabelHints, matchers []*labels.Matcher, each func(labels.Labels, func(string))) ([]string, error) {
	all, err := q.existing(ctx, q.from, q.to, matchers)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]struct{})
	for i := range all {
		each(all[i].labels, func(text string) { seen[text] = struct{}{} })
	}
	out := make([]string, 0, len(seen))
	for text := range seen {
		out = append(out, text)
	}
	slices.Sort(out)
	if hints != nil && hints.Limit > 0 && len(out) > hints.Limit {
		out = out[:hints.Limit]
	}
	return out, nil
}

// existing are the series that fit and have samples. An owner need not have all that its
// kind can have: swap is not measured everywhere.
func (q *querier) existing(ctx context.Context, from, to int64, matchers []*labels.Matcher) ([]found, error) {
	all, err := q.find(ctx, from, to, matchers)
	if err != nil {
		return nil, err
	}
	ids := make([]store.Series, len(all))
	for i := range all {
		ids[i] = all[i].id
	}
	has, err := q.store.Have(ctx, ids)
	if err != nil {
		return nil, err
	}
	kept := all[:0]
	for i := range all {
		if has[i] {
			kept = append(kept, all[i])
		}
	}
	return kept, nil
}

// clip bounds a time to what the store can be asked for.
func clip(t int64) int64 { return max(0, min(t, math.MaxInt64/2)) }

// NewQueryable reads a store for an engine that is not ours, whose lookback is the given one:
// with the scripts with which Prometheus tests its own (directory conformance). It has no
// limits.
func NewQueryable(s *store.Store, lookback time.Duration) storage.Queryable {
	return &queryable{store: s, lookback: lookback.Milliseconds(), maxSamples: math.MaxInt32, maxRead: math.MaxInt32, maxSeries: math.MaxInt32}
}
