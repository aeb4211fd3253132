package api

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/zol0/zol0/internal/wire"
)

// unzipped unpacks what a client got.
func unzipped(t *testing.T, body string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnswersArePacked(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) { s.present.many = 200 })
	long := wire.Series{Name: "a"}
	for i := range int64(2000) {
		v := float64(i * i % 977)
		long.Times, long.Min, long.Mean, long.Max, long.Last = append(long.Times, i), append(long.Min, v), append(long.Mean, v/3), append(long.Max, v), append(long.Last, v)
	}
	s.past.answer = []wire.Series{long}
	for _, path := range []string{"/api/overview", "/api/services", "/api/series?name=a&from=-24h&step=1m", "/api/series?name=a&from=-1m"} {
		text := s.ask(t, "GET", path, "")
		zipped := s.ask(t, "GET", path, "", "Accept-Encoding", "br, gzip")
		if unzipped(t, zipped.body) != text.body {
			t.Errorf("%s: packed and plain answers differ", path)
		}
		if !json.Valid([]byte(text.body)) || !json.Valid([]byte(unzipped(t, zipped.body))) || !strings.HasSuffix(text.body, "}\n") {
			t.Errorf("%s: %.60q", path, text.body)
		}
		if zipped.header.Get("Content-Encoding") != "gzip" || text.header.Get("Content-Encoding") != "" || zipped.header.Get("Vary") != "Accept-Encoding" || text.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v and %v", path, zipped.header, text.header)
		}
		for _, r := range []reply{text, zipped} {
			if r.header.Get("Content-Length") != fmt.Sprint(len(r.body)) || r.header.Get("ETag") != text.header.Get("ETag") || r.header.Get("Content-Type") != jsonType {
				t.Errorf("%s: %d bytes with %v", path, len(r.body), r.header)
			}
		}
		head := s.ask(t, "HEAD", path, "", "Accept-Encoding", "gzip")
		if head.body != "" || head.header.Get("Content-Length") != zipped.header.Get("Content-Length") {
			t.Errorf("HEAD %s: %v", path, head.header)
		}
	}
	for _, path := range []string{"/api/host", "/api/nothing", "/api/services/nobody"} {
		if r := s.ask(t, "GET", path, "", "Accept-Encoding", "gzip"); r.header.Get("Content-Encoding") != "" || !json.Valid([]byte(r.body)) {
			t.Errorf("%s of %d bytes: %v", path, len(r.body), r.header)
		}
	}
}

func TestWhoTakesGzip(t *testing.T) {
	for header, takes := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "x-gzip": true, "br": false, "gzip, deflate, br, zstd": true, "br;q=1.0, gzip;q=0.8, *;q=0.1": true,
		"gzip;q=0": false, "gzip; q=0.0": false, "gzip;q=0, *": false, "*, gzip;q=0": false, "*": true, "*;q=0": false, "*;q=0, gzip": true, "identity": false,
		"gzip;q=x": false, "gzip;q": false, "gzip;q=2": false, "gzip;q=NaN": false, "gzip;level=1": false, ",,,": false, "notgzip": false,
	} {
		if got := takesGzip(header); got != takes {
			t.Errorf("%q: %v", header, got)
		}
	}
}

// TestPackingLosesNothing packs text of any length in any pieces.
func TestPackingLosesNothing(t *testing.T) {
	places := make(chan struct{}, 1)
	rapid.Check(t, func(t *rapid.T) {
		p, text := packer{places: places}, []byte{}
		for range rapid.IntRange(0, 5).Draw(t, "pieces") {
			piece := bytes.Repeat([]byte(rapid.StringN(0, 20, 40).Draw(t, "piece")), rapid.IntRange(0, 4000).Draw(t, "times"))
			if _, err := p.Write(piece); err != nil {
				t.Fatal(err)
			}
			text = append(text, piece...)
		}
		body, err := p.packed()
		if err != nil || body.size() != len(text) || body.zipped() != (len(text) >= minPacked) || len(places) != 0 {
			t.Fatalf("%d bytes became %d of %d, %v", len(text), len(body), body.size(), err)
		}
		var out bytes.Buffer
		if !body.zipped() {
			out.Write(body)
		} else if err := unpack(&out, bytes.NewReader(body)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), text) {
			t.Fatal("what was unpacked is something else")
		}
	})
}

// TestDamagedPacks holds that a damaged pack is no answer, and that a client that goes is
// not taken for one.
func TestDamagedPacks(t *testing.T) {
	s := newStage(t)
	p := packer{places: s.packing}
	if _, err := p.Write(bytes.Repeat([]byte("abc"), 1000)); err != nil {
		t.Fatal(err)
	}
	body, err := p.packed()
	if err != nil {
		t.Fatal(err)
	}
	body[len(body)/2]++
	request := func() *http.Request { return &http.Request{Method: "GET", URL: must(t, s.url+"/api/x")} }
	s.send(writer{}, request(), 200, body)
	if !strings.Contains(s.log.String(), "cannot send an answer to its end") {
		t.Errorf("the log says %q", s.log.String())
	}
	body[len(body)/2]--
	before := s.log.String()
	s.send(writer{gone: true}, request(), 200, body)
	if s.log.String() != before || s.gate.held.Load() != 0 {
		t.Errorf("of a client that went away the log says %q", s.log.String())
	}
}

// writer is an answer that nobody keeps.
type writer struct {
	gone bool
}

func (w writer) Header() http.Header { return http.Header{} }
func (w writer) WriteHeader(int)     {}

func (w writer) Write(b []byte) (int, error) {
	if w.gone {
		return 0, errors.New("connection reset by peer")
	}
	return len(b), nil
}

// TestPackingIsBoundedInMemory has 40 clients pack at once, without a collection, so that
// what is allocated is what is held: what maxPacking of them need, however many there are.
// And nothing of it is left when it is not used.
func TestPackingIsBoundedInMemory(t *testing.T) {
	if underRace {
		t.Skip("NOT RUN: the race detector allocates by itself; run it without -race")
	}
	// mostEach is what docs/dependencies.md says of one, mostStack of each that ever packed.
	const mostEach, mostStack, clients = 320 << 10, 40 << 10, 40
	var text bytes.Buffer
	for i := 0; text.Len() < 1<<20; i++ {
		fmt.Fprintf(&text, `{"name":"service-%d","bytes":%d,"rate":%d.%d},`, i, i*i*4096, i*977, i%10)
	}
	var packers [clients]packer
	places := make(chan struct{}, maxPacking)
	for i := range packers {
		packers[i].places = places
		packers[i].out.Grow(text.Len() / 2) // so that what comes out is not counted
	}
	start := held()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var wg, gone sync.WaitGroup
	stay := make(chan struct{}) // as a connection does, with its stack
	wg.Add(clients)
	for i := range packers {
		gone.Go(func() {
			if _, err := packers[i].Write(text.Bytes()); err != nil {
				t.Error(err)
			}
			wg.Done()
			<-stay
		})
	}
	wg.Wait()
	runtime.ReadMemStats(&after)
	close(stay)
	gone.Wait()
	heap, stack := int(after.TotalAlloc-before.TotalAlloc), int(after.StackInuse)-int(before.StackInuse)
	left := held() - start
	t.Logf("%d bytes of heap for %d at a time, %d of stack for %d in turn, %d left", heap, maxPacking, stack, clients, left)
	if heap > maxPacking*mostEach || stack > clients*mostStack || left > mostEach/4 {
		t.Errorf("packing takes %d bytes of heap, %d of stack, and %d are left of it", heap, stack, left)
	}
	if out := packers[clients-1].out.Len(); out == 0 || out > text.Len()/3 {
		t.Errorf("%d bytes became %d", text.Len(), out)
	}
}

// TestFewAreMadeAtATime holds the store, and counts who asks it meanwhile.
func TestFewAreMadeAtATime(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) { s.past.hold = make(chan struct{}) })
	var wg sync.WaitGroup
	const clients = 20
	for i := range clients {
		wg.Go(func() {
			if r := s.ask(t, "GET", fmt.Sprintf("/api/series?name=a%d", i), ""); r.status != 200 {
				t.Errorf("%+v", r)
			}
		})
	}
	until(t, "all have asked", func() bool { return s.gate.active.Load() == clients && len(s.making) == maxMaking })
	asked := func() int {
		s.past.mu.Lock()
		defer s.past.mu.Unlock()
		return len(s.past.series)
	}
	if n := asked(); n > maxMaking {
		t.Errorf("%d answers are made at a time", n)
	}
	close(s.past.hold)
	wg.Wait()
	if n := asked(); n != clients || len(s.making) != 0 {
		t.Errorf("%d answers were made, and %d still are", n, len(s.making))
	}
}

// TestUnreadAnswersAreBounded has clients that ask for much and do not read it.
func TestUnreadAnswersAreBounded(t *testing.T) {
	s := newStage(t)
	size := int64(maxHeldBytes/4 + 1)
	s.gate.held.Add(3 * size)
	request := func() *http.Request { return &http.Request{Method: "GET", URL: must(t, s.url+"/api/x")} }
	recorded := &recorder{header: http.Header{}}
	s.send(recorded, request(), 200, make(packed, size))
	if recorded.status != 503 || !strings.Contains(recorded.body.String(), CodeBusy) || recorded.header.Get("Retry-After") == "" || s.gate.held.Load() != 3*size {
		t.Errorf("%d %s, %d bytes are held", recorded.status, &recorded.body, s.gate.held.Load())
	}
	recorded = &recorder{header: http.Header{}}
	s.send(recorded, request(), 200, packed("{}"))
	if recorded.status != 200 {
		t.Errorf("a small answer is refused: %s", &recorded.body)
	}
	s.gate.held.Add(-3 * size)
	recorded = &recorder{header: http.Header{}}
	s.send(recorded, request(), 200, make(packed, 2*maxHeldBytes))
	if recorded.status != 200 || s.gate.held.Load() != 0 {
		t.Errorf("nothing else waits, and one large answer is refused: %s", &recorded.body)
	}
}

// recorder is an answer that is kept.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// TestManyPagesAskForLittle counts what the requests of a beat allocate that 50 pages send
// when they are told of it.
func TestManyPagesAskForLittle(t *testing.T) {
	if underRace {
		t.Skip("NOT RUN: the race detector allocates by itself; run it without -race")
	}
	// most is for one answered request: URL, parameters and headers. An answer of its own would
	// be 100 KB.
	const pages, most = 50, 6 << 10
	s := newStage(t, func(s *stage, _ *Options) { s.present.many = 200 })
	for i := range 20 {
		x := wire.Series{Name: "a", Labels: map[string]string{"service": fmt.Sprint(i)}}
		for k := range int64(100) {
			x.Times, x.Mean = append(x.Times, k), append(x.Mean, float64(k*k))
		}
		s.past.answer = append(s.past.answer, x)
	}
	ask := func(path, tag string) {
		r, err := http.NewRequest("GET", s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("If-None-Match", tag)
		w := &recorder{header: http.Header{}}
		w.body.Grow(20 << 10)
		s.Handler().ServeHTTP(w, r)
		if w.status != 200 && w.status != 304 || w.body.Len() > 20<<10 {
			t.Fatalf("%s: %d with %d bytes", path, w.status, w.body.Len())
		}
	}
	paths := []string{"/api/overview", "/api/services", "/api/series?name=a&columns=mean&from=2026-03-01T12:00:00Z&to=2026-03-01T12:10:00Z"}
	for beat := range 3 {
		s.present.beat.Add(1)
		for _, path := range paths {
			ask(path, "")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range pages {
				ask(path, "")
			}
			runtime.ReadMemStats(&after)
			each := int(after.TotalAlloc-before.TotalAlloc)/pages - 20<<10
			t.Logf("beat %d, %.20s: %d bytes a request", beat, path, each)
			if each > most {
				t.Errorf("%s: each of %d pages costs %d bytes; the bound is %d", path, pages, each, most)
			}
		}
	}
	if n := len(s.past.series); n != 3 {
		t.Errorf("the store was asked %d times in three beats", n)
	}
}

func must(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
