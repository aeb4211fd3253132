package api

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"net/http"

	"github.com/zol0/zol0/internal/access"
	"github.com/zol0/zol0/internal/wire"
)

const (
	// loginCookie is the name of the cookie of somebody who logged in.
	loginCookie = "zol0_login"
	// maxLoginBytes holds a token in JSON.
	maxLoginBytes = 1 << 10
)

// loggedIn is the token with which a browser logged in, as long as the session lives and the
// token is in the file.
func (s *Server) loggedIn(r *http.Request) (access.Token, bool) {
	c, err := r.Cookie(loginCookie)
	if err != nil || s.options.Tokens == nil {
		return access.Token{}, false
	}
	owner, err := s.options.Sessions.Owner(s.options.Now(), c.Value)
	if err != nil {
		return access.Token{}, false
	}
	var d access.Digest
	if n, err := hex.Decode(d[:], []byte(owner)); err != nil || n != len(d) {
		return access.Token{}, false // a session that belongs to nobody
	}
	return s.options.Tokens.Of(d)
}

// login begins a session for a browser that shows a token. The identity is always a new
// one: what a client sends is never taken over.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	if s.options.Tokens == nil {
		return fault(http.StatusNotFound, CodeNoTokens, "make one with: zol0 token new NAME, and set daemon.tokens", "this daemon has no tokens to log in with")
	}
	now, from := s.options.Now(), addressOf(r)
	if wait := s.attempts.wait(now, from); wait > 0 {
		return tooMany(wait, "too many wrong tokens came from this address")
	}
	// A form of another page cannot send this type, whatever the browser tells of origins.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fault(http.StatusUnsupportedMediaType, CodeBadBody, `send {"token": "…"} with Content-Type: application/json`, "Content-Type %q is not taken", clip(r.Header.Get("Content-Type")))
	}
	var asked wire.Login
	body, err := io.ReadAll(io.LimitReader(r.Body, maxLoginBytes+1))
	if err != nil || len(body) > maxLoginBytes || json.Unmarshal(body, &asked) != nil { // its text is a secret, and in no error
		return fault(http.StatusBadRequest, CodeBadBody, `send {"token": "…"}`, "the body is no login")
	}
	t, ok := s.options.Tokens.Match(asked.Token)
	if !ok {
		return s.wrongToken(r)
	}
	if c, err := r.Cookie(loginCookie); err == nil {
		s.options.Sessions.End(c.Value)
	}
	id := s.options.Sessions.BeginFor(now, hex.EncodeToString(t.Digest[:]))
	http.SetCookie(w, loginCookieOf(r, id))
	s.options.Log.Info("somebody logged in", "token", t.Name, "role", t.Role.String(), "address", from)
	s.answer(w, r, http.StatusOK, wire.Caller{Role: t.Role.String(), Name: t.Name, Tokens: true})
	return nil
}

// logout ends the session of a login.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(loginCookie); err == nil {
		s.options.Sessions.End(c.Value)
		gone := loginCookieOf(r, "")
		gone.MaxAge = -1
		http.SetCookie(w, gone)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// loginCookieOf goes to this server alone, is hidden from scripts, and never comes along
// with a request that a page of another site makes.
func loginCookieOf(r *http.Request, id string) *http.Cookie {
	return &http.Cookie{Name: loginCookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil}
}

// callerOf is who asks, as the page shows it.
func (s *Server) callerOf(r *http.Request) wire.Caller {
	c, err := s.who(r)
	if err != nil { // a route that needs a role has said so already
		c = caller{}
	}
	return wire.Caller{Role: c.role.String(), Name: c.name, Tokens: s.options.Tokens != nil}
}
