package api

import (
	"bytes"
	"io"
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
	body, err := s.pack(v)
	if err != nil { // wire shapes can always be encoded, but for figures that are no numbers
		s.options.Log.Warn("cannot encode an answer", "path", clip(r.URL.Path), "error", err)
		status, body = http.StatusInternalServerError, packed(`{"code":"`+CodeInternal+`","message":"the answer cannot be written as JSON","hint":"the daemon's log says more"}`+"\n")
	}
	s.send(w, r, status, body)
}

// send sends what is encoded already: as it is to those who take gzip, unpacked on the
// way to others.
func (s *Server) send(w http.ResponseWriter, r *http.Request, status int, body packed) {
	if len(body) >= minPacked && s.gate.held.Add(int64(len(body))) > maxHeldBytes && s.gate.held.Load() != int64(len(body)) {
		s.gate.held.Add(-int64(len(body)))
		s.gate.refused.Add(1)
		s.fail(w, r, later(time.Second, CodeBusy, "ask again a little later, and for less at a time", "too many answers wait for those who asked to read them"))
		return
	}
	if len(body) >= minPacked {
		defer s.gate.held.Add(-int64(len(body)))
	}
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", jsonType)
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	s.transmit(w, r, status, content{len(body), body.size(), body.zipped(), bytes.NewReader(body)})
}

// content is what is to be sent: gzip or text.
type content struct {
	length, unpacked int
	zipped           bool
	io.Reader
}

// transmit writes head and body.
func (s *Server) transmit(w http.ResponseWriter, r *http.Request, status int, c content) {
	h := w.Header()
	asIs := !c.zipped || takesGzip(strings.Join(r.Header.Values("Accept-Encoding"), ","))
	if c.zipped {
		h.Set("Vary", "Accept-Encoding")
	}
	if asIs && c.zipped {
		h.Set("Content-Encoding", "gzip")
	}
	length := c.unpacked
	if asIs {
		length = c.length
	}
	h.Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	client := sink{Writer: w}
	var err error
	if asIs {
		_, err = io.Copy(&client, c.Reader)
	} else {
		err = unpack(&client, c.Reader)
	}
	if err != nil && !client.gone { // a client that went away is told nothing
		s.options.Log.Warn("cannot send an answer to its end", "path", clip(r.URL.Path), "error", err)
	}
}

// tag is the ETag of what is made once in a beat. It is weak, as packed and unpacked
// answers have the same.
func (s *Server) tag(beat uint64) string {
	return `W/"` + s.run + "-" + strconv.FormatUint(beat, 10) + `"`
}

// unchanged answers 304 to a client that has what the tag names. In any case the client is
// told to ask whether that still holds.
func (s *Server) unchanged(w http.ResponseWriter, r *http.Request, etag string) bool {
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", "no-cache")
	if !matches(r.Header.Get("If-None-Match"), etag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// shared is an answer that is encoded once for each beat and given to all who ask.
type shared struct {
	mu   sync.Mutex
	beat uint64
	body packed
}

// encoded returns the answer of the last beat. Those who ask while it is encoded wait.
func (a *shared) encoded(s *Server, produce func() (beat uint64, v any)) (body packed, beat uint64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.body != nil && a.beat == s.options.Monitor.Beat() {
		return a.body, a.beat, nil
	}
	beat, v := produce()
	if body, err = s.pack(v); err != nil {
		return nil, 0, err
	}
	a.beat, a.body = beat, body
	return body, beat, nil
}

// perBeat answers with what is the same for everybody until the next beat.
func (s *Server) perBeat(w http.ResponseWriter, r *http.Request, a *shared, produce func() (beat uint64, v any)) error {
	if err := s.ready(); err != nil {
		return err
	}
	body, beat, err := a.encoded(s, produce)
	if err != nil {
		return err
	}
	if !s.unchanged(w, r, s.tag(beat)) {
		s.send(w, r, http.StatusOK, body)
	}
	return nil
}

func (s *Server) services(w http.ResponseWriter, r *http.Request) error {
	return s.perBeat(w, r, &s.table, func() (uint64, any) {
		v := s.options.Monitor.Services()
		filled(&v.Services)
		return v.Beat, v
	})
}

// overviewLines of logs are on the first screen.
const overviewLines = 10

func (s *Server) overview(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r, nil); err != nil {
		return err
	}
	return s.perBeat(w, r, &s.first, func() (uint64, any) {
		m := s.options.Monitor
		v := wire.Overview{ServiceTable: m.Services(), HostState: m.Host(), Alerts: s.allAlerts(), Logs: s.lines(LogQuery{Limit: overviewLines}), Strategies: s.firstStrategies(), Core: s.allComponents(), Own: m.Own()}
		filled(&v.Services)
		c := s.options.Cache.Stats()
		v.Own.CacheEntries, v.Own.MaxCacheEntries, v.Own.PageLoads = c.Entries, cache.MaxEntries, s.options.Sessions.Stats().Loads
		return v.ServiceTable.Beat, v
	})
}

// matches reports whether a client has what etag names (RFC 9110, section 13.1.2: weak or
// not makes no difference here).
func matches(have, etag string) bool {
	for have != "" {
		var one string
		one, have, _ = strings.Cut(have, ",")
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == strings.TrimPrefix(etag, "W/") || one == "*" {
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
	filled(&v.Steps)
	filled(&v.Verdicts)
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
