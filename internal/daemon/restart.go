package daemon

import "time"

// kindRestart is the kind of the event that says that a process of a service took the
// place of one that had ended.
const kindRestart = "restart"

// restartDetail is what such an event says for programs.
type restartDetail struct {
	PID         int32     `json:"pid"`
	Start       uint64    `json:"start"` // as in the label of its series
	StartTime   time.Time `json:"start_time"`
	PreviousPID int32     `json:"previous_pid"`
	// Deploy says whether it began from a file that is another than that of the life
	// before; null where that could not be seen.
	Deploy *bool `json:"deploy"`
	// File is the file that changed; empty where none did.
	File string `json:"file"`
}
