package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// Receiver takes in what other hosts measured. Its methods are called by many goroutines.
type Receiver interface {
	// Receive takes in one message of Prometheus's remote write (version 1.0), packed with
	// snappy. When it returns nil everything in it is safe. A *Rejection is about the message:
	// what of it could be kept is kept, and sending it again changes nothing. After any other
	// error nothing is kept, and it should be sent again.
	Receive(ctx context.Context, body []byte) error
}

// Rejection says why a message, or a part of it, is not taken in and never will be.
type Rejection struct{ Err error }

func (e *Rejection) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *Rejection) Unwrap() error { return e.Err }

const (
	// writePath is where other hosts write to, as in Prometheus.
	writePath = "/api/v1/write"
	// MaxWriteBytes bounds a message of remote write as it is sent: 400,000 samples of a beat
	// at 10 bytes each. Senders send a hundredth of that.
	MaxWriteBytes = 4 << 20
	// maxWriters messages are read at a time; one of them is taken in. More wait: for as long
	// as a sender may take to send one.
	maxWriters = 4
	// retryWrite is when a sender should try again: a beat later.
	retryWrite = 5 * time.Second
)

// bodyBound is how large the body of a request for a path may be.
func bodyBound(path string) int64 {
	if path == writePath {
		return MaxWriteBytes
	}
	return MaxBodyBytes
}

// remoteWrite takes in a message of remote write. It answers 204 when everything in it is safe,
// 400 where something in it never will be, and 503 when it should be sent again.
func (s *Server) remoteWrite(w http.ResponseWriter, r *http.Request) error {
	if s.options.Receiver == nil {
		return fault(http.StatusNotFound, CodeNoHub, "set daemon.receive: true in its configuration and start it again", "this daemon takes in nothing from other hosts")
	}
	if err := s.mayWrite(r); err != nil {
		return err
	}
	if err := writable(r.Header); err != nil {
		return err
	}
	if s.hub.isClosed() {
		return closing()
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.times.read)
	defer cancel()
	select {
	case s.writers <- struct{}{}:
		defer func() { <-s.writers }()
	case <-ctx.Done():
		return later(retryWrite, CodeBusy, "send it again", "too many hosts write at a time")
	}
	body, err := readAll(r)
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return fault(http.StatusRequestEntityTooLarge, CodeBodyTooLarge, "send fewer samples at a time", "the message is larger than %d bytes", MaxWriteBytes)
		}
		return fault(http.StatusBadRequest, CodeBadBody, "send the message again, to its end", "the message could not be read to its end: %v", err)
	}
	err = s.options.Receiver.Receive(ctx, body)
	var rejection *Rejection
	switch {
	case err == nil:
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
		return nil
	case errors.As(err, &rejection):
		return fault(http.StatusBadRequest, CodeBadSamples, "sending it again changes nothing; docs/hub.md says what is taken in", "%v", rejection)
	}
	s.options.Log.Warn("cannot take in what another host sent", "error", err)
	return later(retryWrite, CodeBusy, "send it again; the daemon's log says more", fmt.Sprintf("it cannot be kept now: %v", err))
}

// readAll reads a body of a known length without a copy for each time it grows.
func readAll(r *http.Request) ([]byte, error) {
	if n := r.ContentLength; n >= 0 && n <= MaxWriteBytes {
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(r.Body)
}

// writable says what is wrong with the headers of a message. Senders of version 1.0 set
// them as follows, and those of version 2.0 fall back to it when they are told 415.
func writable(h http.Header) error {
	const hint = "send remote write 1.0: Content-Type application/x-protobuf, Content-Encoding snappy"
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	if kind != "application/x-protobuf" || err != nil {
		return fault(http.StatusUnsupportedMediaType, CodeBadBody, hint, "Content-Type %q is not taken", clip(h.Get("Content-Type")))
	}
	if proto := parameters["proto"]; proto != "" && proto != "prometheus.WriteRequest" {
		return fault(http.StatusUnsupportedMediaType, CodeBadBody, hint, "messages %q are not taken", clip(proto))
	}
	if encoding := h.Get("Content-Encoding"); !strings.EqualFold(encoding, "snappy") {
		return fault(http.StatusUnsupportedMediaType, CodeBadBody, hint, "Content-Encoding %q is not taken", clip(encoding))
	}
	return nil
}
