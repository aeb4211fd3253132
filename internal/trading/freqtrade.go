package trading

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/performance"
	"github.com/zol0/zol0/internal/wire"
)

// freqtrade reads a bot's REST API. Its trades are read once each; all figures of the
// strategy are computed from them. Until all are read, those that the bot tells are shown.
type freqtrade struct {
	options *Options
	client  *fetch.Client
	access  string // the token of the session; empty: log in
	refresh string

	books    books
	seen     []uint64 // a bit for each trade that was read
	total    uint64
	offset   int
	complete bool
	config   object
	asked    time.Time // when config was read
	logged   float64   // milliseconds since 1970 of the newest line
}

const (
	freqtradePage = 200
	// pagesAtATime are read at one question: a long past takes several.
	pagesAtATime = 50
	// maxTrades of one bot are told apart: 128 KB of bits.
	maxTrades = 1 << 20
	// configEvery is how often the bot's settings are read.
	configEvery = 10 * time.Minute
)

func newFreqtrade(o *Options, client *fetch.Client) *freqtrade {
	return &freqtrade{options: o, client: client}
}

func (f *freqtrade) close() error { f.client.Close(); return nil }

func (f *freqtrade) detail(name string) *wire.StrategyDetail { return f.books.detail(name) }

// get asks one route for an object.
func (f *freqtrade) get(ctx context.Context, path string, query url.Values) (object, error) {
	v, err := f.value(ctx, path, query)
	if err != nil {
		return nil, err
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, &fetch.Error{Err: errors.New("its answer is no JSON object"), Hint: "see that the URL is that of freqtrade's API server"}
	}
	return o, nil
}

// list asks one route for a list.
func (f *freqtrade) list(ctx context.Context, path string) ([]any, error) {
	v, err := f.value(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	l, ok := v.([]any)
	if !ok {
		return nil, errors.New("its answer is no list")
	}
	return l, nil
}

// value asks one route with the token, and logs in where that is needed.
func (f *freqtrade) value(ctx context.Context, path string, query url.Values) (any, error) {
	for range 2 {
		if err := f.login(ctx); err != nil {
			return nil, err
		}
		q := fetch.Request{Path: path, Query: query, Types: jsonTypes}
		if f.access != "" {
			q.Header, q.Value = "Authorization", "Bearer "+f.access
		}
		body, _, err := f.client.Do(ctx, q)
		var refused *fetch.Error
		if errors.As(err, &refused) && refused.Status == http.StatusUnauthorized && f.access != "" {
			f.access = "" // it has ended: refresh it, or log in again
			continue
		}
		if err != nil {
			return nil, err
		}
		return decoded(body)
	}
	return nil, &fetch.Error{Status: http.StatusUnauthorized, Err: errors.New("it takes the password and then not the token it gave for it"), Hint: "see that the bot's jwt_secret_key does not change, and that its clock is right"}
}

// login gets a token where there is none: by the refresh token, else by name and password.
func (f *freqtrade) login(ctx context.Context) error {
	if f.access != "" || f.options.Connection.Username == "" {
		return nil
	}
	if f.refresh != "" {
		body, _, err := f.client.Do(ctx, fetch.Request{Method: http.MethodPost, Path: "/api/v1/token/refresh", Types: jsonTypes, Header: "Authorization", Value: "Bearer " + f.refresh})
		f.refresh = "" // once: else the password decides
		if err == nil {
			if answer, err := objectOf(body); err == nil {
				f.access = token(answer, "access_token")
			}
		} else if unreachable(err) {
			return err
		}
		if f.access != "" {
			return nil
		}
	}
	// The client sends name and password by itself.
	body, _, err := f.client.Do(ctx, fetch.Request{Method: http.MethodPost, Path: "/api/v1/token/login", Types: jsonTypes})
	if err != nil {
		return err
	}
	answer, err := objectOf(body)
	if err != nil {
		return err
	}
	f.access, f.refresh = token(answer, "access_token"), token(answer, "refresh_token")
	if f.access == "" {
		return &fetch.Error{Err: errors.New("its login gave no token"), Hint: "see that the URL is that of freqtrade's API server"}
	}
	return nil
}

// token is one as it can stand in a header; empty where it cannot.
func token(answer object, key string) string {
	text, _ := answer[key].(string)
	if len(text) > 8<<10 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return text
}

func (f *freqtrade) read(ctx context.Context, now time.Time) (*Reading, error) {
	if f.config == nil || now.Sub(f.asked) >= configEvery {
		answer, err := f.get(ctx, "/api/v1/show_config", nil)
		if err != nil {
			return nil, err
		}
		f.config, f.asked = answer, now
	}
	out := &Reading{Detail: f.said()}
	problem := func(path string, err error) {
		if err != nil {
			out.Problems = append(out.Problems, fmt.Sprintf("%s: %v", path, err))
		}
	}
	profit, err := f.get(ctx, "/api/v1/profit", nil)
	if err != nil {
		return nil, err
	}
	count, err := f.get(ctx, "/api/v1/count", nil)
	problem("/api/v1/count", err)
	problem("/api/v1/trades", f.trades(ctx))
	health, err := f.get(ctx, "/api/v1/health", nil)
	problem("/api/v1/health", err)
	lines, err := f.get(ctx, "/api/v1/logs", url.Values{"limit": {strconv.Itoa(MaxLines)}})
	problem("/api/v1/logs", err)
	f.logs(lines, out)

	pairs, err := f.list(ctx, "/api/v1/performance")
	problem("/api/v1/performance", err)
	open, err := f.list(ctx, "/api/v1/status")
	problem("/api/v1/status", err)
	host, err := f.get(ctx, "/api/v1/sysinfo", nil)
	problem("/api/v1/sysinfo", err)
	f.gauges(pairs, open, host, out)

	s := f.strategy(profit)
	s.OpenTrades = count.whole("current")
	out.Open = s.OpenTrades
	finish(&s, f.options)
	out.Strategies = []wire.Strategy{s}
	f.components(health, now, out)
	return out, nil
}

// gauges are the profit of each pair, that of the open trades as they stand, and the load of
// the machine that the bot runs on: they become series as they are.
func (f *freqtrade) gauges(pairs, open []any, host object, out *Reading) {
	for _, item := range pairs {
		if x, ok := item.(map[string]any); ok && len(out.Gauges) < MaxGauges/2 {
			if v, pair := number(x["profit_abs"]), object(x).text("pair"); v != nil && pair != "" {
				out.Gauges = append(out.Gauges, Gauge{Name: "freqtrade_pair_profit", Labels: [][2]string{{"pair", pair[:min(len(pair), maxLabel)]}}, Value: *v})
			}
		}
	}
	sum, known := 0.0, len(open) == 0
	for _, item := range open {
		if x, ok := item.(map[string]any); ok {
			if v := number(x["profit_abs"]); v != nil {
				sum, known = sum+*v, true
			}
		}
	}
	if open != nil && known {
		out.Gauges = append(out.Gauges, Gauge{Name: "freqtrade_open_profit", Value: sum})
	}
	if v := host.number("ram_pct"); v != nil {
		out.Gauges = append(out.Gauges, Gauge{Name: "freqtrade_host_memory_percent", Value: *v})
	}
	cpu, n := 0.0, 0
	for _, item := range host.list("cpu_pct") {
		if v := number(item); v != nil {
			cpu, n = cpu+*v, n+1
		}
	}
	if n > 0 {
		out.Gauges = append(out.Gauges, Gauge{Name: "freqtrade_host_cpu_percent", Value: cpu / float64(n)})
	}
}

// name is that of the strategy.
func (f *freqtrade) name() string {
	return cmp.Or(f.config.text("strategy"), f.options.Strategy, f.options.Name)
}

// said is what the bot says of itself.
func (f *freqtrade) said() string {
	var parts []string
	for _, key := range []string{"bot_name", "version", "exchange", "timeframe", "trading_mode", "state"} {
		if text := f.config.text(key); text != "" {
			parts = append(parts, text)
		}
	}
	if dry := f.config.truth("dry_run"); dry != nil && *dry {
		parts = append(parts, "dry run")
	}
	return printed(strings.Join(parts, ", "))
}

// trades reads those that were closed since the last time. They come in the order of their
// numbers, and one with a lesser number may be closed later: where what was read and what
// there is do not agree, all pages are looked through once more.
func (f *freqtrade) trades(ctx context.Context) error {
	again := false
	for range pagesAtATime {
		answer, err := f.get(ctx, "/api/v1/trades", url.Values{"limit": {strconv.Itoa(freqtradePage)}, "offset": {strconv.Itoa(f.offset)}})
		if err != nil {
			return err
		}
		page := answer.list("trades")
		for _, item := range page {
			if x, ok := item.(map[string]any); ok {
				f.trade(x)
			}
		}
		total := answer.whole("total_trades")
		if len(page) == freqtradePage {
			f.offset += freqtradePage
			continue
		}
		f.complete = total == nil || f.total >= min(*total, maxTrades)
		if f.complete || again {
			return nil
		}
		again, f.offset = true, 0
	}
	f.complete = false
	return nil // the next question goes on
}

// trade takes in one that is closed and was not read before.
func (f *freqtrade) trade(x object) {
	id := x.whole("trade_id")
	if open := x.truth("is_open"); id == nil || *id >= maxTrades || open != nil && *open {
		return
	}
	word, bit := int(*id/64), uint64(1)<<(*id%64)
	for len(f.seen) <= word {
		f.seen = append(f.seen, 0)
	}
	if f.seen[word]&bit != 0 {
		return
	}
	f.seen[word] |= bit
	f.total++
	profit := x.number("profit_abs")
	if profit == nil {
		return
	}
	t := performance.Trade{Opened: timeOf(x["open_timestamp"]), Closed: timeOf(x["close_timestamp"]), Profit: *profit}
	// Fees are shares of what was paid and got.
	if amount := x.number("amount"); amount != nil {
		for _, side := range [][2]string{{"fee_open", "open_rate"}, {"fee_close", "close_rate"}} {
			if fee, rate := x.number(side[0]), x.number(side[1]); fee != nil && rate != nil {
				t.Fee += math.Abs(*fee * *rate * *amount)
			}
		}
	}
	_ = f.books.add(f.name(), f.options.Balance, t) // a book counts what it refuses
}

// strategy is what the trades say; while they are not complete, what the bot says.
func (f *freqtrade) strategy(profit object) wire.Strategy {
	name := f.name()
	if all := f.books.strategies(); f.complete && len(all) == 1 {
		s := all[0]
		s.Currency = f.config.text("stake_currency")
		return s
	}
	s := wire.Strategy{Name: name, Origin: "told", Currency: f.config.text("stake_currency"),
		Profit: profit.number("profit_closed_coin"), ProfitPercent: profit.number("profit_closed_percent"), Trades: profit.whole("closed_trade_count"),
		Wins: profit.whole("winning_trades"), Losses: profit.whole("losing_trades"), ProfitFactor: profit.number("profit_factor"), WinRate: profit.number("winrate"),
		Expectancy: profit.number("expectancy"), MaxDrawdown: profit.number("max_drawdown_abs"),
		DrawdownPeakTime: moment(timeOf(profit["max_drawdown_start_timestamp"])), DrawdownTroughTime: moment(timeOf(profit["max_drawdown_end_timestamp"])),
		AverageDurationSeconds: durationOf(profit.text("avg_duration")), FirstTradeTime: moment(timeOf(profit["first_trade_timestamp"])), LastTradeTime: moment(timeOf(profit["latest_trade_timestamp"]))}
	if v := profit.number("max_drawdown"); v != nil {
		s.MaxDrawdownPercent = real(100 * *v)
	}
	return s
}

// silent is after how long without a loop a bot is not well: its loop takes seconds.
const silent = 5 * time.Minute

// components are the bot itself and its loop.
func (f *freqtrade) components(health object, now time.Time, out *Reading) {
	bot := wire.Component{Name: "bot", Status: "up"}
	switch state := f.config.text("state"); state {
	case "running":
	case "":
		bot.Status, bot.Reason = "unknown", "it tells no state"
	default:
		bot.Status, bot.Reason = "degraded", "its state is "+state
	}
	loop := wire.Component{Name: "loop", Status: "unknown", Reason: "it tells no time of its last loop"}
	last := timeOf(health["last_process_ts"])
	if last.IsZero() {
		last = timeOf(health["last_process"])
	}
	if !last.IsZero() {
		loop.Status, loop.Reason = "up", ""
		if ago := now.Sub(last); ago > silent {
			loop.Status, loop.Reason = "down", fmt.Sprintf("its last loop was %s ago", ago.Round(time.Second))
		}
	}
	out.Components = []wire.Component{bot, loop}
}

// logs takes lines that are newer than those of the last time.
func (f *freqtrade) logs(answer object, out *Reading) {
	newest := f.logged
	for _, item := range answer.list("logs") {
		x, ok := item.([]any)
		if !ok || len(x) < 5 {
			continue
		}
		at := number(x[1])
		level, _ := x[3].(string)
		text, _ := x[4].(string)
		if at == nil || *at <= f.logged || text == "" {
			continue
		}
		newest = max(newest, *at)
		logger, _ := x[2].(string)
		out.Lines = append(out.Lines, Line{timeOf(x[1]), strings.ToLower(level), printed(logger) + ": " + text})
	}
	f.logged = newest
}
