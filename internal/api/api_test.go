package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/session"
	"github.com/zol0/zol0/internal/wire"
)

// present is a small machine of two services.
type present struct {
	beat    atomic.Uint64
	encoded atomic.Int64 // how often the table was asked for
}

func (p *present) Beat() uint64 { return p.beat.Load() }

func (p *present) Services() wire.ServiceTable {
	p.encoded.Add(1)
	private := 100 + p.beat.Load()
	return wire.ServiceTable{Beat: p.beat.Load(), Time: time.Unix(int64(private), 0).UTC(), Services: []wire.ServiceRow{
		{Name: "bot", State: "leaking", PrivateBytes: &private}, {Name: "<img onerror>\x1b[2J", State: "steady"},
	}}
}

func (p *present) Self() wire.Self { return wire.Self{Version: "test", PID: 1} }

// past remembers what it was asked and answers with it.
type past struct {
	mu      sync.Mutex
	series  []SeriesQuery
	tops    []TopQuery
	journal []JournalQuery
	stores  int
	answer  []wire.Series
	events  []wire.Event
	err     error
	hold    chan struct{} // not nil: answers wait for it, or for the end of the context
}

func (p *past) wait(ctx context.Context) error {
	p.mu.Lock()
	hold, err := p.hold, p.err
	p.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func (p *past) Series(ctx context.Context, q SeriesQuery) (wire.SeriesAnswer, error) {
	p.mu.Lock()
	p.series = append(p.series, q)
	answer := p.answer
	p.mu.Unlock()
	return wire.SeriesAnswer{Tier: "raw", Series: answer}, p.wait(ctx)
}

func (p *past) Top(ctx context.Context, q TopQuery) (wire.Top, error) {
	p.mu.Lock()
	p.tops = append(p.tops, q)
	p.mu.Unlock()
	return wire.Top{Services: []wire.TopRow{{Service: "bot", Growth: 5}}}, p.wait(ctx)
}

func (p *past) Store(ctx context.Context) (wire.StoreState, error) {
	p.mu.Lock()
	p.stores++
	p.mu.Unlock()
	return wire.StoreState{Path: "/data/zol0.db"}, p.wait(ctx)
}

func (p *past) Journal(ctx context.Context, q JournalQuery) (wire.Journal, error) {
	p.mu.Lock()
	p.journal = append(p.journal, q)
	events := p.events
	p.mu.Unlock()
	return wire.Journal{Events: events}, p.wait(ctx)
}

// purse is the memory of a daemon.
type purse struct {
	short atomic.Bool
	cache *cache.Cache
	hold  chan struct{} // not nil: clearing waits for it
}

func (m *purse) NewClients() bool { return !m.short.Load() }

func (m *purse) ClearCache(context.Context) (wire.CacheCleared, error) {
	if m.hold != nil {
		m.hold <- struct{}{}
		<-m.hold
	}
	entries, size := m.cache.Clear()
	return wire.CacheCleared{Entries: entries, EntryBytes: uint64(size)}, nil
}

// stage is a server on a loopback listener.
type stage struct {
	*Server
	present *present
	past    *past
	purse   *purse
	url     string
	listen  string        // where
	prepare func(*Server) // called before it serves
	log     *logged
	end     func() error // ends the server and returns what Serve returned
}

// logged collects what the server logs.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newStage serves until the test ends. The changes are made before it begins.
func newStage(t *testing.T, changes ...func(*stage, *Options)) *stage {
	t.Helper()
	c := cache.New()
	s := &stage{present: &present{}, past: &past{}, purse: &purse{cache: c}, log: &logged{}, listen: "127.0.0.1:0"}
	s.present.beat.Store(1)
	o := Options{Monitor: s.present, History: s.past, Memory: s.purse, Cache: c, Sessions: session.New(), Now: time.Now, Log: slog.New(slog.NewTextHandler(s.log, nil))}
	for _, change := range changes {
		change(s, &o)
	}
	s.Server = New(o)
	if s.prepare != nil {
		s.prepare(s.Server)
	}
	l, err := net.Listen("tcp", s.listen)
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	var once sync.Once
	s.end = func() (err error) {
		once.Do(func() { cancel(); err = <-ended })
		return err
	}
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		if err := s.end(); err != nil {
			t.Errorf("the server ended with: %v", err)
		}
	})
	return s
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; headers are name and value in turn.
func (s *stage) ask(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{w.StatusCode, w.Header, string(text)}
}

// into reads the answer as JSON, refusing fields that the shape does not have.
func (r reply) into(t *testing.T, v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
}

// refused holds an error to its status, code and form.
func (r reply) refused(t *testing.T, status int, code string) {
	t.Helper()
	var e wire.Error
	r.into(t, &e)
	if r.status != status || e.Code != code || e.Message == "" || e.Hint == "" || r.header.Get("Content-Type") != jsonType {
		t.Errorf("status %d, %s: %s; want %d, %s", r.status, r.header.Get("Content-Type"), r.body, status, code)
	}
	if (status == http.StatusServiceUnavailable) != (r.header.Get("Retry-After") != "") {
		t.Errorf("%d with Retry-After %q", status, r.header.Get("Retry-After"))
	}
}

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
	for _, have := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
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
	r := s.ask(t, "GET", "/", "")
	for _, x := range s.Routes() {
		if !strings.Contains(r.body, x.Path) || !strings.Contains(r.body, x.Meaning) {
			t.Errorf("%s %s is not in the index", x.Method, x.Path)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	s := newStage(t)
	for _, path := range []string{"/nothing", "/api", "/api/", "/api/session/state/", "/api/session/state/a/b", "/etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/self/"} {
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
	s.past.answer = []wire.Series{{Labels: map[string]string{"service": "bot"}, Times: []int64{60, 120, 180}, Min: []float64{1, nan, 3}, Mean: []float64{1, 2, 3}, Max: []float64{1, 2, math.Inf(1)}, Last: []float64{1, 2, 3}}, {}}
	s.past.events = []wire.Event{{ID: 3, Kind: "verdict", Detail: json.RawMessage(`{"cut`)}, {ID: 2, Kind: "start"}}
	var answer wire.SeriesAnswer
	r := s.ask(t, "GET", "/api/series?name=zol0_service_private_bytes&service=bot&from=-24h&points=300", "")
	r.into(t, &answer)
	if len(answer.Series) != 2 || len(answer.Series[0].Times) != 1 || answer.Series[0].Max[0] != 1 || answer.StepSeconds != 300 || answer.Tier != "raw" || !strings.Contains(r.body, `"last":[]`) {
		t.Errorf("%s", r.body)
	}
	if q := s.past.series[0]; q.Match["service"] != "bot" || len(q.Match) != 1 || q.To.Sub(q.From) > 24*time.Hour+5*time.Minute || q.MaxSeries != 50 {
		t.Errorf("%+v", q)
	}
	var top wire.Top
	s.ask(t, "GET", "/api/top?metric=private&since=24h&n=3", "").into(t, &top)
	if top.Metric != "private_bytes" || top.SinceSeconds != 86400 || len(top.Services) != 1 || s.past.tops[0].Limit != 3 {
		t.Errorf("%+v", top)
	}
	var journal wire.Journal
	s.ask(t, "GET", "/api/journal?limit=2&before=9", "").into(t, &journal)
	if len(journal.Events) != 2 || string(journal.Events[0].Detail) != `"{\"cut"` || s.past.journal[0] != (JournalQuery{9, 2}) {
		t.Errorf("%+v", journal)
	}
	var store wire.StoreState
	s.ask(t, "GET", "/api/store", "").into(t, &store)
	if store.Path != "/data/zol0.db" || store.Tiers == nil {
		t.Errorf("%+v", store)
	}
}

// TestWhatIsKept asks twice: ranges in minutes and the store come from the cache, until it
// is cleared; ranges in seconds and the journal never do.
func TestWhatIsKept(t *testing.T) {
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := newStage(t, func(_ *stage, o *Options) { o.Now = func() time.Time { return clock } })
	paths := []string{"/api/series?name=a&from=-24h&step=1m", "/api/series?name=a&from=-1m&step=1s", "/api/top", "/api/store", "/api/journal"}
	for range 2 {
		for _, path := range paths {
			s.ask(t, "GET", path, "")
		}
	}
	if len(s.past.series) != 3 || len(s.past.tops) != 1 || s.past.stores != 1 || len(s.past.journal) != 2 {
		t.Errorf("asked for %d series, %d tops, %d stores, %d journals", len(s.past.series), len(s.past.tops), s.past.stores, len(s.past.journal))
	}
	s.ask(t, "GET", "/api/series?name=a&from=-24h&step=1m&service=x", "")
	s.ask(t, "GET", `/api/series?name=a&from=-24h&step=1m&service=x%22%20start=%22y`, "")
	s.ask(t, "GET", `/api/series?name=a&from=-24h&step=1m&service=x%20start=y`, "")
	s.ask(t, "GET", "/api/series?name=a&from=-24h&step=1m&service=x&start=y", "")
	if len(s.past.series) != 7 {
		t.Error("the answer to one question was given to another")
	}
	var cleared wire.CacheCleared
	s.ask(t, "POST", "/api/cache/clear", "").into(t, &cleared)
	if cleared.Entries != 7 || cleared.EntryBytes == 0 {
		t.Errorf("%+v", cleared)
	}
	s.ask(t, "GET", "/api/store", "")
	if s.past.stores != 2 {
		t.Error("after clearing the cache the old answer is given")
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
	s.past.err, s.past.answer = nil, []wire.Series{{Times: []int64{1}}}
	s.ask(t, "GET", "/api/series?name=a", "").refused(t, 500, CodeInternal)
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
