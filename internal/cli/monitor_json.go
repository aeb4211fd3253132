package cli

import (
	"math"

	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/wire"
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
			MaxBytes: s.Max, MinBytes: s.Min, StdDevBytes: math.Round(s.Deviation()), GrowthBytes: s.Growth, Rate: tally.RateWire(s.Rate), SmallestBytesPerHour: whole(s.Smallest),
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
		Rate: tally.RateWire(x.Memory().Rate), Samples: x.Samples, SpanSeconds: rounded(x.Span.Seconds(), 2), Ended: x.Ended,
		Verdicts: make([]wire.Verdict, 0, len(x.Verdicts)),
	}
	for k := range x.Verdicts {
		out.Verdicts = append(out.Verdicts, x.Verdicts[k].Wire(m.tally.Wall))
	}
	return out
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
