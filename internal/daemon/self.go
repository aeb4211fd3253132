package daemon

import (
	"cmp"
	"math"
	"os"
	"runtime"
	"time"

	"github.com/zol0/zol0/internal/budget"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/wire"
)

// Self is the daemon's report on itself.
func (d *Daemon) Self() wire.Self {
	own := d.ownMemory()
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	d.present.Lock()
	defer d.present.Unlock()
	now := d.clock.Now()
	c := d.config
	out := wire.Self{
		Time: now.UTC().Truncate(time.Millisecond), Version: d.options.Version, PID: int32(cmp.Or(d.options.PID, os.Getpid())), StartTime: d.began.UTC().Truncate(time.Millisecond),
		UptimeSeconds: math.Round(now.Sub(d.began).Seconds()), StorePath: d.store.Path(), ConfigPath: d.options.ConfigPath, ConfigTime: truncated(d.reloaded.at),
		Memory: wire.SelfMemory{
			MemoryState: own, BudgetBytes: d.budget.Bytes(), LimitBytes: uint64(max(0, budget.MemoryLimit(d.budget.Bytes()))),
			Step: int(d.budget.Step()), StepName: d.budget.Step().String(), Changes: d.budget.Changes(), Collections: uint64(heap.NumGC),
		},
		Goroutines: runtime.NumGoroutine(), Steps: d.costs.wire(), Verdicts: []wire.Verdict{},
		Beat: wire.SelfBeat{Number: d.beats.number, IntervalSeconds: c.Daemon.Interval.Seconds(), Late: d.beats.late},
	}
	if d.reloaded.err != nil {
		out.ConfigError = d.reloaded.err.Error()
	}
	if d.options.Listener != nil {
		out.Listen = d.options.Listener.Addr().String()
	}
	if d.reader != nil {
		out.Reader = d.reader.Source()
	}
	if h := d.budget.History(); len(h) > 0 {
		out.Memory.StepTime = truncated(h[len(h)-1].At)
	}
	if d.beats.number > 0 {
		out.Beat.Time = truncated(d.beats.last.wall)
		last, median, longest := d.beats.lastly.Seconds(), d.beats.took.median().Seconds(), d.beats.took.longest.Seconds()
		out.Beat.LastSeconds, out.Beat.MedianSeconds, out.Beat.LongestSeconds = &last, &median, &longest
		out.Host = d.snapshot.Host.Name
	}
	if x := d.own(); x != nil {
		out.Memory.PeakRSSBytes, out.Threads, out.FDs = figure(x, memory.PeakRSS), figure(x, memory.Threads), figure(x, memory.FDs)
		if cpu := figure(x, memory.CPUTime); cpu != nil {
			out.CPUSeconds = pointer(float64(*cpu) / 1e9)
		}
		if out.CPUPercent = pointer(x.CPU); out.CPUPercent != nil {
			*out.CPUPercent = math.Round(*out.CPUPercent*100) / 100
		}
		if judged, ok := d.tally.Instance(x.ID()); ok {
			for i := range judged.Verdicts {
				out.Verdicts = append(out.Verdicts, judged.Verdicts[i].Wire(d.tally.Wall))
			}
		}
	}
	out.Detectors = d.detectors()
	out.Engine = d.engineState()
	return out
}

// detectorBytes is what one detector holds (package leak: under 12 KB; measured).
const detectorBytes = 10_120

// detectors counts the judges at work.
func (d *Daemon) detectors() wire.Detectors {
	held, others := d.tally.Detectors()
	return wire.Detectors{Memory: held, Counts: others, Bytes: uint64(held+others) * detectorBytes}
}
