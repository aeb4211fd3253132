package cli

import (
	"math"
	"time"

	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

// wire is the summary as JSON.
func (m *monitoring) wire(summaries []tally.Summary) wire.Monitoring {
	out := wire.Monitoring{
		Start: m.started.UTC(), End: m.ended.UTC(), IntervalSeconds: m.interval.Seconds(), Samples: m.samples, Readings: m.readings, SkippedSamples: m.skipped,
		Interrupted: m.interrupted(), DeniedProcesses: m.denied, Partial: m.hidden, CSVPath: m.out, Services: make([]wire.MonitoredService, 0, len(summaries)),
		UntrackedServices: m.tally.Untracked(), UnjudgedInstances: m.tally.Unjudged, ForgottenInstances: m.tally.Forgotten, UnjudgedSeries: m.tally.Crowded,
	}
	for i := range summaries {
		s := &summaries[i]
		v := wire.MonitoredService{
			Name: s.Name, State: s.State.String(), StateMetric: s.Worst.String(), Samples: s.Samples, StartBytes: s.Start, EndBytes: s.End, MeanBytes: math.Round(s.Mean()),
			MaxBytes: s.Max, MinBytes: s.Min, StdDevBytes: math.Round(s.Deviation()), GrowthBytes: s.Growth, Rate: rateWire(s.Rate), SmallestBytesPerHour: whole(s.Smallest),
			LivingInstances: s.Living, RatedInstances: s.Rated, BegunInstances: s.Begun, EndedInstances: s.Ended,
			Instances: make([]wire.MonitoredInstance, 0, len(s.Instances)),
		}
		for k := range s.Instances {
			v.Instances = append(v.Instances, m.instanceWire(&s.Instances[k]))
		}
		out.Services = append(out.Services, v)
	}
	return out
}

func (m *monitoring) instanceWire(x *tally.Instance) wire.MonitoredInstance {
	out := wire.MonitoredInstance{
		ID: x.ID.String(), PID: x.ID.PID, Name: x.Name, State: x.Worst().State.String(), StartBytes: x.Start, EndBytes: x.End,
		Rate: rateWire(x.Memory().Rate), Samples: x.Samples, SpanSeconds: rounded(x.Span.Seconds(), 2), Ended: x.Ended,
		Verdicts: make([]wire.Verdict, 0, len(x.Verdicts)),
	}
	for k := range x.Verdicts {
		out.Verdicts = append(out.Verdicts, verdictWire(&x.Verdicts[k], m.tally.Began()))
	}
	return out
}

// verdictWire is one verdict; its times count from the beginning of the account.
func verdictWire(j *tally.Judgement, began time.Time) wire.Verdict {
	out := wire.Verdict{Metric: j.Metric.String(), State: j.State.String(), Shape: j.Shape.String(), Sentence: j.Words(), Caveats: j.Caveats, Restarts: j.Restarts}
	if out.Caveats == nil {
		out.Caveats = []string{}
	}
	if j.State == leak.Learning {
		return out
	}
	out.Score, out.Probability = finite(j.Score, 2), finite(j.Verdict.Probability(), 3)
	out.RatePerHour, out.RateLow, out.RateHigh = finite(j.Rate.Value, 3), finite(j.Rate.Low, 3), finite(j.Rate.High, 3)
	out.SmallestPerHour, out.Growth, out.HorizonSeconds = finite(j.Smallest, 3), finite(j.Growth, 3), finite(j.Horizon, 2)
	if onset := finite(j.Onset.Value, 3); onset != nil {
		at := began.Add(time.Duration(*onset * float64(time.Second))).UTC().Truncate(time.Millisecond)
		out.Onset = &at
	}
	switch f := &j.Forecast; f.Outlook {
	case leak.Reaches:
		out.Forecast = &wire.Outlook{Outlook: "reaches", InSeconds: whole(f.In.Value), InLowSeconds: whole(f.In.Low), InHighSeconds: whole(f.In.High)}
	case leak.Settles:
		out.Forecast = &wire.Outlook{Outlook: "settles", Near: finite(f.Near.Value, 3), NearLow: finite(f.Near.Low, 3), NearHigh: finite(f.Near.High, 3)}
	}
	return out
}

// rateWire is a rate of memory in whole bytes; nil where there is none.
func rateWire(i leak.Interval) *wire.Rate {
	value, low, high := whole(i.Value), whole(i.Low), whole(i.High)
	if value == nil || low == nil || high == nil {
		return nil
	}
	return &wire.Rate{BytesPerHour: *value, LowBytesPerHour: *low, HighBytesPerHour: *high}
}

func whole(v float64) *float64 { return finite(v, 0) }

// finite is v to so many decimals; nil for what is no number, which JSON does not know.
func finite(v float64, decimals int) *float64 {
	if math.IsNaN(v - v) {
		return nil
	}
	v = rounded(v, decimals)
	return &v
}

func rounded(v float64, decimals int) float64 {
	unit := math.Pow10(decimals)
	return math.Round(v*unit) / unit
}
