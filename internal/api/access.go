package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/access"
)

// need is what a route asks of whoever calls it. The zero need is a mistake: every route
// says which one it has.
type need uint8

const (
	anybody need = iota + 1
	// viewers are those with a token, a session after a login, a password or a client
	// certificate, and everybody where none of these is asked for.
	viewers
	// operators have a token that says so.
	operators
	// writers are operators, and everybody where nobody is asked who they are: samples of
	// other hosts change nothing on this machine, and a daemon takes them only as a hub.
	writers
)

func (n need) String() string {
	switch n {
	case anybody:
		return ""
	case viewers:
		return access.Viewer.String()
	case operators, writers:
		return access.Operator.String()
	}
	return "unknown"
}

// caller is who asks.
type caller struct {
	role access.Role
	name string // of the token; empty where it was none
}

// open reports whether nobody is asked who they are.
func (s *Server) open() bool { return s.options.Tokens == nil && !s.authenticates }

// bearer is the token of a request; false where it sends none.
func bearer(r *http.Request) (string, bool) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// who tells who asks. A token that is wrong is an error even where something else would do:
// whoever sends one means to be taken for its owner.
func (s *Server) who(r *http.Request) (caller, error) {
	if s.open() {
		return caller{role: access.Viewer}, nil
	}
	if secret, sent := bearer(r); sent && s.options.Tokens != nil {
		t, ok := s.options.Tokens.Match(secret)
		if !ok {
			return caller{}, s.wrongToken(r)
		}
		return caller{t.Role, t.Name}, nil
	}
	if t, ok := s.loggedIn(r); ok {
		return caller{t.Role, t.Name}, nil
	}
	if s.provedBelow(r) {
		return caller{role: access.Viewer}, nil
	}
	return caller{}, unauthorized()
}

// provedBelow reports whether the layer of TLS and passwords knows who asks.
func (s *Server) provedBelow(r *http.Request) bool {
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		return true
	}
	_, _, sent := r.BasicAuth()
	return sent && s.passwords != nil && s.passwords.asked()
}

// admit is the error of somebody who may not call a route.
func (s *Server) admit(r *http.Request, n need) error {
	if n == anybody {
		return nil
	}
	c, err := s.who(r)
	switch {
	case err != nil:
		return err
	case n == viewers && c.role >= access.Viewer, c.role >= access.Operator, n == writers && s.open():
		return nil
	}
	return fault(http.StatusForbidden, CodeForbidden, "log in with a token of the role operator: zol0 token new NAME --role operator", "a %s may not do that", c.role)
}

// unauthorized is for whoever does not say who they are, or says it wrongly: one answer, so
// that nobody learns which tokens there are.
func unauthorized() *Error {
	return fault(http.StatusUnauthorized, CodeUnauthorized, "send a token as Authorization: Bearer TOKEN, or log in at the page; zol0 token new makes one", "the daemon does not know who asks")
}

// wrongToken counts an attempt and answers it. A token that is right is taken even from an
// address with many wrong ones: behind a proxy or a router all have the same, and nobody may
// lock the others out. Tokens are too long to be found by trying.
func (s *Server) wrongToken(r *http.Request) error {
	if wait := s.attempts.take(s.options.Now(), addressOf(r)); wait > 0 {
		return tooMany(wait, "too many wrong tokens came from this address")
	}
	return unauthorized()
}

func tooMany(wait time.Duration, message string) *Error {
	return &Error{Status: http.StatusTooManyRequests, Code: CodeTooManyRequests, Message: message, Hint: "wait as long as Retry-After says; daemon.rate_limit sets how many requests an address may send", RetryAfter: wait}
}

// proved marks in a request's context that the layer of passwords let it through.
type proved struct{ reached bool }

type provedKey struct{}

func withProved(r *http.Request) (*http.Request, *proved) {
	p := &proved{}
	return r.WithContext(context.WithValue(r.Context(), provedKey{}, p)), p
}

// reached says so, where somebody wants to know.
func reached(r *http.Request) {
	if p, ok := r.Context().Value(provedKey{}).(*proved); ok {
		p.reached = true
	}
}

// mayWrite is the error of somebody who may not write the samples of other hosts.
func (s *Server) mayWrite(r *http.Request) error { return s.admit(r, writers) }

// ReloadTokens reads the file of tokens again; sessions of tokens that are gone end with it.
// After an error those that were there hold.
func (s *Server) ReloadTokens() error {
	if s.options.Tokens == nil {
		return nil
	}
	return s.options.Tokens.Reload()
}
