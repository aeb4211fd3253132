//go:build !linux

package daemon

import "time"

type systemClock struct{}

// programBegan is what Elapsed counts from.
var programBegan = time.Now()

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Elapsed() time.Duration { return time.Since(programBegan) }
