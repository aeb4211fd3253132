package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/zol0/zol0/internal/wire"
)

// Codes of errors. They are part of the API: a code never changes its meaning.
const (
	CodeBadParameter     = "bad_parameter"      // 400: a value that cannot be read
	CodeUnknownParameter = "unknown_parameter"  // 400
	CodeTooManyPoints    = "too_many_points"    // 400: the step is too short for the range
	CodeBadKey           = "bad_key"            // 400: of a session
	CodeBadValue         = "bad_value"          // 400: of a session; no JSON, or too long
	CodeBadBody          = "bad_body"           // 400: it ended early, or came too slowly
	CodeBadSamples       = "bad_samples"        // 400: of remote write; sending them again changes nothing
	CodeUnauthorized     = "unauthorized"       // 401: nobody knows who asks
	CodeForbidden        = "forbidden"          // 403: the role may not do that
	CodeNoTokens         = "no_tokens"          // 404: there is nothing to log in with
	CodeTooManyRequests  = "too_many_requests"  // 429 and when to come again: of one address
	CodeCrossOrigin      = "cross_origin"       // 403: a page from elsewhere asked
	CodeNotFound         = "not_found"          // 404
	CodeNoHub            = "no_hub"             // 404: the daemon takes in nothing from other hosts
	CodeNoSuchService    = "no_such_service"    // 404: at the last beat
	CodeNoSuchStrategy   = "no_such_strategy"   // 404: its source does not name it
	CodeNoSuchProcess    = "no_such_process"    // 404: at the last beat
	CodeNoSuchKey        = "no_such_key"        // 404: in this session
	CodeMethodNotAllowed = "method_not_allowed" // 405
	CodeTooManyKeys      = "too_many_keys"      // 409: in this session
	CodeBodyTooLarge     = "body_too_large"     // 413
	CodeWrongHost        = "wrong_host"         // 421: see Options.Hosts
	CodeBusy             = "busy"               // 503 and when to come again
	CodeTooManyClients   = "too_many_clients"   // 503 and when to come again
	CodeMemoryShort      = "memory_short"       // 503: the daemon is short of memory
	CodeNotReady         = "not_ready"          // 503: before the first beat
	CodeClosing          = "closing"            // 503: the daemon ends
	CodeQueryTimeout     = "query_timeout"      // 503
	CodeInternal         = "internal"           // 500
)

// Error is an answer to a request that could not be met.
type Error struct {
	Status              int
	Code, Message, Hint string // as in wire.Error
	// RetryAfter is when it is worth asking again; 0 says nothing about that.
	RetryAfter time.Duration
}

func (e *Error) Error() string { return e.Message }

// fault makes an error.
func fault(status int, code, hint, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// later is an error that goes by itself.
func later(after time.Duration, code, hint, message string) *Error {
	return &Error{Status: http.StatusServiceUnavailable, Code: code, Message: message, Hint: hint, RetryAfter: after}
}

// fail answers with an error. What is no *Error is our own failure, and logged.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var e *Error
	switch {
	case errors.As(err, &e):
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		e = closing() // or the client went away, and nobody hears it
	case errors.Is(err, context.DeadlineExceeded):
		e = later(10*time.Second, CodeQueryTimeout, "ask for a shorter range or a longer step", fmt.Sprintf("the answer was not ready within %v", s.times.query))
	default:
		s.options.Log.Warn("cannot answer", "method", r.Method, "path", clip(r.URL.Path), "error", err)
		e = fault(http.StatusInternalServerError, CodeInternal, "the daemon's log says more; try again", "%v", err)
	}
	if e.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="zol0"`)
	}
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	for _, name := range []string{"ETag", "Cache-Control", "Content-Type", "Content-Disposition"} {
		w.Header().Del(name) // of the answer that it did not become
	}
	s.answer(w, r, e.Status, wire.Error{Code: e.Code, Message: e.Message, Hint: e.Hint})
}

func tooLarge(bound int64) *Error {
	return fault(http.StatusRequestEntityTooLarge, CodeBodyTooLarge, "send less", "the body is larger than %d bytes", bound)
}

// clipBytes is how much of what a client sent may stand in a message or a log.
const clipBytes = 80

// clip shortens foreign text for a message.
func clip(text string) string {
	if len(text) <= clipBytes {
		return text
	}
	end := clipBytes
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
