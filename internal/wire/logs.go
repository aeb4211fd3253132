package wire

import "time"

// Logs are the last lines of the sources of logs, as /api/logs gives them.
type Logs struct {
	Sources []LogSource `json:"sources"`
	// Lines stand with the newest last.
	Lines []LogLine `json:"lines"`
	// Hint says how to have the logs of more services here; empty where nothing is missing.
	Hint string `json:"hint"`
}

// LogSource is where lines come from.
type LogSource struct {
	Name    string `json:"name"`
	Service string `json:"service"`
	Lines   uint64 `json:"lines"`   // seen since the daemon started
	Dropped uint64 `json:"dropped"` // of these, lines that made room for newer ones
	Error   string `json:"error,omitempty"`
}

// LogLine is one line, made printable and cut to a bound.
type LogLine struct {
	// ID counts lines since the daemon started: ask for those after it.
	ID      uint64    `json:"id"`
	Time    time.Time `json:"time"`
	Level   string    `json:"level"` // debug, info, warning, error, critical
	Service string    `json:"service"`
	Source  string    `json:"source"`
	Text    string    `json:"text"`
}

// Strategies are how the strategies of trading sources perform, as /api/strategies gives
// them.
type Strategies struct {
	// Configured is false where there is no source: then there are no figures either.
	Configured bool       `json:"configured"`
	Message    string     `json:"message"`
	Hint       string     `json:"hint"`
	Strategies []Strategy `json:"strategies"`
}

// Strategy is one strategy, by its source's figures.
type Strategy struct {
	Name        string   `json:"name"`
	Source      string   `json:"source"`
	Profit      *float64 `json:"profit"`
	Trades      *uint64  `json:"trades"`
	MaxDrawdown *float64 `json:"max_drawdown"`
}

// Core are the components of the trading core, as /api/core gives them.
type Core struct {
	Configured bool        `json:"configured"`
	Message    string      `json:"message"`
	Hint       string      `json:"hint"`
	Components []Component `json:"components"`
}

// Component is one part of the trading core.
type Component struct {
	Name   string    `json:"name"`
	Status string    `json:"status"` // up, degraded, down, unknown
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}
