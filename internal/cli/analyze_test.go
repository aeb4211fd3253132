package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

var update = flag.Bool("update", false, "write the output in docs/analyze.md and docs/backtest.md anew")

// leakbench is the folder of recordings that the tests judge.
const leakbench = "../backtest/testdata/leakbench/dev"

func recording(id string) string { return filepath.Join(leakbench, "traces", id+".csv.gz") }

// ran is what a command line did.
type ran struct {
	out, err string
	code     int
}

func runWith(in io.Reader, args ...string) ran {
	var out, wrong bytes.Buffer
	code := Main(context.Background(), World{
		Args: args, In: in, Out: &out, Err: &wrong, Now: time.Now, Env: func(string) (string, bool) { return "", false },
	})
	return ran{out.String(), wrong.String(), code}
}

// run runs a command line that must end well.
func run(t *testing.T, args ...string) string {
	t.Helper()
	r := runWith(strings.NewReader(""), args...)
	if r.code != exitOK || r.err != "" {
		t.Fatalf("zol0 %q ends with %d: %s", args, r.code, r.err)
	}
	return r.out
}

// eventsOf are the lines of zol0 analyze --events.
func eventsOf(t *testing.T, out string) []wire.StateChange {
	t.Helper()
	var all []wire.StateChange
	for line := range strings.Lines(out) {
		var e wire.StateChange
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, e)
	}
	return all
}

// text is a recording as text.
func text(t *testing.T, id string) []string {
	t.Helper()
	file, err := os.ReadFile(recording(id))
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(unzipped(t, file), "\n")
}

// TestEventsOfAPrefix: what is said about the beginning of a recording does not depend on
// how it goes on.
func TestEventsOfAPrefix(t *testing.T) {
	for _, id := range []string{"d_py_restart_leak", "d_py_fd"} {
		lines := text(t, id)
		whole := runWith(strings.NewReader(strings.Join(lines, "")), "analyze", "--events", "-").out
		if strings.Count(whole, "\n") < 5 {
			t.Fatalf("%s: %q proves nothing", id, whole)
		}
		for _, rows := range []int{1, 30, len(lines) / 3, len(lines) - 2} {
			r := runWith(strings.NewReader(strings.Join(lines[:1+rows], "")), "analyze", "--events", "-")
			if r.code != exitOK || !strings.HasPrefix(whole, r.out) {
				t.Errorf("%s, %d rows (%s):\n%s is no beginning of\n%s", id, rows, r.err, r.out, whole)
			}
			last, err := strconv.ParseFloat(strings.SplitN(lines[rows], ",", 2)[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range eventsOf(t, strings.TrimPrefix(whole, r.out)) {
				if e.TimeS <= last {
					t.Errorf("%s, %d rows: %v happened by then and is not said", id, rows, e)
				}
			}
		}
	}
}

// TestEventsTellTheStory: in order of time, every one a change, and they end in the state
// that the verdict has.
func TestEventsTellTheStory(t *testing.T) {
	files := []string{recording("d_py_restart_leak"), recording("d_js_restart"), recording("d_go_lru"), recording("d_py_sock"), "../trace/testdata/zol0_monitor.csv"}
	var verdicts wire.Analysis
	if err := json.Unmarshal([]byte(run(t, append([]string{"analyze", "--json"}, files...)...)), &verdicts); err != nil {
		t.Fatal(err)
	}
	type series struct{ file, series, metric string }
	states := map[series]string{}
	at := map[string]float64{}
	restarts := 0
	for _, e := range eventsOf(t, run(t, append([]string{"analyze", "--events"}, files...)...)) {
		k := series{e.File, e.Series, e.Metric}
		before, known := states[k]
		if !known {
			before = leak.Learning.String()
		}
		if e.State == before || e.TimeS < at[e.File] {
			t.Errorf("%+v follows %s at %g", e, before, at[e.File])
		}
		if learns := e.State == leak.Learning.String(); learns != (e.RatePerHour == nil) || learns != (e.Score == nil) {
			t.Errorf("%+v: rate and score are known unless it is learning", e)
		} else if learns {
			restarts++
		}
		states[k], at[e.File] = e.State, e.TimeS
	}
	if restarts < 8 {
		t.Errorf("%d changes to learning: restarts are missing", restarts)
	}
	for _, s := range verdicts.Series {
		got, known := states[series{s.File, s.Series, s.Metric}]
		if !known {
			got = leak.Learning.String()
		}
		if got != s.State {
			t.Errorf("%s %s %s ends %s, but its events end %s", s.File, s.Series, s.Metric, s.State, got)
		}
	}
	if len(verdicts.Series) != 4*len(files)+4 {
		t.Errorf("%d series", len(verdicts.Series))
	}
}

// TestHostileNames: what a file and its processes are called reaches no terminal as a
// command, and no picture as markup.
func TestHostileNames(t *testing.T) {
	dir := t.TempDir()
	const evil = "a\x1b[31m\x07\u202e<b>&\u009b2J"
	path := filepath.Join(dir, evil+".csv")
	table := "time,service,pid,start_time,name,uptime_seconds,private_bytes,threads\n"
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 300 {
		table += fmt.Sprintf("%s,\"x%s\",7,2026-01-01T00:00:00Z,n,%d,%d,3\n", start.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), evil, 60*i, 50_000_000+200_000*i)
	}
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Skipf("NOT RUN: the system knows no such file names: %v", err)
	}
	svg := filepath.Join(dir, "a.svg")
	for _, args := range [][]string{
		{"analyze", path}, {"analyze", "--explain", "--plot", path}, {"analyze", "--json", path}, {"analyze", "--events", path},
		{"analyze", "--metric", "private", "--svg", svg, path}, {"analyze", "--svg", svg + "2", path}, {"analyze", "--value", evil, path},
		{"analyze", "--metric", evil, path}, {"analyze", "--series", evil, path}, {"analyze", path + "2"}, {"analyze", "--manifest", path, path},
		{"backtest", path}, {"backtest", "--detector", evil, dir},
	} {
		r := runWith(strings.NewReader(""), args...)
		for _, c := range r.out + r.err {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Errorf("zol0 %q writes %q:\n%q\n%q", args, c, r.out, r.err)
				break
			}
		}
		if r.out+r.err == "" {
			t.Errorf("zol0 %q says nothing", args)
		}
	}
	picture, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the SVG is broken: %v", err)
		}
	}
	if strings.Contains(string(picture), "<b>") {
		t.Error("a name is markup in the SVG")
	}
}

func TestThresholdDecides(t *testing.T) {
	file := recording("d_c_lin2_je")
	state := func(threshold string) string {
		var a wire.Analysis
		if err := json.Unmarshal([]byte(run(t, "analyze", "--json", "--metric", "private", "--threshold", threshold, file)), &a); err != nil {
			t.Fatal(err)
		}
		if want, _ := json.Marshal(a.Threshold); string(want) != threshold {
			t.Errorf("--threshold %s is %s in the answer", threshold, want)
		}
		return a.Series[0].State
	}
	if got := state("2"); got != "leaking" {
		t.Errorf("a straight leak of 1.8 MB an hour is %s", got)
	}
	if got := state("20"); got == "leaking" {
		t.Error("no evidence of half a day is worth 20")
	}
	if state("0") != "leaking" {
		t.Error("a threshold of 0 is stricter than one of 2")
	}
}

// TestManyQuietSeriesHaveNoSentence: a table of a hundred needs no hundred sentences below.
func TestManyQuietSeriesHaveNoSentence(t *testing.T) {
	args := []string{"analyze"}
	for _, id := range []string{"d_c_idle", "d_go_idle", "d_js_idle", "d_py_idle", "d_c_lin2_je", "d_py_fd"} {
		args = append(args, recording(id))
	}
	out := run(t, args...)
	if strings.Contains(out, "Steady:") || !strings.Contains(out, "Leaking: ") || !strings.Contains(out, "series are learning or steady, left to the table") {
		t.Error(out)
	}
	if rows := strings.Count(out, ".csv.gz  "); rows != 24 {
		t.Errorf("%d rows", rows)
	}
}

func TestDrawnSeriesAreBounded(t *testing.T) {
	n := &analysis{app: &app{}, plots: drawing{on: true}}
	n.judged = []judged{{series: trace.Series{Points: make([]trace.Point, 10)}}}
	n.plots.kept = maxPlotPoints - 10
	if err := n.keepPoints(); err != nil {
		t.Error(err)
	}
	if err := n.keepPoints(); err == nil || hintOf(err) == "" {
		t.Errorf("points beyond the bound: %v", err)
	}
	n.plots = drawing{}
	if err := n.keepPoints(); err != nil || n.judged[0].series.Points != nil {
		t.Errorf("points are kept that nobody draws: %v", err)
	}
}

// TestCells covers figures that a recording seldom has.
func TestCells(t *testing.T) {
	ever := math.Inf(1)
	for _, c := range []struct{ got, want string }{
		{(&judged{series: trace.Series{Unit: "bytes"}, verdict: leak.Verdict{Rate: leak.Interval{Value: 1e6, Low: -ever, High: ever}}}).rate(), "+1 MB (−∞ to +∞)"},
		{(&judged{amount: amountIn(""), verdict: leak.Verdict{Rate: leak.Interval{Value: 0.00123, Low: 0.001, High: 2}}}).rate(), "+0.00123 (+0.001 to +2)"},
		{(&judged{amount: amountIn("count"), verdict: leak.Verdict{Rate: leak.Interval{Value: -3, Low: -4.5, High: 0}}}).rate(), "−3 (−4.5 to 0)"},
		{(&judged{verdict: leak.Verdict{Onset: leak.Interval{Value: 1_800_000_000}}}).since(), "2027-01-15 08:00"},
		{(&judged{verdict: leak.Verdict{Onset: leak.Interval{Value: 7260}}}).since(), "at 2h 1m"},
		{(&judged{verdict: leak.Verdict{Onset: leak.Interval{Value: 7260, Low: -ever}}}).since(), "the start"},
		{(&judged{verdict: leak.Verdict{Forecast: leak.Forecast{Outlook: leak.Reaches, In: leak.Interval{Value: 1e300}}}}).forecast(), "limit in more than a year"},
		{(&judged{verdict: leak.Verdict{Forecast: leak.Forecast{Outlook: leak.Settles, Near: leak.Unknown()}}}).forecast(), "settles"},
		{(&judged{amount: amountIn("bytes"), verdict: leak.Verdict{Forecast: leak.Forecast{Outlook: leak.Settles, Near: leak.Interval{Value: 3e8}}}}).forecast(), "near 300 MB"},
		{(&judged{amount: amountIn("count"), verdict: leak.Verdict{Level: 4, Rate: leak.Interval{Value: 0, Low: -1e-15, High: 1e-15}}}).rate(), "0"},
		{amountIn("bytes")(-3e6), "−3 MB"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// TestLimitsCountOnlyForMemory: descriptors know no bytes.
func TestLimitsCountOnlyForMemory(t *testing.T) {
	var a wire.Analysis
	if err := json.Unmarshal([]byte(run(t, "analyze", "--json", "--limit", "64MiB", recording("d_py_fd"))), &a); err != nil {
		t.Fatal(err)
	}
	var limited []string
	for _, s := range a.Series {
		if s.Limit != nil {
			limited = append(limited, s.Metric)
		}
	}
	if !slices.Equal(limited, []string{"private", "shmem"}) {
		t.Errorf("a limit of memory is one of %v", limited)
	}
}
