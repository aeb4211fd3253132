package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/query"
)

const (
	// maxAnswer is how much of an answer is read: as much as one of our own may be as text.
	maxAnswer = 24 << 20
	// maxAsking requests are made at a time: an answer takes several times its text in
	// memory while it is read.
	maxAsking = 2
)

// Reader asks an engine elsewhere. It answers as query.Engine does.
type Reader struct {
	api    v1.API
	places chan struct{}
}

var _ query.Source = (*Reader)(nil)

// NewReader asks the engine whose Prometheus API begins at a URL.
func NewReader(address string, c fetch.Connection) (*Reader, error) {
	client, err := c.Client()
	if err != nil {
		return nil, err
	}
	client.Transport = bounded{client.Transport}
	asked, err := api.NewClient(api.Config{Address: address, Client: client})
	if err != nil {
		return nil, fmt.Errorf("cannot ask the engine: %w", err)
	}
	return &Reader{api: v1.NewAPI(asked), places: make(chan struct{}, maxAsking)}, nil
}

// bounded reads no more of an answer than maxAnswer.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = &limited{answer.Body, maxAnswer}
	return answer, nil
}

// limited fails where an answer is too long, rather than to cut it off.
type limited struct {
	io.ReadCloser
	left int64
}

// errLong says that an answer was too long.
var errLong = fmt.Errorf("the engine's answer is longer than %d MiB", maxAnswer>>20)

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.ReadCloser.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, errLong
	}
	return n, err
}

// within waits for a place and bounds the time.
func (r *Reader) within(ctx context.Context, wanted time.Duration, ask func(context.Context) error) error {
	limit := query.MaxTime
	if wanted > 0 {
		limit = min(limit, wanted)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-ctx.Done():
		return &query.Error{Kind: query.Timeout, Err: errors.New("the query timed out while it waited for its turn"), Hint: "ask again a little later"}
	}
	return kindOf(ctx, ask(ctx))
}

// kindOf tells what the engine refused from what kept us from it.
func kindOf(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	const hint = "see that it runs, and that store.engine.read is right"
	var said *v1.Error
	switch {
	case errors.Is(err, errLong):
		return &query.Error{Kind: query.Execution, Err: errLong, Hint: "ask for fewer series, a shorter range or a longer step"}
	case errors.Is(ctx.Err(), context.Canceled):
		return &query.Error{Kind: query.Canceled, Err: errors.New("nobody waits for the answer any more")}
	case ctx.Err() != nil:
		return &query.Error{Kind: query.Timeout, Err: errors.New("the engine did not answer in time"), Hint: "ask for fewer series, a shorter range or a longer step"}
	case errors.As(err, &said):
		text := errors.New(printed([]byte(said.Msg[:min(len(said.Msg), maxReason)])))
		kinds := map[v1.ErrorType]query.Kind{v1.ErrBadData: query.BadData, v1.ErrExec: query.Execution, v1.ErrTimeout: query.Timeout, v1.ErrCanceled: query.Canceled,
			"400": query.BadData, "422": query.Execution} // as VictoriaMetrics names them
		if kind, ok := kinds[said.Type]; ok {
			return &query.Error{Kind: kind, Err: text}
		}
		return &query.Error{Kind: query.Unavailable, Err: fmt.Errorf("the engine cannot answer: %w", text), Hint: hint}
	}
	return &query.Error{Kind: query.Unavailable, Err: fmt.Errorf("the engine cannot be reached: %w", fetch.PlainError(err)), Hint: hint}
}

func options(timeout, lookback time.Duration) (out []v1.Option) {
	if timeout > 0 {
		out = append(out, v1.WithTimeout(timeout))
	}
	if lookback > 0 {
		out = append(out, v1.WithLookbackDelta(lookback))
	}
	return out
}

// Instant is the value of an expression at one moment.
func (r *Reader) Instant(ctx context.Context, q query.Instant) (*query.Answer, error) {
	var out *query.Answer
	err := r.within(ctx, q.Timeout, func(ctx context.Context) error {
		v, warnings, infos, err := r.api.Query(ctx, q.Text, q.At, options(q.Timeout, q.Lookback)...)
		if err == nil {
			out, err = answerOf(v, warnings, infos)
		}
		return err
	})
	return out, err
}

// Range is the course of an expression.
func (r *Reader) Range(ctx context.Context, q query.Range) (*query.Answer, error) {
	var out *query.Answer
	err := r.within(ctx, q.Timeout, func(ctx context.Context) error {
		v, warnings, infos, err := r.api.QueryRange(ctx, q.Text, v1.Range{Start: q.From, End: q.To, Step: q.Step}, options(q.Timeout, q.Lookback)...)
		if err == nil {
			out, err = answerOf(v, warnings, infos)
		}
		return err
	})
	return out, err
}
