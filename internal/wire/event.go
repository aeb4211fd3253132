package wire

import (
	"encoding/json"
	"time"
)

// Journal is what happened, newest first, as /api/journal gives it.
type Journal struct {
	Events []Event `json:"events"`
	// Before is what to ask for as before= to get the events before these; 0 where there
	// are none.
	Before int64 `json:"before"`
}

// Event is one thing that happened. It stands in the journal, and live clients are told
// of it under the name of its kind.
type Event struct {
	ID   int64     `json:"id"` // later events have greater ones; 0 where it is not known yet
	Time time.Time `json:"time"`
	// Kind is one word: verdict (of a service changed), degradation (the step of the memory
	// budget changed), late (beats were skipped), start and stop (of the daemon), restart
	// (of a process of a service), config (read, or refused), store (data put aside).
	Kind    string `json:"kind"`
	Subject string `json:"subject"` // service, process or file that it happened to
	Text    string `json:"text"`    // one sentence
	// Detail is an object with what a program wants to know; null where there is no more.
	Detail json.RawMessage `json:"detail"`
}

// BeatNews is what live clients are told at every beat, under the name beat.
type BeatNews struct {
	Beat uint64    `json:"beat"`
	Time time.Time `json:"time"`
	Late uint64    `json:"late"` // beats skipped since the start
	// Step of the memory budget, 0 for normal.
	Step                int      `json:"step"`
	SelfRSSBytes        *uint64  `json:"self_rss_bytes"`
	SelfPrivateBytes    *uint64  `json:"self_private_bytes"`
	MemoryUsedPercent   *float64 `json:"memory_used_percent"` // of the host
	WatchedPrivateBytes uint64   `json:"watched_private_bytes"`
	Processes           int      `json:"processes"`
	Services            int      `json:"services"`
	// States counts services by state of their verdict.
	States map[string]int `json:"states"`
	// Changed are the services that changed most since the beat before, at most 20. The
	// whole table is under /api/services.
	Changed []ServiceNews `json:"changed"`
}

// ServiceNews is what changed about one service.
type ServiceNews struct {
	Name         string   `json:"name"`
	State        string   `json:"state"`
	PrivateBytes *uint64  `json:"private_bytes"`
	CPUPercent   *float64 `json:"cpu_percent"` // of one core
	Instances    int      `json:"instances"`   // 0: it is gone
}
