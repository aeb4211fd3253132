package cli

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/backtest"
	"github.com/zol0/zol0/internal/wire"
)

// few are traces of every resource, with restarts and without a leak.
var few = []string{"d_c_lin2_je", "d_py_restart_leak", "d_py_fd", "d_c_shm", "d_py_restart", "d_c_idle", "d_c_lru_big"}

// folderOf makes a folder of some of the recorded traces under another name.
func folderOf(t *testing.T, name string, ids ...string) string {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join(leakbench, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Set    string           `json:"set"`
		Traces []map[string]any `json:"traces"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	all.Set = name
	all.Traces = slices.DeleteFunc(all.Traces, func(trace map[string]any) bool { return !slices.Contains(ids, trace["id"].(string)) })
	if text, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, trace := range all.Traces {
		for _, key := range []string{"file", "truth"} {
			path := filepath.FromSlash(trace[key].(string))
			content, err := os.ReadFile(filepath.Join(leakbench, path))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, path), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// TestBacktestSaysWhatTheEventsSay: a trace is in alarm as long as the events of zol0
// analyze have one of its series leaking.
func TestBacktestSaysWhatTheEventsSay(t *testing.T) {
	dir := folderOf(t, "mine", few...)
	set, err := backtest.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := &backtesting{app: &app{}, threshold: 2}
	judged, err := backtest.Replay(set, backtest.Func{Label: ownDetector, Run: b.judge})
	if err != nil {
		t.Fatal(err)
	}
	alarms := 0
	for _, l := range set.Traces {
		args := []string{"analyze", "--events", "--threshold", "2", "--manifest", filepath.Join(dir, "manifest.json"), l.File}
		changes := eventsOf(t, run(t, args...))
		var want []backtest.Event
		leaking := map[string]bool{}
		for i, e := range changes {
			before := len(leaking)
			delete(leaking, e.Metric)
			rate := math.NaN()
			if e.State == "leaking" {
				leaking[e.Metric] = true
				if e.Metric == "private" || e.Metric == "shmem" {
					rate = *e.RatePerHour / 3600
				}
			}
			if i+1 < len(changes) && changes[i+1].TimeS == e.TimeS && (before == 0) != (len(leaking) == 0) && e.State != "learning" {
				t.Fatalf("%s: two changes at %g, which this test cannot tell apart", l.ID, e.TimeS)
			}
			if (before == 0) != (len(leaking) == 0) {
				want = append(want, backtest.Event{T: e.TimeS, Alarm: before == 0, Rate: rate})
			}
		}
		got := judged[l.ID]
		same := func(a, b backtest.Event) bool {
			return a.T == b.T && a.Alarm == b.Alarm && (a.Rate == b.Rate || math.IsNaN(a.Rate) && math.IsNaN(b.Rate))
		}
		if !slices.EqualFunc(got, want, same) {
			t.Errorf("%s: %v, want %v", l.ID, got, want)
		}
		alarms += len(want)
	}
	if alarms < 4 {
		t.Errorf("%d alarms prove nothing", alarms)
	}
}

func TestBacktestScoresAFolder(t *testing.T) {
	dir := folderOf(t, "mine", few...)
	var answer wire.Backtest
	if err := json.Unmarshal([]byte(run(t, "backtest", "--json", dir)), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Set != "mine" || answer.InSample || answer.Traces != len(few) || len(answer.Detectors) != 1+len(backtest.Baselines()) || answer.Detectors[0].Name != ownDetector {
		t.Fatalf("%+v", answer)
	}
	own := answer.Detectors[0]
	if m := own.Memory; m.Leaks != 3 || m.OK != 2 || m.Ambiguous != 1 || m.TruePositives+m.FalseNegatives != 3 || own.All.Leaks != 4 {
		t.Errorf("%+v", m)
	}
	for _, trace := range own.Traces {
		if obvious := slices.Contains([]string{"d_c_lin2_je", "d_py_fd"}, trace.ID); obvious && !trace.Detected {
			t.Errorf("%+v: a leak that nobody can miss", trace)
		}
		if trace.ID == "d_c_idle" && trace.FalseAlarms > 0 {
			t.Errorf("%+v: an idle process", trace)
		}
	}

	out := run(t, "backtest", dir, "--detector", "ZOL0", "--detector", "500 mb")
	for _, want := range []string{
		"7 traces, 4 with a leak, 2 without, 1 ambiguous, 1 day of traces without a leak\n", "\nDETECTOR ", "\nzol0 ", "\nRSS > 500 MB ",
		"\nzol0 by class\n", "\nleak       linear ", "of 1 ambiguous trace had an alarm", "\nnote     held-out, unless",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if strings.Contains(out, "predict_linear") || strings.Contains(out, "in-sample") || strings.Count(out, "by class") != 1 {
		t.Error(out)
	}
	if out := run(t, "backtest", folderOf(t, "dev", "d_c_idle", "d_py_fd"), "--by-class", "--detector", "zol0", "--detector", "500"); strings.Count(out, "by class") != 2 || !strings.Contains(out, "\nnote     in-sample: ") {
		t.Error(out)
	}
	if out := run(t, "backtest", dir, "--detector", "zol0", "--by-class=false", "--without-limits"); strings.Contains(out, "by class") || !strings.Contains(out, "was not told the limits") {
		t.Error(out)
	}
	if out := run(t, "backtest", dir, "--detector", "500"); strings.Contains(out, "note ") {
		t.Error(out)
	}
}

func TestBacktestSaysWhatIsWrong(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"missing"}, exitFailure, "zol0: missing: no such file or directory\nhint: name a folder that holds manifest.json"},
		{[]string{empty}, exitFailure, "manifest.json: no such file or directory\nhint: "},
		{[]string{filepath.Join(leakbench, "manifest.json")}, exitFailure, "not a directory\nhint: "},
		{[]string{}, exitUsage, "accepts 1 arg"},
		{[]string{empty, "--detector", "nobody"}, exitUsage, "zol0: no detector is named like \"nobody\"\nhint: there are: zol0; first and last three, live; "},
		{[]string{empty, "--threshold", "21"}, exitUsage, "--threshold must be between -20 and 20, not 21\nhint: the default is "},
	} {
		r := runWith(strings.NewReader(""), append([]string{"backtest"}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.err, c.want) || r.out != "" {
			t.Errorf("backtest %q ends with %d, %q and %q, want %d and %q", c.args, r.code, r.out, r.err, c.code, c.want)
		}
	}
}
