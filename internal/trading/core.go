package trading

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/wire"
)

// core reads ZoL0's own API. Each of its routes may fail alone, which is everyday for it:
// what the others say is shown, and which did not answer.
type core struct {
	options *Options
	client  *fetch.Client
	// told are the lines of the last answer: each has the last twenty.
	told map[Line]bool
}

func (c *core) close() error { c.client.Close(); return nil }

// detail is not known: the API gives sums alone.
func (c *core) detail(string) *wire.StrategyDetail { return nil }

func (c *core) read(ctx context.Context, _ time.Time) (*Reading, error) {
	out := &Reading{}
	var first error
	answered := 0
	for _, part := range []struct {
		path string
		take func(object, *Reading)
	}{
		{"/core/status", c.components}, {"/core/strategies", c.parts("strategies")}, {"/core/ai-models", c.parts("ai_models")}, {"/core/system-metrics", c.system},
		{"/api/health", c.health}, {"/api/trading/status", c.trading}, {"/api/analytics/strategy-performance", c.performance}, {"/api/trading/statistics", c.statistics},
		{"/api/environment/status", c.environment}, {"/api/system/validation", c.validation}, {"/api/bot/logs", c.logs},
	} {
		body, _, err := c.client.Do(ctx, fetch.Request{Path: part.path, Types: jsonTypes})
		var answer object
		if err == nil {
			answer, err = objectOf(body)
		}
		if err == nil {
			if ok := answer.truth("success"); ok != nil && !*ok {
				err = fmt.Errorf("it reports no success: %s", answer.text("error"))
			}
		}
		if err != nil {
			out.Problems = append(out.Problems, fmt.Sprintf("%s: %v", part.path, err))
			if first == nil {
				first = err
			}
			if unreachable(err) {
				break // the others would wait for the same
			}
			continue
		}
		answered++
		part.take(answer, out)
	}
	if answered == 0 {
		return nil, first
	}
	for i := range out.Strategies {
		finish(&out.Strategies[i], c.options)
	}
	if out.Open == nil {
		out.Open = openOf(out.Strategies)
	}
	return out, nil
}

// unreachable reports that nobody answered.
func unreachable(err error) bool {
	var f *fetch.Error
	return errors.As(err, &f) && f.Status == 0
}

// word is a status of ours for one of theirs.
func word(theirs string) (status, reason string) {
	switch lower := strings.ToLower(theirs); {
	case lower == "active", lower == "ok", lower == "healthy", lower == "running", lower == "up":
		return "up", ""
	case lower == "degraded", lower == "warning", lower == "starting":
		return "degraded", theirs
	case lower == "inactive", lower == "stopped", lower == "critical", lower == "down", strings.HasPrefix(lower, "error"):
		return "down", theirs
	}
	return "unknown", theirs
}

// components are those of /core/status.
func (c *core) components(answer object, out *Reading) {
	for _, name := range slices.Sorted(maps.Keys(answer)) {
		part := answer.object(name)
		if part == nil {
			continue // the time, the version
		}
		x := wire.Component{Name: printed(name)}
		x.Status, x.Reason = word(part.text("status"))
		if x.Status == "unknown" && x.Reason == "" {
			x.Reason = "it tells no status"
		}
		x.Count = part.whole("count")
		out.Components = append(out.Components, x)
		if len(out.Components) > MaxComponents {
			return
		}
	}
}

// parts fills in what a route of its own knows of one component.
func (c *core) parts(name string) func(object, *Reading) {
	return func(answer object, out *Reading) {
		part := answer
		if inner := answer.object(name); inner != nil {
			part = inner
		}
		i := slices.IndexFunc(out.Components, func(x wire.Component) bool { return x.Name == name })
		if i < 0 {
			x := wire.Component{Name: name}
			if x.Status, x.Reason = word(part.text("status")); part.text("status") == "" {
				return
			}
			out.Components = append(out.Components, x)
			i = len(out.Components) - 1
		}
		if n := part.whole("count"); n != nil {
			out.Components[i].Count = n
		}
	}
}

// system are figures of its machine, kept as series.
func (c *core) system(answer object, out *Reading) {
	if inner := answer.object("metrics"); inner != nil {
		answer = inner
	}
	for _, key := range slices.Sorted(maps.Keys(answer)) {
		if v := answer.number(key); v != nil && plainName(key) && len(out.Gauges) < MaxGauges {
			out.Gauges = append(out.Gauges, Gauge{Name: "zol0_core_" + key, Value: *v})
		}
	}
}

// plainName reports whether a name can be part of that of a metric.
func plainName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return true
}

func (c *core) health(answer object, out *Reading) {
	var said []string
	for _, key := range []string{"service", "version", "environment", "data_source", "status"} {
		if text := answer.text(key); text != "" {
			said = append(said, key+" "+text)
		}
	}
	out.Detail = printed(strings.Join(said, ", "))
	c.fallback(answer, out)
}

// fallback notes that figures are not real, where the answer says so.
func (c *core) fallback(answer object, out *Reading) bool {
	source := answer.text("data_source")
	if !strings.Contains(strings.ToLower(source), "fallback") {
		return false
	}
	out.Caveat = fmt.Sprintf("not real: the source says that its figures are a fallback (data_source %q)", source)
	return true
}

func (c *core) trading(answer object, out *Reading) {
	status := answer.object("status")
	active := status.truth("active")
	if active == nil {
		return
	}
	x := wire.Component{Name: "trading", Status: "up"}
	if !*active {
		x.Status, x.Reason = "down", "trading is not active"
		if text := status.text("error"); text != "" {
			x.Reason = text
		}
	}
	out.Components = append(out.Components, x)
}

// performance are the strategies.
func (c *core) performance(answer object, out *Reading) {
	fallback := c.fallback(answer, out)
	for _, item := range answer.list("strategies") {
		o, ok := item.(map[string]any)
		if !ok || len(out.Strategies) > MaxStrategies {
			continue
		}
		x := object(o)
		s := wire.Strategy{Name: x.text("name"), Origin: "told", Active: x.truth("active"), Trades: x.whole("total_trades"), Wins: x.whole("winning_trades"),
			Profit: x.number("net_profit"), ProfitFactor: x.number("profit_factor"), Sharpe: x.number("sharpe_ratio"), Sortino: x.number("sortino_ratio"),
			AverageDurationSeconds: durationOf(x.text("avg_trade_duration")), LastTradeTime: moment(timeOf(o["last_trade"]))}
		if s.Name == "" {
			continue
		}
		if v := x.number("win_rate"); v != nil {
			s.WinRate = real(*v / 100)
		}
		if v := x.number("max_drawdown"); v != nil {
			s.MaxDrawdownPercent = real(max(-*v, *v))
		}
		if s.Trades != nil && s.Wins != nil && *s.Trades >= *s.Wins {
			n := *s.Trades - *s.Wins
			s.Losses = &n
		}
		if fallback {
			s.Origin = "fallback"
		}
		out.Strategies = append(out.Strategies, s)
	}
}

// statistics are of all strategies together: they stand for one where there are no others.
func (c *core) statistics(answer object, out *Reading) {
	fallback := c.fallback(answer, out)
	x := answer.object("statistics")
	if x == nil {
		return
	}
	if n := x.whole("active_positions"); n != nil && !fallback {
		out.Open = n
	}
	if len(out.Strategies) > 0 {
		return
	}
	s := wire.Strategy{Name: c.options.Name, Origin: "told", Trades: x.whole("total_trades"), Wins: x.whole("successful_trades"), Losses: x.whole("failed_trades"),
		Profit: x.number("total_pnl"), Sharpe: x.number("sharpe_ratio"), ProfitFactor: x.number("profit_factor"), OpenTrades: x.whole("active_positions"),
		LastTradeTime: moment(timeOf(x["last_trade_time"]))}
	if c.options.Strategy != "" {
		s.Name = c.options.Strategy
	}
	if v := x.number("win_rate"); v != nil {
		if *v > 1 {
			v = real(*v / 100)
		}
		s.WinRate = v
	}
	if v := x.number("max_drawdown"); v != nil {
		s.MaxDrawdownPercent = real(max(-*v, *v))
	}
	if fallback {
		s.Origin = "fallback"
	}
	if s.Trades != nil || s.Profit != nil {
		out.Strategies = append(out.Strategies, s)
	}
}

func (c *core) environment(answer object, out *Reading) {
	if text := answer.object("status").text("environment"); text != "" {
		out.Detail = printed(strings.TrimPrefix(out.Detail+", environment "+text, ", "))
	}
}

// validation says of each check whether it passed; what did not is a component that is down.
func (c *core) validation(answer object, out *Reading) {
	var failed []string
	checks := answer.object("validation")
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		if ok := checks.truth(name); ok != nil && !*ok {
			failed = append(failed, printed(name))
		}
	}
	if len(checks) == 0 {
		return
	}
	x := wire.Component{Name: "validation", Status: "up"}
	if len(failed) > 0 {
		x.Status, x.Reason = "degraded", printed("not passed: "+strings.Join(failed, ", "))
	}
	out.Components = append(out.Components, x)
}

func (c *core) logs(answer object, out *Reading) {
	now := make(map[Line]bool)
	for _, item := range answer.list("logs") {
		o, ok := item.(map[string]any)
		if !ok || len(now) == MaxLines {
			continue
		}
		x := object(o)
		line := Line{timeOf(o["timestamp"]), strings.ToLower(x.text("level")), x.text("message")}
		if line.Text == "" {
			continue
		}
		if now[line] = true; !c.told[line] {
			out.Lines = append(out.Lines, line)
		}
	}
	c.told = now
}
