package detect

import (
	"math"

	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/leak"
)

// Change is a change of a detector's mind about a series.
type Change struct {
	T       float64 // newest time of the points known, in seconds of the series
	State   leak.State
	Verdict leak.Verdict // at that time
}

// Replay feeds a series to a detector point by point and calls each, which may be nil, at
// every change of the state, in order of time. Every series begins as learning, and so
// does it after a restart. The detector, a new one, knows the whole series afterwards.
func Replay(s trace.Series, d *leak.Detector, each func(Change)) {
	state := d.State()
	restarts := s.Restarts
	newest := math.Inf(-1)
	for i, p := range s.Points {
		if len(restarts) > 0 && restarts[0] == i {
			restarts = restarts[1:]
			d.Restart(p.T)
		}
		newest = max(newest, p.T) // a life that begins in the past was not known then
		d.ObserveSample(Sample(p))
		if now := d.State(); now != state {
			state = now
			if each != nil {
				each(Change{T: newest, State: now, Verdict: d.Verdict()})
			}
		}
	}
}

// Sample is a point as a detector takes it.
func Sample(p trace.Point) leak.Sample {
	return leak.Sample{T: p.T, Value: p.Value, Work: p.Work, Faults: p.Faults, Beside: p.Beside}
}
