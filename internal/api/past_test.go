package api

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/zol0/zol0/internal/wire"
)

func TestMarks(t *testing.T) {
	s := newStage(t, func(_ *stage, o *Options) { o.Now = func() time.Time { return noon } })
	var v wire.Marks
	s.ask(t, "GET", "/api/marks", "").into(t, &v)
	s.ask(t, "GET", "/api/marks?service=bot&kind=start,deploy&from=-7d&to=-1d&limit=500", "").into(t, &v)
	if q := s.past.marks[0]; q.Service != "" || q.Kinds != nil || !q.From.Equal(noon.Add(-24*time.Hour)) || !q.To.Equal(noon) || q.Limit != 200 || v.Marks == nil {
		t.Errorf("%+v answered %+v", q, v)
	}
	if q := s.past.marks[1]; q.Service != "bot" || !q.From.Equal(noon.AddDate(0, 0, -7)) || !q.To.Equal(noon.AddDate(0, 0, -1)) || q.Limit != 500 || !slices.Equal(q.Kinds, []string{"start", "deploy"}) {
		t.Errorf("%+v", q)
	}
}

func TestCompare(t *testing.T) {
	s := newStage(t, func(_ *stage, o *Options) { o.Now = func() time.Time { return noon } })
	var v wire.Comparison
	s.ask(t, "GET", "/api/compare?service=bot&before_from=-48h&before_to=-24h&after_pid=9&after_start=77", "").into(t, &v)
	want := CompareQuery{"bot", StretchQuery{From: noon.Add(-48 * time.Hour), To: noon.Add(-24 * time.Hour)}, StretchQuery{PID: 9, Start: "77"}}
	if q := s.past.pairs[0]; q != want || len(v.Rows) != 5 || v.Verdict.Word != "worse" {
		t.Errorf("%+v answered %+v", q, v)
	}
	s.ask(t, "GET", "/api/compare?service=bot&before_from=-2h&before_pid=1&before_start=5&after_from=-1h&format=json", "").into(t, &v)
	want = CompareQuery{"bot", StretchQuery{From: noon.Add(-2 * time.Hour), PID: 1, Start: "5"}, StretchQuery{From: noon.Add(-time.Hour), To: noon}}
	if q := s.past.pairs[1]; q != want {
		t.Errorf("%+v", q)
	}
}

// TestComparisonsLeaveRoomForOthers holds some, and asks for something else meanwhile.
func TestComparisonsLeaveRoomForOthers(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) { s.past.slow = make(chan struct{}) })
	var wg sync.WaitGroup
	const clients = maxMaking + 2
	for range clients {
		wg.Go(func() {
			if r := s.ask(t, "GET", "/api/compare?service=bot&before_from=-2h&before_to=-1h&after_from=-1h", ""); r.status != 200 {
				t.Errorf("%+v", r)
			}
		})
	}
	until(t, "one is made and the others wait", func() bool { return s.gate.active.Load() == clients && len(s.making) == 1 })
	if r := s.ask(t, "GET", "/api/series?name=a", ""); r.status != 200 {
		t.Errorf("while comparisons wait: %+v", r)
	}
	close(s.past.slow)
	wg.Wait()
	if n := len(s.past.pairs); n != clients || len(s.compares) != 0 {
		t.Errorf("%d comparisons were made, and %d still are", n, len(s.compares))
	}
}

// TestComparisonAsAFile holds that what a hostile name says stays text in a report and in
// a spreadsheet.
func TestComparisonAsAFile(t *testing.T) {
	s := newStage(t)
	const stretches = "&before_from=-2h&before_to=-1h&after_from=-1h"
	const name = `=cmd|'/c calc'!A1 "<img src=x>` + "`"
	r := s.ask(t, "GET", "/api/compare?format=md&service="+url.QueryEscape(name)+stretches, "")
	if r.status != 200 || r.header.Get("Content-Type") != "text/markdown; charset=utf-8" || r.header.Get("Content-Disposition") != `attachment; filename="zol0-compare-cmd---c-calc--A1---img-src-x.md"` {
		t.Errorf("%d %v", r.status, r.header)
	}
	for _, part := range []string{
		"# =cmd\\|'/c calc'\\!A1 \"\\<img src=x\\>\\`: before and after\n",
		"| Private memory | 100 MB | 50 MB | −50 MB | −50 % |\n", "| Growth | 0 B/h | 1.5 MB/h | +1.5 MB/h | – |\n", "| CPU | – | 2.25 % | – | – |\n",
		"| Major faults | 3/h | 3/h | 0/h | 0 % |\n", "| Threads | 3 | 4 | +1 | +33.3 % |\n", "\nIt grows now.\n\n- a \\| b\n", "| verdict | – | Leaking: growing. |",
	} {
		if !strings.Contains(r.body, part) {
			t.Errorf("%q is not in\n%s", part, r.body)
		}
	}
	r = s.ask(t, "GET", "/api/compare?format=csv&service="+url.QueryEscape(name)+stretches, "")
	rows, err := csv.NewReader(strings.NewReader(r.body)).ReadAll()
	if err != nil || len(rows) != 6 || r.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasSuffix(r.header.Get("Content-Disposition"), `.csv"`) {
		t.Fatalf("%v, %v:\n%s", err, r.header, r.body)
	}
	if rows[1][0] != "'"+name || strings.Join(rows[1][1:], " ") != "private_bytes bytes 100000000 50000000 -50000000 -50" || strings.Join(rows[3][1:], " ") != "cpu percent  2.25  " {
		t.Errorf("%q", rows)
	}
	// An error is no file.
	s.past.err = fmt.Errorf("the store has no such process: %w", fs.ErrNotExist)
	s.ask(t, "GET", "/api/compare?service=bot&before_pid=1&before_start=2&after_pid=3&after_start=4", "").refused(t, 404, CodeNoSuchProcess)
	s.past.err = &Error{Status: 404, Code: CodeNoSuchService, Message: "none", Hint: "look"}
	r = s.ask(t, "GET", "/api/compare?format=csv&service=a"+stretches, "")
	r.refused(t, 404, CodeNoSuchService)
	if r.header.Get("Content-Disposition") != "" {
		t.Errorf("%v", r.header)
	}
}

func TestWrongQueriesOfThePast(t *testing.T) {
	s := newStage(t)
	const ok = "/api/compare?service=a&before_from=-2h&after_from=-1h"
	for path, code := range map[string]string{
		"/api/services/a/lives?points=301":                                 CodeBadParameter,
		"/api/services/a/lives?limit=17":                                   CodeBadParameter,
		"/api/services/a/lives?limit=0":                                    CodeBadParameter,
		"/api/services/a/lives?n=1":                                        CodeUnknownParameter,
		"/api/marks?limit=501":                                             CodeBadParameter,
		"/api/marks?from=now&to=-1h":                                       CodeBadParameter,
		"/api/marks?from=-401d":                                            CodeBadParameter,
		"/api/marks?sort=x":                                                CodeUnknownParameter,
		"/api/logs?limit=1001":                                             CodeBadParameter,
		"/api/logs?level=ERROR":                                            CodeBadParameter,
		"/api/logs?after=-1":                                               CodeBadParameter,
		"/api/logs?after=18446744073709551616":                             CodeBadParameter,
		"/api/logs?service=%ff":                                            CodeBadParameter,
		"/api/logs?since=1":                                                CodeUnknownParameter,
		"/api/compare":                                                     CodeBadParameter,
		"/api/compare?service=a":                                           CodeBadParameter,
		"/api/compare?service=a&before_from=-2h":                           CodeBadParameter,
		"/api/compare?service=a&before_from=-2h&after_pid=1":               CodeBadParameter,
		"/api/compare?service=a&before_from=-2h&after_start=1":             CodeBadParameter,
		"/api/compare?service=a&before_from=-2h&after_start=1&after_pid=0": CodeBadParameter,
		"/api/compare?service=a&before_from=-2h&after_start=1&after_pid=2147483648": CodeBadParameter,
		"/api/compare?service=a&after_from=-2h&before_from=-1h&before_to=-2h":       CodeBadParameter,
		ok + "&before_from=-3h":                           CodeBadParameter,
		ok + "&before_pid=1&before_start=1&before_to=-3h": CodeBadParameter,
		ok + "&format=xml":                                CodeBadParameter,
		ok + "&before=1":                                  CodeUnknownParameter,
	} {
		r := s.ask(t, "GET", path, "")
		r.refused(t, http.StatusBadRequest, code)
		if len(r.body) > 1000 {
			t.Errorf("%.60s: the error has %d bytes", path, len(r.body))
		}
	}
	if n := len(s.past.lives) + len(s.past.marks) + len(s.past.pairs) + len(s.present.logs); n != 0 {
		t.Errorf("%d of the wrong queries were asked", n)
	}
}

// FuzzQueriesOfThePast holds that no query makes a parser panic or go beyond its bounds.
func FuzzQueriesOfThePast(f *testing.F) {
	for _, q := range []string{
		"", "points=3&limit=2", "service=a&from=-1h&limit=500", "service=a&level=error&after=7&limit=3",
		"service=a&before_from=-2h&before_to=-1h&after_pid=1&after_start=2&format=md", "service=a&before_from=1&after_from=2&format=csv",
	} {
		f.Add(q)
	}
	read := func(query string, known []string) (url.Values, bool) {
		values, err := parameters(&http.Request{URL: &url.URL{RawQuery: query}}, known)
		return values, err == nil
	}
	f.Fuzz(func(t *testing.T, query string) {
		if values, ok := read(query, livesParameters); ok {
			if q, err := livesQuery("a", values); err != nil {
				wellSaid(t, query, err)
			} else if q.Points < 1 || q.Points > maxLifePoints || q.Limit < 1 || q.Limit > maxLives {
				t.Fatalf("%q: %+v", query, q)
			}
		}
		if values, ok := read(query, marksParameters); ok {
			if q, err := marksQuery(values, noon); err != nil {
				wellSaid(t, query, err)
			} else if !q.From.Before(q.To) || q.To.Sub(q.From) > maxRange || q.Limit < 1 || q.Limit > maxMarks {
				t.Fatalf("%q: %+v", query, q)
			}
		}
		if values, ok := read(query, logsParameters); ok {
			if q, err := logQuery(values); err != nil {
				wellSaid(t, query, err)
			} else if q.Limit < 1 || q.Limit > maxLogLines {
				t.Fatalf("%q: %+v", query, q)
			}
		}
		if values, ok := read(query, compareParameters); ok {
			q, format, err := compareQuery(values, noon)
			if err != nil {
				wellSaid(t, query, err)
				return
			}
			for _, x := range []StretchQuery{q.Before, q.After} {
				life, dated := x.PID > 0 && x.Start != "", !x.From.IsZero() && x.From.Before(x.To)
				if x.PID < 0 || (x.PID == 0) != (x.Start == "") || !life && !dated || q.Service == "" || format == "" {
					t.Fatalf("%q: %+v", query, q)
				}
			}
		}
	})
}

// FuzzFileName holds that a name of a file is one on any system, and stays within a header.
func FuzzFileName(f *testing.F) {
	for _, name := range []string{"bot", "", "a/b", "..", `"; x`, "ü\r\n", strings.Repeat("a", 100)} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := fileName(name)
		if got == "" || len(got) > 60 || strings.Trim(got, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			t.Fatalf("%q became %q", name, got)
		}
		if text := plain(name); utf8.ValidString(name) && strings.ContainsAny(text, "\n\r") {
			t.Fatalf("%q became %q", name, text)
		}
	})
}
