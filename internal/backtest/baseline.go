package backtest

import (
	"math"

	"github.com/zol0/zol0/internal/units"
)

// Baselines are the rules in common use, in their usual form, tuned to no set of traces. All
// judge RSS, as they do in use.
func Baselines() []Detector {
	return []Detector{
		// The rule of the system that this product began as: the mean of the last three
		// samples against that of the first three, of the living process.
		baseline{name: "first and last three, live", rule: func(float64) rule { return &firstAndLast{} }},
		baseline{name: "first and last three, at the end", atEnd: true, rule: func(float64) rule { return &firstAndLast{} }},
		baseline{name: "least squares 6 h, R² > 0.8", every: 300, rule: func(float64) rule { return &lineFit{window: window{length: 6 * hour, shortest: 2 * hour}} }},
		// Prometheus: predict_linear(rss[1h], 4*3600) > limit, and with a longer window. The
		// function knows no processes: a restart is a fall like any other.
		baseline{name: "predict_linear 1 h → 4 h", every: 300, acrossRestarts: true, rule: func(limit float64) rule {
			return &prediction{window: window{length: hour, shortest: 3000}, ahead: 4 * hour, limit: limit}
		}},
		baseline{name: "predict_linear 4 h → 4 h", every: 300, acrossRestarts: true, rule: func(limit float64) rule {
			return &prediction{window: window{length: 4 * hour, shortest: 2 * hour}, ahead: 4 * hour, limit: limit}
		}},
		baseline{name: "Coroot's, 1 h", every: 60, acrossRestarts: true, rule: func(limit float64) rule { return newCoroot(limit) }},
		baseline{name: "Mann–Kendall and Sen, 6 h", every: 600, rule: func(float64) rule { return &mannKendall{window: window{length: 6 * hour, shortest: 2 * hour}} }},
		baseline{name: "RSS > 500 MB", acrossRestarts: true, rule: func(float64) rule { return &threshold{bytes: float64(500 * units.MB)} }},
	}
}

// rule is what a baseline remembers of one trace.
type rule interface {
	// forget starts again: another process.
	forget()
	// add takes the next sample, RSS in bytes.
	add(t, rss float64)
	// verdict says at t, the time of the newest sample, whether there is a leak, and its
	// rate in bytes per second or NaN.
	verdict(t float64) (alarm bool, rate float64)
}

// baseline drives a rule through a trace.
type baseline struct {
	name           string
	every          float64 // seconds between verdicts; 0 is at every sample
	atEnd          bool    // one verdict, at the last sample
	acrossRestarts bool    // the rule does not know of restarts
	rule           func(limit float64) rule
}

// Name is the rule's.
func (b baseline) Name() string { return b.name }

// Judge replays the RSS of the trace.
func (b baseline) Judge(trace Labelled, set *Set) ([]Event, error) {
	samples := set.Samples(trace.ID)
	r := b.rule(trace.Limit)
	var events []Event
	var alarm, announced bool
	rate := math.NaN()
	due := math.Inf(-1)
	for i, s := range samples {
		if i > 0 && s.PID != samples[i-1].PID && !b.acrossRestarts {
			r.forget()
			alarm, rate = false, math.NaN()
		}
		if !math.IsNaN(s.RSS) {
			r.add(s.T, s.RSS)
			switch {
			case b.atEnd:
			case s.T >= due:
				due = s.T + b.every
				alarm, rate = r.verdict(s.T)
			}
		}
		if b.atEnd && i == len(samples)-1 {
			alarm, rate = r.verdict(s.T)
		}
		if alarm != announced {
			events = append(events, Event{T: s.T, Alarm: alarm, Rate: rate})
			announced = alarm
		}
	}
	return events, nil
}

// firstAndLast compares the mean of the last three samples with that of the first three.
type firstAndLast struct {
	first, last [3]float64
	n           int // samples so far
}

func (f *firstAndLast) forget() { *f = firstAndLast{} }

func (f *firstAndLast) add(_, rss float64) {
	if f.n < len(f.first) {
		f.first[f.n] = rss
	}
	f.last[f.n%len(f.last)] = rss
	f.n++
}

func (f *firstAndLast) verdict(float64) (alarm bool, rate float64) {
	alarm = f.n >= 3 && f.last[0]+f.last[1]+f.last[2] > 1.10*(f.first[0]+f.first[1]+f.first[2])
	return alarm, math.NaN()
}

// threshold knows one figure.
type threshold struct{ bytes, rss float64 }

func (h *threshold) forget()          {}
func (h *threshold) add(_, r float64) { h.rss = r }

func (h *threshold) verdict(float64) (alarm bool, rate float64) { return h.rss > h.bytes, math.NaN() }
