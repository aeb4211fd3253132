package daemon

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/leak"
)

// earliest is how long a series must have been watched before its state is news: every
// process that starts looks like a leak for a while.
const earliest = 15 * time.Minute

// series names one that is judged.
type series struct {
	id     process.ID
	metric memory.Metric
}

// said is what the journal knows of a series: the last state that it was told.
type said map[series]leak.State

// journal makes events of what the judges changed their minds about. A change that comes
// too early is kept back until it is old enough, or is none any more.
func (d *Daemon) journal() {
	if d.beats.number == 0 {
		d.goOn()
	}
	for _, c := range d.tally.Changed() {
		key := series{c.ID, c.Metric}
		if c.Cause != tally.DetectorJudged {
			if d.said[key] > leak.Steady {
				d.verdict(c, c.From, fmt.Sprintf("%s was %s: %s", tally.Thing(c.Metric), c.From, c.Cause))
			}
			delete(d.said, key)
			delete(d.early, key)
			continue
		}
		if c.Verdict.Horizon < earliest.Seconds() && c.To != leak.Leaking {
			d.early[key] = c.Service
			continue
		}
		delete(d.early, key)
		d.say(key, c)
	}
	if d.beats.last.elapsed-d.looked < lookEvery {
		return
	}
	d.looked = d.beats.last.elapsed
	// What is not known here and did not change before our eyes: a process that replaced one
	// that leaked, and goes on where that was.
	for k := range d.chosen {
		s, ok := d.tally.Standing(d.chosen[k].Name)
		if key := (series{s.ID, s.Metric}); ok && s.State > leak.Steady && d.said[key] == leak.Learning {
			d.early[key] = d.chosen[k].Name
		}
	}
	for key, service := range d.early {
		d.grown(key, service)
	}
}

// lookEvery is how often changes that came too early are looked at: it takes a verdict.
const lookEvery = time.Minute

// grown looks whether a change that came too early is old enough.
func (d *Daemon) grown(key series, service string) {
	x, ok := d.tally.Instance(key.id)
	if !ok {
		delete(d.early, key)
		return
	}
	for i := range x.Verdicts {
		if v := &x.Verdicts[i]; v.Metric == key.metric && v.Horizon >= earliest.Seconds() {
			delete(d.early, key)
			d.say(key, tally.StateChange{Service: service, ID: x.ID, Name: x.Name, Metric: key.metric, To: v.State, Verdict: v.Verdict})
		}
	}
}

// say tells the journal a state that it does not know. Steady is news only after
// something worse.
func (d *Daemon) say(key series, c tally.StateChange) {
	before := d.said[key]
	if c.To <= leak.Steady {
		delete(d.said, key)
	} else {
		d.said[key] = c.To
	}
	if c.To == before || c.To <= leak.Steady && before <= leak.Steady {
		return
	}
	j := tally.Judgement{Metric: c.Metric, Verdict: c.Verdict}
	d.verdict(c, before, j.Words())
}

func (d *Daemon) verdict(c tally.StateChange, before leak.State, words string) {
	j := tally.Judgement{Metric: c.Metric, Verdict: c.Verdict}
	d.event("verdict", c.Service, fmt.Sprintf("%s (%s, PID %d): %s", c.Service, c.Name, c.ID.PID, words), map[string]any{
		"service": c.Service, "pid": c.ID.PID, "start": c.ID.Start, "name": c.Name, "metric": c.Metric.String(),
		"from": before.String(), "to": c.To.String(), "cause": c.Cause.String(), "verdict": j.Wire(d.tally.Wall),
	})
}

// maxRecalled is how many events are looked through for what the journal was told before
// the daemon was started anew: months of verdicts on a machine that is not all leaks.
const maxRecalled = 1000

// recall takes up what the journal was told of series since the machine was started: else
// their next change would be told as if nothing had been said, and their end not at all.
func (d *Daemon) recall(boot time.Time) {
	known := make(map[series]bool)
	err := d.store.Events(0, maxRecalled, func(e store.Event) {
		var v struct {
			PID        int32
			Start      uint64
			Metric, To string
		}
		if e.Kind != "verdict" || e.At < boot.UnixMilli() || json.Unmarshal([]byte(e.Detail), &v) != nil {
			return // one that was too long has no detail
		}
		i := slices.IndexFunc(memory.Metrics[:], func(m memory.Description) bool { return m.Name == v.Metric })
		if i < 0 {
			return
		}
		key := series{process.ID{PID: v.PID, Start: v.Start}, memory.Metrics[i].Metric}
		if state := stateOf(v.To); !known[key] && state > leak.Steady {
			d.said[key] = state
		}
		known[key] = true // the newest comes first
	})
	d.fault("take up what the journal was told", err)
}

// goOn looks, at the first beat, which of what is judged has another state than the journal
// knows. It is told when it is old enough.
func (d *Daemon) goOn() {
	living := make(map[process.ID]bool)
	for k := range d.chosen {
		v := &d.chosen[k]
		for i := range v.Instances {
			x, ok := d.tally.Instance(v.Instances[i].ID())
			if !ok {
				continue
			}
			living[x.ID] = true
			for _, j := range x.Verdicts {
				if key := (series{x.ID, j.Metric}); j.State > leak.Steady || d.said[key] > leak.Steady {
					d.early[key] = v.Name
				}
			}
		}
	}
	for key := range d.said {
		if !living[key.id] {
			delete(d.said, key)
		}
	}
}
