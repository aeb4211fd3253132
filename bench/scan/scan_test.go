package scan

import (
	"math"
	"strings"
	"testing"

	"github.com/zol0/zol0/bench/native"
	"github.com/zol0/zol0/bench/target"
)

func TestFloorLine(t *testing.T) {
	m, err := parseFloor("processes=1003 scans=19 median_us=21.721 minimum_us=21.421\n")
	if err != nil {
		t.Fatal(err)
	}
	if m.Processes != 1003 || m.Scans != 19 || m.MedianUS != 21.721 || m.MinimumUS != 21.421 {
		t.Errorf("parseFloor = %+v", m)
	}
	for _, line := range []string{
		"",
		"processes=1003\n",
		"processes=0 scans=19 median_us=21.7 minimum_us=21.4\n",
		"processes=1003 scans=1 median_us=21.7 minimum_us=21.4\n",
		"processes=1003 scans=19 median_us=1 minimum_us=2\n",
		"processes=1003 scans=19 median_us=NaN minimum_us=NaN\n",
	} {
		if m, err := parseFloor(line); err == nil {
			t.Errorf("parseFloor(%q) = %+v, want an error", line, m)
		}
	}
}

func FuzzFloorLine(f *testing.F) {
	f.Add("processes=1003 scans=19 median_us=21.721 minimum_us=21.421\n")
	f.Add("processes=-1 scans=1e9 median_us=NaN minimum_us=+Inf\n")
	f.Fuzz(func(t *testing.T, line string) {
		m, err := parseFloor(line)
		if err == nil && (m.Processes <= 0 || !(m.MedianUS >= m.MinimumUS) || !(m.MinimumUS > 0) || math.IsInf(m.MedianUS, 0)) {
			t.Errorf("parseFloor(%q) took impossible figures: %+v", line, m)
		}
	})
}

// roundOf is a round of 100 sleepers in which the floor cost floor µs and our procfs
// reader procfs µs.
func roundOf(floor, procfs float64) Round {
	n := 100 + native.Companions
	return Round{
		{Reader: Procfs, Processes: n, MedianUS: procfs, MinimumUS: procfs - 1},
		{Reader: Floor, Processes: n, MedianUS: floor, MinimumUS: floor - 1, Allocations: -1},
		{Reader: EBPF, NotRun: "no rights"},
		{Reader: Prometheus, Processes: n, MedianUS: 2 * floor, MinimumUS: floor, Allocations: 103},
		{Reader: Gopsutil, Processes: n, MedianUS: 8 * floor, MinimumUS: floor, Allocations: 206},
	}
}

// A machine that slows down in one round slows down floor and reader alike: the ratio of
// that round, not of different rounds, is what counts.
func TestRatiosAreOfTheSameRound(t *testing.T) {
	rows, err := Rows(100, []Round{roundOf(20, 24), roundOf(200, 240), roundOf(20, 30)})
	if err != nil {
		t.Fatal(err)
	}
	got := rowOf(t, rows, Procfs)
	if got.Ratio != 1.2 || got.RatioLow != 1.2 || got.RatioHigh != 1.5 {
		t.Errorf("ratio %v (%v–%v), want 1.2 (1.2–1.5)", got.Ratio, got.RatioLow, got.RatioHigh)
	}
	if got.MedianUS != 30 || got.MinimumUS != 23 {
		t.Errorf("median %v, minimum %v, want 30 and 23", got.MedianUS, got.MinimumUS)
	}
	if floor := rowOf(t, rows, Floor); floor.Ratio != 1 || floor.AllocationsPerProcess != -1 {
		t.Errorf("the floor has ratio %v and %v allocations", floor.Ratio, floor.AllocationsPerProcess)
	}
	if p := rowOf(t, rows, Prometheus); p.AllocationsPerProcess != 1 {
		t.Errorf("103 allocations for 103 processes are %v per process", p.AllocationsPerProcess)
	}
	if e := rowOf(t, rows, EBPF); e.NotRun != "no rights" || e.MedianUS != 0 {
		t.Errorf("a reader that did not run has the row %+v", e)
	}
}

func TestAReaderThatSawOtherProcessesIsRefused(t *testing.T) {
	round := roundOf(20, 24)
	round[0].Processes--
	if _, err := Rows(100, []Round{round}); err == nil || !strings.Contains(err.Error(), "procfs saw 102") {
		t.Errorf("Rows took a reader that missed a process: %v", err)
	}
	if _, err := Rows(100, []Round{round[1:]}); err == nil {
		t.Error("Rows took a round without one of the readers")
	}
}

func TestTargets(t *testing.T) {
	outcomes := func(floor, procfs float64) map[string]target.Target {
		rows, err := Rows(100, []Round{roundOf(floor, procfs)})
		if err != nil {
			t.Fatal(err)
		}
		byName := make(map[string]target.Target)
		for _, got := range Targets(rows) {
			byName[got.Wanted] = got
		}
		return byName
	}
	const procfs, peer = "procfs with descriptors at most 1.3 × floor", "procfs faster than prometheus"
	good := outcomes(20, 24)
	if got := good[procfs]; got.Outcome != target.Met || got.Measured != "1.20 at 100" {
		t.Errorf("1.2 × floor: %+v", got)
	}
	if got := good[peer]; got.Outcome != target.Met || got.Measured != "1.7 times at 100" {
		t.Errorf("half of prometheus: %+v", got)
	}
	if got := good["ebpf at most 0.10 × floor"]; got.Outcome != target.NotRun || got.Measured != "no rights" {
		t.Errorf("a reader that did not run: %+v", got)
	}
	bad := outcomes(20, 50)
	if bad[procfs].Outcome != target.Missed || bad[peer].Outcome != target.Missed {
		t.Errorf("2.5 × floor met the target: %+v", bad)
	}
}

func TestPrintSaysWhatDidNotRun(t *testing.T) {
	rows, err := Rows(100, []Round{roundOf(20, 24)})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Print(&out, rows); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "NOT RUN: ebpf at 100 processes: no rights") {
		t.Errorf("the table hides that a reader did not run:\n%s", out.String())
	}
}

func rowOf(t *testing.T, rows []Row, reader string) Row {
	t.Helper()
	for _, r := range rows {
		if r.Reader == reader {
			return r
		}
	}
	t.Fatalf("there is no row of %s", reader)
	return Row{}
}
