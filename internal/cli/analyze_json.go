package cli

import (
	"math"

	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

// figureWire is a figure for JSON: null where it is unknown or has no bound.
func figureWire(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func (n *analysis) wire() wire.Analysis {
	out := wire.Analysis{Threshold: typedThreshold(n.threshold), Series: make([]wire.AnalysedSeries, 0, len(n.judged)), Errors: make([]wire.AnalysisError, 0, len(n.failed))}
	for i := range n.judged {
		out.Series = append(out.Series, n.judged[i].wire())
	}
	for _, f := range n.failed {
		out.Errors = append(out.Errors, wire.AnalysisError{File: f.file, Text: f.err.Error(), Hint: hintOf(f.err)})
	}
	return out
}

func (j *judged) wire() wire.AnalysedSeries {
	v := &j.verdict
	out := wire.AnalysedSeries{
		File: j.file, Series: j.series.Name, Metric: j.series.Metric, Unit: j.series.Unit, State: v.State.String(), Shape: v.Shape.String(),
		Sentence: v.Sentence(j.amount), Caveats: v.Caveats, Samples: v.Samples, Restarts: v.Restarts,
		AtSeconds: figureWire(v.At), Value: figureWire(v.Value), Level: figureWire(v.Level), Growth: figureWire(v.Growth),
		RatePerHour: figureWire(v.Rate.Value), RateLow: figureWire(v.Rate.Low), RateHigh: figureWire(v.Rate.High), SmallestPerHour: figureWire(v.Smallest),
		PerWork: figureWire(v.PerWork.Value), PerWorkLow: figureWire(v.PerWork.Low), PerWorkHigh: figureWire(v.PerWork.High),
		OnsetSeconds: figureWire(v.Onset.Value), OnsetLowSeconds: figureWire(v.Onset.Low), OnsetHighSeconds: figureWire(v.Onset.High),
		HorizonSeconds: figureWire(v.Horizon), Score: figureWire(v.Score), Probability: figureWire(v.Probability()), Forecast: outlook(&v.Forecast),
		Evidence: make([]wire.Term, 0, len(v.Evidence)),
	}
	if out.Caveats == nil {
		out.Caveats = []string{}
	}
	if j.limit > 0 {
		out.Limit = &j.limit
	}
	for _, e := range v.Evidence {
		out.Evidence = append(out.Evidence, wire.Term{Name: e.Name, Value: figureWire(e.Value), Weight: figureWire(e.Weight)})
	}
	return out
}

// outlook is a forecast for JSON, null where there is none.
func outlook(f *leak.Forecast) *wire.Outlook {
	switch f.Outlook {
	case leak.Reaches:
		return &wire.Outlook{Outlook: "reaches", InSeconds: figureWire(f.In.Value), InLowSeconds: figureWire(f.In.Low), InHighSeconds: figureWire(f.In.High)}
	case leak.Settles:
		return &wire.Outlook{Outlook: "settles", Near: figureWire(f.Near.Value), NearLow: figureWire(f.Near.Low), NearHigh: figureWire(f.Near.High)}
	}
	return nil
}

// wire is the line of a change.
func (c *seriesChange) wire(path string) wire.StateChange {
	v := &c.Verdict
	return wire.StateChange{
		File: shownPath(path), Series: c.series.Name, Metric: c.series.Metric, TimeS: c.T, State: c.State.String(),
		RatePerHour: figureWire(v.Rate.Value), RateLow: figureWire(v.Rate.Low), RateHigh: figureWire(v.Rate.High),
		OnsetS: figureWire(v.Onset.Value), Score: figureWire(v.Score),
	}
}
