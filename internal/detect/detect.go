// Package detect stands between series and the leak package: it knows which series is
// judged how, feeds a recording to a detector as if it were seen live, and says when its
// state changes. What is said at a time rests on the points up to that time only.
//
// It reads no files, asks no clock and decides nothing: the judging is all in leak.
package detect

import "github.com/zol0/zol0/leak"

// The units of series, as trace.Series has them.
const (
	Bytes = "bytes"
	Count = "count"
)

// Options are how a series of the given metric and unit is judged, without a limit. What
// the names private, shmem, fds and threads mean is known; of anything else the unit
// decides, and a figure without one, such as a percentage, is judged as any figure.
func Options(metric, unit string) leak.Options {
	switch {
	case unit == Bytes && metric == "shmem":
		return leak.SharedMemory()
	case unit == Bytes: // private, rss, uss, a heap
		return leak.Memory()
	case metric == "fds":
		return leak.Descriptors()
	case metric == "threads", unit == Count:
		return leak.Threads()
	}
	return leak.Options{}
}
