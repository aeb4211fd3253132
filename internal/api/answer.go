package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/wire"
)

const jsonType = "application/json; charset=utf-8"

// answer encodes v and sends it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // wire shapes can always be encoded, but for figures that are no numbers
		s.options.Log.Warn("cannot encode an answer", "path", clip(r.URL.Path), "error", err)
		status, body = http.StatusInternalServerError, []byte(`{"code":"`+CodeInternal+`","message":"the answer cannot be written as JSON","hint":"the daemon's log says more"}`)
	}
	s.send(w, r, status, body)
}

// send sends what is encoded already, and a line end for those who read it in a terminal.
func (s *Server) send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", jsonType)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // a client that went away is told nothing
	_, _ = w.Write(lineEnd)
}

var lineEnd = []byte{'\n'}

// table is the table of services, encoded once for each beat and shared by all who ask.
type table struct {
	run string // tells this run of the daemon from others, whose beats have the same numbers

	mu   sync.Mutex
	beat uint64
	body []byte
	etag string
}

// encoded returns the table of the last beat. Those who ask while it is encoded wait.
func (t *table) encoded(m Monitor) (body []byte, etag string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.body != nil && t.beat == m.Beat() {
		return t.body, t.etag, nil
	}
	v := m.Services()
	if v.Services == nil {
		v.Services = []wire.ServiceRow{}
	}
	if body, err = json.Marshal(v); err != nil {
		return nil, "", err
	}
	t.beat, t.body, t.etag = v.Beat, body, `"`+t.run+"-"+strconv.FormatUint(v.Beat, 10)+`"`
	return t.body, t.etag, nil
}

func (s *Server) services(w http.ResponseWriter, r *http.Request) error {
	if err := s.ready(); err != nil {
		return err
	}
	body, etag, err := s.table.encoded(s.options.Monitor)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", "no-cache") // keep it, but ask whether it still holds
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	s.send(w, r, http.StatusOK, body)
	return nil
}

// matches reports whether a client has what etag names (RFC 9110, section 13.1.2).
func matches(have, etag string) bool {
	for have != "" {
		var one string
		one, have, _ = strings.Cut(have, ",")
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == etag || one == "*" {
			return true
		}
	}
	return false
}

// retryReady is when the first beat is over at the default interval.
const retryReady = 5 * time.Second

// ready is the error before the first beat.
func (s *Server) ready() error {
	if s.options.Monitor.Beat() == 0 {
		return later(retryReady, CodeNotReady, "ask again after the first beat", "nothing was measured yet")
	}
	return nil
}

func (s *Server) self(w http.ResponseWriter, r *http.Request) error {
	v := s.options.Monitor.Self()
	v.Live, v.HTTP, v.Cache, v.Sessions = s.hub.wire(), s.gate.wire(), s.cacheCounts(), s.sessionCounts()
	if v.Steps == nil {
		v.Steps = []wire.StepCost{}
	}
	if v.Verdicts == nil {
		v.Verdicts = []wire.Verdict{}
	}
	s.answer(w, r, http.StatusOK, v)
	return nil
}

func (s *Server) clearCache(w http.ResponseWriter, r *http.Request) error {
	select {
	case s.clearing <- struct{}{}:
		defer func() { <-s.clearing }()
	default:
		return later(time.Second, CodeBusy, "wait for it to end", "the caches are being cleared already")
	}
	v, err := s.options.Memory.ClearCache(r.Context())
	if err != nil {
		return err
	}
	s.answer(w, r, http.StatusOK, v)
	return nil
}

func (s *Server) cacheCounts() wire.CacheCounts {
	c := s.options.Cache.Stats()
	return wire.CacheCounts{
		Entries: c.Entries, MaxEntries: cache.MaxEntries, Bytes: uint64(c.Bytes), MaxBytes: cache.MaxBytes,
		Hits: c.Hits, Misses: c.Misses, Expired: c.Expired, Evicted: c.Evicted,
	}
}

func (s *Server) sessionCounts() wire.SessionCounts {
	v := s.options.Sessions.Stats()
	return wire.SessionCounts{Sessions: v.Sessions, Bytes: uint64(v.Bytes), PageLoads: v.Loads}
}
