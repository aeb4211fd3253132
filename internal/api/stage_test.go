package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/session"
	"github.com/zol0/zol0/internal/wire"
)

// present is a small machine of two services.
type present struct {
	strategies []wire.Strategy
	beat       atomic.Uint64
	encoded    atomic.Int64 // how often the table was asked for
	processes  atomic.Int64 // and that of processes
	many       int          // services beside the two
	mu         sync.Mutex
	logs       []LogQuery
}

func (p *present) Beat() uint64 { return p.beat.Load() }

func (p *present) Services() wire.ServiceTable {
	p.encoded.Add(1)
	private := 100 + p.beat.Load()
	out := wire.ServiceTable{Beat: p.beat.Load(), Time: time.Unix(int64(private), 0).UTC(), Services: []wire.ServiceRow{
		{Name: "bot", State: "leaking", PrivateBytes: &private}, {Name: "<img onerror>\x1b[2J", State: "steady"},
	}}
	for i := range p.many {
		figure, rate := uint64(i*i*4096+i), float64(i*977)
		out.Services = append(out.Services, wire.ServiceRow{
			Name: fmt.Sprintf("service-%d", i), Kind: "systemd", State: "steady", StateMetric: "private_bytes", Sentence: fmt.Sprintf("Steady: a growth of %d.%d MB/h would have been seen.", i%7, i%10),
			PrivateBytes: &figure, RSSBytes: &figure, Threads: &figure, Rate: &wire.Rate{BytesPerHour: rate, LowBytesPerHour: rate - 100, HighBytesPerHour: rate + 100},
		})
	}
	return out
}

func (p *present) Host() wire.HostState {
	cpu := 12.5
	return wire.HostState{Beat: p.beat.Load(), CPUPercent: &cpu, Host: wire.Host{Name: "machine"}}
}

func (p *present) Processes() wire.ProcessTable {
	p.processes.Add(1)
	return wire.ProcessTable{Beat: p.beat.Load(), Total: 1, Processes: []wire.ProcessRow{{ID: "1@2", PID: 1, Name: "<b>"}}}
}

func (p *present) Service(name string) (wire.ServiceDetail, bool) {
	return wire.ServiceDetail{Service: wire.ServiceRow{Name: name}, Instances: []wire.ServiceInstance{{}}}, name == "bot" || name == "a/b c"
}

func (p *present) Explain(pid int32) (service.Explanation, error) {
	switch pid {
	case 1:
		return service.Explanation{PID: 1, Service: "bot", Why: "because"}, nil
	case 2:
		return service.Explanation{}, errors.New("the disk burns")
	}
	return service.Explanation{}, fmt.Errorf("cannot explain %d: %w", pid, fs.ErrNotExist)
}

func (p *present) Alerts() wire.Alerts { return wire.Alerts{Status: "operational"} }

func (p *present) Strategies() wire.Strategies {
	return wire.Strategies{Message: "No strategy source", Hint: "sources:", Strategies: p.strategies}
}

func (p *present) Strategy(source, name string) (wire.StrategyDetail, bool) {
	return wire.StrategyDetail{Strategy: wire.Strategy{Name: name, Source: source}}, name == "x" || source == "bot"
}

func (p *present) Core() wire.Core {
	return wire.Core{Message: "No source for the trading core", Hint: "sources:"}
}

func (p *present) Logs(q LogQuery) wire.Logs {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.logs = append(p.logs, q)
	return wire.Logs{Lines: []wire.LogLine{{ID: 3, Text: "<script>"}}}
}

func (p *present) Own() wire.OwnState { return wire.OwnState{Version: "test", StepName: "normal"} }

func (p *present) Config() wire.Config { return wire.Config{ElevatedBytes: 300_000_000} }

func (p *present) Self() wire.Self { return wire.Self{Version: "test", PID: 1} }

// past remembers what it was asked and answers with it.
type past struct {
	mu      sync.Mutex
	series  []SeriesQuery
	tops    []TopQuery
	journal []JournalQuery
	lives   []LivesQuery
	marks   []MarksQuery
	pairs   []CompareQuery
	stores  int
	answer  []wire.Series
	events  []wire.Event
	err     error
	hold    chan struct{} // not nil: answers wait for it, or for the end of the context
	slow    chan struct{} // not nil: comparisons wait for it
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

func (p *past) Lives(ctx context.Context, q LivesQuery) (wire.Lives, error) {
	p.mu.Lock()
	p.lives = append(p.lives, q)
	p.mu.Unlock()
	return wire.Lives{Service: q.Service, Lives: []wire.Life{{PID: 7, Start: "12"}}}, p.wait(ctx)
}

func (p *past) Marks(ctx context.Context, q MarksQuery) (wire.Marks, error) {
	p.mu.Lock()
	p.marks = append(p.marks, q)
	p.mu.Unlock()
	return wire.Marks{}, p.wait(ctx)
}

func (p *past) Compare(ctx context.Context, q CompareQuery) (wire.Comparison, error) {
	p.mu.Lock()
	p.pairs = append(p.pairs, q)
	p.mu.Unlock()
	if p.slow != nil {
		<-p.slow
	}
	number := func(v float64) *float64 { return &v }
	return wire.Comparison{
		Service: q.Service, Before: wire.ComparedStretch{From: q.Before.From, To: q.Before.To, Samples: 10}, After: wire.ComparedStretch{PID: q.After.PID, Samples: 20, Verdict: &wire.Verdict{Sentence: "Leaking: growing.", Caveats: []string{}}},
		Rows: []wire.ComparisonRow{
			{Metric: "private_bytes", Title: "Private memory", Unit: "bytes", Before: number(1e8), After: number(5e7), Change: number(-5e7), ChangePercent: number(-50)},
			{Metric: "rate", Title: "Growth", Unit: "bytes_per_hour", Before: number(0), After: number(1.5e6), Change: number(1.5e6)},
			{Metric: "cpu", Title: "CPU", Unit: "percent", After: number(2.25)},
			{Metric: "faults", Title: "Major faults", Unit: "per_hour", Before: number(3), After: number(3), Change: number(0), ChangePercent: number(0)},
			{Metric: "threads", Title: "Threads", Unit: "count", Before: number(3), After: number(4), Change: number(1), ChangePercent: number(33.3333)},
		},
		Verdict: &wire.VerdictChange{Word: "worse", Sentence: "It grows now."}, Caveats: []string{"a | b"},
	}, p.wait(ctx)
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
	w, err := (&http.Transport{DisableKeepAlives: true, DisableCompression: true}).RoundTrip(r)
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
	if (status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests) != (r.header.Get("Retry-After") != "") {
		t.Errorf("%d with Retry-After %q", status, r.header.Get("Retry-After"))
	}
}
