package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

// Bounds of live clients.
const (
	// MaxClients is the dashboard open 256 times.
	MaxClients = 256
	// queueMessages and queueBytes are what one client may be behind: more than a minute
	// of beats. Messages are shared, so that a queue costs its places alone.
	queueMessages = 16
	queueBytes    = 64 << 10
	// maxMessageBytes bounds one message.
	maxMessageBytes = 16 << 10
)

// The messages that end a stream, and the one that says nothing.
var (
	droppedMessage   = []byte("event: dropped\ndata: {\"code\":\"too_slow\",\"message\":\"messages were not read in time\",\"hint\":\"connect again and ask for /api/services\"}\n\n")
	closingMessage   = []byte("event: closing\ndata: {\"code\":\"closing\",\"message\":\"the daemon ends\",\"hint\":\"connect again later\"}\n\n")
	heartbeatMessage = []byte(": still here\n\n")
)

// hub passes messages to live clients without ever waiting for one.
type hub struct {
	mu      sync.Mutex
	clients map[*liveClient]struct{} // that are told
	// places are taken by those clients and by dropped ones whose last write still hangs.
	places                      int
	closed                      bool
	published, refused, dropped uint64
}

// liveClient is the queue of one client: a ring of shared messages.
type liveClient struct {
	mu          sync.Mutex
	ring        [queueMessages][]byte
	first, held int
	bytes       int
	end         []byte        // the last message, once the stream is to end
	wake        chan struct{} // holds one token while there is something to do
}

// Publish tells every live client of v, as an event of that name. It never waits for a
// client and encodes once for all of them. The name is one word of lower-case letters and
// underscores; v must be at most 16 KiB as JSON. Without clients it does nothing.
func (s *Server) Publish(name string, v any) error {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" || name == "" || name == "dropped" || name == "closing" {
		panic(fmt.Sprintf("BUG: %q is no name for a live event", name))
	}
	if s.hub.empty() {
		return nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("cannot encode the live event %s: %w", name, err)
	}
	message := make([]byte, 0, len("event: \ndata: \n\n")+len(name)+len(data))
	message = append(append(append(message, "event: "...), name...), "\ndata: "...)
	message = append(append(message, data...), "\n\n"...) // JSON has no line ends
	if len(message) > maxMessageBytes {
		return fmt.Errorf("the live event %s has %d bytes; at most %d can be sent", name, len(message), maxMessageBytes)
	}
	s.hub.publish(message)
	return nil
}

// Heartbeat sends a comment to every live client, so that those that are gone are noticed.
// It is for daemons whose beats are more than 30 s apart.
func (s *Server) Heartbeat() {
	if !s.hub.empty() {
		s.hub.publish(heartbeatMessage)
	}
}

// Clients is the number of live clients.
func (s *Server) Clients() int { return s.hub.wire().Clients }

func (h *hub) empty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients) == 0
}

func (h *hub) isClosed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

func (h *hub) publish(message []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.published++
	for c := range h.clients {
		if !c.put(message) {
			delete(h.clients, c)
			h.dropped++
		}
	}
}

// close ends every stream with a last message and admits no more.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for c := range h.clients {
		c.mu.Lock()
		c.finish(closingMessage)
		c.mu.Unlock()
	}
	clear(h.clients)
}

// enter admits a client.
func (h *hub) enter() (*liveClient, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, closing()
	}
	if h.places >= MaxClients {
		h.refused++
		return nil, later(30*time.Second, CodeTooManyClients, "close dashboards that nobody looks at, or ask for /api/services now and then", fmt.Sprintf("%d live clients are connected, and no more are admitted", MaxClients))
	}
	c := &liveClient{wake: make(chan struct{}, 1)}
	h.clients[c] = struct{}{}
	h.places++
	return c, nil
}

func (h *hub) leave(c *liveClient) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
	h.places--
}

func (h *hub) refuse() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refused++
}

func (h *hub) wire() wire.LiveCounts {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := wire.LiveCounts{Clients: len(h.clients), MaxClients: MaxClients, Published: h.published, Refused: h.refused, Dropped: h.dropped}
	for c := range h.clients {
		c.mu.Lock()
		out.QueuedBytes += uint64(c.bytes)
		c.mu.Unlock()
	}
	return out
}

func closing() *Error {
	return later(5*time.Second, CodeClosing, "connect again later", "the daemon ends")
}

// put queues a message. When there is no room the client is too slow: what it has not read
// is let go, its stream is to end, and put returns false.
func (c *liveClient) put(message []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == queueMessages || c.bytes+len(message) > queueBytes {
		c.finish(droppedMessage)
		return false
	}
	c.ring[(c.first+c.held)%queueMessages] = message
	c.held++
	c.bytes += len(message)
	c.signal()
	return true
}

// finish lets the queue go and makes the message the last one.
func (c *liveClient) finish(last []byte) {
	c.ring = [queueMessages][]byte{}
	c.held, c.bytes = 0, 0
	c.end = last
	c.signal()
}

func (c *liveClient) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// next takes the next message; last says that the stream ends with it. It is nil when
// there is none.
func (c *liveClient) next() (message []byte, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil {
		return c.end, true
	}
	if c.held == 0 {
		return nil, false
	}
	message = c.ring[c.first]
	c.ring[c.first] = nil
	c.first = (c.first + 1) % queueMessages
	c.held--
	c.bytes -= len(message)
	return message, false
}
