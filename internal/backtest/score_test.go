package backtest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// tenHours is a set of one trace from 0 to 10 h with a sample a minute.
func tenHours(trace Labelled, log truthLog) *Set {
	var samples []Sample
	for t := 0.0; t <= 10*hour; t += 60 {
		samples = append(samples, Sample{T: t, PID: 1, RSS: 50e6})
	}
	trace.ID = "x"
	return &Set{Traces: []Labelled{trace}, recordings: map[string]recording{"x": {samples, log}}}
}

func leakFrom(onset, evidence float64) Labelled {
	return Labelled{Label: Leak, Class: "linear", Resource: Memory, Onset: onset, Evidence: evidence}
}

func okTrace() Labelled {
	return Labelled{Label: OK, Class: "idle", Resource: Memory, Onset: none, Evidence: none}
}

func alarmAt(t float64) Event { return Event{T: t, Alarm: true, Rate: none} }
func clearAt(t float64) Event { return Event{T: t, Rate: none} }

func TestOutcomes(t *testing.T) {
	leak := leakFrom(4*hour, 5*hour)
	for _, c := range []struct {
		story  string
		trace  Labelled
		events []Event
		want   Outcome
	}{
		{"nothing said about a leak", leak, nil, Outcome{DetectHours: none, FreeDays: 5. / 24}},
		{"an alarm after the evidence", leak, []Event{alarmAt(6 * hour)},
			Outcome{Detected: true, DetectHours: 2, FreeDays: 5. / 24, EndsInAlarm: true}},
		{"an alarm at the evidence", leak, []Event{alarmAt(5 * hour)},
			Outcome{Detected: true, DetectHours: 1, FreeDays: 5. / 24, EndsInAlarm: true}},
		{"taken back, it is a detection still", leak, []Event{alarmAt(6 * hour), clearAt(7 * hour)},
			Outcome{Detected: true, DetectHours: 2, FreeDays: 5. / 24}},
		{"the first of two detections counts", leak, []Event{alarmAt(6 * hour), clearAt(7 * hour), alarmAt(8 * hour)},
			Outcome{Detected: true, DetectHours: 2, FreeDays: 5. / 24, EndsInAlarm: true}},
		{"an early alarm that stands is no detection", leak, []Event{alarmAt(4.5 * hour)},
			Outcome{DetectHours: none, FreeDays: 5. / 24, FalseAlarms: 1, AlarmDays: 0.5 / 24, EndsInAlarm: true}},
		{"an early alarm, then a right one", leak, []Event{alarmAt(hour), clearAt(2 * hour), alarmAt(6 * hour)},
			Outcome{Detected: true, DetectHours: 2, FreeDays: 5. / 24, FalseAlarms: 1, AlarmDays: 1. / 24, EndsInAlarm: true}},
		{"an early alarm cleared after the evidence", leak, []Event{alarmAt(4 * hour), clearAt(8 * hour)},
			Outcome{DetectHours: none, FreeDays: 5. / 24, FalseAlarms: 1, AlarmDays: 1. / 24}},
		{"every alarm on an ok trace counts", okTrace(), []Event{alarmAt(hour), clearAt(2 * hour), alarmAt(9 * hour)},
			Outcome{DetectHours: none, FreeDays: 10. / 24, FalseAlarms: 2, AlarmDays: 2. / 24, EndsInAlarm: true}},
		{"saying it twice is one alarm", okTrace(), []Event{alarmAt(hour), alarmAt(2 * hour), clearAt(3 * hour), clearAt(4 * hour)},
			Outcome{DetectHours: none, FreeDays: 10. / 24, FalseAlarms: 1, AlarmDays: 2. / 24}},
		{"events are sorted", okTrace(), []Event{clearAt(3 * hour), alarmAt(hour)},
			Outcome{DetectHours: none, FreeDays: 10. / 24, FalseAlarms: 1, AlarmDays: 2. / 24}},
		{"evidence after the end", leakFrom(hour, 20*hour), []Event{alarmAt(9 * hour)},
			Outcome{DetectHours: none, FreeDays: 10. / 24, FalseAlarms: 1, AlarmDays: 1. / 24, EndsInAlarm: true}},
		{"evidence before the begin", leakFrom(-hour, -hour), []Event{alarmAt(0)},
			Outcome{Detected: true, DetectHours: 1, EndsInAlarm: true}},
	} {
		t.Run(c.story, func(t *testing.T) {
			set := tenHours(c.trace, nil)
			got := Score(set, map[string][]Event{"x": c.events}).Traces[0]
			if got.Detected != c.want.Detected || got.FalseAlarms != c.want.FalseAlarms || got.EndsInAlarm != c.want.EndsInAlarm ||
				!near(got.DetectHours, c.want.DetectHours) || !near(got.FreeDays, c.want.FreeDays) || !near(got.AlarmDays, c.want.AlarmDays) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-9
}

func TestDetectionIsMeasuredAgainstTheLog(t *testing.T) {
	steady := truthLog{{0, 0}} // 1 kB/s from 4 h on
	for at := 4 * hour; at <= 10*hour; at += 600 {
		steady = append(steady, entryOfLog{at, (at - 4*hour) * 1000})
	}
	restarted := truthLog{{4 * hour, 0}, {6*hour - 300, 7e6}, {6 * hour, 0}, {10 * hour, 0}}
	trace := leakFrom(4*hour, 4*hour)
	trace.Baseline = 36e6
	for _, c := range []struct {
		story              string
		log                truthLog
		event              Event
		leaked, slopeError float64
	}{
		{"a rate half too high", steady, Event{5 * hour, true, 1500}, 0.1, 0.5},
		{"a rate half too low", steady, Event{9 * hour, true, 500}, 0.5, 0.5},
		{"no rate claimed", steady, alarmAt(5 * hour), 0.1, none},
		{"between entries", steady, Event{5*hour + 300, true, 1000}, 3.9e6 / 36e6, 0},
		{"the living process has leaked nothing", restarted, Event{7 * hour, true, 1000}, 0, none},
		{"no log", nil, Event{5 * hour, true, 1000}, none, none},
	} {
		got := Score(tenHours(trace, c.log), map[string][]Event{"x": {c.event}})
		if o := got.Traces[0]; !near(o.Leaked, c.leaked) || !near(o.SlopeError, c.slopeError) {
			t.Errorf("%s: leaked %g, slope error %g, want %g, %g", c.story, o.Leaked, o.SlopeError, c.leaked, c.slopeError)
		}
		if known := !math.IsNaN(c.slopeError); (got.Mem.Slopes == 1) != known || !near(got.Mem.SlopeError, c.slopeError) {
			t.Errorf("%s: %d slopes, error %g", c.story, got.Mem.Slopes, got.Mem.SlopeError)
		}
	}
}

func TestLogBetweenAndAroundItsEntries(t *testing.T) {
	log := truthLog{{100, 10}, {200, 20}, {1100, 40}, {1200, 0}, {1300, 5}}
	for _, c := range []struct{ t, want float64 }{
		{50, 0},    // before the first
		{100, 10},  // on one
		{150, 15},  // between two
		{700, 20},  // 15 minutes without an entry: nobody knows
		{1150, 40}, // between a count and a restart
		{1250, 2.5},
		{9000, 5}, // after the last
	} {
		if got := log.leaked(c.t); got != c.want {
			t.Errorf("leaked(%g) = %g, want %g", c.t, got, c.want)
		}
	}
}

func TestFiguresOfNothing(t *testing.T) {
	set := tenHours(okTrace(), nil)
	got := Score(set, map[string][]Event{"unknown": {alarmAt(1)}}).Mem
	if got.OK != 1 || got.FP != 0 || got.FalseAlarms != 0 || got.AlarmShare != 0 {
		t.Errorf("%+v", got)
	}
	for name, v := range map[string]float64{"precision": got.Precision, "recall": got.Recall, "F1": got.F1, "hours": got.DetectHours, "all hours": got.DetectHoursAll, "slope error": got.SlopeError} {
		if !math.IsNaN(v) {
			t.Errorf("%s of a set without a leak is %g", name, v)
		}
	}
}

func TestResourcesAndAmbiguousAreCountedApart(t *testing.T) {
	set := &Set{recordings: map[string]recording{}}
	add := func(id, label, resource string) {
		trace := okTrace()
		if label == Leak {
			trace = leakFrom(hour, hour)
		}
		one := tenHours(trace, nil)
		trace.ID, trace.Label, trace.Resource = id, label, resource
		set.Traces = append(set.Traces, trace)
		set.recordings[id] = one.recordings["x"]
	}
	add("memory", Leak, Memory)
	add("shmem", Leak, Shmem)
	add("fds", Leak, FDs)
	add("threads", Leak, Threads)
	add("ok", OK, Memory)
	add("filling", Ambiguous, Memory)
	judged := map[string][]Event{"memory": {alarmAt(2 * hour)}, "fds": {alarmAt(0), clearAt(60), alarmAt(2 * hour)}, "filling": {alarmAt(hour)}}
	got := Score(set, judged)
	if m := got.Mem; m.Leaks != 2 || m.TP != 1 || m.FN != 1 || m.FP != 0 || m.Precision != 1 || m.Recall != 0.5 || m.Ambiguous != 1 || m.AmbiguousAlarmed != 1 {
		t.Errorf("mem: %+v", m)
	}
	if a := got.All; a.Leaks != 4 || a.TP != 2 || a.FN != 2 || a.FP != 1 || a.OK != 1 || a.AmbiguousAlarmed != 1 || !near(a.Precision, 2./3) {
		t.Errorf("all: %+v", a)
	}
	if m := got.Mem; m.DetectHours != 1 || !math.IsInf(m.DetectHoursAll, 1) {
		t.Errorf("hours: %g, %g", m.DetectHours, m.DetectHoursAll)
	}
}

func TestReplayRefusesWhatCannotHaveBeenSaid(t *testing.T) {
	set := tenHours(leakFrom(4*hour, 5*hour), nil)
	for _, c := range []struct {
		events []Event
		want   string
	}{
		{[]Event{alarmAt(-1)}, "outside of the trace"},
		{[]Event{alarmAt(10*hour + 1)}, "outside of the trace"},
		{[]Event{alarmAt(none)}, "outside of the trace"},
		{[]Event{alarmAt(600), clearAt(300)}, "give events in order"},
	} {
		_, err := Replay(set, Func{"d", func(Labelled) ([]Event, error) { return c.events, nil }})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"x"`) {
			t.Errorf("%v: %v, want %q", c.events, err, c.want)
		}
	}
	broken := errors.New("broken")
	if _, err := Replay(set, Func{"d", func(Labelled) ([]Event, error) { return nil, broken }}); !errors.Is(err, broken) || !strings.Contains(err.Error(), `"d"`) {
		t.Errorf("the detector's error became %v", err)
	}
}

func TestReplayTellsNoTruth(t *testing.T) {
	trace := leakFrom(4*hour, 5*hour)
	trace.Program, trace.File, trace.Truth, trace.Limit, trace.Baseline = "p", "f", "t", 1e9, 1e6
	set := tenHours(trace, nil)
	judged, err := Replay(set, Func{"d", func(l Labelled) ([]Event, error) {
		if l.ID != "x" || l.File != "f" || l.Limit != 1e9 {
			t.Errorf("told %+v", l)
		}
		if l.Program != "" || l.Label != "" || l.Class != "" || l.Resource != "" || l.Truth != "" || l.Baseline != 0 || !math.IsNaN(l.Onset) || !math.IsNaN(l.Evidence) {
			t.Errorf("told the truth: %+v", l)
		}
		return []Event{alarmAt(10 * hour)}, nil
	}})
	if err != nil || !slices.ContainsFunc(judged["x"], func(e Event) bool { return e.Alarm }) {
		t.Errorf("%v, %v", judged, err)
	}
}
