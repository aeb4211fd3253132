package api

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zol0/zol0/internal/web"
)

// site is a small page.
func site(t *testing.T, files map[string]string) *web.Site {
	t.Helper()
	stored := fstest.MapFS{}
	for name, text := range files {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		stored[name+".gz"] = &fstest.MapFile{Data: out.Bytes()}
	}
	s, err := web.New(stored)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPage(t *testing.T) {
	const html, script = "<!doctype html><p>hello", "console.log(1);"
	s := newStage(t, func(_ *stage, o *Options) {
		o.Page = site(t, map[string]string{"index.html": html, "assets/a-12345678.js": script})
	})
	s.present.beat.Store(0) // it is there before anything was measured
	tag := ""
	for _, path := range []string{"/", "/services/bot", "/services/a%2Fb%20c?from=-7d&nonsense", "/processes", "/compare", "/events", "/alerts", "/settings", "/self", "/help", "/?x=%zz"} {
		text, packed := s.ask(t, "GET", path, ""), s.ask(t, "GET", path, "", "Accept-Encoding", "gzip")
		if text.status != 200 || text.body != html || unzipped(t, packed.body) != html || packed.header.Get("Content-Encoding") != "gzip" || text.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %+v", path, text)
		}
		for _, r := range []reply{text, packed} {
			h := r.header
			if h.Get("Content-Type") != "text/html; charset=utf-8" || h.Get("Cache-Control") != "no-cache" || h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Length") != fmt.Sprint(len(r.body)) || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%s: %v", path, h)
			}
			tag = h.Get("ETag")
		}
		if r := s.ask(t, "GET", path, "", "If-None-Match", tag, "Accept-Encoding", "gzip"); r.status != http.StatusNotModified || r.body != "" || r.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s, which the client has: %+v", path, r)
		}
		if r := s.ask(t, "HEAD", path, ""); r.status != 200 || r.body != "" || r.header.Get("Content-Length") != fmt.Sprint(len(html)) {
			t.Errorf("HEAD %s: %+v", path, r)
		}
		s.ask(t, "POST", path, "").refused(t, 405, CodeMethodNotAllowed)
	}
	r := s.ask(t, "GET", "/assets/a-12345678.js", "")
	if r.body != script || r.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || r.header.Get("Content-Type") != "text/javascript; charset=utf-8" || r.header.Get("ETag") == tag {
		t.Errorf("%+v", r)
	}
	for _, path := range []string{"/assets/b.js", "/assets/", "/assets", "/assets/a-12345678.js.gz", "/assets/..%2Findex.html", "/index.html", "/services/", "/services/a/b", "/favicon.ico", "/assets/" + strings.Repeat("x", 5000)} {
		s.ask(t, "GET", path, "").refused(t, 404, CodeNotFound)
	}
	s.ask(t, "GET", "/", "", "Host", "evil.example").refused(t, 421, CodeWrongHost)
}

// TestFilesOfThePageAreNotCopied counts what it takes to send a file of 1 MB to somebody.
func TestFilesOfThePageAreNotCopied(t *testing.T) {
	if underRace {
		t.Skip("NOT RUN: the race detector allocates by itself; run it without -race")
	}
	// most is for the head, and for the 32 KB that io.Copy reads at a time.
	const size, most = 1 << 20, 64 << 10
	var text strings.Builder
	for i := 0; text.Len() < size; i++ {
		fmt.Fprint(&text, i*i*4096+i, " ")
	}
	s := newStage(t, func(_ *stage, o *Options) {
		o.Page = site(t, map[string]string{"index.html": "<p>", "assets/a.js": text.String()})
	})
	for encoding, limit := range map[string]int{"gzip": most, "": 2 * most} { // unpacking has a window, too
		count := func() int {
			r, err := http.NewRequest("GET", s.url+"/assets/a.js", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept-Encoding", encoding)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s.Handler().ServeHTTP(writer{}, r)
			runtime.ReadMemStats(&after)
			return int(after.TotalAlloc - before.TotalAlloc)
		}
		count()
		if n := count(); n > limit || n == 0 {
			t.Errorf("%q: %d bytes are allocated to send a file; the bound is %d", encoding, n, limit)
		} else {
			t.Logf("%q: %d bytes", encoding, n)
		}
	}
}
