package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/wire"
)

// keepStep is from which step on an answer may be shown again after a beat: what it lacks
// by then is less than one point.
const keepStep = time.Minute

func (s *Server) series(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, seriesParameters)
	if err != nil {
		return err
	}
	q, err := seriesQuery(values, s.options.Now())
	if err != nil {
		return err
	}
	produce := func(ctx context.Context) (any, error) {
		v, err := s.options.History.Series(ctx, q)
		if err != nil {
			return nil, err
		}
		v.Name, v.From, v.To, v.StepSeconds = strings.Join(q.Names, ","), q.From, q.To, q.Step.Seconds()
		filled(&v.Series)
		for i := range v.Series {
			if err := tidy(&v.Series[i], &q); err != nil {
				return nil, err
			}
		}
		return v, nil
	}
	key := q.key()
	if q.Step < keepStep {
		// Within a beat the store learns nothing: all pages that are told of it ask for the same.
		key += fmt.Sprintf(" beat %d", s.options.Monitor.Beat())
	}
	return s.kept(w, r, cache.Metrics, key, produce)
}

// key names a query. Label values are quoted, so that none can pretend to be two.
func (q *SeriesQuery) key() string {
	key := fmt.Sprintf("series %s %v %d %d %d", strings.Join(q.Names, ","), q.Columns, q.From.Unix(), q.To.Unix(), int(q.Step.Seconds()))
	for _, label := range slices.Sorted(maps.Keys(q.Match)) {
		key += fmt.Sprintf(" %s=%q", label, q.Match[label])
	}
	return key
}

// tidy holds a series to what was asked for and to what JSON has a word for.
func tidy(v *wire.Series, q *SeriesQuery) error {
	if !slices.Contains(q.Names, v.Name) {
		return fmt.Errorf("a series of %q was answered to %s", clip(v.Name), clip(strings.Join(q.Names, ",")))
	}
	var asked []*[]float64
	for _, column := range []struct {
		asked  bool
		values *[]float64
	}{{q.Columns.Min, &v.Min}, {q.Columns.Mean, &v.Mean}, {q.Columns.Max, &v.Max}, {q.Columns.Last, &v.Last}} {
		switch {
		case !column.asked:
			*column.values = nil
		case len(*column.values) != len(v.Times):
			return fmt.Errorf("the columns of a series of %s have different lengths", v.Name)
		default:
			asked = append(asked, column.values)
		}
	}
	if v.Labels == nil {
		v.Labels = map[string]string{}
	}
	onlyNumbers(v, asked)
	return nil
}

// onlyNumbers drops points that JSON has no word for (stale markers are NaN), and makes
// an empty column of missing times. The columns are those of the series that were asked for.
func onlyNumbers(v *wire.Series, columns []*[]float64) {
	kept := 0
	for i := range v.Times {
		if slices.ContainsFunc(columns, func(c *[]float64) bool { return math.IsNaN((*c)[i] - (*c)[i]) }) {
			continue
		}
		v.Times[kept] = v.Times[i]
		for _, c := range columns {
			(*c)[kept] = (*c)[i]
		}
		kept++
	}
	if v.Times = v.Times[:kept]; v.Times == nil {
		v.Times = []int64{}
	}
	for _, c := range columns {
		*c = (*c)[:kept]
	}
}

func (s *Server) top(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, topParameters)
	if err != nil {
		return err
	}
	q, err := topQuery(values, s.options.Now())
	if err != nil {
		return err
	}
	return s.kept(w, r, cache.Metrics, fmt.Sprintf("top %s %v %d", q.Metric, q.Since, q.Limit), func(ctx context.Context) (any, error) {
		v, err := s.options.History.Top(ctx, q)
		v.Time, v.Metric, v.SinceSeconds = q.To.UTC().Truncate(time.Millisecond), q.Metric.String(), q.Since.Seconds()
		filled(&v.Services)
		return v, err
	})
}

func (s *Server) store(w http.ResponseWriter, r *http.Request) error {
	return s.kept(w, r, cache.Status, "store", func(ctx context.Context) (any, error) {
		v, err := s.options.History.Store(ctx)
		filled(&v.Tiers)
		filled(&v.Owners)
		filled(&v.Asides)
		return v, err
	})
}

func (s *Server) journal(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, journalParameters)
	if err != nil {
		return err
	}
	q, err := journalQuery(values, s.options.Now())
	if err != nil {
		return err
	}
	return s.fresh(w, r, func(ctx context.Context) (any, error) {
		v, err := s.options.History.Journal(ctx, q)
		filled(&v.Events)
		for i := range v.Events { // one that was cut short must not spoil the others
			if e := &v.Events[i]; len(e.Detail) > 0 && !json.Valid(e.Detail) {
				e.Detail, _ = json.Marshal(string(e.Detail)) // text can always be encoded
			}
		}
		return v, err
	})
}

// fresh answers with what is made now.
func (s *Server) fresh(w http.ResponseWriter, r *http.Request, produce func(context.Context) (any, error)) error {
	body, err := s.encode(r.Context(), produce)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, body)
	return nil
}

// kept answers with what was made a little while ago, if there is such.
func (s *Server) kept(w http.ResponseWriter, r *http.Request, class cache.Class, key string, produce func(context.Context) (any, error)) error {
	body, err := s.options.Cache.Get(r.Context(), s.options.Now(), class, key, func(ctx context.Context) ([]byte, error) { return s.encode(ctx, produce) })
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, body)
	return nil
}

// encode makes an answer within queryTime. Few are made at a time, as a large one is
// megabytes until it is packed.
func (s *Server) encode(ctx context.Context, produce func(context.Context) (any, error)) (body packed, err error) {
	err = s.make(ctx, func(ctx context.Context) error {
		v, err := produce(ctx)
		if err == nil {
			body, err = s.pack(v)
		}
		return err
	})
	return body, err
}

// make waits for its turn, and ends within queryTime.
func (s *Server) make(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.times.query)
	defer cancel()
	select {
	case s.making <- struct{}{}:
		defer func() { <-s.making }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return work(ctx)
}
