package api

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
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
