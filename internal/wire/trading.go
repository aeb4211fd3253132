package wire

import "time"

// Strategies are how the strategies of trading sources perform, as /api/strategies gives
// them.
type Strategies struct {
	// Configured is false where there is no source: then there are no figures either.
	Configured bool           `json:"configured"`
	Message    string         `json:"message"`
	Hint       string         `json:"hint"`
	Sources    []SourceState  `json:"sources"`
	Strategies []Strategy     `json:"strategies"`
	Totals     StrategyTotals `json:"totals"`
}

// StrategyTotals are of all strategies whose figures are real.
type StrategyTotals struct {
	Strategies int      `json:"strategies"`
	Profit     *float64 `json:"profit"` // null: none, or in several currencies
	Currency   string   `json:"currency"`
	Trades     uint64   `json:"trades"`
	OpenTrades uint64   `json:"open_trades"`
}

// Strategy is one strategy. A figure that is not known is null, and Why may say the reason
// under the name of its key.
type Strategy struct {
	Name    string `json:"name"`
	Source  string `json:"source"`
	Service string `json:"service"` // whose memory stands beside it; may be empty
	// Origin says where the figures come from: trades (computed from each of them), equity
	// (computed from its course), told (by the source), fallback (the source says that they
	// are not real).
	Origin   string `json:"origin"`
	Active   *bool  `json:"active"`
	Currency string `json:"currency"` // empty: not known

	Profit        *float64 `json:"profit"`         // in the currency, net of fees
	ProfitPercent *float64 `json:"profit_percent"` // of the balance that it began with
	Fees          *float64 `json:"fees"`
	Equity        *float64 `json:"equity"`
	Trades        *uint64  `json:"trades"` // that were closed
	Wins          *uint64  `json:"wins"`
	Losses        *uint64  `json:"losses"`
	OpenTrades    *uint64  `json:"open_trades"`
	WinRate       *float64 `json:"win_rate"` // 0 to 1
	ProfitFactor  *float64 `json:"profit_factor"`
	Expectancy    *float64 `json:"expectancy"` // profit of a trade in the mean
	Sharpe        *float64 `json:"sharpe"`
	Sortino       *float64 `json:"sortino"`
	Best          *float64 `json:"best"`
	Worst         *float64 `json:"worst"`

	MaxDrawdown        *float64   `json:"max_drawdown"`         // in the currency, 0 or more
	MaxDrawdownPercent *float64   `json:"max_drawdown_percent"` // of the peak before it
	DrawdownPeakTime   *time.Time `json:"drawdown_peak_time"`
	DrawdownTroughTime *time.Time `json:"drawdown_trough_time"`

	AverageDurationSeconds *float64          `json:"average_duration_seconds"`
	FirstTradeTime         *time.Time        `json:"first_trade_time"`
	LastTradeTime          *time.Time        `json:"last_trade_time"`
	Why                    map[string]string `json:"why"`
	// Course is the balance, or the profit where that is not known, at most 120 points.
	Course StrategyCourse `json:"course"`
}

// StrategyCourse is a line over time.
type StrategyCourse struct {
	Times  []int64   `json:"times"` // seconds since 1970, ascending
	Values []float64 `json:"values"`
	// Of is what the values are: equity, profit; empty without any.
	Of string `json:"of"`
}

// StrategyDetail is one strategy by days, weeks and months, as /api/strategy gives it.
type StrategyDetail struct {
	Strategy
	// Daily are the last 31 days, Weekly 26 weeks from Monday on, Monthly 24 months, all in
	// UTC and the present one last. None where no trades are known.
	Daily   []PeriodSum `json:"daily"`
	Weekly  []PeriodSum `json:"weekly"`
	Monthly []PeriodSum `json:"monthly"`
}

// PeriodSum is what the trades that were closed in a period brought.
type PeriodSum struct {
	Begin  time.Time `json:"begin"`
	Profit float64   `json:"profit"`
	Trades int       `json:"trades"`
	Wins   int       `json:"wins"`
}

// SourceState is how one source answers.
type SourceState struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"` // zol0, freqtrade, openmetrics, json, trades
	Service string `json:"service"`
	// State is waiting (not asked yet), ok, partial (some of it did not answer), dead.
	State string `json:"state"`
	// Error is what went wrong last, with the next step.
	Error string `json:"error,omitempty"`
	Hint  string `json:"hint,omitempty"`
	// Caveat is what the source says against its own figures.
	Caveat          string     `json:"caveat,omitempty"`
	Detail          string     `json:"detail,omitempty"` // what it says of itself: version, mode
	LastGoodTime    *time.Time `json:"last_good_time"`
	Answers         uint64     `json:"answers"`
	Failures        uint64     `json:"failures"` // in a row
	IntervalSeconds float64    `json:"interval_seconds"`
	Series          int        `json:"series"` // gauges and counters that it gives
	LeftOut         uint64     `json:"left_out"`
}

// Core are the components of the trading core, as /api/core gives them.
type Core struct {
	Configured bool          `json:"configured"`
	Message    string        `json:"message"`
	Hint       string        `json:"hint"`
	Sources    []SourceState `json:"sources"`
	Components []Component   `json:"components"`
}

// Component is one part of a trading core.
type Component struct {
	Name   string    `json:"name"`
	Source string    `json:"source"`
	Status string    `json:"status"` // up, degraded, down, unknown
	Reason string    `json:"reason"`
	Count  *uint64   `json:"count"` // of its parts: strategies, models
	Since  time.Time `json:"since"` // of this status, as far as it was watched
}
