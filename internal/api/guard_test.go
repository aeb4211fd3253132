package api

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestHosts(t *testing.T) {
	s := newStage(t, func(_ *stage, o *Options) { o.Hosts = []string{"monitor.example.org"} })
	port := s.url[strings.LastIndex(s.url, ":"):]
	for _, host := range []string{"localhost", "LOCALHOST" + port, "localhost.", "zol0.localhost:80", "127.0.0.1" + port, "127.0.0.1:9000", "127.8.8.8", "[::1]" + port, "[::1]", "monitor.example.org", "Monitor.Example.org:8509"} {
		if r := s.ask(t, "GET", "/api/self", "", "Host", host); r.status != 200 {
			t.Errorf("Host %s: %s", host, r.body)
		}
	}
	for _, host := range []string{"evil.example", "evil.example" + port, "127.0.0.1.evil.example", "localhost.evil.example", "notlocalhost", "192.0.2.7", "0.0.0.0", "[::]", "8.8.8.8" + port, "monitor.example.org.evil", "127.1", "2130706433"} {
		for _, path := range []string{"/", "/api/self", "/api/events", "/-/healthy", "/nothing"} {
			s.ask(t, "GET", path, "", "Host", host).refused(t, 421, CodeWrongHost)
		}
	}
	// Without any name, as HTTP/1.0 allows.
	if answer := raw(t, s, "GET /api/self HTTP/1.0\r\n\r\n"); !strings.Contains(answer, "421") || !strings.Contains(answer, CodeWrongHost) {
		t.Errorf("without Host: %s", answer)
	}
}

// TestOwnAddress asks under the address that the connection came in on.
func TestOwnAddress(t *testing.T) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.IsLoopback() || n.IP.To4() == nil {
			continue
		}
		s := newStage(t, func(s *stage, _ *Options) { s.listen = n.IP.String() + ":0" })
		if r := s.ask(t, "GET", "/api/self", ""); r.status != 200 {
			t.Errorf("at its own address %s: %s", n.IP, r.body)
		}
		s.ask(t, "GET", "/api/self", "", "Host", "192.0.2.7").refused(t, 421, CodeWrongHost)
		return
	}
	t.Skip("NOT RUN: this machine has no address but loopback; run the test where there is a network")
}

func TestCrossOrigin(t *testing.T) {
	s := newStage(t)
	routes := [][2]string{{"POST", "/api/cache/clear"}, {"POST", "/api/session/load"}, {"POST", "/api/session/refresh"}, {"PUT", "/api/session/state/a"}, {"DELETE", "/api/session/state/a"}}
	for _, x := range routes {
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"}, {"Origin", "null"},
			{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, {"Origin", "http://localhost:3000"},
		} {
			s.ask(t, x[0], x[1], "1", headers...).refused(t, 403, CodeCrossOrigin)
		}
	}
	for _, headers := range [][]string{nil, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", s.url}} {
		if r := s.ask(t, "POST", "/api/cache/clear", "", headers...); r.status != 200 {
			t.Errorf("%v: %s", headers, r.body)
		}
	}
	// Reading: a page of another site may link to us, and nothing else.
	s.ask(t, "GET", "/api/events", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors").refused(t, 403, CodeCrossOrigin)
	if r := s.ask(t, "GET", "/", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"); r.status != 200 {
		t.Errorf("a link: %s", r.body)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	s := newStage(t)
	for _, x := range [][3]string{{"GET", "/", ""}, {"GET", "/api/self", ""}, {"GET", "/nothing", ""}, {"POST", "/", ""}, {"GET", "/api/self", "evil.example"}, {"HEAD", "/api/events", ""}} {
		var headers []string
		if x[2] != "" {
			headers = []string{"Host", x[2]}
		}
		h := s.ask(t, x[0], x[1], "", headers...).header
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") ||
			h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") == "" || h.Get("Access-Control-Allow-Origin") != "" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%v: %v", x, h)
		}
	}
}

func TestLargeBodies(t *testing.T) {
	s := newStage(t)
	large := strings.Repeat("1", MaxBodyBytes+1)
	for _, x := range [][2]string{{"PUT", "/api/session/state/a"}, {"POST", "/api/cache/clear"}, {"GET", "/api/self"}} {
		// Nothing but the head is sent: the refusal does not wait for the rest.
		answer := raw(t, s, fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n", x[0], x[1], len(large)))
		if !strings.HasPrefix(answer, "HTTP/1.1 413 ") || !strings.Contains(answer, CodeBodyTooLarge) {
			t.Errorf("%v: %s", x, answer)
		}
	}
	// A length that is not said beforehand.
	answer := raw(t, s, fmt.Sprintf("PUT /api/session/state/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(large), large))
	if !strings.HasPrefix(answer, "HTTP/1.1 400 ") || !strings.Contains(answer, CodeBadValue) {
		t.Errorf("chunked: %s", answer)
	}
}

func TestSlowBody(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) {
		s.prepare = func(x *Server) { x.times.read = 100 * time.Millisecond }
	})
	answer := raw(t, s, "PUT /api/session/state/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n1")
	if !strings.HasPrefix(answer, "HTTP/1.1 400 ") || !strings.Contains(answer, CodeBadBody) || s.log.String() != "" {
		t.Errorf("%s, and the log says %s", answer, s.log.String())
	}
}

func TestLargeHeaders(t *testing.T) {
	s := newStage(t)
	// net/http allows 4 KiB on top of the bound.
	answer := raw(t, s, "GET /api/self HTTP/1.1\r\nHost: localhost\r\nX: "+strings.Repeat("x", MaxHeaderBytes+5000)+"\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 431 ") {
		t.Errorf("%.200s", answer)
	}
	if r := s.ask(t, "GET", "/api/self", "", "X", strings.Repeat("x", MaxHeaderBytes-1000)); r.status != 200 {
		t.Errorf("headers within the bound: %d", r.status)
	}
}

// TestSlowHeaders sends a head that never ends, a byte now and then.
func TestSlowHeaders(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) {
		s.prepare = func(x *Server) { x.times.header = 100 * time.Millisecond }
	})
	c := dial(t, s)
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, c) // an answer may come before the end, or a reset
	}()
	for i := 0; ; i++ {
		select {
		case <-closed:
			return
		default:
		}
		if i == 1000 {
			t.Fatal("the connection is still open after 1,000 bytes of a head that does not end")
		}
		if _, err := c.Write([]byte{"GET / HTTP/1.1\r\nHost: localhost\r\nX: "[min(i, 35)]}); err != nil {
			<-closed
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestTooManyRequests holds as many requests as are answered at a time, and asks once more.
func TestTooManyRequests(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) { s.past.hold = make(chan struct{}) })
	var wg sync.WaitGroup
	for i := range MaxRequests {
		wg.Go(func() {
			if r := s.ask(t, "GET", fmt.Sprintf("/api/journal?limit=%d", i+1), ""); r.status != 200 {
				t.Errorf("%+v", r)
			}
		})
	}
	for s.gate.active.Load() < MaxRequests {
		time.Sleep(time.Millisecond)
	}
	s.ask(t, "GET", "/api/self", "").refused(t, 503, CodeBusy)
	for _, path := range []string{"/-/healthy", "/-/ready"} {
		if r := s.ask(t, "GET", path, ""); r.status != 200 {
			t.Errorf("%s of a busy daemon: %+v", path, r)
		}
	}
	close(s.past.hold)
	wg.Wait()
	if r := s.ask(t, "GET", "/api/self", ""); r.status != 200 || !strings.Contains(r.body, `"refused":1`) {
		t.Errorf("afterwards: %s", r.body)
	}
}

// TestTooManyConnections opens idle connections; one too many is closed at once.
func TestTooManyConnections(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) {
		s.prepare = func(x *Server) { x.times.header = time.Hour } // idle ones stay
	})
	for range MaxConnections {
		dial(t, s)
	}
	for s.gate.connections.Load() < MaxConnections {
		time.Sleep(time.Millisecond)
	}
	c := dial(t, s)
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("one connection too many: %v", err)
	}
	if n := s.gate.refusedConnections.Load(); n != 1 {
		t.Errorf("%d connections were refused", n)
	}
}

// TestPanic has a handler panic: the client gets an answer, the log the stack, and the
// server goes on.
func TestPanic(t *testing.T) {
	s := newStage(t, func(_ *stage, o *Options) { o.Monitor = broken{o.Monitor} })
	s.ask(t, "GET", "/api/services?secret=1", "").refused(t, 500, CodeInternal)
	if log := s.log.String(); !strings.Contains(log, "BUG: test") || !strings.Contains(log, "guard_test.go") || strings.Contains(log, "secret") {
		t.Errorf("the log says %s", log)
	}
	if r := s.ask(t, "GET", "/-/healthy", ""); r.status != 200 {
		t.Errorf("%+v", r)
	}
	if n := s.gate.active.Load(); n != 0 {
		t.Errorf("%d requests are counted as active for ever", n)
	}
}

type broken struct{ Monitor }

func (broken) Beat() uint64 { panic("BUG: test") }

func dial(t *testing.T, s *stage) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// raw sends bytes and returns the answer with its head.
func raw(t *testing.T, s *stage, request string) string {
	t.Helper()
	c := dial(t, s)
	go func() { _, _ = io.WriteString(c, request) }() // the server need not read to the end
	in := bufio.NewReader(c)
	var head strings.Builder
	w, err := http.ReadResponse(bufio.NewReader(io.TeeReader(in, &head)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	if _, err := io.ReadAll(w.Body); err != nil {
		t.Fatal(err)
	}
	return head.String()
}
