package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// receiver notes what it is given, and answers as it is told.
type receiver struct {
	mu     sync.Mutex
	bodies [][]byte
	answer error
	holds  chan struct{} // if not nil, it is waited for
}

func (r *receiver) Receive(ctx context.Context, body []byte) error {
	if r.holds != nil {
		select {
		case <-r.holds:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies = append(r.bodies, bytes.Clone(body))
	return r.answer
}

// hubStage is a server that takes in what other hosts send.
func hubStage(t *testing.T, to Receiver) *stage {
	t.Helper()
	return newStage(t, func(_ *stage, o *Options) { o.Receiver = to })
}

// sendTo writes a message as a sender does; further headers go over its own.
func (s *stage) sendTo(t *testing.T, body string, headers ...string) reply {
	t.Helper()
	return s.ask(t, "POST", writePath, body, append([]string{"Content-Type", "application/x-protobuf", "Content-Encoding", "snappy", "X-Prometheus-Remote-Write-Version", "0.1.0"}, headers...)...)
}

func TestMessagesAreTakenIn(t *testing.T) {
	r := &receiver{}
	s := hubStage(t, r)
	large := strings.Repeat("x", MaxWriteBytes)
	for _, body := range []string{"a message", large} {
		if got := s.sendTo(t, body); got.status != http.StatusNoContent || len(got.body) > 0 {
			t.Errorf("%d bytes are answered %d %.200s", len(body), got.status, got.body)
		}
	}
	if len(r.bodies) != 2 || string(r.bodies[0]) != "a message" || string(r.bodies[1]) != large {
		t.Errorf("%d messages came", len(r.bodies))
	}
	s.sendTo(t, "x", "Content-Encoding", "gzip").refused(t, http.StatusUnsupportedMediaType, CodeBadBody)
	s.sendTo(t, "x", "Content-Type", "application/json").refused(t, http.StatusUnsupportedMediaType, CodeBadBody)
	s.sendTo(t, "x", "Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request").refused(t, http.StatusUnsupportedMediaType, CodeBadBody)
	s.sendTo(t, "x", "Origin", "https://elsewhere.example").refused(t, http.StatusForbidden, CodeCrossOrigin)
	s.sendTo(t, "x", "Sec-Fetch-Site", "cross-site").refused(t, http.StatusForbidden, CodeCrossOrigin)
	s.ask(t, "GET", writePath, "").refused(t, http.StatusMethodNotAllowed, CodeMethodNotAllowed)
	if got := s.sendTo(t, "y", "Content-Type", "application/x-protobuf;proto=prometheus.WriteRequest"); got.status != http.StatusNoContent {
		t.Errorf("a message that says it is of version 1: %d", got.status)
	}
	if len(r.bodies) != 3 {
		t.Errorf("%d messages came, of which 3 should have", len(r.bodies))
	}
	// Elsewhere the bound is as it was.
	if bodyBound("/api/session/state/x") != MaxBodyBytes {
		t.Error("another path takes as much")
	}
}

func TestNoHubTakesInNothing(t *testing.T) {
	newStage(t).sendTo(t, "x").refused(t, http.StatusNotFound, CodeNoHub)
}

// TestSendersAreToldWhetherToTryAgain: 400 where that changes nothing, 503 where it helps.
func TestSendersAreToldWhetherToTryAgain(t *testing.T) {
	r := &receiver{answer: &Rejection{errors.New("its clock is wrong")}}
	s := hubStage(t, r)
	s.sendTo(t, "x").refused(t, http.StatusBadRequest, CodeBadSamples)
	r.answer = errors.New("the disk is full")
	got := s.sendTo(t, "x")
	got.refused(t, http.StatusServiceUnavailable, CodeBusy)
	if got.header.Get("Retry-After") == "" {
		t.Error("nothing says when to try again")
	}
	if !strings.Contains(s.log.String(), "the disk is full") {
		t.Errorf("the log does not say why: %s", s.log)
	}
}

// TestFewMessagesAreReadAtATime holds as many as may be read, and sends one more.
func TestFewMessagesAreReadAtATime(t *testing.T) {
	r := &receiver{holds: make(chan struct{})}
	s := newStage(t, func(s *stage, o *Options) {
		o.Receiver = r
		s.prepare = func(s *Server) { s.times.read = 300 * time.Millisecond }
	})
	var all sync.WaitGroup
	for range maxWriters {
		all.Go(func() {
			if got := s.sendTo(t, "x"); got.status != http.StatusServiceUnavailable {
				t.Errorf("what was not taken in in time is answered %d", got.status)
			}
		})
	}
	for len(s.writers) < maxWriters {
		time.Sleep(time.Millisecond)
	}
	s.sendTo(t, "x").refused(t, http.StatusServiceUnavailable, CodeBusy)
	all.Wait()
	close(r.holds)
	if got := s.sendTo(t, "x"); got.status != http.StatusNoContent {
		t.Errorf("afterwards a message is answered %d", got.status)
	}
}

// rawly sends the head of a message that says how long it is, and the beginning of its body.
func (s *stage) rawly(t *testing.T, length int, body string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // it was written to its end
	if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\nContent-Length: %d\r\n\r\n%s", writePath, length, body); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func TestMessagesThatAreNotTakenIn(t *testing.T) {
	r := &receiver{}
	s := hubStage(t, r)
	if got := s.rawly(t, 10, "half"); !strings.HasPrefix(got, "HTTP/1.1 400 ") || !strings.Contains(got, CodeBadBody) {
		t.Errorf("half a message is answered %.300s", got)
	}
	if got := s.rawly(t, MaxWriteBytes+1, "x"); !strings.HasPrefix(got, "HTTP/1.1 413 ") || !strings.Contains(got, CodeBodyTooLarge) {
		t.Errorf("one that is too large is answered %.300s", got)
	}
	if len(r.bodies) > 0 {
		t.Errorf("they were taken in: %q", r.bodies)
	}
}
