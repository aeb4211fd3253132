package backtest

import (
	"cmp"
	"math"
	"slices"
)

// Result is the score of a detector on a set.
type Result struct {
	Mem     Figures // leaks of memory and shared memory, which a process's memory shows, and all ok traces
	All     Figures // leaks of descriptors and threads too
	Classes []Class // by label, then class
	Traces  []Outcome
}

// Figures are the score over many traces. Shares are between 0 and 1. NaN is a figure with
// nothing to rest on: no leak in the set, no time free of leaks, nothing detected.
type Figures struct {
	Leaks, OK int // traces judged
	// Ambiguous traces are in no other figure. AmbiguousAlarmed of them had an alarm.
	Ambiguous, AmbiguousAlarmed int

	TP int // leak traces with a detection
	FN int // leak traces without
	FP int // ok traces with an alarm, and leak traces with an alarm before the evidence

	Precision float64 // TP / (TP + FP); 0 when nothing was alarmed
	Recall    float64 // TP / leaks
	F1        float64 // their harmonic mean

	// FalseAlarms are the alarms on ok traces per 100 days of ok traces; every one counts.
	FalseAlarms float64
	OKDays      float64 // days of ok traces on which that rests
	// AlarmShare is the share of all time free of leaks spent in the state of alarm.
	AlarmShare float64

	EndFP     int     // ok traces that end in the state of alarm
	EndRecall float64 // share of leak traces that do

	// DetectHours is the median time from onset to detection over the detected leaks;
	// DetectHoursAll over all leaks, where a missed one took for ever (+Inf).
	DetectHours, DetectHoursAll float64
	// Leaked is the median of Outcome.Leaked over the detected leaks; LeakedAll over all, a
	// missed one being +Inf.
	Leaked, LeakedAll float64
	// SlopeError is the median of Outcome.SlopeError where it is known, Slopes how often.
	SlopeError float64
	Slopes     int
}

// Class is the score on the traces of one class.
type Class struct {
	Label, Class string
	Traces       int
	Detected     int // leak traces with a detection
	Alarmed      int // traces with a false alarm
	FalseAlarms  int
}

// Score compares what a detector said with the truth of every trace. Events are sorted by
// their time; a trace without events is one without an alarm; events of a trace that is not in
// the set have no truth to be compared with and do not count. Replay returns events
// that were checked.
func Score(set *Set, judged map[string][]Event) Result {
	out := Result{Traces: make([]Outcome, 0, len(set.Traces))}
	for _, trace := range set.Traces {
		out.Traces = append(out.Traces, set.outcome(trace, judged[trace.ID]))
	}
	out.Mem = figures(out.Traces, Memory, Shmem)
	out.All = figures(out.Traces, Memory, Shmem, FDs, Threads)
	out.Classes = classes(out.Traces)
	return out
}

// figures sums up the outcomes of leaks of the given resources and of all other traces.
func figures(outcomes []Outcome, resources ...string) Figures {
	var f Figures
	var freeDays, alarmDays float64
	var okAlarms, leakEnds int
	var hours, leaked, slopes []float64
	for _, o := range outcomes {
		alarmed := 0
		if o.FalseAlarms > 0 {
			alarmed = 1
		}
		switch {
		case o.Label == Ambiguous:
			f.Ambiguous++
			f.AmbiguousAlarmed += alarmed
			continue
		case o.Label == Leak && !slices.Contains(resources, o.Resource):
			continue
		case o.Label == OK:
			f.OK++
			f.OKDays += o.FreeDays
			okAlarms += o.FalseAlarms
			if o.EndsInAlarm {
				f.EndFP++
			}
		default:
			f.Leaks++
			if o.EndsInAlarm {
				leakEnds++
			}
			if o.Detected {
				f.TP++
				hours = append(hours, o.DetectHours)
				leaked = appendKnown(leaked, o.Leaked)
				slopes = appendKnown(slopes, o.SlopeError)
			}
		}
		f.FP += alarmed
		freeDays += o.FreeDays
		alarmDays += o.AlarmDays
	}
	f.FN = f.Leaks - f.TP
	f.Recall = share(float64(f.TP), float64(f.Leaks))
	f.Precision, f.F1 = math.NaN(), math.NaN()
	if f.Leaks > 0 {
		f.Precision, f.F1 = 0, 0
		if f.TP > 0 {
			f.Precision = share(float64(f.TP), float64(f.TP+f.FP))
			f.F1 = 2 * f.Precision * f.Recall / (f.Precision + f.Recall)
		}
	}
	f.FalseAlarms = 100 * share(float64(okAlarms), f.OKDays)
	f.AlarmShare = share(alarmDays, freeDays)
	f.EndRecall = share(float64(leakEnds), float64(f.Leaks))
	f.DetectHours, f.Leaked = median(hours), median(leaked)
	for range f.FN {
		hours, leaked = append(hours, math.Inf(1)), append(leaked, math.Inf(1))
	}
	f.DetectHoursAll, f.LeakedAll = median(hours), median(leaked)
	f.SlopeError, f.Slopes = median(slopes), len(slopes)
	return f
}

func classes(outcomes []Outcome) []Class {
	type key struct{ label, class string }
	byKey := make(map[key]*Class)
	for _, o := range outcomes {
		k := key{o.Label, o.Class}
		c := byKey[k]
		if c == nil {
			c = &Class{Label: o.Label, Class: o.Class}
			byKey[k] = c
		}
		c.Traces++
		c.FalseAlarms += o.FalseAlarms
		if o.FalseAlarms > 0 {
			c.Alarmed++
		}
		if o.Detected {
			c.Detected++
		}
	}
	out := make([]Class, 0, len(byKey))
	for _, c := range byKey {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Class) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Class, b.Class))
	})
	return out
}

func appendKnown(to []float64, v float64) []float64 {
	if math.IsNaN(v) {
		return to
	}
	return append(to, v)
}

// share is part of whole, NaN of nothing.
func share(part, whole float64) float64 {
	if whole == 0 {
		return math.NaN()
	}
	return part / whole
}

// median is the middle value, the mean of the two middle ones, or NaN of nothing. It sorts
// the values.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	if n%2 == 1 {
		return values[n/2]
	}
	return (values[n/2-1] + values[n/2]) / 2
}
