package api

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

func TestTableIsEncodedOncePerBeat(t *testing.T) {
	s := newStage(t)
	first := s.ask(t, "GET", "/api/services", "")
	var table wire.ServiceTable
	first.into(t, &table)
	if len(table.Services) != 2 || table.Beat != 1 || *table.Services[0].PrivateBytes != 101 {
		t.Errorf("%s", first.body)
	}
	if strings.Contains(first.body, "<img") || strings.Contains(first.body, "\x1b") {
		t.Errorf("a hostile name stands raw in the answer: %q", first.body)
	}
	for range 20 {
		if again := s.ask(t, "GET", "/api/services", ""); again.body != first.body {
			t.Fatal("the answer changed within one beat")
		}
	}
	tag := first.header.Get("ETag")
	for _, have := range []string{tag, strings.TrimPrefix(tag, "W/"), `"x", ` + tag, "*"} {
		if r := s.ask(t, "GET", "/api/services", "", "If-None-Match", have); r.status != http.StatusNotModified || r.body != "" {
			t.Errorf("If-None-Match %s: %d", have, r.status)
		}
	}
	if n := s.present.encoded.Load(); n != 1 {
		t.Errorf("the table was made %d times in one beat", n)
	}
	s.present.beat.Add(1)
	second := s.ask(t, "GET", "/api/services", "", "If-None-Match", tag)
	if second.status != http.StatusOK || !strings.Contains(second.body, `"private_bytes":102`) || second.header.Get("ETag") == tag {
		t.Errorf("after a beat: %d %s", second.status, second.body)
	}
	if other := newStage(t).ask(t, "GET", "/api/services", "", "If-None-Match", tag); other.status != http.StatusOK {
		t.Error("the first beat of another run of the daemon is taken for the same")
	}
}

func TestBeforeTheFirstBeat(t *testing.T) {
	s := newStage(t)
	s.present.beat.Store(0)
	s.ask(t, "GET", "/-/ready", "").refused(t, 503, CodeNotReady)
	s.ask(t, "GET", "/api/services", "").refused(t, 503, CodeNotReady)
	if r := s.ask(t, "GET", "/-/healthy", ""); r.status != 200 || r.body != "ok\n" {
		t.Errorf("%+v", r)
	}
	s.present.beat.Store(1)
	if r := s.ask(t, "GET", "/-/ready", ""); r.status != 200 {
		t.Errorf("%+v", r)
	}
}

func TestSelf(t *testing.T) {
	s := newStage(t)
	s.ask(t, "GET", "/api/store", "")
	s.ask(t, "POST", "/api/session/load", "")
	var v wire.Self
	s.ask(t, "GET", "/api/self", "").into(t, &v)
	if v.Version != "test" || v.HTTP.Requests != 3 || v.HTTP.Active != 1 || v.Live.MaxClients != MaxClients || v.Cache.Entries != 1 || v.Cache.MaxEntries != 10 || v.Sessions.PageLoads != 1 || v.Steps == nil {
		t.Errorf("%+v", v)
	}
}

func TestIndexListsEveryRoute(t *testing.T) {
	s := newStage(t)
	r := s.ask(t, "GET", "/api", "")
	if r.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%v", r.header)
	}
	for _, x := range s.Routes() {
		if !strings.Contains(r.body, x.Path) || !strings.Contains(r.body, x.Meaning) {
			t.Errorf("%s %s is not in the index", x.Method, x.Path)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	s := newStage(t)
	for _, path := range []string{"/nothing", "/api/", "/api/session/state/", "/api/session/state/a/b", "/etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/self/"} {
		s.ask(t, "GET", path, "").refused(t, 404, CodeNotFound)
	}
	for _, x := range [][3]string{
		{"POST", "/api/self", "GET, HEAD"}, {"GET", "/api/cache/clear", "POST"}, {"POST", "/api/session/state/a", "GET, HEAD, PUT, DELETE"},
		{"OPTIONS", "/api/self", "GET, HEAD"}, {"TRACE", "/", "GET, HEAD"}, {"DELETE", "/api/events", "GET, HEAD"},
	} {
		r := s.ask(t, x[0], x[1], "")
		r.refused(t, 405, CodeMethodNotAllowed)
		if r.header.Get("Allow") != x[2] {
			t.Errorf("%s %s: Allow is %q", x[0], x[1], r.header.Get("Allow"))
		}
	}
	for _, path := range []string{"/", "/api/self", "/api/services", "/api/events", "/-/healthy"} {
		if r := s.ask(t, "HEAD", path, ""); r.status != 200 || r.body != "" {
			t.Errorf("HEAD %s: %+v", path, r)
		}
	}
}

func TestHistory(t *testing.T) {
	nan := math.NaN()
	s := newStage(t)
	s.past.answer = []wire.Series{{Name: "zol0_service_private_bytes", Labels: map[string]string{"service": "bot"}, Times: []int64{60, 120, 180}, Min: []float64{1, nan, 3}, Mean: []float64{1, 2, 3}, Max: []float64{1, 2, math.Inf(1)}, Last: []float64{1, 2, 3}}, {Name: "zol0_service_private_bytes"}}
	s.past.events = []wire.Event{{ID: 3, Kind: "verdict", Detail: json.RawMessage(`{"cut`)}, {ID: 2, Kind: "start"}}
	var answer wire.SeriesAnswer
	r := s.ask(t, "GET", "/api/series?name=zol0_service_private_bytes&service=bot&from=-24h&points=300", "")
	r.into(t, &answer)
	if len(answer.Series) != 2 || len(answer.Series[0].Times) != 1 || answer.Series[0].Max[0] != 1 || answer.StepSeconds != 300 || answer.Tier != "raw" || !strings.Contains(r.body, `"times":[]`) {
		t.Errorf("%s", r.body)
	}
	if q := s.past.series[0]; q.Match["service"] != "bot" || len(q.Match) != 1 || q.To.Sub(q.From) > 24*time.Hour+5*time.Minute || q.MaxSeries != 207 || q.Columns != AllColumns {
		t.Errorf("%+v", q)
	}
	var top wire.Top
	s.ask(t, "GET", "/api/top?metric=private&since=24h&n=3", "").into(t, &top)
	if top.Metric != "private_bytes" || top.SinceSeconds != 86400 || len(top.Services) != 1 || s.past.tops[0].Limit != 3 {
		t.Errorf("%+v", top)
	}
	var journal wire.Journal
	s.ask(t, "GET", "/api/journal?limit=2&before=9&kind=verdict,late&subject=a%20b&from=1772359200", "").into(t, &journal)
	if len(journal.Events) != 2 || string(journal.Events[0].Detail) != `"{\"cut"` {
		t.Errorf("%+v", journal)
	}
	if q := s.past.journal[0]; q.Before != 9 || q.Limit != 2 || !slices.Equal(q.Kinds, []string{"verdict", "late"}) || q.Subject != "a b" || q.From.Unix() != 1772359200 || !q.To.IsZero() {
		t.Errorf("%+v", q)
	}
	var store wire.StoreState
	s.ask(t, "GET", "/api/store", "").into(t, &store)
	if store.Path != "/data/zol0.db" || store.Tiers == nil {
		t.Errorf("%+v", store)
	}
}

// TestSeveralNames asks for the series of two metrics, and for two of the columns.
func TestSeveralNames(t *testing.T) {
	s := newStage(t)
	s.past.answer = []wire.Series{
		{Name: "b", Times: []int64{60, 120}, Min: []float64{1, 2}, Mean: []float64{1, 2}, Max: []float64{math.NaN(), 2}, Last: []float64{1, math.Inf(-1)}},
		{Name: "a", Times: []int64{60}, Min: []float64{5}, Mean: []float64{6}, Max: []float64{7}, Last: []float64{8}},
	}
	var answer wire.SeriesAnswer
	r := s.ask(t, "GET", "/api/series?name=b,a&columns=mean,max&step=1m", "")
	r.into(t, &answer)
	if q := s.past.series[0]; !slices.Equal(q.Names, []string{"b", "a"}) || q.Columns != (Columns{Mean: true, Max: true}) {
		t.Errorf("%+v", q)
	}
	if answer.Name != "b,a" || len(answer.Series) != 2 || len(answer.Series[0].Times) != 1 || answer.Series[0].Mean[0] != 2 || answer.Series[1].Max[0] != 7 || strings.Contains(r.body, `"min"`) || strings.Contains(r.body, `"last"`) {
		t.Errorf("%s", r.body)
	}
	s.past.answer = nil
	s.ask(t, "GET", "/api/series?name=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", "").into(t, &answer)
	if n := len(s.past.series[1].Names); n != maxNames {
		t.Errorf("asked for %d names", n)
	}
}

// TestWhatIsKept asks twice: ranges in minutes and the store come from the cache, until it
// is cleared; ranges in seconds only until the next beat, and the journal never.
func TestWhatIsKept(t *testing.T) {
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := newStage(t, func(_ *stage, o *Options) { o.Now = func() time.Time { return clock } })
	paths := []string{"/api/series?name=a&from=-24h&step=1m", "/api/series?name=a&from=-1m&step=1s", "/api/top", "/api/store", "/api/journal"}
	for range 2 {
		for _, path := range paths {
			s.ask(t, "GET", path, "")
		}
	}
	if len(s.past.series) != 2 || len(s.past.tops) != 1 || s.past.stores != 1 || len(s.past.journal) != 2 {
		t.Errorf("asked for %d series, %d tops, %d stores, %d journals", len(s.past.series), len(s.past.tops), s.past.stores, len(s.past.journal))
	}
	s.ask(t, "GET", "/api/series?name=a&from=-24h&step=1m&service=x", "")
	s.ask(t, "GET", `/api/series?name=a&from=-24h&step=1m&service=x%22%20start=%22y`, "")
	s.ask(t, "GET", `/api/series?name=a&from=-24h&step=1m&service=x%20start=y`, "")
	s.ask(t, "GET", "/api/series?name=a&from=-24h&step=1m&service=x&start=y", "")
	s.ask(t, "GET", "/api/series?name=a&from=-24h&step=1m&columns=min", "")
	s.ask(t, "GET", "/api/series?name=a,b&from=-24h&step=1m", "")
	if len(s.past.series) != 8 {
		t.Error("the answer to one question was given to another")
	}
	var cleared wire.CacheCleared
	s.ask(t, "POST", "/api/cache/clear", "").into(t, &cleared)
	if cleared.Entries != 10 || cleared.EntryBytes == 0 {
		t.Errorf("%+v", cleared)
	}
	s.ask(t, "GET", "/api/store", "")
	if s.past.stores != 2 {
		t.Error("after clearing the cache the old answer is given")
	}
	for range 2 {
		s.present.beat.Add(1)
		s.ask(t, "GET", paths[0], "")
		s.ask(t, "GET", paths[1], "")
	}
	if len(s.past.series) != 8+1+2 {
		t.Errorf("after two beats %d series were asked for", len(s.past.series))
	}
}

func TestFailures(t *testing.T) {
	s := newStage(t)
	s.past.err = errors.New("disk I/O error")
	s.ask(t, "GET", "/api/journal?before=4242", "").refused(t, 500, CodeInternal)
	if log := s.log.String(); !strings.Contains(log, "disk I/O error") || strings.Contains(log, "4242") {
		t.Errorf("the log says %s", log)
	}
	s.past.err = &Error{Status: 404, Code: "no_such_series", Message: "there is no such series", Hint: "look"}
	s.ask(t, "GET", "/api/series?name=a", "").refused(t, 404, "no_such_series")
	for _, wrong := range []wire.Series{{Name: "a", Times: []int64{1}}, {Name: "b"}} {
		s.past.err, s.past.answer = nil, []wire.Series{wrong}
		s.ask(t, "GET", "/api/series?name=a", "").refused(t, 500, CodeInternal)
	}
}

func TestQueryTimeout(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) {
		s.prepare = func(x *Server) { x.times.query = 10 * time.Millisecond }
	})
	s.past.hold = make(chan struct{})
	s.ask(t, "GET", "/api/series?name=a", "").refused(t, 503, CodeQueryTimeout)
}

func TestOnlyOneClears(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) { s.purse.hold = make(chan struct{}) })
	done := make(chan reply)
	go func() { done <- s.ask(t, "POST", "/api/cache/clear", "") }()
	<-s.purse.hold
	s.ask(t, "POST", "/api/cache/clear", "").refused(t, 503, CodeBusy)
	s.purse.hold <- struct{}{}
	if r := <-done; r.status != 200 {
		t.Errorf("%+v", r)
	}
}
