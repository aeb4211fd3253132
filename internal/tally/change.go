package tally

import (
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/leak"
)

// Cause is why a state changed.
type Cause uint8

// The causes.
const (
	// DetectorJudged: the detector changed its mind.
	DetectorJudged Cause = iota
	// ProcessEnded: what was filling, suspect or leaking is no more.
	ProcessEnded
	// DetectorsDropped: others were larger or grew faster, or SetMaxJudged left no room.
	DetectorsDropped
)

var causeWords = [...]string{"judged", "it ended, or is not watched any more", "detectors dropped"}

// String is the cause in words.
func (c Cause) String() string {
	if int(c) < len(causeWords) {
		return causeWords[c]
	}
	return "unknown"
}

// StateChange says that the state of one series is another than it was at the Observe
// before.
type StateChange struct {
	Service string
	ID      process.ID
	Name    string // of the process
	Metric  memory.Metric
	// To is Learning where Cause is not DetectorJudged.
	From, To leak.State
	Cause    Cause
	// Verdict is that of the change; the last one where Cause is not DetectorJudged. Its
	// evidence is left out. Its times are in seconds of the watch, as in Judgement.
	Verdict leak.Verdict
}

// Changed are the changes of state that the last Observe found and those of SetMaxJudged
// before it; at most two for each detector. It is valid until the next Observe and not to
// be changed.
func (t *Tally) Changed() []StateChange { return t.changes[:t.told] }

// keptChanges is the room for changes that is kept where there are none: a beat has a few,
// a lowered bound hundreds.
const keptChanges = 16

// forgetChanges forgets those that were told.
func (t *Tally) forgetChanges() {
	n := copy(t.changes, t.changes[t.told:])
	if n == 0 && cap(t.changes) > keptChanges {
		t.changes, t.told = nil, 0
		return
	}
	clear(t.changes[n:]) // their verdicts hold words
	t.changes, t.told = t.changes[:n], 0
}

// weigh notes what changed for an instance, and how its service stands.
func (t *Tally) weigh(l *life) {
	j := l.judges
	s := &l.service.standing
	s.Judged++
	for k, d := range j.detectors {
		if d == nil {
			continue
		}
		state := d.State()
		if was := j.told[k]; state != was {
			j.told[k], j.cached = state, nil
			t.changes = append(t.changes, l.change(k, was, state, DetectorJudged))
		}
		if s.Judged == 1 && k == 0 || state > s.State || state == s.State && k < s.rank {
			s.State, s.Metric, s.ID, s.rank = state, Judged[k], l.id, k
		}
	}
}

// silence notes that an instance is no longer judged.
func (t *Tally) silence(l *life, why Cause) {
	j := l.judges
	for k := range j.detectors {
		if was := j.told[k]; was > leak.Steady {
			t.changes = append(t.changes, l.change(k, was, leak.Learning, why))
		}
		j.told[k] = leak.Learning
	}
}

func (l *life) change(k int, from, to leak.State, why Cause) StateChange {
	return StateChange{
		Service: l.service.Name, ID: l.id, Name: l.name, Metric: Judged[k], From: from, To: to, Cause: why,
		Verdict: l.judges.verdict(l.judges.detectors[k]),
	}
}

// Standing is how a service stands: the worst state of its living instances.
type Standing struct {
	State  leak.State
	Metric memory.Metric // that it is of
	ID     process.ID    // whose it is
	// Judged of Living instances are judged.
	Judged, Living int
	rank           int // of Metric in Judged
}

// Standing is how a service stood at the last Observe; ok is false for one that was not
// seen then. It costs no more than reading it.
func (t *Tally) Standing(service string) (s Standing, ok bool) {
	a := t.services[service]
	if a == nil || a.round != t.round {
		return Standing{}, false
	}
	s = a.standing
	s.Living = a.alive
	return s, true
}

// Instance is a living instance with its verdicts, which may be as old as a sixty-fourth
// of its life, half a minute to five minutes, but never of another state than that of now. They are not
// to be changed. ok is false for one that is not watched.
func (t *Tally) Instance(id process.ID) (x Instance, ok bool) {
	l := t.lives[id]
	if l == nil {
		return Instance{}, false
	}
	x = Instance{ID: l.id, Name: l.name, Service: l.service.Name, Start: l.first, End: l.last}
	if j := l.judges; j != nil {
		x.Verdicts, x.Samples, x.Span = j.lately(), j.samples, j.span()
	}
	return x, true
}
