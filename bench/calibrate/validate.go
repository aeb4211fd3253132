package main

import (
	"slices"
	"sync"

	"github.com/zol0/zol0/internal/backtest"
	"github.com/zol0/zol0/internal/detect"
	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/leak"
)

// opened are the series of the traces, read once.
type opened map[string][]trace.Series

// replay lets the detector judge the series of a trace with a model: the trace alarms while
// any of them leaks, as in zol0 backtest.
func replay(series []trace.Series, limit float64, model *leak.Model, threshold float64) []backtest.Event {
	claims := detect.Claims(series, func(s trace.Series) *leak.Detector {
		o := detect.Options(s.Metric, s.Unit)
		o.Threshold = threshold
		if s.Unit == detect.Bytes {
			o.Limit = limit
		}
		d := leak.New(o)
		d.SetModel(model)
		return d
	})
	events := make([]backtest.Event, len(claims))
	for i, c := range claims {
		events[i] = backtest.Event{T: c.T, Alarm: c.Leaking, Rate: c.Rate}
	}
	return events
}

// folds of programs and draws of them: the figures are means over all draws.
const (
	foldCount = 5
	draws     = 5
)

// point is one place on the curve between speed and caution.
type point struct {
	threshold                               float64
	precision, recall, f1, false100, detect float64
	missed, wrong                           map[string]int
}

// validate trains on four fifths of the programs and judges the rest, for every fold of
// every draw, at every threshold.
func validate(set *backtest.Set, series opened, examples *library, thresholds []float64, without ...string) []point {
	curve := make([]point, len(thresholds))
	for i, t := range thresholds {
		curve[i] = point{threshold: t, missed: map[string]int{}, wrong: map[string]int{}}
	}
	for draw := range draws {
		judged := make([]map[string][]backtest.Event, len(thresholds))
		for i := range judged {
			judged[i] = map[string][]backtest.Event{}
		}
		var wait sync.WaitGroup
		var lock sync.Mutex
		for _, fold := range backtest.Folds(set, foldCount, uint64(draw+1)) {
			wait.Go(func() {
				model := train(examples.without(set, fold), without...)
				for _, l := range set.Traces {
					if !slices.Contains(fold, l.ID) {
						continue
					}
					for i, t := range thresholds {
						events := replay(series[l.ID], l.Limit, model, t)
						lock.Lock()
						judged[i][l.ID] = events
						lock.Unlock()
					}
				}
			})
		}
		wait.Wait()
		for i := range thresholds {
			curve[i].add(backtest.Score(set, judged[i]))
		}
	}
	return curve
}

// add counts one draw.
func (p *point) add(r backtest.Result) {
	m := r.Mem
	p.precision += m.Precision / draws
	p.recall += m.Recall / draws
	p.f1 += m.F1 / draws
	p.false100 += m.FalseAlarms / draws
	p.detect += m.DetectHours / draws
	for _, o := range r.Traces {
		if o.Label == "ok" && o.FalseAlarms > 0 {
			p.wrong[o.ID]++
		}
		if o.Label == "leak" && !o.Detected {
			p.missed[o.ID]++
		}
	}
}
