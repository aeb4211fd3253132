package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/bench/monitor"
	"github.com/zol0/zol0/bench/native"
	"github.com/zol0/zol0/bench/quick"
	"github.com/zol0/zol0/bench/scan"
)

// TestMain lets the test program stand in for the bench where it calls itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "inside-") {
		if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// programs compiles the C programs into a directory of the test.
func programs(t *testing.T) native.Programs {
	t.Helper()
	if missing := native.Missing(); len(missing) > 0 {
		reason := "NOT RUN: " + strings.Join(missing, "; ")
		t.Log(reason)
		t.Skip(reason)
	}
	p, err := native.Build(t.Context(), sources, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPopulationHoldsExactlyItsSleepers(t *testing.T) {
	p := programs(t)
	out, err := p.Inside(t.Context(), 40, "sh", "-c", "cat /proc/[0-9]*/comm; grep -h Threads: /proc/[0-9]*/status; ls -d /proc/[0-9]*/fd/1?").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		what string
		want int
	}{
		{"sleeper\n", 40},
		{"spawner\n", 1},
		{"Threads:\t5\n", 2}, // every 20th
		{"/fd/17\n", 4},      // every 10th: 0, 1, 2 and 16 more beside the one it had for READY_FD
	} {
		if got := strings.Count(string(out), c.what); got != c.want {
			t.Errorf("%q stands %d times, want %d:\n%s", c.what, got, c.want, out)
		}
	}
}

func TestThePopulationEndsWithItsCommand(t *testing.T) {
	p := programs(t)
	if err := p.Inside(t.Context(), 20, "false").Run(); err == nil {
		t.Error("the population hid that its command failed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cmd := p.Inside(ctx, 20, "sh", "-c", "echo up; exec sleep 60")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 3)); err != nil {
		t.Fatalf("the population did not come up: %v", err)
	}
	if got := running(t, p); got != 21 {
		t.Errorf("%d of 20 sleepers and the spawner are up", got)
	}
	cancel()
	if err := cmd.Wait(); err == nil {
		t.Error("a killed population ended without an error")
	}
	for range 50 {
		if running(t, p) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%d processes outlived their population", running(t, p))
}

// running counts the processes whose program lies in the directory of this test.
func running(t *testing.T, p native.Programs) int {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	dir := filepath.Dir(filepath.Dir(p.Floor)) + "/"
	for _, link := range links {
		if exe, err := os.Readlink(link); err == nil && strings.HasPrefix(exe, dir) {
			n++
		}
	}
	return n
}

func TestOneShortRoundOfEveryReader(t *testing.T) {
	p := programs(t)
	o := options{sizes: []int{30}, rounds: 2, budget: time.Millisecond}
	rows, err := o.scan(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(scan.Readers) {
		t.Fatalf("%d rows for %d readers", len(rows), len(scan.Readers))
	}
	for _, r := range rows {
		t.Run(r.Reader, func(t *testing.T) {
			switch {
			case r.NotRun != "" && r.Reader == scan.EBPF:
				reason := "NOT RUN: " + r.NotRun
				t.Log(reason)
				t.Skip(reason)
			case r.NotRun != "":
				t.Errorf("%s did not run: %s", r.Reader, r.NotRun)
			case r.Reader == scan.Floor && r.Ratio != 1:
				t.Errorf("the floor is %v times the floor", r.Ratio)
			case !(r.MinimumUS > 0.01 && r.MedianUS >= r.MinimumUS && r.MedianUS < 1e5 && r.Ratio > 0):
				t.Errorf("impossible figures: %+v", r)
			}
		})
	}
	var out strings.Builder
	if err := (report{Rounds: 2, Scan: rows, Targets: scan.Targets(rows)}).print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"procfs with descriptors at most 1.3 × floor", "gopsutil"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}

// script writes a program that stands in for zol0.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zol0")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// The starter's own memory must not count as the started command's: this test holds more
// than a shell ever takes.
func TestQuickMeasuresTheCommandAlone(t *testing.T) {
	p := programs(t)
	ballast := make([]byte, 64<<20)
	for i := range ballast {
		ballast[i] = byte(i)
	}
	costs, err := quick.Measure(t.Context(), p, script(t, `[ "$1" = version ] || { echo "no command $1" >&2; exit 1; }`), 5, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(costs) != 3 {
		t.Fatalf("%d costs: %+v", len(costs), costs)
	}
	if v := costs[0]; v.NotRun != "" || v.Runs != 3 || v.ProcessorMS <= 0 || v.WallMS <= 0 || v.PeakRSSMB < 0.3 || v.PeakRSSMB > 10 {
		t.Errorf("a shell that does nothing cost %+v beside %d bytes of ballast", v, len(ballast))
	}
	if q := costs[1]; !strings.Contains(q.NotRun, "no command quick") {
		t.Errorf("a command that failed gave %+v", q)
	}
}

func TestMonitorIsWatchedUntilItEnds(t *testing.T) {
	p := programs(t)
	o := options{minutes: 1}
	growths, err := o.monitor(t.Context(), p, script(t, `[ "$1 $2 $3" = "monitor 1 1" ] && exec sleep 5.5; echo "no command $*" >&2; exit 2`))
	if err != nil {
		t.Fatal(err)
	}
	if len(growths) != 2 {
		t.Fatalf("two commands gave %+v", growths)
	}
	for _, g := range growths {
		if g.NotRun != "" || g.Readings != 5 || g.StartMB <= 0 || g.MaxMB < g.MedianMB {
			t.Errorf("five seconds of sleep gave %+v", g)
		}
	}
	growths, err = monitor.WatchBoth(t.Context(), script(t, "echo no such command >&2; exit 2"), t.TempDir(), 1)
	if err != nil || len(growths) != 2 || !strings.Contains(growths[1].NotRun, "no such command") {
		t.Errorf("a monitor that failed gave %+v, %v", growths, err)
	}
}
