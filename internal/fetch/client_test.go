package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSecrets are sent as they are meant, from files and from the environment, read anew for
// each request.
func TestSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("first\n")
	t.Setenv("FETCH_SECRET", " from-env ")
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		_, _ = io.WriteString(w, "ok")
	}))
	defer server.Close()
	for name, c := range map[string]struct {
		connection    Connection
		header, value string
	}{
		"bearer":      {Connection{TokenFile: file}, "Authorization", "Bearer first"},
		"bare":        {Connection{TokenVariable: "FETCH_SECRET", Header: "X-Api-Key"}, "X-Api-Key", "from-env"},
		"basic":       {Connection{Username: "me", PasswordFile: file}, "Authorization", "Basic bWU6Zmlyc3Q="},
		"environment": {Connection{Username: "me", PasswordVariable: "FETCH_SECRET"}, "Authorization", "Basic bWU6ZnJvbS1lbnY="},
		"none":        {Connection{Agent: "zol0/test", Tenant: "t"}, "X-Scope-Orgid", "t"},
	} {
		x, err := NewClient(server.URL+"/base/", c.connection, 100)
		if err != nil {
			t.Fatal(name, err)
		}
		if body, _, err := x.Do(t.Context(), Request{Path: "/x"}); err != nil || string(body) != "ok" || got.Get(c.header) != c.value {
			t.Errorf("%s: %q, %v; %s is %q, want %q", name, body, err, c.header, got.Get(c.header), c.value)
		}
		if text := c.connection.Without("it said first and from-env"); name != "none" && strings.Contains(text, strings.TrimPrefix(c.value, "Bearer ")) {
			t.Errorf("%s: %q", name, text)
		}
		x.Close()
	}
	x, err := NewClient(server.URL, Connection{TokenFile: file}, 100)
	if err != nil {
		t.Fatal(err)
	}
	write("second")
	if _, _, err := x.Do(t.Context(), Request{}); err != nil || got.Get("Authorization") != "Bearer second" {
		t.Errorf("a token that was renewed: %q, %v", got.Get("Authorization"), err)
	}
	if _, _, err := x.Do(t.Context(), Request{Header: "Authorization", Value: "Bearer other"}); err != nil || got.Get("Authorization") != "Bearer other" {
		t.Errorf("a header of its own: %q, %v", got.Get("Authorization"), err)
	}
	for name, text := range map[string]string{"empty": "\n", "two lines": "a\nb", "large": strings.Repeat("x", maxSecretBytes+1)} {
		write(text)
		if _, err := NewClient(server.URL, Connection{TokenFile: file}, 100); err == nil || strings.Contains(err.Error(), "xxxx") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewClient(server.URL, Connection{TokenVariable: "FETCH_NONE"}, 100); err == nil || !strings.Contains(err.Error(), "FETCH_NONE") {
		t.Errorf("%v", err)
	}
	for _, u := range []string{"", "x", "ftp://x", "http://", "http://user:hunter2@x"} {
		if _, err := NewClient(u, Connection{}, 100); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", u, err)
		}
	}
}

// TestRedirects are followed on the same host alone, and not for ever.
func TestRedirects(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/there":
			_, _ = io.WriteString(w, "ok")
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		default:
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	x, err := NewClient(server.URL, Connection{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	if body, _, err := x.Do(t.Context(), Request{Path: "/here"}); err != nil || string(body) != "ok" {
		t.Errorf("%q, %v", body, err)
	}
	for path, says := range map[string]string{"/round": "again and again", "/away": "redirects to another host"} {
		_, _, err := x.Do(t.Context(), Request{Path: path})
		var e *Error
		if !errors.As(err, &e) || e.Status != 0 || !strings.Contains(e.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestBounds of bytes, of time and of type.
func TestBounds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("x", 101))
		case "/html":
			w.Header().Set("Content-Type", "text/html")
		case "/wait":
			<-r.Context().Done()
		case "/refused":
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "go\x1b[31m away"+strings.Repeat("!", 1000))
		}
	}))
	defer server.Close()
	x, err := NewClient(server.URL, Connection{Timeout: 300 * time.Millisecond}, 100)
	if err != nil {
		t.Fatal(err)
	}
	for path, c := range map[string]struct {
		says   string
		status int
	}{"/long": {"longer than", 200}, "/html": {`"text/html", not application/json`, 200}, "/wait": {"did not answer in time", 0}, "/refused": {"403 Forbidden: go [31m away!!!", 403}} {
		q := Request{Path: path}
		if path == "/html" {
			q.Types = []string{"application/json"}
		}
		_, _, err := x.Do(context.Background(), q)
		var e *Error
		if !errors.As(err, &e) || e.Status != c.status || !strings.Contains(e.Error(), c.says) || len(e.Error()) > 400 || path != "/long" && e.Hint == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
}
