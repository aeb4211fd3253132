package sampler

import (
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/units"
)

// Status compares the private memory of one process instance with its thresholds. The
// words and figures are those of the original system.
type Status uint8

// The states of an instance or, as the worst of its instances, of a service.
const (
	Normal      Status = iota
	Unknown            // its private memory could not be read
	Investigate        // above a limit of its own
	Elevated           // above the elevated threshold
	High               // above the high threshold: immediate attention
)

var statusWords = [...]string{"NORMAL", "UNKNOWN", "INVESTIGATE", "ELEVATED", "HIGH"}

// String is the status's word in every format.
func (s Status) String() string { return statusWords[s] }

// The thresholds that hold where the configuration names no others.
const (
	// DefaultElevated: above it an instance is ELEVATED.
	DefaultElevated = 300 * units.MB
	// DefaultHigh: above it an instance is HIGH and needs immediate attention.
	DefaultHigh = 500 * units.MB
	// DefaultOwnLimit: above it zol0 itself, like the dashboard it came from, is to be
	// investigated: a monitor of memory must not need much of it.
	DefaultOwnLimit = 100 * units.MB
	// DefaultWatchedLimit: above it all watched services together are to be reviewed.
	DefaultWatchedLimit = 3 * units.GB
)

// Limits are the thresholds of a machine.
type Limits struct {
	Elevated units.Bytes
	High     units.Bytes
	// Own is the limit of zol0 itself.
	Own units.Bytes
	// Watched is the limit of the sum of all watched services.
	Watched units.Bytes
}

// DefaultLimits are the limits without any configuration.
func DefaultLimits() Limits {
	return Limits{DefaultElevated, DefaultHigh, DefaultOwnLimit, DefaultWatchedLimit}
}

// of returns the thresholds that hold for one process: those of its rule where it names
// them, the general ones elsewhere. A limit of 0 does not exist.
func (l Limits) of(id *service.Identity) (elevated, high, limit units.Bytes) {
	elevated, high = l.Elevated, l.High
	if id.Kind == service.KindZoL0 {
		limit = l.Own
	}
	if id.Rule != nil {
		t := id.Rule.Thresholds
		if t.ElevatedBytes > 0 {
			elevated = units.Bytes(t.ElevatedBytes)
		}
		if t.HighBytes > 0 {
			high = units.Bytes(t.HighBytes)
		}
		if t.LimitBytes > 0 {
			limit = units.Bytes(t.LimitBytes)
		}
	}
	return elevated, high, limit
}

// judge gives the status of one instance and the threshold it has passed (0: none).
func (l Limits) judge(x *memory.Sample, id *service.Identity) (Status, units.Bytes) {
	private, ok := x.Get(memory.Private)
	if !ok {
		threads, _ := x.Get(memory.Threads)
		if x.Kernel || (x.State == 'Z' || x.State == 'X') && threads <= 1 {
			return Normal, 0 // it has no memory; with threads left it would have some
		}
		return Unknown, 0
	}
	elevated, high, limit := l.of(id)
	switch b := units.Bytes(private); {
	case b > high:
		return High, high
	case b > elevated:
		return Elevated, elevated
	case limit > 0 && b > limit:
		return Investigate, limit
	}
	return Normal, 0
}
