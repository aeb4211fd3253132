package cli

import (
	"math"

	"github.com/zol0/zol0/internal/backtest"
	"github.com/zol0/zol0/internal/wire"
)

func (b *backtesting) wire(dir string) wire.Backtest {
	out := wire.Backtest{
		Directory: shownPath(dir), Set: b.name, InSample: b.inSample(), Threshold: typedThreshold(b.threshold), WithoutLimits: b.unlimited, Traces: len(b.set.Traces),
		Detectors: make([]wire.BacktestResult, 0, len(b.results)),
	}
	for i := range b.results {
		out.Detectors = append(out.Detectors, resultWire(&b.results[i]))
	}
	return out
}

// typedThreshold is a threshold as a person typed it: see validThreshold.
func typedThreshold(v float64) float64 {
	if v == math.SmallestNonzeroFloat64 {
		return 0
	}
	return v
}

func resultWire(r *scored) wire.BacktestResult {
	out := wire.BacktestResult{
		Name: r.name, Memory: figuresWire(&r.Mem), All: figuresWire(&r.All),
		Classes: make([]wire.BacktestClass, 0, len(r.Classes)), Traces: make([]wire.BacktestTrace, 0, len(r.Traces)),
	}
	for _, c := range r.Classes {
		out.Classes = append(out.Classes, wire.BacktestClass{Label: c.Label, Class: c.Class, Traces: c.Traces, Detected: c.Detected, Alarmed: c.Alarmed, FalseAlarms: c.FalseAlarms})
	}
	for i := range r.Result.Traces {
		o := &r.Result.Traces[i]
		out.Traces = append(out.Traces, wire.BacktestTrace{
			ID: o.ID, Label: o.Label, Class: o.Class, Resource: o.Resource, Detected: o.Detected, DetectHours: figureWire(o.DetectHours),
			Leaked: figureWire(o.Leaked), SlopeError: figureWire(o.SlopeError), FalseAlarms: o.FalseAlarms, EndsInAlarm: o.EndsInAlarm,
		})
	}
	return out
}

func figuresWire(f *backtest.Figures) wire.BacktestFigures {
	return wire.BacktestFigures{
		Leaks: f.Leaks, OK: f.OK, Ambiguous: f.Ambiguous, AmbiguousAlarmed: f.AmbiguousAlarmed,
		TruePositives: f.TP, FalseNegatives: f.FN, FalsePositives: f.FP,
		Precision: figureWire(f.Precision), Recall: figureWire(f.Recall), F1: figureWire(f.F1),
		FalseAlarmsPer100Days: figureWire(f.FalseAlarms), OKDays: f.OKDays, AlarmShare: figureWire(f.AlarmShare),
		EndFalsePositives: f.EndFP, EndRecall: figureWire(f.EndRecall),
		DetectHours: figureWire(f.DetectHours), DetectHoursAll: figureWire(f.DetectHoursAll), Leaked: figureWire(f.Leaked), LeakedAll: figureWire(f.LeakedAll),
		SlopeError: figureWire(f.SlopeError), Slopes: f.Slopes,
	}
}
