package api

import (
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

// policy lets the page load scripts, styles and data from this server and nothing from
// anywhere else, and lets nobody put it into a frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var headers = [...][2]string{
	{"Content-Security-Policy", policy},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
}

// gate counts requests.
type gate struct {
	requests, refused, refusedConnections atomic.Uint64
	active                                atomic.Int64
	connections                           atomic.Int64
	held                                  atomic.Int64 // bytes of answers that are being sent
}

func (g *gate) wire() wire.HTTPCounts {
	return wire.HTTPCounts{
		Requests: g.requests.Load(), Active: int(g.active.Load()), Refused: g.refused.Load(), RefusedConnections: g.refusedConnections.Load(),
	}
}

// front stands before everything else, the layer of passwords too: checking one of them
// takes a hundred times as long as an answer.
func (s *Server) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.survive(w, r)
		for _, h := range headers {
			w.Header().Set(h[0], h[1])
		}
		from, now := addressOf(r), s.options.Now()
		if s.requests != nil && !unmetered(r.URL.Path) {
			if wait := s.requests.take(now, from); wait > 0 {
				s.gate.refused.Add(1)
				s.turnAway(w, r, tooMany(wait, "too many requests came from this address"))
				return
			}
		}
		if _, _, sent := r.BasicAuth(); !sent {
			next.ServeHTTP(w, r)
			return
		}
		if wait := s.attempts.wait(now, from); wait > 0 {
			s.turnAway(w, r, tooMany(wait, "too many wrong passwords came from this address"))
			return
		}
		r, proved := withProved(r)
		next.ServeHTTP(w, r)
		if !proved.reached {
			s.attempts.take(now, from)
		}
	})
}

// turnAway answers what nobody will look at. It may have a body that nobody wants to read to
// its end.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Connection", "close")
	s.fail(w, r, err)
}

// guarded puts the protection in front of the routes that needs no clock.
func (s *Server) guarded(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached(r)
		if err := s.refusal(r, origins); err != nil {
			s.turnAway(w, r, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyBound(r.URL.Path))
		if unmetered(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		defer s.gate.active.Add(-1)
		if s.gate.active.Add(1) > MaxRequests {
			s.gate.refused.Add(1)
			s.fail(w, r, later(time.Second, CodeBusy, "ask again a little later, and for less at a time", "too many requests are being answered"))
			return
		}
		s.gate.requests.Add(1)
		next.ServeHTTP(w, r)
	})
}

// unmetered is what takes no share of MaxRequests: live clients have a bound of their own,
// and whoever watches the daemon must be answered when it is busy.
func unmetered(path string) bool { return path == "/api/events" || strings.HasPrefix(path, "/-/") }

// refusal says why a request is turned away before anybody looks at what it wants.
func (s *Server) refusal(r *http.Request, origins *http.CrossOriginProtection) error {
	if !s.knows(r) {
		return fault(http.StatusMisdirectedRequest, CodeWrongHost, "use http://localhost or the address that zol0 listens on; a proxy in front must ask for one of them", "this server does not go by the name %q", clip(r.Host))
	}
	if err := origins.Check(r); err != nil {
		return fault(http.StatusForbidden, CodeCrossOrigin, "use the dashboard's own page, or a program that sends no Origin header", "a page of another origin may not do that: %v", err)
	}
	// A page from elsewhere cannot read the answers, but it could keep us busy and take the
	// places of live clients. Following a link to us is fine.
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate" {
		return fault(http.StatusForbidden, CodeCrossOrigin, "use the dashboard's own page, or a program that sends no Sec-Fetch-Site header", "a page of another site may not ask for that")
	}
	if bound := bodyBound(r.URL.Path); r.ContentLength > bound {
		return tooLarge(bound)
	}
	return nil
}

// knows reports whether the request was meant for this server. A page from elsewhere whose
// name its owner points at 127.0.0.1 (DNS rebinding) passes every check of origins, but it
// cannot change the name it asks for.
func (s *Server) knows(r *http.Request) bool {
	name := r.Host
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") { // reserved: RFC 6761, section 6.3
		return true
	}
	if slices.ContainsFunc(s.options.Hosts, func(h string) bool { return strings.EqualFold(h, name) }) {
		return true
	}
	address, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	address = address.Unmap().WithZone("")
	if address.IsLoopback() {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && local.AddrPort().Addr().Unmap().WithZone("") == address
}

// survive answers for a handler that panicked, and says so in the log.
func (s *Server) survive(w http.ResponseWriter, r *http.Request) {
	reason := recover()
	if reason == nil {
		return
	}
	s.options.Log.Warn("a request ended in a panic", "method", r.Method, "path", clip(r.URL.Path), "reason", reason, "stack", string(debug.Stack()))
	s.fail(w, r, fault(http.StatusInternalServerError, CodeInternal, "this is a mistake in zol0: please report it with the daemon's log", "the request ended in a panic"))
}
