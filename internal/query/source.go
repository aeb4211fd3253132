// Package query answers PromQL. Its Engine is the Prometheus engine over our own store; an
// engine elsewhere answers the same questions through the same interface (package engine).
//
// A query costs what its data weigh, so everything has a limit: samples in memory, time, and
// how many are answered at once. Beyond them the answer is an error, never memory.
//
// What need not be read is left out where the answer is the same. A present value needs the
// last sample before a point: hours without a point are not read, and of an hour that ended
// before one its last sample is taken, which is kept beside the others. The minimum, maximum,
// last, first or presence of a window needs one figure of an hour that lies in all windows of
// the query, and delta and count_over_time their first and last sample and number. What was
// thinned to minutes or hours is read as that: the last sample of each at its end; for
// minimum and maximum theirs, which are exact.
//
// A series of this machine that ended has a stale marker, two of its intervals after its last
// sample, as Prometheus writes it: a service that went is gone at once, not after the lookback.
package query

import (
	"context"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Source answers PromQL. All its methods may be called by many goroutines and return when
// ctx ends. An error is an *Error where the asker can do something about it.
type Source interface {
	// Instant is the value of an expression at one moment.
	Instant(ctx context.Context, q Instant) (*Answer, error)
	// Range is the course of an expression.
	Range(ctx context.Context, q Range) (*Answer, error)
	// Series are the series that fit, as sets of labels in their order.
	Series(ctx context.Context, m Matching) ([]labels.Labels, error)
	// LabelNames and LabelValues are sorted.
	LabelNames(ctx context.Context, m Matching) ([]string, error)
	LabelValues(ctx context.Context, name string, m Matching) ([]string, error)
	// Metadata says what metrics mean: all of them where metric is empty; limit 0 is none.
	Metadata(ctx context.Context, metric string, limit int) (map[string][]Metadata, error)
}

// Instant asks for one moment.
type Instant struct {
	Text string
	At   time.Time
	// Timeout and Lookback are taken where they are shorter than the source's own; 0 takes
	// the source's.
	Timeout, Lookback time.Duration
}

// Range asks for a course, both ends included.
type Range struct {
	Text     string
	From, To time.Time
	Step     time.Duration
	// Timeout and Lookback are as in Instant.
	Timeout, Lookback time.Duration
}

// Matching asks which series there are.
type Matching struct {
	// Selectors are series selectors such as zol0_service_private_bytes{service="bot"}; a
	// series fits when one of them does. None: all series.
	Selectors []string
	From, To  time.Time
	Limit     int // 0: the source's own
}

// Answer is the value of an expression. Close it once it was read: until then it holds one
// of the few places of queries, and its memory.
type Answer struct {
	// Value is a promql.Matrix, promql.Vector, promql.Scalar or promql.String.
	Value           parser.Value
	Warnings, Infos []string
	// Release gives back what the answer holds; nil: nothing.
	Release func()
}

// Close gives back what the answer holds.
func (a *Answer) Close() {
	if a.Release != nil {
		a.Release()
		a.Release, a.Value = nil, nil
	}
}

// Metadata says what a metric means.
type Metadata struct {
	Type string `json:"type"` // gauge, counter, unknown
	Help string `json:"help"`
	Unit string `json:"unit"` // empty: it is in the name
}

// Kind is why a query was refused, in Prometheus's words for the field errorType.
type Kind string

// The kinds of errors, with the status of HTTP that Prometheus answers them with.
const (
	BadData     Kind = "bad_data"    // 400: the expression or a parameter
	Execution   Kind = "execution"   // 422: it cannot be computed, or is over a limit
	Canceled    Kind = "canceled"    // 499: nobody waits for it any more
	Timeout     Kind = "timeout"     // 503: it took too long, also waiting for its turn
	Unavailable Kind = "unavailable" // 503: the engine elsewhere cannot be reached
	Internal    Kind = "internal"    // 500
)

// Error is why there is no answer.
type Error struct {
	Kind Kind
	Err  error
	Hint string // the next step; may be empty
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }
