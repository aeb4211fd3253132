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
	// UnreadBytes were left out: they came faster than they are read.
	UnreadBytes uint64 `json:"unread_bytes"`
	Error       string `json:"error,omitempty"`
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
