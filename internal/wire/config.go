package wire

// Config is what holds after file, environment and flags, as `zol0 config show --json`
// writes it.
type Config struct {
	Path              string `json:"path"` // empty: no file, the defaults hold
	ProcRoot          string `json:"proc_root"`
	ElevatedBytes     uint64 `json:"elevated_bytes"`
	HighBytes         uint64 `json:"high_bytes"`
	DashboardBytes    uint64 `json:"dashboard_bytes"`
	WatchedTotalBytes uint64 `json:"watched_total_bytes"`
	Services          []Rule `json:"services"`
}

// Rule is one way to recognise a service.
type Rule struct {
	Name          string `json:"name"`
	Kind          string `json:"kind,omitempty"`
	Match         string `json:"match"`
	Source        string `json:"source"`
	ElevatedBytes uint64 `json:"elevated_bytes,omitempty"`
	HighBytes     uint64 `json:"high_bytes,omitempty"`
	LimitBytes    uint64 `json:"limit_bytes,omitempty"`
}
