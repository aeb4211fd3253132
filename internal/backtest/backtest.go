// Package backtest measures leak detectors on recorded traces whose truth is known. It
// loads a folder of labelled traces, replays each through a detector, and scores what was
// said against what happened; the rules in common use stand beside as baselines.
//
// A folder holds manifest.json, the traces it lists, and for each leaking trace the
// program's own log of what it leaked (testdata/leakbench/dev/README.md describes the
// format). A detector sees one trace at a time, blinded: its id, its file and the limit
// that an operator would know.
//
//	set, err := backtest.Load("leakbench/dev")
//	...
//	judged, err := backtest.Replay(set, detector)
//	...
//	result := backtest.Score(set, judged)
//	fmt.Println(result.Mem.Precision, result.Mem.Recall)
//
// It measures only: it draws nothing, writes nothing and changes no detector.
package backtest

import (
	"fmt"
	"math"
)

// Event is a change of a detector's mind about one trace.
type Event struct {
	// T is the time of the newest sample that was known, in seconds of the trace.
	T float64
	// Alarm is true when a leak is claimed from now on, false when that is taken back.
	Alarm bool
	// Rate is the growth claimed, in bytes per second of the trace; NaN when the detector
	// names none, or claims a leak of something that is not memory.
	Rate float64
}

// Detector judges one trace. It must read the samples in order and never look ahead: an
// event at T may rest only on samples up to T.
type Detector interface {
	// Name is what tables call it.
	Name() string
	// Judge returns the events of one trace in order. Of the trace it is told only what
	// an operator would know (see Labelled.Blind).
	Judge(trace Labelled, set *Set) ([]Event, error)
}

// Func makes a Detector of a function.
type Func struct {
	// Label is the detector's name.
	Label string
	// Run judges one trace, as Detector.Judge does.
	Run func(Labelled) ([]Event, error)
}

// Name is the label.
func (f Func) Name() string { return f.Label }

// Judge calls Run.
func (f Func) Judge(trace Labelled, _ *Set) ([]Event, error) { return f.Run(trace) }

// Replay lets a detector judge every trace of the set, blinded, and returns its events by
// the trace's id, as Score wants them. It refuses events that are out of order or outside
// of the trace: they would be scored as something that the detector did not say.
func Replay(set *Set, d Detector) (map[string][]Event, error) {
	judged := make(map[string][]Event, len(set.Traces))
	for _, trace := range set.Traces {
		events, err := d.Judge(trace.Blind(), set)
		if err != nil {
			return nil, fmt.Errorf("cannot judge trace %q by %q: %w", trace.ID, d.Name(), err)
		}
		first, last := set.span(trace.ID)
		at := first
		for i, e := range events {
			switch {
			case math.IsNaN(e.T) || e.T < first || e.T > last:
				return nil, fmt.Errorf("detector %q, trace %q: event %d is at %g s, outside of the trace (%g to %g s): give events the time of the sample that caused them", d.Name(), trace.ID, i+1, e.T, first, last)
			case e.T < at:
				return nil, fmt.Errorf("detector %q, trace %q: event %d is at %g s, before the one at %g s: give events in order", d.Name(), trace.ID, i+1, e.T, at)
			}
			at = e.T
		}
		judged[trace.ID] = events
	}
	return judged, nil
}
