package wire

import "time"

// Monitoring is the summary of a watch, as `zol0 monitor --json` writes it.
type Monitoring struct {
	Start           time.Time `json:"start"`
	End             time.Time `json:"end"`
	IntervalSeconds float64   `json:"interval_seconds"`
	Samples         int       `json:"samples"`
	// Readings are the samples and the readings between them: what the verdicts and the
	// figures of the services rest on.
	Readings int `json:"readings"`
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
	// a watch left out: services beyond 1,000, ended processes that were never judged,
	// and ended ones beyond 100 whose verdicts were dropped.
	UntrackedServices  int `json:"untracked_services"`
	UnjudgedInstances  int `json:"unjudged_instances"`
	ForgottenInstances int `json:"forgotten_instances"`
	// UnjudgedSeries is the most series of shared memory, descriptors and threads at one time that changed
	// and were not judged, for 100 others were.
	UnjudgedSeries int `json:"unjudged_series"`
}

// MonitoredService is one service over a watch: its private memory, all instances
// together, and what its instances gained in their own lives.
type MonitoredService struct {
	Name  string `json:"name"`
	State string `json:"state"` // learning, steady, filling, suspect, leaking: the worst of its instances'
	// StateMetric is what the state is of: private_bytes, shmem_bytes, fds or threads.
	StateMetric string  `json:"state_metric"`
	Samples     int     `json:"samples"` // readings in which it was there
	StartBytes  float64 `json:"start_private_bytes"`
	EndBytes    float64 `json:"end_private_bytes"`
	MeanBytes   float64 `json:"mean_private_bytes"`
	MaxBytes    float64 `json:"max_private_bytes"`
	MinBytes    float64 `json:"min_private_bytes"`
	StdDevBytes float64 `json:"standard_deviation_private_bytes"`
	// GrowthBytes is what its instances gained in their own lives: instances that came or
	// went are no growth.
	GrowthBytes float64 `json:"growth_private_bytes"`
	Rate        *Rate   `json:"rate"` // of private memory; null where no living instance has one
	// SmallestBytesPerHour is the smallest rate that would have been seen, added up as the
	// rate is.
	SmallestBytesPerHour *float64 `json:"smallest_bytes_per_hour"`
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

// MonitoredInstance is what was found about one process instance.
type MonitoredInstance struct {
	ID          string  `json:"id"`
	PID         int32   `json:"pid"`
	Name        string  `json:"name"`
	State       string  `json:"state"` // the worst of its verdicts'
	StartBytes  float64 `json:"start_private_bytes"`
	EndBytes    float64 `json:"end_private_bytes"`
	Rate        *Rate   `json:"rate"` // of private memory; null while learning
	Samples     int     `json:"samples"`
	SpanSeconds float64 `json:"span_seconds"`
	Ended       bool    `json:"ended"`
	// Verdicts are on private_bytes, and on shmem_bytes, fds and threads where they changed.
	Verdicts []Verdict `json:"verdicts"`
}

// Verdict is the judgement of one series of an instance. Figures without a unit in their
// name are in that of the metric; what is not known, or has no bound, is null.
type Verdict struct {
	Metric   string   `json:"metric"` // private_bytes, shmem_bytes, fds or threads
	State    string   `json:"state"`
	Shape    string   `json:"shape"` // unshaped, flat, sawtooth, step, stairs, seasonal, ramp, linear, saturating
	Sentence string   `json:"sentence"`
	Caveats  []string `json:"caveats"`
	// Score is the evidence for a leak in log-odds: 0 is even. Probability is the same as
	// a share of one.
	Score       *float64 `json:"score"`
	Probability *float64 `json:"probability"`
	// Rates are growth per hour with the bounds of the 95 % interval.
	RatePerHour *float64 `json:"rate_per_hour"`
	RateLow     *float64 `json:"rate_low"`
	RateHigh    *float64 `json:"rate_high"`
	// SmallestPerHour is the smallest growth per hour that would have been seen.
	SmallestPerHour *float64 `json:"smallest_per_hour"`
	// Growth is how far the floor has risen since Onset.
	Growth         *float64   `json:"growth"`
	Onset          *time.Time `json:"onset"`
	HorizonSeconds *float64   `json:"horizon_seconds"` // length of what the verdict rests on
	Forecast       *Outlook   `json:"forecast"`        // null where nothing is foreseen
	// PerWork is the growth per unit of work, with the bounds of its 95 % interval: per CPU
	// second, or per unit of what the program counts.
	PerWork     *float64 `json:"per_work"`
	PerWorkLow  *float64 `json:"per_work_low"`
	PerWorkHigh *float64 `json:"per_work_high"`
	// Restarts counts the earlier lives, in processes that this one replaced, that the
	// verdict takes into account.
	Restarts int `json:"restarts"`
}

// Outlook is what comes next if it goes on as it does.
type Outlook struct {
	Outlook string `json:"outlook"` // reaches (the limit), settles (near a level)
	// In is the time until the limit is reached, counted from the end of the watch.
	InSeconds     *float64 `json:"in_seconds"`
	InLowSeconds  *float64 `json:"in_low_seconds"`
	InHighSeconds *float64 `json:"in_high_seconds"`
	// Near is the level at which it settles.
	Near     *float64 `json:"near"`
	NearLow  *float64 `json:"near_low"`
	NearHigh *float64 `json:"near_high"`
}
