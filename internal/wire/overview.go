package wire

import "time"

// Overview is all that the first screen shows of one beat in one answer, as /api/overview
// gives it: a page that opens asks once.
type Overview struct {
	ServiceTable
	// HostState is the machine at the same beat; its figures of memory are in Host.
	HostState  HostState  `json:"host_state"`
	Alerts     Alerts     `json:"alerts"`
	Logs       Logs       `json:"logs"` // the last ten lines
	Strategies Strategies `json:"strategies"`
	Core       Core       `json:"core"`
	Own        OwnState   `json:"own"`
}

// OwnState is the little that every page shows about the daemon itself; /api/self has all.
type OwnState struct {
	Version string `json:"version"`
	// Demo says that what is watched is the demonstration.
	Demo          bool    `json:"demo"`
	UptimeSeconds float64 `json:"uptime_seconds"`
	RSSBytes      *uint64 `json:"rss_bytes"`
	PrivateBytes  *uint64 `json:"private_bytes"`
	BudgetBytes   uint64  `json:"budget_bytes"`
	// Step of the memory budget: 0 for normal, and its word.
	Step     int    `json:"step"`
	StepName string `json:"step_name"`
	Late     uint64 `json:"late"` // beats skipped since the start
	// CacheEntries of at most MaxCacheEntries answers are kept; PageLoads counts those of
	// all sessions since the start.
	CacheEntries    int    `json:"cache_entries"`
	MaxCacheEntries int    `json:"max_cache_entries"`
	PageLoads       uint64 `json:"page_loads"`
}

// HostState is what the machine does, as /api/host gives it. Shares and speeds are since the
// beat before; null is what the system does not tell, or what needs one more beat.
type HostState struct {
	Time time.Time `json:"time"`
	Beat uint64    `json:"beat"`
	Host Host      `json:"host"`
	// CPUPercent is the share of all processors together that had work.
	CPUPercent      *float64 `json:"cpu_percent"`
	SwapUsedPercent *float64 `json:"swap_used_percent"`
	// The disk is that of the file system that holds the store.
	DiskTotalBytes            *uint64  `json:"disk_total_bytes"`
	DiskAvailableBytes        *uint64  `json:"disk_available_bytes"`
	DiskUsedPercent           *float64 `json:"disk_used_percent"`
	DiskReadBytesPerSecond    *float64 `json:"disk_read_bytes_per_second"`
	DiskWrittenBytesPerSecond *float64 `json:"disk_written_bytes_per_second"`
	// Pressure (PSI) is the share of the last ten seconds in which some task, or every
	// task, waited for it, as the kernel averages it.
	CPUPressurePercent        *float64 `json:"cpu_pressure_percent"`
	MemoryPressurePercent     *float64 `json:"memory_pressure_percent"`
	MemoryFullPressurePercent *float64 `json:"memory_full_pressure_percent"`
	IOPressurePercent         *float64 `json:"io_pressure_percent"`
	Processes                 int      `json:"processes"`
}

// ProcessTable is every process at the last beat, as /api/processes gives it.
type ProcessTable struct {
	Time time.Time `json:"time"`
	Beat uint64    `json:"beat"`
	// Processes stand with the largest private memory first.
	Processes []ProcessRow `json:"processes"`
	// Total counts all that were read; there are less in Processes where they are more
	// than one answer may have.
	Total           int  `json:"total"`
	DeniedProcesses int  `json:"denied_processes"`
	Partial         bool `json:"partial"`
}

// ProcessRow is one process.
type ProcessRow struct {
	ID            string    `json:"id"` // "PID@START", as in zol0 quick --json
	PID           int32     `json:"pid"`
	ParentPID     int32     `json:"parent_pid"`
	StartTime     time.Time `json:"start_time"`
	Name          string    `json:"name"`
	Service       string    `json:"service"`
	Watched       bool      `json:"watched"`
	Kernel        bool      `json:"kernel,omitempty"` // a thread of the kernel
	UserID        *int64    `json:"user_id"`
	State         string    `json:"state"`
	Status        string    `json:"status"`
	PrivateBytes  *uint64   `json:"private_bytes"`
	RSSBytes      *uint64   `json:"rss_bytes"`
	ShmemBytes    *uint64   `json:"shmem_bytes"`
	SwapBytes     *uint64   `json:"swap_bytes"`
	CPUPercent    *float64  `json:"cpu_percent"` // of one core
	Threads       *uint64   `json:"threads"`
	FDs           *uint64   `json:"fds"`
	UptimeSeconds float64   `json:"uptime_seconds"`
}
