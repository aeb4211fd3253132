package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"github.com/zol0/zol0/internal/query"
)

// answerOf turns a value of the client into one of the engine that is in this program.
func answerOf(v model.Value, warnings, infos []string) (*query.Answer, error) {
	out := &query.Answer{Warnings: warnings, Infos: infos}
	switch v := v.(type) {
	case model.Matrix:
		m := make(promql.Matrix, 0, len(v))
		for _, s := range v {
			points := make([]promql.FPoint, len(s.Values))
			for i, p := range s.Values {
				points[i] = promql.FPoint{T: int64(p.Timestamp), F: float64(p.Value)}
			}
			m = append(m, promql.Series{Metric: labelsOf(s.Metric), Floats: points})
			s.Values = nil // one copy at a time is enough
		}
		out.Value = m
	case model.Vector:
		vector := make(promql.Vector, 0, len(v))
		for _, s := range v {
			vector = append(vector, promql.Sample{Metric: labelsOf(s.Metric), T: int64(s.Timestamp), F: float64(s.Value)})
		}
		out.Value = vector
	case *model.Scalar:
		out.Value = promql.Scalar{T: int64(v.Timestamp), V: float64(v.Value)}
	case *model.String:
		out.Value = promql.String{T: int64(v.Timestamp), V: v.Value}
	default:
		return nil, fmt.Errorf("the engine answered with a %T", v)
	}
	return out, nil
}

func labelsOf[M ~map[model.LabelName]model.LabelValue](m M) labels.Labels {
	b := labels.NewScratchBuilder(len(m))
	for name, value := range m {
		b.Add(string(name), string(value))
	}
	b.Sort()
	return b.Labels()
}

// everySelector is asked where none is given: an engine wants one for its series.
const everySelector = `{__name__!=""}`

func limitOf(m query.Matching) []v1.Option {
	limit := query.MaxLabels
	if m.Limit > 0 {
		limit = min(limit, m.Limit)
	}
	return []v1.Option{v1.WithLimit(uint64(limit))}
}

// Series are the series that fit.
func (r *Reader) Series(ctx context.Context, m query.Matching) ([]labels.Labels, error) {
	var out []labels.Labels
	err := r.within(ctx, 0, func(ctx context.Context) error {
		selectors := m.Selectors
		if len(selectors) == 0 {
			selectors = []string{everySelector}
		}
		all, _, _, err := r.api.Series(ctx, selectors, m.From, m.To, limitOf(m)...)
		for _, s := range all {
			out = append(out, labelsOf(s))
		}
		return err
	})
	slices.SortFunc(out, labels.Compare)
	return out, err
}

// LabelNames are the names of labels of the series that fit.
func (r *Reader) LabelNames(ctx context.Context, m query.Matching) ([]string, error) {
	var out []string
	err := r.within(ctx, 0, func(ctx context.Context) error {
		all, _, _, err := r.api.LabelNames(ctx, m.Selectors, m.From, m.To, limitOf(m)...)
		for _, name := range all {
			out = append(out, string(name))
		}
		return err
	})
	slices.Sort(out)
	return out, err
}

// LabelValues are the values of a label of the series that fit.
func (r *Reader) LabelValues(ctx context.Context, name string, m query.Matching) ([]string, error) {
	var out []string
	err := r.within(ctx, 0, func(ctx context.Context) error {
		all, _, _, err := r.api.LabelValues(ctx, name, m.Selectors, m.From, m.To, limitOf(m)...)
		for _, value := range all {
			out = append(out, string(value))
		}
		return err
	})
	slices.Sort(out)
	return out, err
}

// Metadata is what the engine knows of the meaning of metrics. Remote write brings none, so
// that ours are told by us.
func (r *Reader) Metadata(ctx context.Context, metric string, limit int) (map[string][]query.Metadata, error) {
	out := query.OwnMetadata(metric, limit)
	err := r.within(ctx, 0, func(ctx context.Context) error {
		text := ""
		if limit > 0 {
			text = fmt.Sprint(limit)
		}
		all, err := r.api.Metadata(ctx, metric, text)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if _, ours := out[name]; ours || strings.HasPrefix(name, "zol0_") || limit > 0 && len(out) >= limit {
				continue
			}
			for _, x := range all[name] {
				out[name] = append(out[name], query.Metadata{Type: string(x.Type), Help: x.Help, Unit: x.Unit})
			}
		}
		return err
	})
	return out, err
}
