package wire

import "time"

// ServiceTable is every service at one beat, as /api/services gives it.
type ServiceTable struct {
	Time            time.Time `json:"time"` // of the beat
	Beat            uint64    `json:"beat"` // its number since the daemon started
	IntervalSeconds float64   `json:"interval_seconds"`
	Host            Host      `json:"host"`
	// Services stand with the worst verdict first, then the fastest growing.
	Services            []ServiceRow `json:"services"`
	WatchedPrivateBytes uint64       `json:"watched_private_bytes"` // all watched services together
	WatchedLimitBytes   uint64       `json:"watched_limit_bytes"`
	WatchedStatus       string       `json:"watched_status"` // NORMAL or REVIEW
	Processes           int          `json:"processes"`      // that were read
	DeniedProcesses     int          `json:"denied_processes"`
	// Partial says that the system hides processes of other users.
	Partial bool `json:"partial"`
	// UntrackedServices are beyond the bound of the daemon and in no other figure.
	UntrackedServices int `json:"untracked_services"`
}

// ServiceRow is one service: what all its instances use together, and what is thought of it.
type ServiceRow struct {
	Name    string `json:"name"`
	Kind    string `json:"kind,omitempty"`
	Watched bool   `json:"watched"`
	Status  string `json:"status"` // NORMAL, UNKNOWN, INVESTIGATE, ELEVATED, HIGH
	// State is the worst of the instances' (learning, steady, filling, suspect, leaking)
	// and StateMetric what that is of: private_bytes, shmem_bytes, fds or threads.
	State       string `json:"state"`
	StateMetric string `json:"state_metric"`
	// Sentence is that verdict in words, absent while learning.
	Sentence     string   `json:"sentence,omitempty"`
	Caveats      []string `json:"caveats,omitempty"`
	PrivateBytes *uint64  `json:"private_bytes"`
	RSSBytes     *uint64  `json:"rss_bytes"`
	ShmemBytes   *uint64  `json:"shmem_bytes"`
	SwapBytes    *uint64  `json:"swap_bytes"`
	CPUPercent   *float64 `json:"cpu_percent"` // of one core, since the beat before
	Threads      *uint64  `json:"threads"`
	FDs          *uint64  `json:"fds"`
	Instances    int      `json:"instances"`
	// RatedInstances are those whose growth is known and in Rate.
	RatedInstances int `json:"rated_instances"`
	// Rate is the growth of private memory; null while nothing is known.
	Rate *Rate `json:"rate"`
	// SmallestBytesPerHour is the smallest growth that would have been seen.
	SmallestBytesPerHour *float64 `json:"smallest_bytes_per_hour"`
	// GrowthBytes is what its instances gained in private memory in their own lives since
	// the daemon started; instances that came or went are no growth.
	GrowthBytes *float64 `json:"growth_private_bytes"`
	// LimitBytes binds first, of those that are known; null where none is.
	LimitBytes *uint64  `json:"limit_bytes"`
	Forecast   *Outlook `json:"forecast"` // null where nothing is foreseen
	// UptimeSeconds is of the oldest instance.
	UptimeSeconds float64 `json:"uptime_seconds"`
}

// Top is who grew most, as /api/top gives it.
type Top struct {
	Time         time.Time `json:"time"`   // until which it counts
	Metric       string    `json:"metric"` // its name in the table of metrics, such as private_bytes
	SinceSeconds float64   `json:"since_seconds"`
	// Services stand with the one that grew most first. Those that shrank are not there.
	Services []TopRow `json:"services"`
}

// TopRow is the growth of one service, in the unit of the metric. First is its value at
// the beginning of the time, or when the store first saw it after that; Last the newest.
type TopRow struct {
	Service       string    `json:"service"`
	First         float64   `json:"first"`
	Last          float64   `json:"last"`
	Growth        float64   `json:"growth"`
	GrowthPerHour *float64  `json:"growth_per_hour"` // null for less than a minute
	FirstTime     time.Time `json:"first_time"`
	LastTime      time.Time `json:"last_time"`
}
