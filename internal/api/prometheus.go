package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/zol0/zol0/internal/query"
)

// The routes below /api/v1 are those of Prometheus's HTTP API, with its JSON and its errors,
// so that whatever speaks to Prometheus speaks to zol0.

// maxQueries may be asked at a time, those that wait for their turn among them. More would
// take the places of the page's own requests.
const maxQueries = 16

var (
	instantParameters  = []string{"query", "time", "timeout", "lookback_delta", "limit", "stats"}
	rangeParameters    = []string{"query", "start", "end", "step", "timeout", "lookback_delta", "limit", "stats"}
	matchingParameters = []string{"match[]", "start", "end", "limit"}
	metadataParameters = []string{"metric", "limit", "limit_per_metric"}
)

// promql runs a query of Prometheus's API and answers in its words.
func (s *Server) promql(w http.ResponseWriter, r *http.Request, answer func(q query.Source, f url.Values) (packed, error)) error {
	body, err := s.ask(w, r, answer)
	if err != nil {
		s.failQuery(w, r, err)
		return nil
	}
	s.send(w, r, http.StatusOK, body)
	return nil
}

func (s *Server) ask(w http.ResponseWriter, r *http.Request, answer func(q query.Source, f url.Values) (packed, error)) (packed, error) {
	select {
	case s.queries <- struct{}{}:
		defer func() { <-s.queries }()
	default:
		w.Header().Set("Retry-After", "1")
		return nil, &query.Error{Kind: query.Unavailable, Err: fmt.Errorf("%d queries are being answered; ask again a little later", maxQueries)}
	}
	if s.options.Query == nil {
		return nil, &query.Error{Kind: query.Unavailable, Err: errors.New("this daemon answers no queries")}
	}
	if err := r.ParseForm(); err != nil {
		return nil, badQuery("error parsing form values: %w", err)
	}
	return answer(s.options.Query, r.Form)
}

// badQuery is an error that the asker made.
func badQuery(format string, args ...any) *query.Error {
	return &query.Error{Kind: query.BadData, Err: fmt.Errorf(format, args...)}
}

// statuses are those of Prometheus for its types of errors. 499 is what nginx calls a request
// whose client went away.
var statuses = map[query.Kind]int{
	query.BadData: http.StatusBadRequest, query.Execution: http.StatusUnprocessableEntity, query.Canceled: 499,
	query.Timeout: http.StatusServiceUnavailable, query.Unavailable: http.StatusServiceUnavailable, query.Internal: http.StatusInternalServerError,
}

// failQuery answers with an error in Prometheus's shape.
func (s *Server) failQuery(w http.ResponseWriter, r *http.Request, err error) {
	var e *query.Error
	switch {
	case errors.As(err, &e):
	case errors.Is(err, context.DeadlineExceeded):
		e = &query.Error{Kind: query.Timeout, Err: err}
	case errors.Is(err, context.Canceled):
		e = &query.Error{Kind: query.Canceled, Err: err}
	default:
		e = &query.Error{Kind: query.Internal, Err: err}
	}
	if e.Kind == query.Internal {
		s.options.Log.Warn("cannot answer a query", "path", clip(r.URL.Path), "error", e.Err)
	}
	text := e.Error()
	if e.Hint != "" {
		text += ": " + e.Hint
	}
	s.answer(w, r, statuses[e.Kind], struct {
		Status    string     `json:"status"`
		ErrorType query.Kind `json:"errorType"`
		Error     string     `json:"error"`
	}{"error", e.Kind, text})
}

func (s *Server) queryInstant(w http.ResponseWriter, r *http.Request) error {
	return s.promql(w, r, func(q query.Source, f url.Values) (packed, error) {
		ask := query.Instant{Text: f.Get("query"), At: s.options.Now()}
		var err error
		if f.Get("time") != "" {
			if ask.At, err = timeOf(f, "time"); err != nil {
				return nil, err
			}
		}
		if ask.Timeout, ask.Lookback, err = spansOf(f); err != nil {
			return nil, err
		}
		return s.computed(f, func() (*query.Answer, error) { return q.Instant(r.Context(), ask) })
	})
}

func (s *Server) queryRange(w http.ResponseWriter, r *http.Request) error {
	return s.promql(w, r, func(q query.Source, f url.Values) (packed, error) {
		ask := query.Range{Text: f.Get("query")}
		var err error
		if ask.From, err = timeOf(f, "start"); err != nil {
			return nil, err
		}
		if ask.To, err = timeOf(f, "end"); err != nil {
			return nil, err
		}
		if ask.Step, err = spanOf(f, "step"); err != nil {
			return nil, err
		}
		if ask.Timeout, ask.Lookback, err = spansOf(f); err != nil {
			return nil, err
		}
		return s.computed(f, func() (*query.Answer, error) { return q.Range(r.Context(), ask) })
	})
}

// computed encodes the value of an expression and lets it go.
func (s *Server) computed(f url.Values, compute func() (*query.Answer, error)) (packed, error) {
	limit, err := limitOf(f, "limit")
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(f.Get("query")) == "" {
		return nil, badQuery(`invalid parameter "query": unknown position: parse error: no expression found in input`)
	}
	a, err := compute()
	if err != nil {
		var e *query.Error
		if errors.As(err, &e) && e.Kind == query.BadData {
			var of parser.ParseErrors
			if errors.As(e.Err, &of) {
				return nil, badQuery(`invalid parameter "query": %w`, e.Err)
			}
		}
		return nil, err
	}
	defer a.Close()
	return s.packAnswer(a, limit)
}

func (s *Server) querySeries(w http.ResponseWriter, r *http.Request) error {
	return s.promql(w, r, func(q query.Source, f url.Values) (packed, error) {
		if len(f["match[]"]) == 0 {
			return nil, badQuery("no match[] parameter provided")
		}
		m, limit, err := matchingOf(f)
		if err != nil {
			return nil, err
		}
		all, err := q.Series(r.Context(), m)
		if err != nil {
			return nil, err
		}
		more := limit > 0 && len(all) > limit
		if more {
			all = all[:limit]
		}
		return s.packSeries(all, more)
	})
}

func (s *Server) queryLabels(w http.ResponseWriter, r *http.Request) error {
	return s.texts(w, r, func(q query.Source, m query.Matching) ([]string, error) { return q.LabelNames(r.Context(), m) })
}

func (s *Server) queryLabelValues(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if strings.HasPrefix(name, "U__") {
		name = model.UnescapeName(name, model.ValueEncodingEscaping)
	}
	return s.texts(w, r, func(q query.Source, m query.Matching) ([]string, error) {
		if !model.UTF8Validation.IsValidLabelName(name) {
			return nil, badQuery("invalid label name: %q", clip(name))
		}
		return q.LabelValues(r.Context(), name, m)
	})
}

func (s *Server) texts(w http.ResponseWriter, r *http.Request, of func(query.Source, query.Matching) ([]string, error)) error {
	return s.promql(w, r, func(q query.Source, f url.Values) (packed, error) {
		m, limit, err := matchingOf(f)
		if err != nil {
			return nil, err
		}
		all, err := of(q, m)
		if err != nil {
			return nil, err
		}
		more := limit > 0 && len(all) > limit
		if more {
			all = all[:limit]
		}
		filled(&all)
		return s.packData(all, more)
	})
}

func (s *Server) queryMetadata(w http.ResponseWriter, r *http.Request) error {
	return s.promql(w, r, func(q query.Source, f url.Values) (packed, error) {
		limit, err := limitOf(f, "limit")
		if err != nil {
			return nil, err
		}
		if _, err := limitOf(f, "limit_per_metric"); err != nil { // each has one
			return nil, err
		}
		all, err := q.Metadata(r.Context(), f.Get("metric"), limit)
		if err != nil {
			return nil, err
		}
		return s.packData(all, false)
	})
}

// exemplars are none: nothing here has any. Grafana asks all the same.
func (s *Server) exemplars(w http.ResponseWriter, r *http.Request) error {
	return s.promql(w, r, func(query.Source, url.Values) (packed, error) { return s.packData([]struct{}{}, false) })
}

// buildInfo tells the version of Prometheus whose engine answers, from which clients
// conclude what they may ask, and the one of zol0.
func (s *Server) buildInfo(w http.ResponseWriter, r *http.Request) error {
	return s.promql(w, r, func(query.Source, url.Values) (packed, error) {
		return s.packData(map[string]string{
			"version": engineVersion(), "revision": "", "branch": "", "buildUser": "", "buildDate": "",
			"goVersion": strings.TrimPrefix(runtime.Version(), "go"), "application": "zol0", "applicationVersion": s.options.Version,
		}, false)
	})
}

// engineVersion is that of the Prometheus in this binary.
func engineVersion() string {
	info, ok := debug.ReadBuildInfo()
	for i := 0; ok && i < len(info.Deps); i++ {
		if d := info.Deps[i]; d.Path == "github.com/prometheus/prometheus" {
			return prometheusVersion(d.Version)
		}
	}
	return ""
}

// moduleVersion is how Prometheus numbers its module: v0.316.0 is Prometheus 3.16.0.
var moduleVersion = regexp.MustCompile(`^v0\.(\d)(\d\d)\.(\d.*)$`)

func prometheusVersion(module string) string {
	m := moduleVersion.FindStringSubmatch(module)
	if m == nil {
		return ""
	}
	return m[1] + "." + strings.TrimPrefix(m[2], "0") + "." + m[3]
}

// timeOf reads a time: seconds since 1970, or RFC 3339.
func timeOf(f url.Values, name string) (time.Time, error) {
	text := f.Get(name)
	if t, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(t) < 1e15 {
		whole, part := math.Modf(t)
		return time.Unix(int64(whole), int64(math.Round(part*1000)*1e6)).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, badQuery("invalid parameter %q: cannot parse %q to a valid timestamp", name, clip(text))
	}
	return t, nil
}

// spanOf reads a span of time: seconds, or as Prometheus writes it.
func spanOf(f url.Values, name string) (time.Duration, error) {
	text := f.Get(name)
	if d, err := strconv.ParseFloat(text, 64); err == nil {
		if ns := d * float64(time.Second); ns <= math.MaxInt64 && ns >= math.MinInt64 && !math.IsNaN(ns) {
			return time.Duration(ns), nil
		}
		return 0, badQuery("invalid parameter %q: cannot parse %q to a valid duration. It overflows int64", name, clip(text))
	}
	d, err := model.ParseDuration(text)
	if err != nil {
		return 0, badQuery("invalid parameter %q: cannot parse %q to a valid duration", name, clip(text))
	}
	return time.Duration(d), nil
}

// spansOf reads the timeout and the lookback, where they are given.
func spansOf(f url.Values) (timeout, lookback time.Duration, err error) {
	for _, x := range []struct {
		name string
		to   *time.Duration
	}{{"timeout", &timeout}, {"lookback_delta", &lookback}} {
		if f.Get(x.name) == "" {
			continue
		}
		if *x.to, err = spanOf(f, x.name); err != nil {
			return 0, 0, err
		}
		if *x.to <= 0 {
			return 0, 0, badQuery("invalid parameter %q: %q is no span of time", x.name, clip(f.Get(x.name)))
		}
	}
	return timeout, lookback, nil
}

// limitOf reads how many are wanted at most; 0 is no limit.
func limitOf(f url.Values, name string) (int, error) {
	text := f.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, badQuery("invalid parameter %q: limit must be a number", name)
	}
	if n < 0 {
		return 0, badQuery("invalid parameter %q: limit must be non-negative", name)
	}
	return n, nil
}

// matchingOf reads which series are asked about. One more is asked for than wanted, to
// tell whether there are more.
func matchingOf(f url.Values) (m query.Matching, limit int, err error) {
	m.Selectors = f["match[]"]
	for _, x := range []struct {
		name string
		to   *time.Time
	}{{"start", &m.From}, {"end", &m.To}} {
		if f.Get(x.name) != "" {
			if *x.to, err = timeOf(f, x.name); err != nil {
				return m, 0, err
			}
		}
	}
	if !m.From.IsZero() && !m.To.IsZero() && m.To.Before(m.From) {
		return m, 0, badQuery("invalid parameter \"end\": end timestamp must not be before start time")
	}
	if limit, err = limitOf(f, "limit"); limit > 0 {
		m.Limit = limit + 1
	}
	return m, limit, err
}
