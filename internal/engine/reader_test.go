package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/query"
)

// TestReadingARealEngine asks real engines what a host wrote to them.
func TestReadingARealEngine(t *testing.T) {
	for program := range engines {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, program)
			h := newHost(t, "a", e.url()+e.write)
			at := time.Now().Add(-10 * time.Minute).Truncate(time.Minute)
			for i := range 24 {
				h.beat(t, at.Add(time.Duration(i)*5*time.Second), false)
			}
			send(t, h.writer)
			r, err := NewReader(e.url(), fetch.Connection{Agent: "zol0/test"})
			if err != nil {
				t.Fatal(err)
			}
			ctx := context.Background()
			const selector = `zol0_service_private_bytes{host="a",service="service-1"}`
			last := at.Add(23 * 5 * time.Second)
			want := h.want["zol0_service_private_bytes|a|service-1|"]
			var answer *query.Answer
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
				if answer, err = r.Range(ctx, query.Range{Text: selector, From: at, To: last, Step: 5 * time.Second}); err != nil {
					t.Fatal(err)
				}
				if m, ok := answer.Value.(promql.Matrix); ok && len(m) == 1 && len(m[0].Floats) == 24 {
					for _, p := range m[0].Floats {
						if p.F != want[p.T] {
							t.Errorf("%v at %d, want %v", p.F, p.T, want[p.T])
						}
					}
					if m[0].Metric.Get("instance") != "a:8509" {
						t.Errorf("labels %s", m[0].Metric)
					}
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%v", answer.Value)
				}
			}
			if answer, err = r.Instant(ctx, query.Instant{Text: selector, At: last}); err != nil || answer.Value.(promql.Vector)[0].F != want[last.UnixMilli()] {
				t.Errorf("%v, %v", answer, err)
			}
			if answer, err = r.Instant(ctx, query.Instant{Text: "1 + 1", At: last}); err != nil || !strings.HasPrefix(answer.Value.String(), "scalar: 2") && !strings.Contains(answer.Value.String(), "=> 2") {
				t.Errorf("%v, %v", answer, err)
			}
			m := query.Matching{Selectors: []string{`{host="a"}`}, From: at, To: last.Add(time.Minute)}
			if all, err := r.Series(ctx, m); err != nil || len(all) != 6 {
				t.Errorf("%v, %v", all, err)
			}
			if names, err := r.LabelNames(ctx, m); err != nil || strings.Join(names, " ") != "__name__ host instance service" {
				t.Errorf("%v, %v", names, err)
			}
			if values, err := r.LabelValues(ctx, "service", m); err != nil || strings.Join(values, " ") != "service-0 service-1 service-2" {
				t.Errorf("%v, %v", values, err)
			}
			if _, err = r.Instant(ctx, query.Instant{Text: "rate(", At: last}); kind(err) != query.BadData && kind(err) != query.Execution {
				t.Errorf("a mistake: %v", err)
			}
			e.stop(t)
			if _, err = r.Instant(ctx, query.Instant{Text: selector, At: last}); kind(err) != query.Unavailable {
				t.Errorf("an engine that is gone: %v", err)
			}
		})
	}
}

func kind(err error) query.Kind {
	var e *query.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// TestEnginesThatMisbehave cost an error, no more.
func TestEnginesThatMisbehave(t *testing.T) {
	const secret = "hunter2-token"
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stolen string
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stolen += r.Header.Get("Authorization") }))
	defer thief.Close()
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   query.Kind
		words  string
	}{
		{"it fails", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "\x1b[31mno", 500) }, query.Unavailable, "cannot answer"},
		{"it is in the way", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>log in</html>") }, query.Unavailable, "cannot answer"},
		{"half an answer", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, `{"status":"success","data":{"resultT`)
		}, query.Unavailable, ""},
		{"too long", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":["`)
			piece := strings.Repeat("x", 1<<20)
			for range 40 {
				if _, err := fmt.Fprint(w, piece); err != nil {
					return
				}
			}
		}, query.Execution, "longer than 24 MiB"},
		{"elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
		}, query.Unavailable, "another host"},
		{"in a circle", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		}, query.Unavailable, "again and again"},
		{"never", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // until it is read, nobody notices that the asker is gone
			<-r.Context().Done()
		}, query.Timeout, "in time"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+secret || r.Header.Get("X-Scope-OrgID") != "desk" {
				t.Errorf("%s: it is asked without our name", c.name)
			}
			c.answer(w, r)
		}))
		r, err := NewReader(server.URL, fetch.Connection{TokenFile: token, Tenant: "desk"})
		if err != nil {
			t.Fatal(err)
		}
		patience := 30 * time.Second // 40 MiB take half a second on a busy machine
		if c.want == query.Timeout {
			patience = 500 * time.Millisecond
		}
		_, err = r.Instant(t.Context(), query.Instant{Text: "up", At: time.Unix(1, 0), Timeout: patience})
		if kind(err) != c.want || err != nil && (!strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), secret) || strings.ContainsRune(err.Error(), '\x1b')) {
			t.Errorf("%s: %q of kind %s, want %s with %q", c.name, err, kind(err), c.want, c.words)
		}
		server.CloseClientConnections()
		server.Close()
	}
	if stolen != "" {
		t.Errorf("the token went to another host: %q", stolen)
	}
}

// TestSecretsThatCannotBeRead are found when the daemon starts.
func TestSecretsThatCannotBeRead(t *testing.T) {
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]fetch.Connection{
		"missing":         {TokenFile: filepath.Join(t.TempDir(), "none")},
		"empty":           {TokenFile: file("\n")},
		"two lines":       {Username: "a", PasswordFile: file("one\ntwo\n")},
		"too long":        {TokenFile: file(strings.Repeat("x", 64<<10+1))},
		"no certificates": {CAFile: file("hello")},
	} {
		if _, err := NewReader("http://127.0.0.1:1", c); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}
