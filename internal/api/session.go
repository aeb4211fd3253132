package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/zol0/zol0/internal/session"
	"github.com/zol0/zol0/internal/wire"
)

// cookie is the name of the cookie with a session's identity.
const cookie = "zol0_session"

// identity is the session of a request. One that sends none, or one that is not known any
// more, gets a new one: an identity that a client chose is never taken over.
func (s *Server) identity(w http.ResponseWriter, r *http.Request) string {
	now := s.options.Now()
	if c, err := r.Cookie(cookie); err == nil {
		if _, err := s.options.Sessions.Use(now, c.Value); err == nil {
			return c.Value
		}
	}
	id := s.options.Sessions.Begin(now)
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: id, Path: "/api/session", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
	return id
}

func (s *Server) session(w http.ResponseWriter, r *http.Request) error {
	id := s.identity(w, r)
	return s.view(w, r)(s.options.Sessions.Use(s.options.Now(), id))
}

func (s *Server) sessionLoad(w http.ResponseWriter, r *http.Request) error {
	id := s.identity(w, r)
	return s.view(w, r)(s.options.Sessions.Load(s.options.Now(), id))
}

func (s *Server) sessionRefresh(w http.ResponseWriter, r *http.Request) error {
	id := s.identity(w, r)
	return s.view(w, r)(s.options.Sessions.Refresh(s.options.Now(), id))
}

// view answers with what a call said about a session.
func (s *Server) view(w http.ResponseWriter, r *http.Request) func(session.View, error) error {
	return func(v session.View, err error) error {
		if err != nil {
			return s.stateError(r, err)
		}
		s.answer(w, r, http.StatusOK, wire.Session{
			PageLoads: v.Loads, AllPageLoads: v.AllLoads, Keys: v.Keys, SweptKeys: v.Swept,
			CacheEntries: s.options.Cache.Stats().Entries, ExpiresSeconds: session.TTL.Seconds(), Caller: s.callerOf(r),
		})
		return nil
	}
}

func (s *Server) stateGet(w http.ResponseWriter, r *http.Request) error {
	value, err := s.options.Sessions.Get(s.options.Now(), s.identity(w, r), r.PathValue("key"))
	if err != nil {
		return s.stateError(r, err)
	}
	s.send(w, r, http.StatusOK, append(bytes.Clone(value), '\n'))
	return nil
}

func (s *Server) statePut(w http.ResponseWriter, r *http.Request) error {
	value, err := io.ReadAll(io.LimitReader(r.Body, session.MaxValueBytes+1))
	var large *http.MaxBytesError
	if err != nil && !errors.As(err, &large) { // it went away, or took too long
		return fault(http.StatusBadRequest, CodeBadBody, "send the whole body, and at once", "the value for %q did not arrive: %v", clip(r.PathValue("key")), err)
	}
	if len(value) > session.MaxValueBytes {
		return s.stateError(r, session.ErrValue)
	}
	if !json.Valid(value) {
		return fault(http.StatusBadRequest, CodeBadValue, `send JSON, such as "dark" with its quotes, 12 or {"a": 1}`, "the value for %q is no JSON", clip(r.PathValue("key")))
	}
	if err := s.options.Sessions.Put(s.options.Now(), s.identity(w, r), r.PathValue("key"), value); err != nil {
		return s.stateError(r, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) stateDelete(w http.ResponseWriter, r *http.Request) error {
	if err := s.options.Sessions.Delete(s.options.Now(), s.identity(w, r), r.PathValue("key")); err != nil {
		return s.stateError(r, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// stateError says in the API's words why a session could not do something.
func (s *Server) stateError(r *http.Request, err error) error {
	key := clip(r.PathValue("key"))
	switch {
	case errors.Is(err, session.ErrNoKey):
		return fault(http.StatusNotFound, CodeNoSuchKey, "GET /api/session lists the keys", "the session has nothing under %q", key)
	case errors.Is(err, session.ErrKey):
		return fault(http.StatusBadRequest, CodeBadKey, fmt.Sprintf("use 1 to %d bytes of printable text", session.MaxKeyBytes), "a session keeps nothing under %q", key)
	case errors.Is(err, session.ErrValue):
		return fault(http.StatusBadRequest, CodeBadValue, fmt.Sprintf("send at most %d bytes", session.MaxValueBytes), "the value for %q is too long", key)
	case errors.Is(err, session.ErrFull):
		return fault(http.StatusConflict, CodeTooManyKeys, "delete one first", "the session has %d keys already, and %q would be one more", session.MaxKeys, key)
	case errors.Is(err, session.ErrNoSession): // gone between two looks at it: more browsers than places
		return later(retryReady, CodeBusy, "ask again", "the session had to make room for others")
	}
	return err
}
