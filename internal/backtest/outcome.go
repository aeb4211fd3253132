package backtest

import (
	"cmp"
	"math"
	"slices"
)

// Outcome is what a detector made of one trace. What happened is compared with what was
// said in these words:
//
//   - An alarm is a change from no leak to leak. One that is taken back counts as well.
//   - On a leak trace, the time before Labelled.Evidence is free of leaks; so is an ok or
//     ambiguous trace as a whole.
//   - A detection is the first alarm at or after the evidence. An alarm that was raised
//     before and still stands then is none: it did not rest on the leak.
//   - A false alarm is every alarm in free time.
type Outcome struct {
	ID, Program, Label, Class, Resource string

	Detected    bool    // of a leak trace
	DetectHours float64 // from the onset to the detection, in hours of the trace; NaN if not detected
	// Leaked is what had been leaked at the detection, by the program's own log, as a
	// share of Labelled.Baseline; NaN if not detected, without a log or without a baseline.
	Leaked float64
	// SlopeError is |claimed − true| / true of the rate at the detection. True is the rate
	// by the program's own log since the onset, at least the last 10 minutes and at most the
	// last 6 hours. NaN where nothing was claimed or logged, or nothing leaked meanwhile.
	SlopeError float64

	FalseAlarms int
	FreeDays    float64 // time free of leaks, in days of the trace
	AlarmDays   float64 // of these in the state of alarm
	EndsInAlarm bool    // the verdict with which the trace ends
}

const (
	hour = 3600.0
	day  = 24 * hour

	// The stretch over which a claimed rate is compared with the true one.
	shortestTruth = 600.0
	longestTruth  = 6 * hour

	// freshStart is how near to the first sample, in seconds, an onset counts as "leaking
	// when the recording began": what was leaked before is then not part of its share.
	freshStart = 1.0
)

// outcome compares the events of one trace with the truth.
func (s *Set) outcome(trace Labelled, events []Event) Outcome {
	first, last := s.span(trace.ID)
	out := Outcome{
		ID: trace.ID, Program: trace.Program, Label: trace.Label, Class: trace.Class, Resource: trace.Resource,
		DetectHours: math.NaN(), Leaked: math.NaN(), SlopeError: math.NaN(),
	}
	evidence := math.Inf(1)
	if trace.Label == Leak {
		evidence = trace.Evidence
	}
	free := min(evidence, last) // until then
	out.FreeDays = max(0, free-first) / day
	inOrder := slices.Clone(events)
	slices.SortStableFunc(inOrder, func(a, b Event) int { return cmp.Compare(a.T, b.T) })
	since := 0.0 // begin of the alarm that stands
	for _, e := range inOrder {
		switch {
		case e.Alarm && !out.EndsInAlarm:
			since = e.T
			if e.T < evidence {
				out.FalseAlarms++
			} else if !out.Detected {
				out.Detected = true
				s.measureDetection(&out, trace, first, e)
			}
		case !e.Alarm && out.EndsInAlarm:
			out.AlarmDays += max(0, min(e.T, free)-min(since, free)) / day
		}
		out.EndsInAlarm = e.Alarm
	}
	if out.EndsInAlarm {
		out.AlarmDays += max(0, free-min(since, free)) / day
	}
	return out
}

// measureDetection says how late the detection e was and how well it named the rate.
func (s *Set) measureDetection(out *Outcome, trace Labelled, first float64, e Event) {
	out.DetectHours = (e.T - trace.Onset) / hour
	log := s.recordings[trace.ID].log
	if len(log) == 0 {
		return
	}
	leaked := log.leaked(e.T)
	if trace.Baseline > 0 {
		before := 0.0
		if math.Abs(trace.Onset-first) < freshStart {
			before = log.leaked(trace.Onset)
		}
		out.Leaked = max(0, leaked-before) / trace.Baseline
	}
	stretch := max(shortestTruth, min(longestTruth, e.T-trace.Onset))
	if rate := (leaked - log.leaked(e.T-stretch)) / stretch; rate > 0 {
		out.SlopeError = math.Abs(e.Rate-rate) / rate // NaN when no rate was claimed
	}
}
