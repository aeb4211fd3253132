//go:build !race

package cli

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/zol0/zol0/internal/backtest"
	"github.com/zol0/zol0/internal/detect"
	"github.com/zol0/zol0/internal/shapes"
	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/leak"
)

// The figures of docs/detection.md must not get worse unseen. Those on the recorded leaks
// are in sample and no proof (make calibrate has the proof): a fall below them is a fault.
// Without the race detector, which makes it slow and finds nothing here.
func TestMemoryLeaksAreFoundOnRecordings(t *testing.T) {
	set, err := backtest.Load(leakbench)
	if err != nil {
		t.Fatal(err)
	}
	var own backtesting
	judged, err := backtest.Replay(set, backtest.Func{Label: ownDetector, Run: own.judge})
	if err != nil {
		t.Fatal(err)
	}
	f := backtest.Score(set, judged).Mem
	t.Logf("precision %.3f, recall %.3f, %.1f false alarms in 100 days, %.2f h, %d of %d ambiguous alarmed",
		f.Precision, f.Recall, f.FalseAlarms, f.DetectHours, f.AmbiguousAlarmed, f.Ambiguous)
	if f.Precision < .93 || f.Recall < .87 || f.FalseAlarms > 8 || f.DetectHours > 6 {
		t.Errorf("want a precision of .93, a recall of .87, at most 8 false alarms and 6 h")
	}
}

// Machines that run hundreds of jobs are presumed healthy: at most 8 in 100 may ever alarm.
func TestMemoryOfMachinesIsNoLeak(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(leakbench, "../real/*.csv.gz"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d machines, %v", len(files), err)
	}
	alarmed := 0
	for _, file := range files {
		all, err := trace.Open(file, trace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(detect.Claims(all, func(s trace.Series) *leak.Detector { return leak.New(detect.Options(s.Metric, s.Unit)) })) > 0 {
			alarmed++
		}
	}
	t.Logf("%d of %d machines alarmed", alarmed, len(files))
	if float64(alarmed) > .08*float64(len(files)) {
		t.Errorf("%d of %d machines alarmed, want at most 8 %%", alarmed, len(files))
	}
}

// Weeks with days and weekends in them, of seeds that nothing was trained on.
func TestMemoryOverWeeks(t *testing.T) {
	var leaks, found, alarms int
	var days float64
	for _, shape := range shapes.Shapes() {
		for seed := range uint64(4) {
			made, err := shapes.Make(shapes.Setting{Shape: shape, Seed: 900_000 + seed, Span: 7 * 86400, Interval: 300, Noise: 1, Work: seed%2 == 0})
			if err != nil {
				t.Fatal(err)
			}
			if made.Truth.Label == shapes.Ambiguous {
				continue
			}
			s := trace.Series{Metric: "private", Unit: detect.Bytes, Restarts: made.Restarts}
			if shape == "leak-descriptors" || shape == "leak-threads" {
				s.Metric, s.Unit = "fds", detect.Count
			}
			for _, p := range made.Points {
				s.Points = append(s.Points, trace.Point{T: p.T, Value: p.Value, Work: p.Work, Faults: math.NaN(), Beside: math.NaN()})
			}
			onset, seen := math.Inf(1), false
			if made.Truth.Label == shapes.Leak {
				onset = made.Truth.Onset
				leaks++
			}
			for _, c := range detect.Claims([]trace.Series{s}, func(s trace.Series) *leak.Detector { return leak.New(detect.Options(s.Metric, s.Unit)) }) {
				if c.Leaking && c.T < onset {
					alarms++
				}
				seen = seen || c.Leaking && c.T >= onset
			}
			if seen {
				found++
			}
			days += (min(onset, s.Points[len(s.Points)-1].T) - s.Points[0].T) / 86400
		}
	}
	recall, false100 := float64(found)/float64(leaks), 100*float64(alarms)/days
	t.Logf("without limits: %d of %d leaks found (%.2f), %.2f false alarms in 100 days over %.0f days", found, leaks, recall, false100, days)
	if recall < .8 || false100 > 2.5 {
		t.Errorf("want a recall of .8 and at most 2.5 false alarms in 100 days")
	}
}
