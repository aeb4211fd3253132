package trading

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/fetch"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// optionsOf are those of a source of a kind at a URL.
func optionsOf(kind, url string) Options {
	return Options{Name: "bot", Kind: kind, URL: url, Interval: 15 * time.Second, Timeout: 2 * time.Second, Balance: 1000,
		Metrics: map[string]string{"profit": "profit", "name": "name"}, Items: "items"}
}

// overHTTP are the kinds that ask a server.
var overHTTP = []string{KindZol0, KindFreqtrade, KindOpenMetrics, KindJSON}

func newSource(t *testing.T, o Options) *Source {
	t.Helper()
	s, err := New(o, NewDesk(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestServersThatMisbehave cost an error that says what to do, and bounded time and memory.
func TestServersThatMisbehave(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("another host was told the secret")
		}
	}))
	defer other.Close()
	status := func(code int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			_, _ = io.WriteString(w, text)
		}
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s3cret-t0ken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		says  string
	}{
		"401":        {status(401, `{"detail":"no"}`), "401"},
		"404":        {status(404, `{}`), "404"},
		"500":        {status(500, `{"success":false,"error":"broken s3cret-t0ken"}`), "500"},
		"time-out":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "did not answer in time"},
		"slow drip":  {drip, "did not answer in time"},
		"1 GB":       {endless, "longer than"},
		"no content": {status(200, ``), ""},
		"page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>")
		}, "text/html"},
		"malformed":    {malformed, ""},
		"deep":         {deep, ""},
		"other shapes": {status(200, `[1,"x",null]`), ""},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/stolen", http.StatusFound)
		}, "redirects to another host"},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		for _, kind := range overHTTP {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				server := httptest.NewServer(c.serve)
				t.Cleanup(server.CloseClientConnections)
				o := optionsOf(kind, server.URL)
				o.Timeout = 700 * time.Millisecond
				o.Connection = fetch.Connection{TokenFile: secret}
				s := newSource(t, o)
				began := time.Now()
				wait := s.Pull(t.Context(), noon)
				if time.Since(began) > 20*time.Second {
					t.Errorf("it took %s", time.Since(began))
				}
				state := s.State()
				if state.State != "dead" || state.Failures != 1 || state.LastGoodTime != nil || wait < o.Interval || !strings.Contains(state.Error, c.says) || state.Error == "" {
					t.Errorf("%+v, again after %s", state, wait)
				}
				if strings.Contains(state.Error, "s3cret") {
					t.Errorf("the secret is in %q", state.Error)
				}
				if len(s.Strategies())+len(s.Components(noon)) > 0 {
					t.Error("figures out of nothing")
				}
				if longer := s.Pull(t.Context(), noon); longer < 2*wait && longer < maxWait {
					t.Errorf("after the second failure it waits %s, after the first %s", longer, wait)
				}
			})
		}
	}
}

func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", contentOf(r))
	for r.Context().Err() == nil {
		_, _ = io.WriteString(w, " ")
		w.(http.Flusher).Flush()
		time.Sleep(20 * time.Millisecond)
	}
}

// contentOf is the type that was asked for.
func contentOf(r *http.Request) string {
	if strings.Contains(r.Header.Get("Accept"), "json") {
		return "application/json"
	}
	return "text/plain"
}

func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", contentOf(r))
	piece := []byte(strings.Repeat("# comment of an exposition, or blanks\n", 1000))
	if contentOf(r) == "application/json" {
		piece = []byte(strings.Repeat(" ", 38000))
	}
	for range 1 << 30 / len(piece) {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

func malformed(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", contentOf(r))
	_, _ = io.WriteString(w, `{"success": tru\x00`)
}

func deep(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", contentOf(r))
	_, _ = io.WriteString(w, strings.Repeat(`{"a":[`, 100000))
}

func TestCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "profit{strategy=\"a\"} 5\n")
	}))
	defer server.Close()
	server.Config.ErrorLog = nil
	o := optionsOf(KindOpenMetrics, server.URL)
	s := newSource(t, o)
	s.Pull(t.Context(), noon)
	if state := s.State(); state.State != "dead" || !strings.Contains(state.Error, "certificate") || !strings.Contains(state.Hint, "ca_file") {
		t.Errorf("a certificate that nobody knows: %+v", state)
	}
	o.Connection.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(o.Connection.CAFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	s = newSource(t, o)
	s.Pull(t.Context(), noon)
	if state := s.State(); state.State != "ok" || *s.Strategies()[0].Profit != 5 {
		t.Errorf("%+v", state)
	}
}

// TestADeadSourceIsShownAsSuch: what it said stays, with its time; its components are unknown.
func TestADeadSourceIsShownAsSuch(t *testing.T) {
	dead := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if dead {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"items":[{"name":"a","profit":7}],"parts":{"engine":"running","risk":"error: no data"}}`)
	}))
	defer server.Close()
	o := optionsOf(KindJSON, server.URL)
	o.Components = "parts"
	s := newSource(t, o)
	if reading, holds := s.Present(noon); reading != nil || holds || s.State().State != "waiting" {
		t.Error("it says something before it was asked")
	}
	s.Pull(t.Context(), noon)
	parts := s.Components(noon)
	if len(parts) != 2 || parts[0].Status != "up" || parts[1].Status != "down" || parts[1].Reason != "error: no data" || !parts[0].Since.Equal(noon) || parts[0].Source != "bot" {
		t.Errorf("%+v", parts)
	}
	s.Pull(t.Context(), noon.Add(time.Minute))
	if parts := s.Components(noon.Add(time.Minute)); !parts[0].Since.Equal(noon) {
		t.Error("since when it is up is not kept")
	}
	dead = true
	later := noon.Add(10 * time.Minute)
	s.Pull(t.Context(), later)
	state := s.State()
	if state.State != "dead" || !state.LastGoodTime.Equal(noon.Add(time.Minute)) || len(s.Strategies()) != 1 {
		t.Errorf("%+v", state)
	}
	if parts := s.Components(later); parts[0].Status != "unknown" || !strings.Contains(parts[0].Reason, "does not answer: it answered 502") || !parts[0].Since.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", parts)
	}
	if _, holds := s.Present(later); holds {
		t.Error("what it said ten minutes ago is taken for the present")
	}
	dead = false
	s.Pull(t.Context(), later)
	if s.State().State != "ok" || s.State().Failures != 0 {
		t.Errorf("%+v", s.State())
	}
}

// TestMemoryUnderHostileServers: all sources together stay within what their bounds allow,
// whatever is answered.
func TestMemoryUnderHostileServers(t *testing.T) {
	var body strings.Builder
	body.WriteString("{\"items\":[")
	for i := range 6000 {
		fmt.Fprintf(&body, `{"name":"%s %d","profit":%d},`, strings.Repeat("name", 30), i, i)
	}
	body.WriteString("{}]}")
	var text strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&text, "profit{strategy=\"%s %d\"} %d\n", strings.Repeat("name", 30), i, i)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentOf(r))
		if contentOf(r) == "text/plain" {
			_, _ = io.WriteString(w, text.String())
			return
		}
		_, _ = io.WriteString(w, body.String())
	}))
	defer server.Close()
	var sources []*Source
	for i := range MaxSources {
		o := optionsOf([]string{KindJSON, KindOpenMetrics}[i%2], server.URL)
		o.Keep = []string{"*"}
		sources = append(sources, newSource(t, o))
	}
	before := heap()
	for range 3 {
		for _, s := range sources {
			s.Pull(t.Context(), noon)
			if n := len(s.Strategies()); n != MaxStrategies {
				t.Fatalf("%d strategies of %s: %+v", n, s.options.Kind, s.State())
			}
		}
	}
	// A strategy of a hostile source: its texts, reasons and course. ARCHITECTURE.md has the bound.
	grown := heap() - before
	t.Logf("%d sources hold %d KB", MaxSources, grown>>10)
	if most := int64(MaxSources * maxSourceBytes); grown > most {
		t.Errorf("%d bytes are held, want at most %d", grown, most)
	}
	runtime.KeepAlive(sources)
}

// maxSourceBytes is what one source may hold at rest.
const maxSourceBytes = 512 << 10

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestUnpackingIsBounded: what is dearest to unpack takes 16 MB at most, for a moment.
func TestUnpackingIsBounded(t *testing.T) {
	for name, piece := range map[string]string{"lists": `[],`, "objects": `{},`, "full objects": `{"":0},`, "numbers": `0,`, "texts": `"",`, "deep": `[`} {
		text := strings.Repeat(piece, maxJSON/len(piece)-1)
		if name != "deep" {
			text = "[" + text + "0]"
		}
		allocated := func(body []byte) uint64 {
			var a, b runtime.MemStats
			runtime.ReadMemStats(&a)
			v, err := decoded(body)
			runtime.ReadMemStats(&b)
			runtime.KeepAlive(v)
			if len(body) > maxJSON/2 && err == nil {
				t.Errorf("%s: a million bytes of them are taken", name)
			}
			return b.TotalAlloc - a.TotalAlloc
		}
		if n := allocated([]byte(text)); n > 1<<20 {
			t.Errorf("%s: %d bytes for an answer that is refused", name, n)
		}
		few := strings.Repeat(piece, maxValues/max(1, strings.Count(piece, ",")+strings.Count(piece, "{")+strings.Count(piece, "["))-2)
		if n := allocated([]byte("[" + few + "0]")); n > 16<<20 {
			t.Errorf("%s: %d bytes for an answer that is taken", name, n)
		} else {
			t.Logf("%s: %d KB", name, n>>10)
		}
	}
}

func TestNobodyWaits(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.CloseClientConnections()
	s := newSource(t, optionsOf(KindJSON, server.URL))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	s.Pull(ctx, noon)
	if s.State().State != "waiting" || time.Since(began) > 5*time.Second {
		t.Errorf("%+v after %s", s.State(), time.Since(began))
	}
}
