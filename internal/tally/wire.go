package tally

import (
	"math"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

// Wire is the verdict as JSON. at translates its times, as Tally.Wall does.
func (j *Judgement) Wire(at func(seconds float64) time.Time) wire.Verdict {
	out := wire.Verdict{Metric: j.Metric.String(), State: j.State.String(), Shape: j.Shape.String(), Sentence: j.Words(), Caveats: j.Caveats, Restarts: j.Restarts}
	if out.Caveats == nil {
		out.Caveats = []string{}
	}
	if j.State == leak.Learning {
		return out
	}
	out.Score, out.Probability = finite(j.Score, 2), finite(j.Verdict.Probability(), 3)
	out.RatePerHour, out.RateLow, out.RateHigh = finite(j.Rate.Value, 3), finite(j.Rate.Low, 3), finite(j.Rate.High, 3)
	out.PerWork, out.PerWorkLow, out.PerWorkHigh = finite(j.PerWork.Value, 3), finite(j.PerWork.Low, 3), finite(j.PerWork.High, 3)
	out.SmallestPerHour, out.Growth, out.HorizonSeconds = finite(j.Smallest, 3), finite(j.Growth, 3), finite(j.Horizon, 2)
	if onset := finite(j.Onset.Value, 3); onset != nil {
		began := at(*onset).UTC().Truncate(time.Millisecond)
		out.Onset = &began
	}
	out.Forecast = OutlookWire(&j.Forecast)
	return out
}

// OutlookWire is a forecast as JSON; nil where nothing is foreseen.
func OutlookWire(f *leak.Forecast) *wire.Outlook {
	switch f.Outlook {
	case leak.Reaches:
		return &wire.Outlook{Outlook: "reaches", InSeconds: finite(f.In.Value, 0), InLowSeconds: finite(f.In.Low, 0), InHighSeconds: finite(f.In.High, 0)}
	case leak.Settles:
		return &wire.Outlook{Outlook: "settles", Near: finite(f.Near.Value, 3), NearLow: finite(f.Near.Low, 3), NearHigh: finite(f.Near.High, 3)}
	}
	return nil
}

// RateWire is a rate of memory in whole bytes; nil where there is none.
func RateWire(i leak.Interval) *wire.Rate {
	value, low, high := finite(i.Value, 0), finite(i.Low, 0), finite(i.High, 0)
	if value == nil || low == nil || high == nil {
		return nil
	}
	return &wire.Rate{BytesPerHour: *value, LowBytesPerHour: *low, HighBytesPerHour: *high}
}

// finite is v to so many decimals; nil for what is no number, which JSON does not know.
func finite(v float64, decimals int) *float64 {
	if math.IsNaN(v - v) {
		return nil
	}
	unit := math.Pow10(decimals)
	v = math.Round(v*unit) / unit
	return &v
}

// Detectors counts the detectors at work and those that wait for a successor: on memory,
// and on what is counted.
func (t *Tally) Detectors() (ofMemory, ofCounts int) {
	add := func(j *judges) {
		for k, d := range j.detectors {
			switch {
			case d == nil:
			case Judged[k] == memory.Private || Judged[k] == memory.Shmem:
				ofMemory++
			default:
				ofCounts++
			}
		}
	}
	for _, l := range t.holders {
		add(l.judges)
	}
	for _, w := range t.waiting {
		if w.judges != nil {
			add(w.judges)
		}
	}
	return ofMemory, ofCounts
}
