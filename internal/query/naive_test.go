package query

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
)

// naive is a storage that keeps all samples in lists and knows no way to leave any out.
type naive struct{ series []*listed }

type listed struct {
	labels labels.Labels
	points []store.Point
}

func (n *naive) Querier(int64, int64) (storage.Querier, error) { return &naiveQuerier{naive: n}, nil }

type naiveQuerier struct {
	storage.LabelQuerier
	*naive
}

func (n *naiveQuerier) Close() error { return nil }

func (n *naiveQuerier) Select(_ context.Context, _ bool, h *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := &naiveSet{next: -1}
	for _, s := range n.series {
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(s.labels.Get(m.Name)) }) {
			set.all = append(set.all, s)
		}
	}
	return set
}

type naiveSet struct {
	all  []*listed
	next int
}

func (s *naiveSet) Next() bool                        { s.next++; return s.next < len(s.all) }
func (s *naiveSet) At() storage.Series                { return s.all[s.next] }
func (s *naiveSet) Err() error                        { return nil }
func (s *naiveSet) Warnings() annotations.Annotations { return nil }
func (s *listed) Labels() labels.Labels               { return s.labels }
func (s *listed) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	return &listIterator{points: s.points, at: -1}
}

type listIterator struct {
	chunkenc.Iterator
	points []store.Point
	at     int
}

func (i *listIterator) Next() chunkenc.ValueType {
	if i.at++; i.at < len(i.points) {
		return chunkenc.ValFloat
	}
	return chunkenc.ValNone
}

func (i *listIterator) Seek(t moment) chunkenc.ValueType {
	for i.at = max(i.at, 0); i.at < len(i.points) && i.points[i.at].T < t; {
		i.at++
	}
	i.at--
	return i.Next()
}
func (i *listIterator) At() (int64, float64) { return i.points[i.at].T, i.points[i.at].Value }
func (i *listIterator) AtT() int64           { return i.points[i.at].T }
func (i *listIterator) AtST() int64          { return 0 }
func (i *listIterator) Err() error           { return nil }

// scene appends some days of random services to a store: with pauses of all of them and
// of single ones, some that end, some that begin late, and an open hour.
func scene(t *testing.T, r *rand.Rand, s *store.Store, span time.Duration) (ids []store.Series, lists *naive, last time.Time) {
	t.Helper()
	lists = &naive{}
	begins, ends := make([]time.Duration, 6), make([]time.Duration, 6)
	values := make([]float64, 6)
	for i := range ids6 {
		l, err := store.NewLabels("service", "s"+strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		id, err := s.OwnerOf(store.Service, l, began.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		code, name := store.Code(memory.Private), "zol0_service_private_bytes"
		if i%2 == 1 {
			code, name = store.Code(memory.Threads), "zol0_service_threads"
		}
		ids = append(ids, store.SeriesOf(id, code))
		lists.series = append(lists.series, &listed{labels: labels.FromStrings("__name__", name, "service", "s"+strconv.Itoa(i))})
		ends[i] = span
		if r.IntN(2) == 0 {
			ends[i] = time.Duration(r.Int64N(int64(span)))
		}
		if r.IntN(3) == 0 {
			begins[i] = time.Duration(r.Int64N(int64(span)))
		}
		values[i] = float64(r.IntN(1000))
	}
	quiet := make([]time.Time, 6) // until when
	for at := began; at.Sub(began) < span; at = at.Add(20 * time.Second) {
		if r.IntN(2000) == 0 {
			at = at.Add(time.Duration(r.IntN(400)) * time.Minute).Truncate(20 * time.Second)
		}
		var samples []store.Sample
		for i, id := range ids {
			if r.IntN(500) == 0 {
				quiet[i] = at.Add(time.Duration(r.IntN(200)) * time.Minute)
			}
			if from := at.Sub(began); from < begins[i] || from > ends[i] || at.Before(quiet[i]) {
				continue
			}
			if i > 1 {
				values[i] += float64(r.IntN(9) - 4)
			}
			samples = append(samples, store.Sample{Series: id, Value: values[i]})
			lists.series[i].points = append(lists.series[i].points, store.Point{T: at.UnixMilli(), Value: values[i]})
			last = at
		}
		if err := s.Append(at, samples, nil); err != nil {
			t.Fatal(err)
		}
	}
	return ids, lists, last
}

const ids6 = 6

// mark puts the marker of its end behind each list, by the rule in words: two intervals
// after the last sample of a service that has none any more.
func (n *naive) mark(newest int64, closed func(i int) bool) {
	for i, s := range n.series {
		k := len(s.points)
		if k == 0 {
			continue
		}
		every := slowest
		if k > 1 {
			every = min(s.points[k-1].T-s.points[k-2].T, slowest)
		}
		if gone := s.points[k-1].T + 2*every; closed(i) || newest > gone+every {
			s.points = append(s.points, store.Point{T: gone, Value: stale})
		}
	}
}

// TestSameAsNaively holds that what is left out while reading changes no answer.
func TestSameAsNaively(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 3))
		s, err := store.Open(store.Options{Dir: t.TempDir(), Now: began})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // nothing more is written
		span := 30*time.Hour + 17*time.Minute
		ids, lists, last := scene(t, r, s, span)
		figures := true
		if seed%3 == 2 { // half of it becomes minutes
			figures = false // of minutes the lowest is kept, which is lower than that of their last samples
			s.SetRetention(span/2, 0, 0, 0)
			for range 2000 {
				if _, err := s.Tidy(last); err != nil {
					t.Fatal(err)
				}
			}
			for i, id := range ids {
				lists.series[i].points = nil
				if err := s.Points(context.Background(), id, 0, last.UnixMilli(), func(p store.Point) bool {
					lists.series[i].points = append(lists.series[i].points, p)
					return true
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
		newest, _ := s.Last()
		lists.mark(newest, func(i int) bool {
			owners, err := s.Owners(context.Background(), store.Service, 0, newest, func(l store.Labels) bool { return l.Get("service") == "s"+strconv.Itoa(i) })
			if err != nil || len(owners) != 1 {
				t.Fatal(owners, err)
			}
			return !owners[0].Open()
		})
		ours, e := New(s, Options{MaxRead: 1e12, MaxSamples: 1e8}), New(s, Options{MaxRead: 1e12, MaxSamples: 1e8})
		functions := []string{"delta", "sum_over_time", "count_over_time", "last_over_time", "present_over_time", "changes", "quantile_over_time"}
		if figures {
			functions = append(functions, "min_over_time", "max_over_time")
		}
		for range 150 {
			selector := []string{"zol0_service_private_bytes", "zol0_service_threads", `{service=~"s[0-3]"}`, `{__name__=~".+",service!="s2"}`}[r.IntN(4)]
			text := selector
			window := []string{"1m", "7m", "1h", "3h5m", "25h"}[r.IntN(5)]
			switch r.IntN(5) {
			case 0, 1:
				f := functions[r.IntN(len(functions))]
				argument := ""
				if f == "quantile_over_time" {
					argument = "0.3, "
				}
				text = fmt.Sprintf("%s(%s%s[%s])", f, argument, selector, window)
			case 2:
				text = fmt.Sprintf("max_over_time(%s[%s:%s])", selector, window, []string{"30s", "11m", "1h"}[r.IntN(3)])
			case 3:
				text = selector + " offset " + window
			}
			to := began.Add(time.Duration(r.Int64N(int64(span + time.Hour)))).Truncate(time.Duration(1+r.IntN(5000)) * time.Millisecond)
			from, step := to, time.Duration(0)
			if r.IntN(3) > 0 {
				from = to.Add(-time.Duration(r.Int64N(int64(20 * time.Hour))))
				step = []time.Duration{47 * time.Second, 5 * time.Minute, time.Hour, 3*time.Hour + time.Second}[r.IntN(4)]
			}
			want := naively(t, e, lists, text, from, to, step)
			var got *Answer
			if step == 0 {
				got, err = ours.Instant(context.Background(), Instant{Text: text, At: to})
			} else {
				got, err = ours.Range(context.Background(), Range{Text: text, From: from, To: to, Step: step})
			}
			if err != nil {
				t.Fatalf("seed %d: %s from %s to %s by %s: %v", seed, text, from, to, step, err)
			}
			if g := sorted(got.Value); g != want {
				t.Fatalf("seed %d: %s from %s to %s by %s:\n%.600s\nwant\n%.600s", seed, text, from, to, step, g, want)
			}
			got.Close()
		}
	}
}

func naively(t *testing.T, e *Engine, lists *naive, text string, from, to time.Time, step time.Duration) string {
	t.Helper()
	var q promql.Query
	var err error
	if step == 0 {
		q, err = e.promql.NewInstantQuery(context.Background(), lists, promql.NewPrometheusQueryOpts(false, Lookback, nil), text, to)
	} else {
		q, err = e.promql.NewRangeQuery(context.Background(), lists, promql.NewPrometheusQueryOpts(false, Lookback, nil), text, from, to, step)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	result := q.Exec(context.Background())
	if result.Err != nil {
		t.Fatalf("%s: %v", text, result.Err)
	}
	return sorted(result.Value)
}

// sorted is a value as text, in the order of its labels.
func sorted(v any) string {
	switch x := v.(type) {
	case promql.Vector:
		x = slices.Clone(x)
		slices.SortFunc(x, func(a, b promql.Sample) int { return labels.Compare(a.Metric, b.Metric) })
		return x.String()
	case promql.Matrix:
		slices.SortFunc(x, func(a, b promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
		return x.String()
	}
	return fmt.Sprint(v)
}
