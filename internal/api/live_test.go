package api

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

const liveRequest = "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"

// listener is a live client that reads when told to.
type listener struct {
	conn net.Conn
	in   *bufio.Reader
}

// listen connects a live client and reads the head of the answer.
func listen(t *testing.T, s *stage) *listener {
	t.Helper()
	x := &listener{conn: dial(t, s)}
	if _, err := io.WriteString(x.conn, liveRequest); err != nil {
		t.Fatal(err)
	}
	head := bufio.NewReaderSize(x.conn, 512)
	w, err := http.ReadResponse(head, nil)
	if err != nil {
		t.Fatal(err)
	}
	if w.StatusCode != 200 || w.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", w.StatusCode, w.Header)
	}
	t.Cleanup(func() {
		_ = x.conn.Close() // first, or closing the body reads on to its end
		_ = w.Body.Close()
	})
	x.in = bufio.NewReaderSize(w.Body, 512)
	return x
}

// event reads the next message: its lines, joined by |. Empty at the end of the stream.
func (x *listener) event() string {
	var lines []string
	for {
		line, err := x.in.ReadString('\n')
		if err != nil {
			return strings.Join(lines, "|")
		}
		if line == "\n" {
			return strings.Join(lines, "|")
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
}

// expect reads the next messages and compares their beginnings.
func (x *listener) expect(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := x.event(); !strings.HasPrefix(got, w) || w == "" && got != "" {
			t.Fatalf("the stream says %q instead of %q", got, w)
		}
	}
}

// until waits for something that other goroutines bring about.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 5000 {
		if done() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatalf("waited in vain until %s", what)
}

func publish(t *testing.T, s *stage, name string, v any) {
	t.Helper()
	if err := s.Publish(name, v); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) places() int {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.hub.places
}

func TestEventsArrive(t *testing.T) {
	s := newStage(t)
	publish(t, s, "beat", 1) // nobody is there
	x := listen(t, s)
	x.expect(t, "retry: 5000")
	publish(t, s, "beat", wire.BeatNews{Beat: 7})
	publish(t, s, "verdict", wire.Event{Subject: "a\nb\r\ndata: x", Kind: "verdict"})
	s.Heartbeat()
	x.expect(t, `event: beat|data: {"beat":7,`, `event: verdict|data: {"id":0,"time":"0001-01-01T00:00:00Z","kind":"verdict","subject":"a\nb\r\ndata: x"`, ": still here")
	_ = x.conn.Close()
	until(t, "the client that left is noticed", func() bool { return s.places() == 0 })
}

// TestStreamsOutliveTheTimeouts keeps a stream longer than a request may be read and
// answered.
func TestStreamsOutliveTheTimeouts(t *testing.T) {
	s := newStage(t, func(s *stage, _ *Options) {
		s.prepare = func(x *Server) { x.times.read, x.times.write = 50*time.Millisecond, 50*time.Millisecond }
	})
	x := listen(t, s)
	x.expect(t, "retry: 5000")
	for i := range 4 {
		time.Sleep(60 * time.Millisecond)
		publish(t, s, "beat", i)
		x.expect(t, "event: beat|data: "+fmt.Sprint(i))
	}
}

// TestManyClients has 50 clients that never read and 200 that do. Writes to the former
// may hang for an hour: if a message had to wait for one, the test would not end.
func TestManyClients(t *testing.T) {
	const slow, fast, beats = 50, 200, 45
	before := runtime.NumGoroutine()
	s := newStage(t, func(s *stage, o *Options) {
		o.WriteDeadline = time.Hour
		s.prepare = func(x *Server) { x.times.shutdown = 100 * time.Millisecond }
	})
	var stuck []*listener
	for range slow {
		x := listen(t, s)
		if err := x.conn.(*net.TCPConn).SetReadBuffer(4096); err != nil { // little room beside the server's
			t.Fatal(err)
		}
		stuck = append(stuck, x)
	}
	var arrived atomic.Int64
	var reading sync.WaitGroup
	for range fast {
		x := listen(t, s)
		reading.Go(func() {
			x.expect(t, "retry: 5000")
			for i := range beats {
				x.expect(t, fmt.Sprintf("event: beat|data: \"%d ", i))
				arrived.Add(1)
			}
			x.expect(t, "event: closing", "")
		})
	}
	padding := strings.Repeat("x", 8000)
	for i := range beats {
		publish(t, s, "beat", fmt.Sprintf("%d %s", i, padding))
		until(t, fmt.Sprintf("every reading client has beat %d", i), func() bool { return arrived.Load() == int64(fast*(i+1)) })
	}
	counts := s.hub.wire()
	if counts.Dropped != slow || counts.Clients != fast || counts.QueuedBytes != 0 || counts.Published != beats {
		t.Errorf("%+v", counts)
	}
	// What was dropped holds its place until its last write ends.
	if n := s.places(); n != slow+fast {
		t.Errorf("%d places are taken", n)
	}
	// One of the slow ones wakes up: it finds what was on its way, then why there is no more.
	x := stuck[0]
	if err := x.conn.(*net.TCPConn).SetReadBuffer(1 << 20); err != nil { // or it takes seconds
		t.Fatal(err)
	}
	x.expect(t, "retry: 5000")
	last := ""
	for m := x.event(); m != ""; m = x.event() {
		last = m
	}
	if !strings.HasPrefix(last, `event: dropped|data: {"code":"too_slow"`) {
		t.Errorf("the last words to a slow client are %.80q", last)
	}
	until(t, "its place is free", func() bool { return s.places() == slow+fast-1 })
	if err := s.end(); err != nil {
		t.Errorf("the server ended with: %v", err)
	}
	reading.Wait()
	for _, x := range stuck {
		_ = x.conn.Close()
	}
	until(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
}

// TestStuckClientIsLetGo has a client that never reads and a short deadline.
func TestStuckClientIsLetGo(t *testing.T) {
	s := newStage(t, func(_ *stage, o *Options) { o.WriteDeadline = 50 * time.Millisecond })
	listen(t, s)
	padding := strings.Repeat("x", 8000)
	until(t, "the stuck client is gone", func() bool {
		publish(t, s, "beat", padding)
		return s.places() == 0
	})
}

// TestBytesPerClient counts what the server's side of a live client costs, and what a full
// queue adds.
func TestBytesPerClient(t *testing.T) {
	const clients = 200
	// most is a connection of net/http: two goroutines with their stacks, two buffers of
	// 4 KiB, one of 2 KiB, the request. The test's own side is in it too.
	const most = 40 << 10
	s := newStage(t)
	listen(t, s).expect(t, "retry: 5000") // what is made only once
	start := held()
	for range clients {
		c := dial(t, s)
		if _, err := io.WriteString(c, liveRequest); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all are connected", func() bool { return s.places() == clients+1 })
	each := (held() - start) / clients
	t.Logf("%d bytes a live client", each)
	if each > most && !underRace {
		t.Errorf("a live client costs %d bytes; the bound is %d", each, most)
	}
	// Full queues: the messages are shared.
	var h hub
	h.clients = map[*liveClient]struct{}{}
	for range clients {
		if _, err := h.enter(); err != nil {
			t.Fatal(err)
		}
	}
	start = held()
	for range queueMessages {
		h.publish(make([]byte, queueBytes/queueMessages))
	}
	if n := h.wire(); n.QueuedBytes != clients*queueBytes || n.Dropped != 0 {
		t.Fatalf("%+v", n)
	}
	if more := held() - start; more > 2*queueBytes {
		t.Errorf("%d full queues of %d bytes hold %d bytes: messages are not shared", clients, queueBytes, more)
	}
	h.publish([]byte("one more"))
	if n := h.wire(); n.Clients != 0 || n.Dropped != clients {
		t.Errorf("%+v", n)
	}
}

// TestQueuesAreBoundedInBytes queues messages of the greatest size.
func TestQueuesAreBoundedInBytes(t *testing.T) {
	h := hub{clients: map[*liveClient]struct{}{}}
	c, err := h.enter()
	if err != nil {
		t.Fatal(err)
	}
	message := make([]byte, maxMessageBytes)
	for i := range queueBytes/maxMessageBytes + 1 {
		if n := h.wire(); n.Clients != 1 || n.QueuedBytes != uint64(i*maxMessageBytes) {
			t.Fatalf("with %d messages: %+v", i, n)
		}
		h.publish(message)
	}
	if m, last := c.next(); !last || string(m) != string(droppedMessage) || h.wire().Dropped != 1 {
		t.Errorf("one message too many: the client is told %.40q", m)
	}
}

// held is what the heap and the stacks hold.
func held() int {
	runtime.GC()
	runtime.GC() // what had finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}

// TestPublishingAllocatesForNobody counts allocations of a message to 1 and to 200.
func TestPublishingAllocatesForNobody(t *testing.T) {
	if underRace {
		t.Skip("NOT RUN: the race detector allocates by itself; run it without -race")
	}
	count := func(clients int) float64 {
		s := New(newStage(t).options)
		var all []*liveClient
		for range clients {
			c, err := s.hub.enter()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
		news := wire.BeatNews{Beat: 1}
		return testing.AllocsPerRun(100, func() {
			if err := s.Publish("beat", news); err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				if m, _ := c.next(); m == nil {
					t.Fatal("a client was not told")
				}
			}
		})
	}
	if one, many := count(1), count(200); many > one || one == 0 {
		t.Errorf("%v allocations for one client, %v for 200", one, many)
	}
	if n := count(0); n > 1 { // v itself
		t.Errorf("%v allocations without any client", n)
	}
}

func TestPlacesAreBounded(t *testing.T) {
	s := newStage(t)
	var first *listener
	for range MaxClients {
		x := listen(t, s)
		if first == nil {
			first = x
		}
	}
	s.ask(t, "GET", "/api/events", "").refused(t, 503, CodeTooManyClients)
	if n := s.hub.wire(); n.Clients != MaxClients || n.Refused != 1 {
		t.Errorf("%+v", n)
	}
	_ = first.conn.Close()
	until(t, "its place is free", func() bool { return s.places() == MaxClients-1 })
	listen(t, s).expect(t, "retry: 5000")
}

func TestNoNewClientsWhenMemoryIsShort(t *testing.T) {
	s := newStage(t)
	old := listen(t, s)
	s.purse.short.Store(true)
	s.ask(t, "GET", "/api/events", "").refused(t, 503, CodeMemoryShort)
	publish(t, s, "degradation", 4)
	old.expect(t, "retry: 5000", "event: degradation|data: 4")
	s.purse.short.Store(false)
	listen(t, s).expect(t, "retry: 5000")
}

func TestWhatCannotBePublished(t *testing.T) {
	s := newStage(t)
	x := listen(t, s)
	if err := s.Publish("beat", strings.Repeat("x", maxMessageBytes)); err == nil {
		t.Error("a message above the bound was taken")
	}
	if err := s.Publish("beat", func() {}); err == nil {
		t.Error("a function was encoded")
	}
	for _, name := range []string{"", "a\nb", "a b", "dropped", "closing", "Beat"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was taken as a name", name)
				}
			}()
			_ = s.Publish(name, 1)
		}()
	}
	publish(t, s, "beat", 1)
	x.expect(t, "retry: 5000", "event: beat|data: 1")
}
