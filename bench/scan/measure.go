package scan

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/bench/figure"
)

// How often a reader scans in one measurement: the same rule as in floor.c. It scans until
// the budget of processor time is used, but often enough for a median.
const (
	warmScans = 2
	minScans  = 5
	maxScans  = 200
)

// Measurement is one reader measured in one round, by a process of its own.
type Measurement struct {
	Reader    string `json:"reader"`
	Processes int    `json:"processes"`
	Scans     int    `json:"scans"`
	// OpenMS is milliseconds of processor time to open the reader, loading an eBPF program
	// included; 0 for the floor, which was not asked.
	OpenMS float64 `json:"open_ms"`
	// MedianUS and MinimumUS are microseconds of processor time per process over the scans.
	MedianUS  float64 `json:"median_us"`
	MinimumUS float64 `json:"minimum_us"`
	// Allocations is the median number of Go heap allocations of a scan; -1 for the floor.
	Allocations float64 `json:"allocations"`
	// NotRun is the reason why there are no figures; empty where there are.
	NotRun string `json:"not_run,omitempty"`
}

// Measure measures one of our readers or of the libraries in this very process.
func Measure(name string, budget time.Duration) (Measurement, error) {
	m := Measurement{Reader: name}
	before := processorTime()
	scan, err := open(name)
	m.OpenMS = (processorTime() - before).Seconds() * 1e3
	if errors.Is(err, errUnavailable) {
		m.NotRun = err.Error()
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("cannot open the reader %s: %w", name, err)
	}
	for range warmScans {
		if m.Processes, err = scan(); err != nil {
			return m, fmt.Errorf("cannot scan with %s: %w", name, err)
		}
	}
	costs := make([]float64, 0, maxScans)
	runtime.GC()
	for begin := processorTime(); len(costs) < maxScans && (len(costs) < minScans || processorTime()-begin < budget); {
		t := processorTime()
		if m.Processes, err = scan(); err != nil {
			return m, fmt.Errorf("cannot scan with %s: %w", name, err)
		}
		costs = append(costs, float64((processorTime()-t).Nanoseconds())/1e3/float64(m.Processes))
	}
	m.Scans = len(costs)
	m.MedianUS, m.MinimumUS = figure.Median(costs), slices.Min(costs)
	if m.Allocations, err = allocations(scan); err != nil {
		return m, fmt.Errorf("cannot scan with %s: %w", name, err)
	}
	return m, nil
}

// allocations counts the heap allocations of a scan. It does so after the cost was
// measured, as reading the counters stops the world, and takes the median of single
// scans, as the runtime makes a few of its own now and then (a thread it starts).
func allocations(scan reader) (float64, error) {
	var counts []float64
	var before, after runtime.MemStats
	for range 3 {
		runtime.ReadMemStats(&before)
		if _, err := scan(); err != nil {
			return 0, err
		}
		runtime.ReadMemStats(&after)
		counts = append(counts, float64(after.Mallocs-before.Mallocs))
	}
	return figure.Median(counts), nil
}

// processorTime is the time of all threads of this process in user and system mode.
func processorTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic("BUG: CLOCK_PROCESS_CPUTIME_ID is missing: " + err.Error())
	}
	return time.Duration(t.Nano())
}

// parseFloor reads the line floor.c prints.
func parseFloor(line string) (Measurement, error) {
	m := Measurement{Reader: Floor, Allocations: -1}
	if _, err := fmt.Sscanf(line, "processes=%d scans=%d median_us=%f minimum_us=%f\n", &m.Processes, &m.Scans, &m.MedianUS, &m.MinimumUS); err != nil {
		return m, fmt.Errorf("cannot understand what the floor printed (%q): %w", line, err)
	}
	const second = 1e6 // nobody needs that for one process; NaN and infinity fail here, too
	if m.Processes <= 0 || m.Scans < minScans || !(0 < m.MinimumUS && m.MinimumUS <= m.MedianUS && m.MedianUS < second) {
		return m, fmt.Errorf("the floor printed impossible figures: %q", line)
	}
	return m, nil
}
