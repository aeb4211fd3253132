package wire

// Config is what holds after file, environment and flags, as `zol0 config show --json`
// writes it.
type Config struct {
	Path              string       `json:"path"` // empty: no file, the defaults hold
	ProcRoot          string       `json:"proc_root"`
	ElevatedBytes     uint64       `json:"elevated_bytes"`
	HighBytes         uint64       `json:"high_bytes"`
	DashboardBytes    uint64       `json:"dashboard_bytes"`
	WatchedTotalBytes uint64       `json:"watched_total_bytes"`
	Daemon            ConfigDaemon `json:"daemon"`
	Store             ConfigStore  `json:"store"`
	Memory            ConfigMemory `json:"memory"`
	Services          []Rule       `json:"services"`
	// Sources are those of trading and of work, and Logs whose last lines are kept.
	Sources []ConfigSource `json:"sources"`
	Logs    []ConfigSource `json:"logs"`
	// Origins says of every key of the file, like "store.raw", where its value comes from:
	// "default", "FILE:LINE", the environment variable, or the flag.
	Origins map[string]string `json:"origins"`
}

// ConfigSource is something that is asked or read beside the beat.
type ConfigSource struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"` // of a log: file, docker, unit, kernel
	From    string `json:"from"` // URL, path or unit
	Service string `json:"service"`
}

// ConfigDaemon is how the daemon runs.
type ConfigDaemon struct {
	Listen          string  `json:"listen"` // host:port
	Data            string  `json:"data"`   // directory; empty: the environment names no place
	IntervalSeconds float64 `json:"interval_seconds"`
	Receive         bool    `json:"receive"` // it is a hub
	// Tokens and WebConfig are paths of files that say who may ask; empty: none. Hosts are
	// further names that it goes by, with commas between.
	Tokens    string `json:"tokens"`
	WebConfig string `json:"web_config"`
	Hosts     string `json:"hosts"`
	RateLimit int    `json:"rate_limit"` // requests a second of one address; 0: any number
	Insecure  bool   `json:"insecure"`   // it may listen where others reach it and ask nobody
}

// ConfigStore is how much of the past is kept: the cap of the file, and how long samples, minutes
// and hours are kept.
type ConfigStore struct {
	SizeBytes      uint64  `json:"size_bytes"`
	RawSeconds     float64 `json:"raw_seconds"`
	MinutesSeconds float64 `json:"minutes_seconds"`
	HoursSeconds   float64 `json:"hours_seconds"`
	// Engine is absent where none is used.
	Engine *ConfigEngine `json:"engine,omitempty"`
}

// ConfigEngine is an engine elsewhere that keeps what is measured here. Tokens and passwords
// are no part of it.
type ConfigEngine struct {
	Write      string `json:"write"`    // URL that takes remote write; empty: nothing is sent
	Read       string `json:"read"`     // URL that answers PromQL; empty: the own store answers
	Host       string `json:"host"`     // label on everything; empty: the machine's name
	Instance   string `json:"instance"` // label on everything; empty: the address of the server
	SpoolBytes uint64 `json:"spool_bytes"`
	Tenant     string `json:"tenant,omitempty"`
}

// ConfigMemory is what the monitor allows itself.
type ConfigMemory struct {
	BudgetBytes uint64 `json:"budget_bytes"`
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
	// YAML is the rule as it would stand in the file.
	YAML string `json:"yaml"`
}
