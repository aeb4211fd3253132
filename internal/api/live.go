package api

import (
	"net/http"
	"time"
)

// opening tells a browser how long to wait before it connects again: one beat.
var opening = []byte("retry: 5000\n\n")

// live streams events until the client goes, or is too slow, or the daemon ends.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	if !s.options.Memory.NewClients() {
		s.hub.refuse()
		return later(time.Minute, CodeMemoryShort, "ask for /api/services now and then instead; /api/self says more", "the daemon is short of memory and admits no more live clients")
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx in between would keep events back
	if r.Method == http.MethodHead {
		return nil
	}
	c, err := s.hub.enter()
	if err != nil {
		return err
	}
	defer s.hub.leave(c)
	stream := http.NewResponseController(w)
	message, last := opening, false
	for {
		for message != nil {
			if !s.write(w, stream, message) || last {
				return nil
			}
			message, last = c.next()
		}
		if stream.Flush() != nil {
			return nil // the client went away, or did not read for too long
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-c.wake:
			message, last = c.next()
		}
	}
}

// write writes a message before its deadline, and reports whether it could.
func (s *Server) write(w http.ResponseWriter, stream *http.ResponseController, message []byte) bool {
	if stream.SetWriteDeadline(s.options.Now().Add(s.options.WriteDeadline)) != nil {
		return false
	}
	_, err := w.Write(message)
	return err == nil
}
