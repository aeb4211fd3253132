package probe

import (
	"encoding/binary"
	"time"

	"github.com/zol0/zol0/internal/memory"
)

// What the Windows kernel writes is decoded here, in code that runs on every system, so
// that it is tested on every system.

// countersBytes is the size of PROCESS_MEMORY_COUNTERS_EX (psapi.h) in a 64-bit process.
const countersBytes = 80

// Offsets in PROCESS_MEMORY_COUNTERS_EX.
const (
	countersPeakWorkingSet = 8
	countersWorkingSet     = 16
	countersPagefile       = 56
	countersPrivate        = 72
)

// fillMemoryCounters sets the figures of a PROCESS_MEMORY_COUNTERS_EX. Its PrivateUsage
// is documented to be the same as its PagefileUsage, the commit charge; Windows before 7
// fills only the former and Wine 8 only the latter.
func fillMemoryCounters(b *[countersBytes]byte, out *memory.Sample) {
	at := func(offset int) uint64 { return binary.LittleEndian.Uint64(b[offset:]) }
	if private := max(at(countersPrivate), at(countersPagefile)); private > 0 {
		out.Set(memory.Private, private)
	}
	out.Set(memory.RSS, at(countersWorkingSet))
	out.Set(memory.PeakRSS, at(countersPeakWorkingSet))
}

// A FILETIME counts 100 ns from 1601 (an instant) or from 0 (a duration); it comes in two
// halves.

// filetimeDuration is a FILETIME that is a duration.
func filetimeDuration(high, low uint32) time.Duration {
	return time.Duration(uint64(high)<<32|uint64(low)) * 100
}

// filetimeMillis is a FILETIME that is an instant, in milliseconds since 1970. An instant
// before that is 0.
func filetimeMillis(high, low uint32) uint64 {
	const (
		epoch  = 116_444_736_000_000_000 // 1970 in a FILETIME
		millis = 10_000
	)
	t := uint64(high)<<32 | uint64(low)
	if t < epoch {
		return 0
	}
	return (t - epoch) / millis
}
