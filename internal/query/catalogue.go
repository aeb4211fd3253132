package query

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"github.com/zol0/zol0/internal/store"
)

// Series are the series that fit one of the selectors and have samples, sorted.
func (e *Engine) Series(ctx context.Context, m Matching) ([]labels.Labels, error) {
	var out []labels.Labels
	err := e.each(ctx, m, func(ctx context.Context, q *querier, matchers []*labels.Matcher) error {
		all, err := q.existing(ctx, q.from, q.to, matchers)
		for i := range all {
			out = append(out, all[i].labels)
		}
		return err
	})
	slices.SortFunc(out, labels.Compare)
	out = slices.CompactFunc(out, labels.Equal)
	return out[:min(len(out), bound(m.Limit))], err
}

// LabelNames are the names of labels of the series that fit.
func (e *Engine) LabelNames(ctx context.Context, m Matching) ([]string, error) {
	return e.texts(ctx, m, func(ctx context.Context, q *querier, matchers []*labels.Matcher) ([]string, error) {
		out, _, err := q.LabelNames(ctx, &storage.LabelHints{}, matchers...)
		return out, err
	})
}

// LabelValues are the values of a label of the series that fit.
func (e *Engine) LabelValues(ctx context.Context, name string, m Matching) ([]string, error) {
	return e.texts(ctx, m, func(ctx context.Context, q *querier, matchers []*labels.Matcher) ([]string, error) {
		out, _, err := q.LabelValues(ctx, name, &storage.LabelHints{}, matchers...)
		return out, err
	})
}

func (e *Engine) texts(ctx context.Context, m Matching, of func(context.Context, *querier, []*labels.Matcher) ([]string, error)) ([]string, error) {
	var out []string
	err := e.each(ctx, m, func(ctx context.Context, q *querier, matchers []*labels.Matcher) error {
		texts, err := of(ctx, q, matchers)
		out = append(out, texts...)
		return err
	})
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), bound(m.Limit))], err
}

// bound is how much an answer may list.
func bound(limit int) int {
	if limit <= 0 {
		return MaxLabels
	}
	return min(limit, MaxLabels)
}

// maxSelectors may be given at a time; each is looked up alone.
const maxSelectors = 64

// each looks up the selectors of a question, or everything where there is none.
func (e *Engine) each(ctx context.Context, m Matching, look func(context.Context, *querier, []*labels.Matcher) error) error {
	if len(m.Selectors) > maxSelectors {
		return &Error{Kind: BadData, Err: fmt.Errorf("%d selectors are too many: %d are the limit", len(m.Selectors), maxSelectors), Hint: "ask for fewer at a time"}
	}
	sets := [][]*labels.Matcher{nil}
	if len(m.Selectors) > 0 {
		sets = sets[:0]
	}
	for _, text := range m.Selectors {
		if len(text) > MaxText {
			return &Error{Kind: BadData, Err: fmt.Errorf("a selector has %d bytes; %d are the limit", len(text), MaxText)}
		}
		matchers, err := e.parser.ParseMetricSelector(text)
		if err != nil {
			return &Error{Kind: BadData, Err: err}
		}
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches("") }) {
			return &Error{Kind: BadData, Err: errors.New("match[] must contain at least one non-empty matcher")}
		}
		sets = append(sets, matchers)
	}
	ctx, cancel := context.WithTimeout(ctx, e.options.MaxTime)
	defer cancel()
	release, err := e.enter(ctx)
	if err != nil {
		return err
	}
	defer release()
	q := &querier{queryable: &queryable{store: e.store, maxSeries: e.options.MaxSeries}, from: milliseconds(m.From, 0), to: milliseconds(m.To, math.MaxInt64/2)}
	for _, matchers := range sets {
		if err := look(ctx, q, matchers); err != nil {
			return kindOf(err)
		}
	}
	return nil
}

// milliseconds is a time for the store, or what stands for none.
func milliseconds(t time.Time, none int64) int64 {
	if t.IsZero() {
		return none
	}
	return clip(t.UnixMilli())
}

// Metadata says what the metrics of the store mean. What others brought has no entry: they
// told no meaning.
func (e *Engine) Metadata(_ context.Context, metric string, limit int) (map[string][]Metadata, error) {
	return OwnMetadata(metric, limit), nil
}

// OwnMetadata is what the metrics mean that zol0 itself measures: all of them, or one.
func OwnMetadata(metric string, limit int) map[string][]Metadata {
	out := make(map[string][]Metadata)
	for _, kind := range []store.Kind{store.Host, store.Service, store.Process} {
		for _, m := range store.Metrics(kind) {
			if metric != "" && m.Name != metric || limit > 0 && len(out) >= limit {
				continue
			}
			of := "gauge"
			if m.Cumulative {
				of = "counter"
			}
			out[m.Name] = append(out[m.Name], Metadata{Type: of, Help: m.Meaning})
		}
	}
	return out
}
