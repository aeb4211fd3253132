package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/client"
	"github.com/zol0/zol0/internal/session"
	"github.com/zol0/zol0/internal/wire"
)

// machine is a small daemon behind the real server.
type machine struct {
	api.Monitor // what is not asked for here
	api.History
	beat   uint64
	series api.SeriesQuery
	top    api.TopQuery
	events api.JournalQuery
	asked  asked
}

func (m *machine) Beat() uint64     { return m.beat }
func (m *machine) Self() wire.Self  { return wire.Self{Version: "test", PID: 7} }
func (m *machine) NewClients() bool { return true }
func (m *machine) Services() wire.ServiceTable {
	return wire.ServiceTable{Beat: m.beat, Services: []wire.ServiceRow{{Name: "bot", State: "leaking"}}}
}

func (m *machine) ClearCache(context.Context) (wire.CacheCleared, error) {
	return wire.CacheCleared{Entries: 3}, nil
}

func (m *machine) Series(_ context.Context, q api.SeriesQuery) (wire.SeriesAnswer, error) {
	m.series = q
	return wire.SeriesAnswer{Series: []wire.Series{{Name: q.Names[0], Times: []int64{60}, Min: []float64{1}, Mean: []float64{2}, Max: []float64{3}, Last: []float64{2}}}}, nil
}

func (m *machine) Top(_ context.Context, q api.TopQuery) (wire.Top, error) {
	m.top = q
	return wire.Top{Services: []wire.TopRow{{Service: "bot"}}}, nil
}

func (m *machine) Store(context.Context) (wire.StoreState, error) {
	return wire.StoreState{Path: "/data/zol0.db"}, nil
}

func (m *machine) Journal(_ context.Context, q api.JournalQuery) (wire.Journal, error) {
	m.events = q
	return wire.Journal{Events: []wire.Event{{ID: 4, Kind: "start"}}, Before: 4}, nil
}

// daemon serves a machine until the test ends.
func daemon(t *testing.T) (*machine, *client.Client) {
	t.Helper()
	m := &machine{beat: 1}
	s := api.New(api.Options{Monitor: m, History: m, Memory: m, Cache: cache.New(), Sessions: session.New(), Now: time.Now})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	c := connect(t, "http://"+l.Addr().String()+"/")
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return m, c
}

func connect(t *testing.T, address string) *client.Client {
	t.Helper()
	c, err := client.New(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestEverythingThatCanBeAsked(t *testing.T) {
	m, c := daemon(t)
	ctx := t.Context()
	if v, err := c.Self(ctx); err != nil || v.PID != 7 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Services(ctx); err != nil || v.Services[0].Name != "bot" {
		t.Errorf("%+v, %v", v, err)
	}
	from := time.Date(2026, 3, 1, 10, 0, 0, 0, time.FixedZone("", 3600))
	q := client.SeriesQuery{Names: []string{"zol0_service_private_bytes"}, Service: "a b&c=d", PID: 12, Start: "99", From: from, To: from.Add(time.Hour), Step: 90 * time.Second}
	if v, err := c.Series(ctx, q); err != nil || v.Series[0].Max[0] != 3 || !v.From.Equal(from) || v.StepSeconds != 90 {
		t.Errorf("%+v, %v", v, err)
	}
	if m.series.Match["service"] != q.Service || m.series.Match["pid"] != "12" || m.series.Match["start"] != "99" || !m.series.To.Equal(q.To) {
		t.Errorf("the daemon was asked for %+v", m.series)
	}
	if v, err := c.Series(ctx, client.SeriesQuery{Names: []string{"a"}, Points: 10}); err != nil || v.StepSeconds != 600 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Top(ctx, "fds", 48*time.Hour, 5); err != nil || v.Metric != "fds" || m.top.Since != 48*time.Hour || m.top.Limit != 5 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Top(ctx, "", 0, 0); err != nil || v.Metric != "private_bytes" || v.SinceSeconds != 86400 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Store(ctx); err != nil || v.Path != "/data/zol0.db" {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Journal(ctx, client.JournalQuery{Before: 9, Limit: 2}); err != nil || v.Before != 4 || m.events.Before != 9 || m.events.Limit != 2 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.ClearCache(ctx); err != nil || v.Entries != 3 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestTheDaemonsOwnWords(t *testing.T) {
	m, c := daemon(t)
	m.beat = 0
	var e *client.Error
	if _, err := c.Services(t.Context()); !errors.As(err, &e) || e.Status != 503 || e.Code != api.CodeNotReady || e.Hint == "" || err.Error() != "the daemon says: nothing was measured yet" {
		t.Errorf("%v", err)
	}
	if _, err := c.Series(t.Context(), client.SeriesQuery{}); !errors.As(err, &e) || e.Code != api.CodeBadParameter {
		t.Errorf("%v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	_ = l.Close()
	var e *client.Error
	_, err = connect(t, address).Self(t.Context())
	if want := "no zol0 daemon answers at " + address + ": start one with: zol0 dashboard"; !errors.As(err, &e) || !e.NoDaemon || err.Error() != want {
		t.Errorf("%v; want %s", err, want)
	}
	if c := connect(t, ""); c.URL() != "http://127.0.0.1:8509" {
		t.Errorf("the default is %s", c.URL())
	}
}

// TestSomebodyElseListens talks to servers that are no daemons, some of them hostile.
func TestSomebodyElseListens(t *testing.T) {
	large := strings.Repeat(" ", 1<<20)
	for name, x := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a page": {func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") }, "no zol0 daemon"},
		"another's JSON": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, "[1]")
		}, "no zol0 daemon"},
		"another's error": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(500)
			_, _ = fmt.Fprint(w, `{"error": "x"}`)
		}, "no zol0 daemon"},
		"an error for the terminal": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(500)
			_, _ = fmt.Fprint(w, `{"code": "x", "message": "a\u001b[2Jb"}`)
		}, "the daemon says: a?[2Jb"},
		"without end": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for r.Context().Err() == nil {
				if _, err := fmt.Fprint(w, large); err != nil {
					return
				}
			}
		}, "more than 26214400 bytes"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		}, "status 302"},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100")
			_, _ = fmt.Fprint(w, "{")
		}, "ended early"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(x.answer)
			defer server.Close()
			c := connect(t, server.URL)
			defer c.Close()
			var e *client.Error
			if _, err := c.Self(t.Context()); !errors.As(err, &e) || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestCallersWaitAsLongAsTheyLike(t *testing.T) {
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(hold)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := connect(t, server.URL).Self(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestAddresses(t *testing.T) {
	for _, address := range []string{"127.0.0.1:8509", "ftp://localhost", "http://", "http://a?b=c", "http://a#b", "http://user:secret@a", "http://\x7f"} {
		if c, err := client.New(address); err == nil {
			t.Errorf("%q was taken as %s", address, c.URL())
		}
	}
}
