package wire

import "time"

// StoreState is what the daemon keeps on disk, as /api/store and zol0 store info --json give
// it.
type StoreState struct {
	Time          time.Time `json:"time"`
	Path          string    `json:"path"`
	SchemaVersion int       `json:"schema_version"`
	Driver        string    `json:"driver"`
	FileBytes     uint64    `json:"file_bytes"`
	LogBytes      uint64    `json:"log_bytes"`  // the write-ahead log beside it
	UsedBytes     uint64    `json:"used_bytes"` // of the file
	FreeBytes     uint64    `json:"free_bytes"` // of the file: what deleted rows left, for new ones
	CapBytes      uint64    `json:"cap_bytes"`  // size at which the oldest goes, whatever its age
	// DaysUntilCap is how long that takes at the present rate; null where it is not known
	// yet, or does not happen.
	DaysUntilCap  *float64   `json:"days_until_cap"`
	FreeDiskBytes *uint64    `json:"free_disk_bytes"`
	Oldest        *time.Time `json:"oldest"` // null in an empty store
	Newest        *time.Time `json:"newest"`
	Series        int        `json:"series"`      // known
	OpenSeries    int        `json:"open_series"` // with samples in the current hour
	MaxOpenSeries int        `json:"max_open_series"`
	// RefusedSeries were not begun because of that cap.
	RefusedSeries  *uint64       `json:"refused_series"` // null without a daemon
	Owners         []StoreOwners `json:"owners"`
	Events         uint64        `json:"events"`
	Detectors      uint64        `json:"detectors"` // saved states
	Samples        uint64        `json:"samples"`
	BytesPerSample *float64      `json:"bytes_per_sample"` // null before the first whole hour
	Tiers          []StoreTier   `json:"tiers"`
	// Appends since the daemon started, those the disk had no room for, and transactions
	// that failed and were done again. All are null without a daemon.
	Appends        *uint64 `json:"appends"`
	RefusedAppends *uint64 `json:"refused_appends"`
	FailedWrites   *uint64 `json:"failed_writes"`
	WrittenBytes   *uint64 `json:"written_bytes"` // to disk, since the daemon started
	// Asides could not be read and were put out of the way, never deleted.
	Asides []StoreAside `json:"asides"`
}

// StoreTier is one resolution of the store.
type StoreTier struct {
	Name             string     `json:"name"`              // raw, minutes, hours
	StepSeconds      *float64   `json:"step_seconds"`      // null for raw: as sampled
	RetentionSeconds float64    `json:"retention_seconds"` // after which it goes
	Oldest           *time.Time `json:"oldest"`
	Newest           *time.Time `json:"newest"`
	Chunks           uint64     `json:"chunks"`
	Samples          uint64     `json:"samples"`
	Bytes            uint64     `json:"bytes"`
}

// StoreOwners counts what series belong to.
type StoreOwners struct {
	Kind string `json:"kind"` // host, service, process, gauge
	Open uint64 `json:"open"` // with samples lately
	All  uint64 `json:"all"`
}

// StoreAside is a file, or rows of one, that could not be read.
type StoreAside struct {
	Path   string `json:"path"` // where it is now
	Reason string `json:"reason"`
}
