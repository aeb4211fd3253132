package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

// values are the parameters of a question; what is zero is not asked for.
type values url.Values

func (v values) text(name, value string) {
	if value != "" {
		url.Values(v).Set(name, value)
	}
}

func (v values) number(name string, value int64) {
	if value != 0 {
		url.Values(v).Set(name, strconv.FormatInt(value, 10))
	}
}

func (v values) span(name string, value time.Duration) {
	if value != 0 {
		url.Values(v).Set(name, value.String())
	}
}

func (v values) time(name string, value time.Time) {
	if !value.IsZero() {
		url.Values(v).Set(name, value.UTC().Format(time.RFC3339Nano))
	}
}

// SeriesQuery asks for the course of series. What is zero is left to the daemon: any
// service and process, the last hour, a step that fits, all columns.
type SeriesQuery struct {
	Names    []string // such as zol0_service_private_bytes
	Service  string
	PID      int32
	Start    string // the label that tells lives of one PID apart
	From, To time.Time
	Step     time.Duration // whole seconds
	Points   int           // at most so many, where Step is 0
	Columns  []string      // of min, mean, max, last
}

// Series asks for the course of series from the store.
func (c *Client) Series(ctx context.Context, q SeriesQuery) (wire.SeriesAnswer, error) {
	v := values{"name": {strings.Join(q.Names, ",")}}
	v.text("service", q.Service)
	v.number("pid", int64(q.PID))
	v.text("start", q.Start)
	v.time("from", q.From)
	v.time("to", q.To)
	v.span("step", q.Step)
	v.number("points", int64(q.Points))
	v.text("columns", strings.Join(q.Columns, ","))
	return ask[wire.SeriesAnswer](ctx, c, http.MethodGet, "/api/series", url.Values(v))
}

// Top asks which services grew most; metric "", since 0 and n 0 are private memory, a day
// and ten.
func (c *Client) Top(ctx context.Context, metric string, since time.Duration, n int) (wire.Top, error) {
	v := values{}
	v.text("metric", metric)
	v.span("since", since)
	v.number("n", int64(n))
	return ask[wire.Top](ctx, c, http.MethodGet, "/api/top", url.Values(v))
}

// Lives asks for the present and earlier lives of a service beside each other, with at
// most so many points each; points 0 and limit 0 are left to the daemon.
func (c *Client) Lives(ctx context.Context, name string, points, limit int) (wire.Lives, error) {
	v := values{}
	v.number("points", int64(points))
	v.number("limit", int64(limit))
	return ask[wire.Lives](ctx, c, http.MethodGet, "/api/services/"+url.PathEscape(name)+"/lives", url.Values(v))
}

// MarksQuery asks for moments worth a line in a chart. What is zero is left to the daemon:
// of all services, the last day.
type MarksQuery struct {
	Service  string
	From, To time.Time
	Limit    int
}

// Marks asks for them.
func (c *Client) Marks(ctx context.Context, q MarksQuery) (wire.Marks, error) {
	v := values{}
	v.text("service", q.Service)
	v.time("from", q.From)
	v.time("to", q.To)
	v.number("limit", int64(q.Limit))
	return ask[wire.Marks](ctx, c, http.MethodGet, "/api/marks", url.Values(v))
}

// Stretch is a stretch of time, or one life, which PID and Start name as Lives has them,
// or the part of it that lies in that time.
type Stretch struct {
	From, To time.Time
	PID      int32
	Start    string
}

func (s *Stretch) put(v values, side string) {
	v.time(side+"_from", s.From)
	v.time(side+"_to", s.To)
	v.number(side+"_pid", int64(s.PID))
	v.text(side+"_start", s.Start)
}

// Compare asks for two stretches of a service side by side.
func (c *Client) Compare(ctx context.Context, name string, before, after Stretch) (wire.Comparison, error) {
	v := values{"service": {name}}
	before.put(v, "before")
	after.put(v, "after")
	return ask[wire.Comparison](ctx, c, http.MethodGet, "/api/compare", url.Values(v))
}

// Store asks what is kept on disk.
func (c *Client) Store(ctx context.Context) (wire.StoreState, error) {
	return ask[wire.StoreState](ctx, c, http.MethodGet, "/api/store", nil)
}

// JournalQuery asks for events, newest first. What is zero is left to the daemon: all
// kinds and subjects, any time, the last hundred.
type JournalQuery struct {
	Kinds    []string
	Subject  string
	From, To time.Time
	Before   int64 // only those with a lesser ID
	Limit    int
}

// Journal asks for events.
func (c *Client) Journal(ctx context.Context, q JournalQuery) (wire.Journal, error) {
	v := values{}
	v.text("kind", strings.Join(q.Kinds, ","))
	v.text("subject", q.Subject)
	v.time("from", q.From)
	v.time("to", q.To)
	v.number("before", q.Before)
	v.number("limit", int64(q.Limit))
	return ask[wire.Journal](ctx, c, http.MethodGet, "/api/journal", url.Values(v))
}
