package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/zol0/zol0/internal/fetch"
)

const (
	// firstWait and longestWait are between tries: an engine that is back is found within
	// seconds.
	firstWait, longestWait = time.Second, 10 * time.Second
	// idleWait is how long Step rests where there is nothing to send; Wake tells earlier.
	idleWait = time.Minute
	// maxAsked is the longest wait that an engine may ask for.
	maxAsked = 5 * time.Minute
	// maxReason is how much of an answer is read for a reason.
	maxReason = 300
	// atATime records are sent in one step.
	atATime = 64
)

// Step sends what waits, the oldest first, and says how long to rest before the next step.
// now is for the counts.
func (w *Writer) Step(ctx context.Context, now func() time.Time) time.Duration {
	for range atATime {
		record, ok, err := w.spool.Next(w.record[:0])
		if err != nil {
			return w.failed(0, err)
		}
		if !ok {
			return idleWait
		}
		w.record = record
		asked, refused, err := w.post(ctx, record)
		switch {
		case ctx.Err() != nil:
			return 0
		case err != nil && !refused:
			return w.failed(asked, err)
		}
		if e := w.spool.Done(); e != nil {
			return w.failed(0, e)
		}
		w.took(now(), len(record), err)
	}
	return 0
}

// post sends one record. A record that is refused will never be taken.
func (w *Writer) post(ctx context.Context, record []byte) (asked time.Duration, refused bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.options.URL, bytes.NewReader(record))
	if err != nil {
		return 0, false, fmt.Errorf("cannot ask the engine: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Content-Encoding", "snappy")
	r.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	answer, err := w.http.Do(r)
	if err != nil {
		return 0, false, fetch.PlainError(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxReason))
	if err != nil {
		return 0, false, fmt.Errorf("the engine's answer ended early: %w", fetch.PlainError(err))
	}
	if answer.StatusCode/100 == 2 {
		return 0, false, nil
	}
	err = fmt.Errorf("the engine answered %s: %s", printed([]byte(answer.Status)), w.withoutSecret(printed(text)))
	switch code := answer.StatusCode; {
	case code == http.StatusTooManyRequests, code/100 == 5, code == http.StatusRequestTimeout, code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusNotFound, code/100 == 3:
		// A wrong token or address is mended by a person; nothing is thrown away meanwhile.
		if n, e := strconv.Atoi(answer.Header.Get("Retry-After")); e == nil && n > 0 {
			asked = min(time.Duration(n)*time.Second, maxAsked)
		}
		return asked, false, err
	}
	return 0, true, err
}

// printed is foreign text for a log.
func printed(text []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(text), "\uFFFD")))
}

// withoutSecret takes out what we said of ourselves, which some proxies repeat.
func (w *Writer) withoutSecret(text string) string {
	return w.options.Without(text)
}

// failed counts a try that failed and says when to try again.
func (w *Writer) failed(asked time.Duration, err error) time.Duration {
	w.failures++
	wait := max(asked, jitter(min(longestWait, firstWait<<min(w.failures-1, 8))))
	w.mu.Lock()
	w.counts.Failed, w.counts.LastError = w.failures, err.Error()
	w.mu.Unlock()
	if w.failures == 1 {
		w.log.Warn("cannot send to the engine; what is measured waits on disk", "error", err)
	}
	return wait
}

// took counts a record that was taken, or refused with an error.
func (w *Writer) took(now time.Time, size int, refused error) {
	if w.failures > 0 {
		w.log.Info("the engine takes what is sent again", "failed_tries", w.failures)
		w.failures = 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.Failed = 0
	if refused == nil {
		w.counts.SentRecords++
		w.counts.SentBytes += int64(size)
		w.counts.LastSuccess = now
		return
	}
	if w.counts.Refused++; w.counts.Refused == 1 || w.counts.LastError != refused.Error() {
		w.log.Warn("the engine refused what was sent, and it is left out", "error", refused)
	}
	w.counts.LastError = refused.Error()
}
