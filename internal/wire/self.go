package wire

import "time"

// Self is the daemon's report on itself, as /api/self and `zol0 self --json` give it.
type Self struct {
	Time          time.Time  `json:"time"`
	Version       string     `json:"version"`
	Host          string     `json:"host"`
	PID           int32      `json:"pid"`
	StartTime     time.Time  `json:"start_time"`
	UptimeSeconds float64    `json:"uptime_seconds"`
	Listen        string     `json:"listen"` // host:port
	StorePath     string     `json:"store_path"`
	ConfigPath    string     `json:"config_path"` // empty: no file, the defaults hold
	ConfigTime    *time.Time `json:"config_time"` // when it was last read
	// ConfigError is why the file as it stands now was refused; the one before holds.
	ConfigError string `json:"config_error,omitempty"`
	// Reader is how processes are read: bpf, procfs, libproc or toolhelp.
	Reader     string      `json:"reader"`
	Memory     SelfMemory  `json:"memory"`
	CPUPercent *float64    `json:"cpu_percent"` // of one core, since the beat before
	CPUSeconds *float64    `json:"cpu_seconds"`
	Threads    *uint64     `json:"threads"`
	FDs        *uint64     `json:"fds"`
	Goroutines int         `json:"goroutines"`
	Beat       SelfBeat    `json:"beat"`
	Steps      []StepCost  `json:"steps"`
	Detectors  Detectors   `json:"detectors"`
	Cache      CacheCounts `json:"cache"`
	Live       LiveCounts  `json:"live"`
	HTTP       HTTPCounts  `json:"http"`
	// Sessions of browsers, and what they keep on the server.
	Sessions SessionCounts `json:"sessions"`
	// Verdicts are what the daemon's own detectors say of it, as of any other service.
	Verdicts []Verdict `json:"verdicts"`
	// Engine is how writing to an engine elsewhere and reading from it go; null where the
	// configuration names none.
	Engine *EngineState `json:"engine"`
}

// EngineState is how the daemon gets on with an engine elsewhere. Counts are since its start.
type EngineState struct {
	Host  string `json:"host"` // the label of this machine there
	Write bool   `json:"write"`
	Read  bool   `json:"read"`
	// Waiting is what lies in the spool; SpoolBytes is the most that may.
	WaitingRecords uint64 `json:"waiting_records"`
	WaitingBytes   uint64 `json:"waiting_bytes"`
	SpoolBytes     uint64 `json:"spool_bytes"`
	// Dropped had no room in the spool, Damaged could not be read from it, and Refused the
	// engine will never take.
	DroppedRecords uint64 `json:"dropped_records"`
	DamagedRecords uint64 `json:"damaged_records"`
	RefusedRecords uint64 `json:"refused_records"`
	SentRecords    uint64 `json:"sent_records"`
	SentBytes      uint64 `json:"sent_bytes"` // on the wire
	// FailedWrites are requests that failed in a row, the last one with WriteError; 0 while
	// all is well.
	FailedWrites uint64     `json:"failed_writes"`
	WriteError   string     `json:"write_error,omitempty"`
	WriteTime    *time.Time `json:"write_time"` // when it last took something; null: never
	// ReadError is why the past is shown from the own store instead; empty while the engine
	// answers. FailedReads are all questions that it did not answer.
	ReadError      string     `json:"read_error,omitempty"`
	ReadErrorSince *time.Time `json:"read_error_since"`
	FailedReads    uint64     `json:"failed_reads"`
}

// SelfMemory is the daemon's own memory and what it does to keep it small.
type SelfMemory struct {
	MemoryState
	PeakRSSBytes *uint64 `json:"peak_rss_bytes"`
	// BudgetBytes is memory.budget of the configuration, LimitBytes the limit that Go's
	// runtime was given for it (GOMEMLIMIT).
	BudgetBytes uint64 `json:"budget_bytes"`
	LimitBytes  uint64 `json:"limit_bytes"`
	// Step is 0 for normal and counts up to 4 the more is given up: caches; detectors and
	// pages of the store; instances; new live clients. StepName says it in a word.
	Step     int        `json:"step"`
	StepName string     `json:"step_name"`
	StepTime *time.Time `json:"step_time"` // since when; null before the first change
	// Changes of the step since the start.
	Changes uint64 `json:"changes"`
	// Collections are runs of Go's garbage collector since the start.
	Collections uint64 `json:"collections"`
}

// SelfBeat is how the beats of the daemon went.
type SelfBeat struct {
	Number          uint64     `json:"number"` // of the last one that was finished; 0 before
	Time            *time.Time `json:"time"`   // of the last one
	IntervalSeconds float64    `json:"interval_seconds"`
	// Late counts beats that were due while one was still going on, or the machine slept,
	// and were skipped.
	Late uint64 `json:"late"`
	// Seconds the last one took, the median and the longest of those since the start.
	LastSeconds    *float64 `json:"last_seconds"`
	MedianSeconds  *float64 `json:"median_seconds"`
	LongestSeconds *float64 `json:"longest_seconds"`
}

// StepCost is what one step of the beat cost: sample, store, judge, alert, record, tell.
type StepCost struct {
	Name string `json:"name"`
	// Seconds of the last beat, and in all.
	LastSeconds  float64 `json:"last_seconds"`
	TotalSeconds float64 `json:"total_seconds"`
	Errors       uint64  `json:"errors"`
	LastError    string  `json:"last_error,omitempty"`
}

// Detectors are the judges at work and the bytes they hold.
type Detectors struct {
	Memory int    `json:"memory"` // on private and shared memory
	Counts int    `json:"counts"` // on descriptors and threads
	Bytes  uint64 `json:"bytes"`
}

// CacheCounts say how the cache of answers does.
type CacheCounts struct {
	Entries    int    `json:"entries"`
	MaxEntries int    `json:"max_entries"`
	Bytes      uint64 `json:"bytes"`
	MaxBytes   uint64 `json:"max_bytes"`
	Hits       uint64 `json:"hits"`
	Misses     uint64 `json:"misses"`
	Expired    uint64 `json:"expired"` // entries that passed their age
	Evicted    uint64 `json:"evicted"` // entries that had to make room
}

// LiveCounts say how the live clients do.
type LiveCounts struct {
	Clients     int    `json:"clients"`
	MaxClients  int    `json:"max_clients"`
	QueuedBytes uint64 `json:"queued_bytes"` // of messages not yet sent, shared ones counted once per client
	Published   uint64 `json:"published"`
	Refused     uint64 `json:"refused"` // clients turned away: too many, or memory is short
	Dropped     uint64 `json:"dropped"` // clients that were too slow
}

// HTTPCounts say how the other requests do.
type HTTPCounts struct {
	Requests uint64 `json:"requests"` // answered in all
	Active   int    `json:"active"`   // at this moment, live clients not among them
	Refused  uint64 `json:"refused"`  // turned away because too many were active
	// RefusedConnections were closed at once because too many were open.
	RefusedConnections uint64 `json:"refused_connections"`
}

// SessionCounts say how many browsers' sessions there are.
type SessionCounts struct {
	Sessions  int    `json:"sessions"`
	Bytes     uint64 `json:"bytes"`
	PageLoads uint64 `json:"page_loads"`
}
