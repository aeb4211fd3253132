package wire

import "time"

// Alerts are what holds at the last beat and what ended lately, as /api/alerts gives them.
type Alerts struct {
	Time *time.Time `json:"time"` // of the beat that was looked at; null before the first
	// Status is operational (everything was checked, nothing holds), notice, warning,
	// critical (the worst of what holds) or unknown (something could not be checked).
	Status string `json:"status"`
	// Sentence says it in words.
	Sentence string `json:"sentence"`
	// Checks are what was looked at.
	Checks []AlertCheck `json:"checks"`
	// Firing stand with the worst first, then the oldest.
	Firing []Alert `json:"firing"`
	// Resolved are the last that ended since the daemon started, newest first.
	Resolved []Alert `json:"resolved"`
}

// AlertCheck is one thing that is looked at in every beat.
type AlertCheck struct {
	Rule    string `json:"rule"`
	Meaning string `json:"meaning"`
	// Checked is false where what it needs could not be read; Why says why.
	Checked bool   `json:"checked"`
	Why     string `json:"why,omitempty"`
	Firing  int    `json:"firing"`
}

// Alert is a rule that holds, or held.
type Alert struct {
	Rule     string     `json:"rule"`
	Severity string     `json:"severity"` // info, warning, critical
	Service  string     `json:"service"`  // empty: it is about the machine or the daemon
	Sentence string     `json:"sentence"`
	Value    *float64   `json:"value"`     // in the unit of the rule
	Limit    *float64   `json:"threshold"` // that it passed
	Unit     string     `json:"unit"`      // bytes, percent, bytes_per_hour, seconds, or empty
	Since    time.Time  `json:"since"`
	Ended    *time.Time `json:"ended"` // null while it holds
}
