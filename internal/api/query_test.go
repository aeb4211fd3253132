package api

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC)

func TestSeriesQueries(t *testing.T) {
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, x := range []struct {
		query    string
		from, to time.Time
		step     time.Duration
		series   int
	}{
		{"", at("2026-03-01T11:00:00Z"), at("2026-03-01T12:00:02Z"), 2 * time.Second, 33},
		{"from=-24h", at("2026-02-28T12:00:00Z"), at("2026-03-01T12:01:00Z"), time.Minute, 41},
		{"from=-24h&points=30", at("2026-02-28T12:00:00Z"), at("2026-03-01T13:00:00Z"), time.Hour, 300},
		{"from=-7d&step=10m", at("2026-02-22T12:00:00Z"), at("2026-03-01T12:10:00Z"), 10 * time.Minute, 59},
		{"from=2026-03-01T10:00:00Z&to=2026-03-01T11:00:00Z&step=30s", at("2026-03-01T10:00:00Z"), at("2026-03-01T11:00:00Z"), 30 * time.Second, 300},
		{"from=1772359200&to=1772362800&step=1m", at("2026-03-01T10:00:00Z"), at("2026-03-01T11:00:00Z"), time.Minute, 300},
		{"from=2026-03-01T12:00:00%2B02:00&to=now&step=1h", at("2026-03-01T10:00:00Z"), at("2026-03-01T13:00:00Z"), time.Hour, 300},
		{"from=-400d", at("2025-01-25T12:00:00Z"), at("2026-03-01T18:00:00Z"), 6 * time.Hour, 37},
		{"from=-400d&points=1", at("2025-01-25T00:00:00Z"), at("2026-03-15T00:00:00Z"), 207 * 24 * time.Hour, 300},
	} {
		values, err := url.ParseQuery("name=a:b_C1&" + x.query)
		if err != nil {
			t.Fatal(err)
		}
		q, err := seriesQuery(values, noon)
		if x.query == "from=-400d&points=1" { // its grid has no name in the calendar
			if n := q.To.Sub(q.From) / q.Step; err != nil || n > 2 {
				t.Errorf("%s: %d points, %v", x.query, n, err)
			}
			continue
		}
		if err != nil || !q.From.Equal(x.from) || !q.To.Equal(x.to) || q.Step != x.step || q.MaxSeries != x.series {
			t.Errorf("%s: %v to %v by %v, %d series, %v", x.query, q.From, q.To, q.Step, q.MaxSeries, err)
		}
	}
}

func TestWrongQueries(t *testing.T) {
	s := newStage(t)
	const ok = "/api/series?name=a"
	many := "a" + strings.Repeat(",a", maxKinds)
	for path, code := range map[string]string{
		"/api/series":                               CodeBadParameter,
		"/api/series?name=1a":                       CodeBadParameter,
		"/api/series?name=a%7Bb=%22c%22%7D":         CodeBadParameter,
		ok + ",":                                    CodeBadParameter,
		ok + ",b,a":                                 CodeBadParameter,
		ok + ",b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q":     CodeBadParameter,
		ok + strings.Repeat("b", 1200):              CodeBadParameter,
		ok + "&columns=median":                      CodeBadParameter,
		ok + "&columns=min,min":                     CodeBadParameter,
		ok + "&columns=min,,max":                    CodeBadParameter,
		ok + "&nmae=b":                              CodeUnknownParameter,
		ok + "&name=b":                              CodeBadParameter,
		ok + "&from=yesterday":                      CodeBadParameter,
		ok + "&from=-0h":                            CodeBadParameter,
		ok + "&from=now&to=-1h":                     CodeBadParameter,
		ok + "&from=-401d":                          CodeBadParameter,
		ok + "&from=1970-01-01T00:00:00Z":           CodeBadParameter,
		ok + "&from=1969-01-01T00:00:00Z":           CodeBadParameter,
		ok + "&from=1772359200000":                  CodeBadParameter,
		ok + "&from=NaN":                            CodeBadParameter,
		ok + "&from=-1":                             CodeBadParameter,
		ok + "&from=1e308":                          CodeBadParameter,
		ok + "&step=0s":                             CodeBadParameter,
		ok + "&step=1ms":                            CodeBadParameter,
		ok + "&step=1500ms":                         CodeBadParameter,
		ok + "&step=-1m":                            CodeBadParameter,
		ok + "&step=500d":                           CodeBadParameter,
		ok + "&from=-24h&step=1s":                   CodeTooManyPoints,
		ok + "&points=0":                            CodeBadParameter,
		ok + "&points=2001":                         CodeBadParameter,
		ok + "&points=9999999999999999999":          CodeBadParameter,
		ok + "&service=" + "a%00b":                  CodeBadParameter,
		ok + "&service=" + "%1b[2J":                 CodeBadParameter,
		ok + "&service=" + "%ff":                    CodeBadParameter,
		ok + "&service=" + strings.Repeat("a", 300): CodeBadParameter,
		ok + "&a=%zz":                               CodeBadParameter,
		ok + ";b":                                   CodeBadParameter,
		"/api/top?metric=nothing":                   CodeBadParameter,
		"/api/top?since=1s":                         CodeBadParameter,
		"/api/top?since=1000d":                      CodeBadParameter,
		"/api/top?n=0":                              CodeBadParameter,
		"/api/top?n=101":                            CodeBadParameter,
		"/api/top?limit=1":                          CodeUnknownParameter,
		"/api/journal?limit=1001":                   CodeBadParameter,
		"/api/journal?limit=x":                      CodeBadParameter,
		"/api/journal?before=-1":                    CodeBadParameter,
		"/api/journal?kind=Verdict":                 CodeBadParameter,
		"/api/journal?kind=late,late":               CodeBadParameter,
		"/api/journal?kind=late,":                   CodeBadParameter,
		"/api/journal?kind=" + many:                 CodeBadParameter,
		"/api/journal?subject=a%0Ab":                CodeBadParameter,
		"/api/journal?from=-1h&to=-2h":              CodeBadParameter,
		"/api/journal?to=tomorrow":                  CodeBadParameter,
	} {
		r := s.ask(t, "GET", path, "")
		r.refused(t, http.StatusBadRequest, code)
		if len(r.body) > 1000 {
			t.Errorf("%.60s: the error has %d bytes", path, len(r.body))
		}
	}
	if n := len(s.past.series) + len(s.past.tops) + len(s.past.journal); n != 0 {
		t.Errorf("%d of the wrong queries were asked", n)
	}
}

// TestEveryQueryIsBounded holds what any range and step is turned into against the bounds.
func TestEveryQueryIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "from"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		span := time.Duration(rapid.Int64Range(1, int64(maxRange)).Draw(t, "span"))
		values := url.Values{"name": {"a"}, "from": {from.UTC().Format(time.RFC3339Nano)}, "to": {from.Add(span).UTC().Format(time.RFC3339Nano)}}
		points := rapid.IntRange(1, MaxPoints).Draw(t, "points")
		values.Set("points", strconv.Itoa(points))
		if step := rapid.IntRange(0, 100_000).Draw(t, "step"); step > 0 {
			values.Set("step", strconv.Itoa(step)+"s")
		}
		q, err := seriesQuery(values, noon)
		var e *Error
		if errors.As(err, &e) && e.Code == CodeTooManyPoints {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		n := int(q.To.Sub(q.From) / q.Step)
		bound := max(points, 2)
		if values.Has("step") {
			bound = MaxPoints
		}
		if n < 1 || n > bound || n*q.MaxSeries > maxAnswerPoints || q.MaxSeries < 1 || q.MaxSeries > maxSeries {
			t.Fatalf("%d points of %d, %d series", n, bound, q.MaxSeries)
		}
		if q.From.After(from) || q.To.Before(from.Add(span)) || from.Sub(q.From) >= q.Step || q.To.Sub(from.Add(span)) >= q.Step || !q.From.Equal(q.From.Truncate(q.Step)) {
			t.Fatalf("%v to %v became %v to %v by %v", from, from.Add(span), q.From, q.To, q.Step)
		}
	})
}

// FuzzSeriesQuery holds that no query makes the parser panic or go beyond its bounds.
func FuzzSeriesQuery(f *testing.F) {
	for _, q := range []string{"name=a", "name=a&from=-24h&step=1m", "name=a&from=1772359200&to=now&points=7", "name=a&service=x&pid=1&start=2", "name=%ff&&;=", "name=a&step=9223372036s", "name=a,b:c,d&columns=min,last", "name=,&columns=,"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := parameters(&http.Request{URL: &url.URL{RawQuery: query}}, seriesParameters)
		if err != nil {
			return
		}
		q, err := seriesQuery(values, noon)
		if err != nil {
			wellSaid(t, query, err)
			return
		}
		if n := q.To.Sub(q.From) / q.Step; n < 1 || n > MaxPoints || q.MaxSeries < 1 || len(q.Names) < 1 || len(q.Names) > maxNames || q.Columns == (Columns{}) {
			t.Fatalf("%q: %+v", query, q)
		}
	})
}

// FuzzJournalQuery holds the same of the journal's.
func FuzzJournalQuery(f *testing.F) {
	for _, q := range []string{"", "limit=1&before=3", "kind=verdict,late&subject=a", "from=-1h&to=now", "from=1&to=2", "kind=,", "before=99999999999999999999"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := parameters(&http.Request{URL: &url.URL{RawQuery: query}}, journalParameters)
		if err != nil {
			return
		}
		q, err := journalQuery(values, noon)
		if err != nil {
			wellSaid(t, query, err)
			return
		}
		if q.Limit < 1 || q.Limit > maxEvents || q.Before < 0 || len(q.Kinds) > maxKinds || !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
			t.Fatalf("%q: %+v", query, q)
		}
	})
}

// wellSaid holds that an error says what is wrong, briefly, and what to do.
func wellSaid(t *testing.T, query string, err error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code == "" || e.Hint == "" || len(e.Message) > 600 || !utf8.ValidString(e.Message) {
		t.Fatalf("%q: %v", query, err)
	}
}
