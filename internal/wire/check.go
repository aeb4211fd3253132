package wire

import "time"

// Check is the answer of `zol0 check --json`.
type Check struct {
	Time time.Time `json:"time"`
	// Status is OK, WARNING, CRITICAL or UNKNOWN; Code is the exit code that goes with it.
	Status   string    `json:"status"`
	Code     int       `json:"code"`
	Summary  string    `json:"summary"`
	Findings []Finding `json:"findings"`
	Services int       `json:"services"`
	// DeniedProcesses could not be read by this user; Partial says that the system hides
	// processes of other users.
	DeniedProcesses int  `json:"denied_processes"`
	Partial         bool `json:"partial"`
	// WatchedPrivateBytes is the private memory of all watched services together.
	WatchedPrivateBytes uint64 `json:"watched_private_bytes"`
	WatchedLimitBytes   uint64 `json:"watched_limit_bytes"`
	// With --over: how many processes were judged, how many were not, for they were not
	// there for long enough or not among the 100 that are, and the smallest growth of
	// private memory that would have been seen in every one that was.
	JudgedProcesses      *int     `json:"judged_processes,omitempty"`
	UnjudgedProcesses    *int     `json:"unjudged_processes,omitempty"`
	SmallestBytesPerHour *float64 `json:"smallest_bytes_per_hour,omitempty"`
	// MaxGrowthBytesPerHour is what --max-growth allows.
	MaxGrowthBytesPerHour *float64 `json:"max_growth_bytes_per_hour,omitempty"`
}

// Finding is one thing that is not OK.
type Finding struct {
	Status string `json:"status"`
	Text   string `json:"text"`
}
