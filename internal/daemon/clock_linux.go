package daemon

import (
	"time"

	"golang.org/x/sys/unix"
)

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// Elapsed is the kernel's own count since boot, without sleep: it goes on when the monitor
// is started anew.
func (systemClock) Elapsed() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic("BUG: no monotonic clock: " + err.Error()) // every Linux has it
	}
	return time.Duration(t.Nano())
}
