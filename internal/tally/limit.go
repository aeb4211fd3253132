package tally

import (
	"math"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/leak"
)

// staleShare is how far a limit must move before a verdict that was given lately is made
// anew: less moves no forecast by more than its interval.
const staleShare = .05

// SetLimit tells the judge of an instance's private memory what its growth will hit first,
// in bytes of all that counts there (private memory and what is beside it); 0 is unknown.
// It is evidence too: somebody who sets a limit knows what a process needs. What nobody
// set, like the size of the machine, is for Foresee.
func (t *Tally) SetLimit(id process.ID, bytes float64) {
	l := t.lives[id]
	if l == nil || l.judges == nil || l.judges.detectors[0] == nil {
		return
	}
	j := l.judges
	j.detectors[0].SetLimit(bytes)
	if math.Abs(bytes-j.limit) > staleShare*j.limit {
		j.cached = nil
	}
	j.limit = bytes
}

// IsJudged reports whether an instance is judged now.
func (t *Tally) IsJudged(id process.ID) bool {
	l := t.lives[id]
	return l != nil && l.judges != nil
}

// Limit is what the judge of an instance's private memory was told; 0 is unknown.
func (t *Tally) Limit(id process.ID) float64 {
	l := t.lives[id]
	if l == nil || l.judges == nil {
		return 0
	}
	return l.judges.limit
}

// Foresee is when an instance's private memory would reach a limit that is no evidence, by
// the same reckoning as in a verdict, and the instant, in seconds of the watch, that it
// counts from. It takes a verdict. ok is false where the instance is not judged.
func (t *Tally) Foresee(id process.ID, bytes float64) (f leak.Forecast, at float64, ok bool) {
	l := t.lives[id]
	if l == nil || l.judges == nil || l.judges.detectors[0] == nil {
		return leak.Forecast{}, math.NaN(), false
	}
	j := l.judges
	j.detectors[0].SetLimit(bytes)
	v := j.verdict(j.detectors[0])
	j.detectors[0].SetLimit(j.limit)
	return v.Forecast, v.At, true
}

// Alarm is a series of a living instance that is suspect or leaking.
type Alarm struct {
	Service string
	ID      process.ID
	Name    string // of the process
	Metric  memory.Metric
	State   leak.State
}

// Alarms appends those of the last Observe to dst. It costs no more than reading them.
func (t *Tally) Alarms(dst []Alarm) []Alarm {
	for _, l := range t.holders {
		if t.lives[l.id] != l {
			continue
		}
		for k, state := range l.judges.told {
			if state >= leak.Suspect {
				dst = append(dst, Alarm{l.service.Name, l.id, l.name, Judged[k], state})
			}
		}
	}
	return dst
}

// Learning counts the living instances whose private memory is judged, and those of them of
// which too little was seen yet.
func (t *Tally) Learning() (judged, learning int) {
	for _, l := range t.holders {
		if t.lives[l.id] != l {
			continue
		}
		judged++
		if l.judges.told[0] == leak.Learning {
			learning++
		}
	}
	return judged, learning
}
