package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/value"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/remote"
	"github.com/zol0/zol0/internal/spool"
	"github.com/zol0/zol0/internal/store"
)

// newWriter makes a writer to a URL, with its log.
func newWriter(t *testing.T, url string, c fetch.Connection) (*Writer, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	w, err := NewWriter(WriterOptions{URL: url, Connection: c, Host: "web-017", Instance: "web-017:8509",
		Spool: spool.Options{Dir: filepath.Join(t.TempDir(), "spool"), MaxBytes: 16 << 20}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, &log
}

// put puts n samples of one service each.
func put(t *testing.T, w *Writer, n int, at time.Time) []store.Sample {
	t.Helper()
	var all []store.Sample
	for i := range n {
		l, err := store.NewLabels("service", fmt.Sprint("service-", i))
		if err != nil {
			t.Fatal(err)
		}
		w.Meet(store.OwnerID(i+1), store.Service, l)
		all = append(all, store.Sample{Series: store.SeriesOf(store.OwnerID(i+1), store.Code(memory.Private)), Value: float64(i)})
	}
	if err := w.Put(at, all, nil); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestWhatAnEngineAnswers: what is tried again stays, what never will be taken goes.
func TestWhatAnEngineAnswers(t *testing.T) {
	const secret = "open-sesame"
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stolen := 0
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen++ }))
	defer thief.Close()
	for _, c := range []struct {
		name    string
		status  int
		header  [2]string
		text    string
		waits   int64 // records afterwards
		refused int64
		least   time.Duration // until the next step
	}{
		{name: "taken", status: 204, least: idleWait},
		{name: "overloaded", status: 503, waits: 1},
		{name: "too many", status: 429, header: [2]string{"Retry-After", "40"}, waits: 1, least: 40 * time.Second},
		{name: "too many for years", status: 429, header: [2]string{"Retry-After", "99999999"}, waits: 1, least: maxAsked},
		{name: "a wrong token, repeated", status: 401, text: "what is Bearer " + secret, waits: 1},
		{name: "refused", status: 400, text: "out of \x1b[31morder " + secret, refused: 1, least: idleWait},
		{name: "a long reason", status: 400, text: strings.Repeat("x", 1<<20), refused: 1, least: idleWait},
		{name: "elsewhere", status: 307, header: [2]string{"Location", thief.URL}, waits: 1},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+secret || r.Header.Get("Content-Encoding") != "snappy" {
				t.Errorf("%s: asked with %v", c.name, r.Header)
			}
			if c.header[0] != "" {
				w.Header().Set(c.header[0], c.header[1])
			}
			w.WriteHeader(c.status)
			if _, err := io.WriteString(w, c.text); err != nil && len(c.text) < 1000 {
				t.Error(err)
			}
		}))
		w, log := newWriter(t, server.URL, fetch.Connection{TokenFile: token})
		put(t, w, 1, time.Unix(1000, 0))
		wait := w.Step(context.Background(), time.Now)
		n := w.Counts()
		if n.Records != c.waits || n.Refused != c.refused || wait < c.least || wait > max(c.least, longestWait) {
			t.Errorf("%s: next try in %s, %+v", c.name, wait, n)
		}
		if all := log.String() + n.LastError; strings.Contains(all, secret) || strings.ContainsRune(all, '\x1b') || len(all) > 2000 {
			t.Errorf("%s: %q is said", c.name, all)
		}
		if lines := strings.Count(log.String(), "\n"); lines > 1 {
			t.Errorf("%s: %d lines of log", c.name, lines)
		}
		server.CloseClientConnections()
		server.Close()
	}
	if stolen > 0 {
		t.Error("a redirect to another host was followed")
	}
}

// received decodes all that waits.
func received(t *testing.T, w *Writer) (messages [][]remote.Series) {
	t.Helper()
	for {
		record, ok, err := w.spool.Next(nil)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return messages
		}
		all, err := remote.Decode(record, remote.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, all)
		if err := w.spool.Done(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMessagesAreBounded: one beat of many series is several messages with each sample once.
func TestMessagesAreBounded(t *testing.T) {
	w, _ := newWriter(t, "http://127.0.0.1:1", fetch.Connection{})
	const n = 2*maxBatch + 17
	put(t, w, n, time.Unix(1000, 0))
	messages := received(t, w)
	if len(messages) != 3 {
		t.Fatalf("%d messages", len(messages))
	}
	seen := map[string]bool{}
	for _, m := range messages {
		if len(m) > maxBatch {
			t.Errorf("a message of %d series", len(m))
		}
		for _, s := range m {
			seen[fmt.Sprint(s.Labels)] = true
		}
	}
	if len(seen) != n {
		t.Errorf("%d series of %d", len(seen), n)
	}
}

// TestABeatAllocatesLittle: the same series again cost no allocation for each.
func TestABeatAllocatesLittle(t *testing.T) {
	w, _ := newWriter(t, "http://127.0.0.1:1", fetch.Connection{})
	at := time.Unix(1000, 0)
	beat := put(t, w, 800, at)
	if n := testing.AllocsPerRun(20, func() {
		at = at.Add(5 * time.Second)
		if err := w.Put(at, beat, nil); err != nil {
			t.Fatal(err)
		}
	}); n > 10 {
		t.Errorf("%v allocations for a beat of 800 samples", n)
	}
}

// TestTapTellsWhatIsStored goes the way of the daemon: names, labels, units, ends.
func TestTapTellsWhatIsStored(t *testing.T) {
	s, err := store.Open(store.Options{Dir: t.TempDir(), Now: time.Unix(1_795_000_000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	w, _ := newWriter(t, "http://127.0.0.1:1", fetch.Connection{})
	tap := NewTap(s, w)
	at := time.Unix(1_795_000_000, 0)
	l, err := store.NewLabels("service", "bot", "host", "forged")
	if err != nil {
		t.Fatal(err)
	}
	id, err := tap.OwnerOf(store.Service, l, at.UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	one := func(m memory.Metric, v float64) []store.Sample {
		return []store.Sample{{Series: store.SeriesOf(id, store.Code(m)), Value: v}}
	}
	for i, beat := range [][2][]store.Sample{{one(memory.CPUTime, 12.5), one(memory.Anon, 7)}, {one(memory.CPUTime, 12.5), nil}, {nil, nil}} {
		if err := tap.Append(at.Add(time.Duration(i)*5*time.Second), beat[0], beat[1]); err != nil || tap.Fault() != nil {
			t.Fatal(err, tap.Fault())
		}
	}
	if err := w.End(at.Add(15 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range received(t, w) {
		for _, x := range m {
			text := ""
			for _, l := range x.Labels {
				text += l.Name + "=" + l.Value + " "
			}
			v := fmt.Sprint(x.Samples[0].V)
			if math.Float64bits(x.Samples[0].V) == value.StaleNaN {
				v = "stale"
			}
			got = append(got, fmt.Sprintf("%s%d %s", text, x.Samples[0].T/1000-at.Unix(), v))
		}
	}
	const own = " host=web-017 instance=web-017:8509 service=bot "
	want := []string{
		"__name__=zol0_service_cpu_seconds_total" + own + "0 12.5", "__name__=zol0_service_anon_bytes" + own + "0 7",
		"__name__=zol0_service_cpu_seconds_total" + own + "5 12.5",
		"__name__=zol0_service_cpu_seconds_total" + own + "10 stale", // a minute's series may wait
		"__name__=zol0_service_anon_bytes" + own + "15 stale",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
