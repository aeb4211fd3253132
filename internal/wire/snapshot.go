// Package wire declares the shapes of every JSON document zol0 writes: snake_case names
// with the unit at the end, times in RFC 3339 UTC, and null for what was not measured.
package wire

import "time"

// Snapshot is one moment of a machine, as `zol0 quick --json` writes it.
type Snapshot struct {
	Time     time.Time `json:"time"`
	Host     Host      `json:"host"`
	Services []Service `json:"services"`
	// WatchedPrivateBytes is the private memory of all watched services together, also of
	// those a filter left out of Services.
	WatchedPrivateBytes uint64 `json:"watched_private_bytes"`
	WatchedLimitBytes   uint64 `json:"watched_limit_bytes"`
	WatchedStatus       string `json:"watched_status"` // NORMAL or REVIEW
	// Processes counts every process of the machine that was read.
	Processes int `json:"processes"`
	// DeniedProcesses were there but could not be read by this user.
	DeniedProcesses int `json:"denied_processes"`
	// Partial says that the system hides processes of other users.
	Partial bool `json:"partial"`
	// PSSStallSeconds is how long reading PSS held memory locks of targets, in all.
	PSSStallSeconds *float64 `json:"pss_stall_seconds,omitempty"`
}

// Host is the machine's own memory.
type Host struct {
	Name                 string   `json:"name"`
	MemoryTotalBytes     uint64   `json:"memory_total_bytes"`
	MemoryUsedBytes      *uint64  `json:"memory_used_bytes"`
	MemoryAvailableBytes *uint64  `json:"memory_available_bytes"`
	MemoryUsedPercent    *float64 `json:"memory_used_percent"`
	SwapTotalBytes       *uint64  `json:"swap_total_bytes"`
	SwapUsedBytes        *uint64  `json:"swap_used_bytes"`
	CPUs                 int      `json:"cpus"`
	Load1                *float64 `json:"load1"`
	UptimeSeconds        float64  `json:"uptime_seconds"`
}

// Usage is what an instance uses, or all instances of a service together.
type Usage struct {
	PrivateBytes *uint64  `json:"private_bytes"`
	RSSBytes     *uint64  `json:"rss_bytes"`
	AnonBytes    *uint64  `json:"anon_bytes"`
	FileBytes    *uint64  `json:"file_bytes"`
	ShmemBytes   *uint64  `json:"shmem_bytes"`
	SwapBytes    *uint64  `json:"swap_bytes"`
	VirtualBytes *uint64  `json:"virtual_bytes"`
	PSSBytes     *uint64  `json:"pss_bytes,omitempty"`
	USSBytes     *uint64  `json:"uss_bytes,omitempty"`
	CPUPercent   *float64 `json:"cpu_percent"` // of one core
	CPUSeconds   *float64 `json:"cpu_seconds"`
	Threads      *uint64  `json:"threads"`
	FDs          *uint64  `json:"fds"`
	MinorFaults  *uint64  `json:"minor_faults"`
	MajorFaults  *uint64  `json:"major_faults"`
}

// Service is a service and its live instances.
type Service struct {
	Name    string `json:"name"`
	Kind    string `json:"kind,omitempty"`
	Watched bool   `json:"watched"`
	// Status is the worst of the instances': NORMAL, UNKNOWN, INVESTIGATE, ELEVATED, HIGH.
	Status string `json:"status"`
	// ThresholdBytes is what an instance passed; absent for NORMAL and UNKNOWN.
	ThresholdBytes uint64 `json:"threshold_bytes,omitempty"`
	Usage
	UptimeSeconds float64    `json:"uptime_seconds"` // of the oldest instance
	Instances     []Instance `json:"instances"`
}

// Instance is one process instance.
type Instance struct {
	// ID is "PID@START": unlike a PID it names one life of one process until the next boot.
	ID        string    `json:"id"`
	PID       int32     `json:"pid"`
	StartTime time.Time `json:"start_time"`
	Name      string    `json:"name"`
	ParentPID int32     `json:"parent_pid"`
	UserID    *int64    `json:"user_id"`
	State     string    `json:"state"`
	Status    string    `json:"status"`
	Usage
	// PeakRSSBytes is of one instance only: peaks of several are of different moments.
	PeakRSSBytes  *uint64 `json:"peak_rss_bytes"`
	UptimeSeconds float64 `json:"uptime_seconds"`
}
