package wire

import "time"

// Monitoring is the summary of a watch, as `zol0 monitor --json` writes it.
type Monitoring struct {
	Start           time.Time `json:"start"`
	End             time.Time `json:"end"`
	IntervalSeconds float64   `json:"interval_seconds"`
	Samples         int       `json:"samples"`
	// SkippedSamples came due while the machine was suspended or too busy.
	SkippedSamples int  `json:"skipped_samples"`
	Interrupted    bool `json:"interrupted"`
	// DeniedProcesses is the most that this user could not read at one time; Partial says
	// that the system hides processes of other users.
	DeniedProcesses int                `json:"denied_processes"`
	Partial         bool               `json:"partial"`
	CSVPath         string             `json:"csv_path"`
	Services        []MonitoredService `json:"services"`
	// UntrackedServices, UnjudgedInstances and ForgottenInstances count what the bounds of
	// a watch left out: services beyond 1,000, ended processes that never carried a
	// trend, and ended ones beyond 100 whose reading was dropped.
	UntrackedServices  int `json:"untracked_services"`
	UnjudgedInstances  int `json:"unjudged_instances"`
	ForgottenInstances int `json:"forgotten_instances"`
}

// MonitoredService is one service over a watch: its private memory, all instances
// together, and what its instances gained in their own lives.
type MonitoredService struct {
	Name        string  `json:"name"`
	State       string  `json:"state"` // learning, steady, filling, suspect, leaking: the worst of its instances'
	Samples     int     `json:"samples"`
	StartBytes  float64 `json:"start_private_bytes"`
	EndBytes    float64 `json:"end_private_bytes"`
	MeanBytes   float64 `json:"mean_private_bytes"`
	MaxBytes    float64 `json:"max_private_bytes"`
	MinBytes    float64 `json:"min_private_bytes"`
	StdDevBytes float64 `json:"standard_deviation_private_bytes"`
	// GrowthBytes is what its instances gained in their own lives: instances that came or
	// went are no growth.
	GrowthBytes float64 `json:"growth_private_bytes"`
	Rate        *Rate   `json:"rate"` // null where no living instance has one
	// LivingInstances are alive at the end, RatedInstances of them are in the rate.
	LivingInstances int                 `json:"living_instances"`
	RatedInstances  int                 `json:"rated_instances"`
	BegunInstances  int                 `json:"begun_instances"`
	EndedInstances  int                 `json:"ended_instances"`
	Instances       []MonitoredInstance `json:"instances"`
}

// Rate is a change per hour with its 95 % interval.
type Rate struct {
	BytesPerHour     float64 `json:"bytes_per_hour"`
	LowBytesPerHour  float64 `json:"low_bytes_per_hour"`
	HighBytesPerHour float64 `json:"high_bytes_per_hour"`
}

// MonitoredInstance is what the trend of one process instance says.
type MonitoredInstance struct {
	ID          string  `json:"id"`
	PID         int32   `json:"pid"`
	Name        string  `json:"name"`
	State       string  `json:"state"`
	StartBytes  float64 `json:"start_private_bytes"`
	EndBytes    float64 `json:"end_private_bytes"`
	Rate        *Rate   `json:"rate"` // null while learning
	Samples     int     `json:"samples"`
	SpanSeconds float64 `json:"span_seconds"`
	Caveat      string  `json:"caveat,omitempty"`
	Ended       bool    `json:"ended"`
}
