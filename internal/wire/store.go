package wire

import "time"

// StoreState is what the daemon keeps on disk, as /api/store gives it.
type StoreState struct {
	Time          time.Time  `json:"time"`
	Path          string     `json:"path"`
	SchemaVersion int        `json:"schema_version"`
	Driver        string     `json:"driver"`
	FileBytes     uint64     `json:"file_bytes"`
	LogBytes      uint64     `json:"log_bytes"` // the write-ahead log beside it
	CapBytes      uint64     `json:"cap_bytes"` // size at which the oldest goes, whatever its age
	FreeDiskBytes *uint64    `json:"free_disk_bytes"`
	Oldest        *time.Time `json:"oldest"` // null in an empty store
	Newest        *time.Time `json:"newest"`
	Series        int        `json:"series"`      // known
	OpenSeries    int        `json:"open_series"` // with samples in the current hour
	MaxOpenSeries int        `json:"max_open_series"`
	// RefusedSeries were not begun because of that cap.
	RefusedSeries  uint64      `json:"refused_series"`
	Samples        uint64      `json:"samples"`
	BytesPerSample *float64    `json:"bytes_per_sample"` // null before the first whole hour
	Tiers          []StoreTier `json:"tiers"`
	// Appends since the daemon started, those the disk had no room for, and transactions
	// that failed and were done again.
	Appends        uint64 `json:"appends"`
	RefusedAppends uint64 `json:"refused_appends"`
	FailedWrites   uint64 `json:"failed_writes"`
	WrittenBytes   uint64 `json:"written_bytes"` // to disk, since the daemon started
	// Asides could not be read and were put out of the way, never deleted.
	Asides []StoreAside `json:"asides"`
}

// StoreTier is one resolution of the store.
type StoreTier struct {
	Name             string     `json:"name"`              // raw, minutes, hours
	StepSeconds      *float64   `json:"step_seconds"`      // null for raw: as sampled
	RetentionSeconds float64    `json:"retention_seconds"` // after which it goes
	Oldest           *time.Time `json:"oldest"`
	Chunks           uint64     `json:"chunks"`
	Samples          uint64     `json:"samples"`
	Bytes            uint64     `json:"bytes"`
}

// StoreAside is a file, or rows of one, that could not be read.
type StoreAside struct {
	Path   string `json:"path"` // where it is now
	Reason string `json:"reason"`
}
