package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/wire"
)

// Overview asks for all that the first screen shows.
func (c *Client) Overview(ctx context.Context) (wire.Overview, error) {
	return ask[wire.Overview](ctx, c, http.MethodGet, "/api/overview", nil)
}

// Service asks for all that is known of one service. The Error of one that is not there
// has the status 404.
func (c *Client) Service(ctx context.Context, name string) (wire.ServiceDetail, error) {
	return ask[wire.ServiceDetail](ctx, c, http.MethodGet, "/api/services/"+url.PathEscape(name), nil)
}

// Processes asks for every process at the last beat.
func (c *Client) Processes(ctx context.Context) (wire.ProcessTable, error) {
	return ask[wire.ProcessTable](ctx, c, http.MethodGet, "/api/processes", nil)
}

// Identity asks why a process belongs to its service. The Error of a process that is not
// there has the status 404.
func (c *Client) Identity(ctx context.Context, pid int32) (service.Explanation, error) {
	return ask[service.Explanation](ctx, c, http.MethodGet, "/api/processes/"+strconv.Itoa(int(pid))+"/identity", nil)
}

// Host asks what the machine does.
func (c *Client) Host(ctx context.Context) (wire.HostState, error) {
	return ask[wire.HostState](ctx, c, http.MethodGet, "/api/host", nil)
}

// Alerts asks what holds now and what ended lately.
func (c *Client) Alerts(ctx context.Context) (wire.Alerts, error) {
	return ask[wire.Alerts](ctx, c, http.MethodGet, "/api/alerts", nil)
}

// Config asks for the configuration that holds.
func (c *Client) Config(ctx context.Context) (wire.Config, error) {
	return ask[wire.Config](ctx, c, http.MethodGet, "/api/config", nil)
}

// LogQuery asks for lines of logs. What is zero is left to the daemon: of all services, of
// any level, the last hundred.
type LogQuery struct {
	Service string
	Level   string // this one and worse: debug, info, warning, error, critical
	After   uint64 // only those with a greater ID
	Limit   int
}

// Logs asks for lines of logs.
func (c *Client) Logs(ctx context.Context, q LogQuery) (wire.Logs, error) {
	v := values{}
	v.text("service", q.Service)
	v.text("level", q.Level)
	if q.After != 0 {
		v.text("after", strconv.FormatUint(q.After, 10))
	}
	v.number("limit", int64(q.Limit))
	return ask[wire.Logs](ctx, c, http.MethodGet, "/api/logs", url.Values(v))
}

// Strategies are those of all trading sources.
func (c *Client) Strategies(ctx context.Context) (wire.Strategies, error) {
	return ask[wire.Strategies](ctx, c, http.MethodGet, "/api/strategies", nil)
}

// Strategy is one strategy of a source, by days, weeks and months.
func (c *Client) Strategy(ctx context.Context, source, name string) (wire.StrategyDetail, error) {
	return ask[wire.StrategyDetail](ctx, c, http.MethodGet, "/api/strategy", url.Values{"source": {source}, "strategy": {name}})
}

// Core are the components of all trading cores.
func (c *Client) Core(ctx context.Context) (wire.Core, error) {
	return ask[wire.Core](ctx, c, http.MethodGet, "/api/core", nil)
}
