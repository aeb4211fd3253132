package backtest

import (
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
)

// readSamples reads time, process and RSS from a trace of at most the given samples.
func readSamples(root *os.Root, path string, most int) ([]Sample, error) {
	var samples []Sample
	err := readTable(root, path, []string{"t_s", "pid", "rss_kb"}, func(cells [][]byte) error {
		if len(samples) == most {
			return &Error{Err: fmt.Errorf("the traces of the folder have more than %d samples together", maxSamples), Hint: "split the folder, or record less often"}
		}
		t, err := figure("t_s", cells[0], -maxSeconds, maxSeconds)
		if err != nil {
			return err
		}
		if n := len(samples); n > 0 && t < samples[n-1].T {
			return &Error{Field: "t_s", Err: fmt.Errorf("%g s comes after %g s", t, samples[n-1].T), Hint: "sort the rows by time"}
		}
		pid, err := strconv.ParseInt(string(cells[1]), 10, 64)
		if err != nil {
			return &Error{Field: "pid", Err: fmt.Errorf("%s is no process number", quoted(cells[1])), Hint: "give the number of the process that the row is about"}
		}
		rss := math.NaN()
		if len(cells[2]) > 0 { // an empty cell was not measured
			if rss, err = figure("rss_kb", cells[2], 0, maxKilobytes); err != nil {
				return err
			}
		}
		samples = append(samples, Sample{T: t, PID: pid, RSS: rss * 1024})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if n := len(samples); n < 2 || samples[0].T == samples[n-1].T {
		return nil, &Error{Err: fmt.Errorf("%d samples, which span no time", n), Hint: "record for longer, or take the trace out of the manifest"}
	}
	return samples, nil
}

// entryOfLog is what the living process had leaked at one instant, by its own count.
type entryOfLog struct {
	t     float64 // seconds of the trace
	bytes float64 // leaked since the process was started
}

// truthLog is a program's own account of its leak, in order of time.
type truthLog []entryOfLog

// readTruth reads a program's log: the rows "leak" and "life" (a restart, after which the
// count begins at 0 again). Rows of other keys are about other things.
func readTruth(root *os.Root, path string, most int) (truthLog, error) {
	var log truthLog
	err := readTable(root, path, []string{"t_s", "key", "value"}, func(cells [][]byte) error {
		key := string(cells[1])
		if key != "leak" && key != "life" {
			return nil
		}
		if len(log) == most {
			return &Error{Err: fmt.Errorf("the logs of the folder have more than %d entries together", maxSamples), Hint: "split the folder, or log less often"}
		}
		var e entryOfLog
		var err error
		if e.t, err = figure("t_s", cells[0], -maxSeconds, maxSeconds); err != nil {
			return err
		}
		if n := len(log); n > 0 && e.t < log[n-1].t {
			return &Error{Field: "t_s", Err: fmt.Errorf("%g s comes after %g s", e.t, log[n-1].t), Hint: "sort the rows by time"}
		}
		if key == "leak" {
			if e.bytes, err = figure("value", cells[2], 0, maxKilobytes*1024); err != nil {
				return err
			}
		}
		log = append(log, e)
		return nil
	})
	return log, err
}

// longestLine is the gap, in seconds of the trace, over which the log is read as a straight
// line. Programs log twice a minute; over longer gaps nobody knows when it leaked.
const longestLine = 900

// leaked is how many bytes the process that lives at t has leaked so far. Between two
// entries of one process it is on the straight line; before the first it is 0.
func (log truthLog) leaked(t float64) float64 {
	next := sort.Search(len(log), func(i int) bool { return log[i].t > t })
	if next == 0 {
		return 0
	}
	a := log[next-1]
	if next == len(log) {
		return a.bytes
	}
	b := log[next]
	if gap := b.t - a.t; b.bytes >= a.bytes && gap < longestLine {
		return a.bytes + (b.bytes-a.bytes)*(t-a.t)/gap
	}
	return a.bytes
}
