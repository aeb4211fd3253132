package api

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEndWaitsForRequests(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) { s.past.hold = make(chan struct{}) })
	live := listen(t, s)
	live.expect(t, "retry: 5000")
	answered := make(chan reply, 1)
	go func() { answered <- s.ask(t, "GET", "/api/journal", "") }()
	until(t, "the request is there", func() bool { return s.gate.active.Load() == 1 })
	ended := make(chan error, 1)
	go func() { ended <- s.end() }()
	live.expect(t, "event: closing", "") // before the request is answered
	if r, err := s.hub.enter(); err == nil || r != nil {
		t.Error("a live client was admitted after the end")
	}
	close(s.past.hold)
	if r := <-answered; r.status != 200 {
		t.Errorf("%+v", r)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestEndCutsOffWhatDoesNotFinish(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) {
		s.past.hold = make(chan struct{})
		s.prepare = func(x *Server) { x.times.shutdown = 50 * time.Millisecond }
	})
	dial(t, s) // a connection without a request keeps nobody
	answered := make(chan int, 1)
	go func() {
		w, err := http.Get(s.url + "/api/journal")
		if err == nil {
			_ = w.Body.Close()
			answered <- w.StatusCode
			return
		}
		answered <- 0 // the connection was closed
	}()
	until(t, "the request is there", func() bool { return s.gate.active.Load() == 1 })
	if err := s.end(); err == nil || !strings.Contains(err.Error(), "1 requests") {
		t.Errorf("the end says %v", err)
	}
	if status := <-answered; status != 0 && status != http.StatusServiceUnavailable {
		t.Errorf("the request was answered with %d", status)
	}
}

func TestListenerFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	s := New(newStage(t).options)
	if err := s.Serve(t.Context(), l); err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("%v", err)
	}
}
