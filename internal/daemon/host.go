package daemon

import (
	"math"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/wire"
)

const (
	// patience is over how long the processors' load is averaged before it is worth an
	// alarm: a machine that compiles for ten seconds is not in trouble.
	patience = time.Minute
	// maxReadings is how many readings of the load are kept: a minute of the shortest
	// interval, and the one before it.
	maxReadings = 62
)

// reading is what one beat read of the machine's load, and when.
type reading struct {
	elapsed time.Duration
	load    memory.Load
}

// course is the load of the machine over the last minute.
type course struct {
	readings [maxReadings]reading
	n, next  int
	boot     string
}

// add takes in the reading of a beat. With another boot the counters begin anew.
func (c *course) add(elapsed time.Duration, boot string, load memory.Load) {
	if boot != c.boot {
		c.n, c.boot = 0, boot
	}
	c.readings[c.next] = reading{elapsed, load}
	c.next = (c.next + 1) % maxReadings
	c.n = min(c.n+1, maxReadings)
}

// back is the reading i beats before the last one; nil where there is none.
func (c *course) back(i int) *reading {
	if i >= c.n {
		return nil
	}
	return &c.readings[(c.next-1-i+2*maxReadings)%maxReadings]
}

// busy is the share of the processors that had work between two readings, in percent; NaN
// where a counter is missing or went back.
func busy(from, to *reading) float64 {
	if from == nil || to == nil {
		return math.NaN()
	}
	worked, total := since(from.load.CPUBusyNanoseconds, to.load.CPUBusyNanoseconds), since(from.load.CPUTotalNanoseconds, to.load.CPUTotalNanoseconds)
	if !(total > 0) {
		return math.NaN()
	}
	return min(100, 100*worked/total)
}

// speed is by how much a counter grows in a second; NaN where it is missing or went back.
func speed(from, to *reading, counter func(*memory.Load) memory.Optional[uint64]) float64 {
	if from == nil || to == nil || to.elapsed <= from.elapsed {
		return math.NaN()
	}
	return since(counter(&from.load), counter(&to.load)) / (to.elapsed - from.elapsed).Seconds()
}

// since is how far a counter went; NaN where it is missing or went back.
func since(before, now memory.Optional[uint64]) float64 {
	a, known := before.Get()
	b, ok := now.Get()
	if !known || !ok || b < a {
		return math.NaN()
	}
	return float64(b - a)
}

// mostOfIt is how much of a minute must have been seen for a mean of it.
const mostOfIt = 45 * time.Second

// lastMinute is the mean share of busy processors over the last minute, how much of it was
// seen, and whether that is enough. Of a longer interval it is the last one.
func (c *course) lastMinute() (percent float64, seen time.Duration, enough bool) {
	last, from := c.back(0), c.back(1)
	if from == nil {
		return math.NaN(), 0, false
	}
	oldest := 1
	for i := 2; i < c.n; i++ {
		if x := c.back(i); last.elapsed-x.elapsed <= patience {
			from, oldest = x, i
		}
	}
	seen = last.elapsed - from.elapsed
	return busy(from, last), seen, seen >= mostOfIt || oldest < c.n-1
}

// Host is what the machine did between the last two beats.
func (d *Daemon) Host() wire.HostState {
	d.present.RLock()
	defer d.present.RUnlock()
	out := wire.HostState{Beat: d.beats.number}
	s := d.snapshot
	if s == nil {
		return out
	}
	head := s.Wire(nil)
	out.Time, out.Host, out.Processes = head.Time, head.Host, head.Processes
	if size, used := out.Host.SwapTotalBytes, out.Host.SwapUsedBytes; size != nil && used != nil {
		out.SwapUsedPercent = share(*used, *size)
	}
	l := &d.load
	out.DiskTotalBytes, out.DiskAvailableBytes = value(l.DiskTotalBytes), value(l.DiskAvailableBytes)
	if size, free := out.DiskTotalBytes, out.DiskAvailableBytes; size != nil && free != nil && *free <= *size {
		out.DiskUsedPercent = share(*size-*free, *size)
	}
	before, now := d.course.back(1), d.course.back(0)
	out.CPUPercent = hundredths(busy(before, now))
	out.DiskReadBytesPerSecond = whole(speed(before, now, func(l *memory.Load) memory.Optional[uint64] { return l.DiskReadBytes }))
	out.DiskWrittenBytesPerSecond = whole(speed(before, now, func(l *memory.Load) memory.Optional[uint64] { return l.DiskWrittenBytes }))
	out.CPUPressurePercent, out.IOPressurePercent = lately(l.CPUPressure.Some), lately(l.IOPressure.Some)
	out.MemoryPressurePercent, out.MemoryFullPressurePercent = lately(l.MemoryPressure.Some), lately(l.MemoryPressure.Full)
	return out
}

// lately is the share of the last ten seconds that a stall took.
func lately(s memory.Optional[memory.Stall]) *float64 {
	if stall, ok := s.Get(); ok {
		return pointer(stall.Avg10Percent)
	}
	return nil
}

// value is a figure for JSON: null where it is absent.
func value[T any](o memory.Optional[T]) *T {
	if v, ok := o.Get(); ok {
		return &v
	}
	return nil
}

// share is part of a whole in percent; nil for a whole of nothing.
func share(part, whole uint64) *float64 {
	return hundredths(100 * float64(part) / float64(whole))
}

func hundredths(v float64) *float64 { return pointer(math.Round(v*100) / 100) }

func whole(v float64) *float64 { return pointer(math.Round(v)) }
