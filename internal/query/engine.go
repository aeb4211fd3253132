package query

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/zol0/zol0/internal/store"
)

// Options are what an engine is made with. Zero limits take the constants of this package.
type Options struct {
	MaxSamples, MaxRead, MaxSeries, MaxComputing int
	MaxTime                                      time.Duration
}

func (o *Options) complete() {
	for _, x := range []struct {
		at    *int
		value int
	}{{&o.MaxSamples, MaxSamples}, {&o.MaxRead, MaxRead}, {&o.MaxSeries, MaxSeries}, {&o.MaxComputing, MaxComputing}} {
		if *x.at <= 0 {
			*x.at = x.value
		}
	}
	if o.MaxTime <= 0 {
		o.MaxTime = MaxTime
	}
}

// Engine answers PromQL from a store. Make it with New.
type Engine struct {
	store   *store.Store
	options Options
	parser  parser.Parser
	promql  *promql.Engine
	places  chan struct{} // holds a token for each query that has an answer in memory
}

var _ Source = (*Engine)(nil)

// New makes an engine over a store.
func New(s *store.Store, o Options) *Engine {
	o.complete()
	e := &Engine{store: s, options: o, parser: parser.NewParser(parser.Options{}), places: make(chan struct{}, o.MaxComputing)}
	e.promql = promql.NewEngine(promql.EngineOpts{
		MaxSamples: o.MaxSamples, Timeout: o.MaxTime, LookbackDelta: Lookback,
		EnableAtModifier: true, EnableNegativeOffset: true, EnableDelayedNameRemoval: false,
		NoStepSubqueryIntervalFn: func(int64) int64 { return defaultStep.Milliseconds() },
		EnableQueryCost:          true, Parser: e.parser,
	})
	e.promql.SetQueryLimits(uint64(o.MaxSeries), uint64(o.MaxRead), 0)
	return e
}

// defaultStep is that of a subquery without one: Prometheus takes its interval between
// evaluations, a minute.
const defaultStep = time.Minute

// Instant is the value of an expression at one moment.
func (e *Engine) Instant(ctx context.Context, q Instant) (*Answer, error) {
	return e.answer(ctx, q.Text, q.At, q.At, 0, q.Timeout, q.Lookback)
}

// Range is the course of an expression.
func (e *Engine) Range(ctx context.Context, q Range) (*Answer, error) {
	switch {
	case q.Step <= 0:
		return nil, &Error{Kind: BadData, Err: errors.New("zero or negative query resolution step widths are not accepted. Try a positive integer")}
	case q.To.Before(q.From):
		return nil, &Error{Kind: BadData, Err: errors.New("end timestamp must not be before start time")}
	case q.To.Sub(q.From)/q.Step > MaxSteps:
		return nil, &Error{Kind: BadData, Err: errors.New("exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)")}
	}
	return e.answer(ctx, q.Text, q.From, q.To, q.Step, q.Timeout, q.Lookback)
}

// answer computes; a step of 0 is an instant.
func (e *Engine) answer(ctx context.Context, text string, from, to time.Time, step, timeout, lookback time.Duration) (*Answer, error) {
	if len(text) > MaxText {
		return nil, &Error{Kind: BadData, Err: fmt.Errorf("the expression has %d bytes; %d are the limit", len(text), MaxText), Hint: "ask for less at a time"}
	}
	expression, err := e.parser.ParseExpr(text)
	if err != nil {
		return nil, &Error{Kind: BadData, Err: err}
	}
	points := 1.0
	if step > 0 {
		points += float64(to.Sub(from) / step)
	}
	if err := e.subqueries(expression, to.Sub(from), points); err != nil {
		return nil, err
	}
	limit := e.options.MaxTime
	if timeout > 0 {
		limit = min(limit, timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	release, err := e.enter(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	leave := func() { release(); cancel() }
	if lookback <= 0 {
		if lookback, err = e.lookback(ctx, from); err != nil {
			leave()
			return nil, kindOf(err)
		}
	}
	source := &queryable{store: e.store, lookback: lookback.Milliseconds(), maxSamples: e.options.MaxSamples, maxRead: e.options.MaxRead, maxSeries: e.options.MaxSeries}
	options := promql.NewPrometheusQueryOpts(false, lookback, nil)
	var q promql.Query
	if step == 0 {
		q, err = e.promql.NewInstantQuery(ctx, source, options, text, from)
	} else {
		q, err = e.promql.NewRangeQuery(ctx, source, options, text, from, to, step)
	}
	if err != nil {
		leave()
		return nil, &Error{Kind: BadData, Err: err}
	}
	result := q.Exec(ctx)
	if result.Err != nil {
		q.Close()
		leave()
		return nil, kindOf(result.Err)
	}
	out := &Answer{Value: result.Value, Release: func() { q.Close(); leave() }}
	warnings, infos := result.Warnings.AsStrings(text, maxWarnings, maxWarnings)
	out.Warnings, out.Infos = warnings, infos
	return out, nil
}

// subqueries refuses those with more steps than samples may be in memory. The engine makes
// room for all steps of a subquery before it counts anything: one of 10,000 days with a
// step of a millisecond would take terabytes, and end the daemon. It also refuses those
// whose windows, one at each of so many points, would have more samples of a single series
// than may be read.
func (e *Engine) subqueries(x parser.Node, span time.Duration, points float64) error {
	if s, ok := x.(*parser.SubqueryExpr); ok {
		step := s.Step
		if step <= 0 {
			step = defaultStep
		}
		span += s.Range
		steps := span / step
		if span < 0 || steps > time.Duration(e.options.MaxSamples) {
			return &Error{Kind: Execution, Err: fmt.Errorf("a subquery would have %d steps; %d are the limit", steps, e.options.MaxSamples), Hint: "give it a shorter range or a longer step"}
		}
		if read := points * float64(s.Range/step); read > float64(e.options.MaxRead) {
			return &Error{Kind: Execution, Err: fmt.Errorf("a subquery would be read %.3g times for each series; %d are the limit", read, e.options.MaxRead), Hint: "give it a shorter range or a longer step"}
		}
		points = 1 + float64(steps)
	}
	for child := range parser.ChildrenIter(x) {
		if err := e.subqueries(child, span, points); err != nil {
			return err
		}
	}
	return nil
}

// maxWarnings of a query are told; the rest of them say the same of other series.
const maxWarnings = 10

// lookback is how old a present value may be: where the query begins in the time of which
// only hours are left, as old as an hour.
func (e *Engine) lookback(ctx context.Context, from time.Time) (time.Duration, error) {
	tier, err := e.store.Finest(ctx, from.UnixMilli())
	if err == nil && tier == "hours" {
		return coarseLookback, nil
	}
	return Lookback, err
}

// enter waits for a place.
func (e *Engine) enter(ctx context.Context) (release func(), err error) {
	select {
	case e.places <- struct{}{}:
		return func() { <-e.places }, nil
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, &Error{Kind: Canceled, Err: errors.New("the query was canceled while it waited for its turn")}
	}
	return nil, &Error{Kind: Timeout, Err: fmt.Errorf("the query timed out while it waited for its turn: %d are computed at a time", e.options.MaxComputing), Hint: "ask again a little later"}
}

// kindOf turns what an engine or a store says into an *Error.
func kindOf(err error) *Error {
	var (
		own      *Error
		tooMany  promql.ErrTooManySamples
		late     promql.ErrQueryTimeout
		canceled promql.ErrQueryCanceled
		failed   promql.ErrStorage
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &tooMany):
		return &Error{Kind: Execution, Err: err, Hint: "ask for fewer series, a shorter range or a longer step"}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: Timeout, Err: fmt.Errorf("query timed out: %w", err), Hint: "ask for fewer series, a shorter range or a longer step"}
	case errors.As(err, &late):
		return &Error{Kind: Timeout, Err: err, Hint: "ask for fewer series, a shorter range or a longer step"}
	case errors.As(err, &canceled), errors.Is(err, context.Canceled):
		return &Error{Kind: Canceled, Err: err}
	case errors.As(err, &failed):
		return &Error{Kind: Internal, Err: err}
	case strings.Contains(err.Error(), "is closed"):
		return &Error{Kind: Unavailable, Err: err, Hint: "the daemon ends"}
	}
	return &Error{Kind: Execution, Err: err}
}
