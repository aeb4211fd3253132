package trace

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// summary is a series in one line: name, metric, unit, number of points, restarts, and
// the first and last point.
func summary(s Series) string {
	point := func(p Point) string {
		return fmt.Sprintf("(%s %.10g %.4g)", strconv.FormatFloat(p.T, 'f', -1, 64), p.Value, p.Work)
	}
	return fmt.Sprintf("%s|%s|%s|%d%v %s %s", s.Name, s.Metric, s.Unit, len(s.Points), s.Restarts, point(s.Points[0]), point(s.Points[len(s.Points)-1]))
}

func compare(t *testing.T, what string, got []Series, want []string) {
	t.Helper()
	var lines []string
	for _, s := range got {
		lines = append(lines, summary(s))
	}
	if !slices.Equal(lines, want) {
		t.Errorf("%s gives\n\t%s\nwant\n\t%s", what, strings.Join(lines, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestRecordings holds what is read against figures of the files: 33710080 bytes are the
// 32920 KiB of the first row of leakbench.csv, 9121792 the 8.69921875 MiB of
// memory_monitoring.csv, and 0.44 s of work are the 0.34 s of the first life and the
// 0.10 s of the second.
func TestRecordings(t *testing.T) {
	const prometheus = `{instance="127.0.0.1:19090",job="prometheus"}`
	for file, want := range map[string][]string{
		"zol0_monitor.csv": {
			`svc.py PID 4801|private|bytes|11[6] (1795448315.334 3461120 0.01) (1795448325.29 10133504 0.03)`,
			`svc.py PID 4801|shmem|bytes|11[6] (1795448315.334 0 0.01) (1795448325.29 0 0.03)`,
			`svc.py PID 4801|fds|count|11[6] (1795448315.334 5 0.01) (1795448325.29 5 0.03)`,
			`svc.py PID 4801|threads|count|11[6] (1795448315.334 1 0.01) (1795448325.29 1 0.03)`,
			`svc.py PID 4703|private|bytes|13[] (1795448315.334 2854912 0.01) (1795448327.29 2875392 0.01)`,
			`svc.py PID 4703|shmem|bytes|13[] (1795448315.334 0 0.01) (1795448327.29 0 0.01)`,
			`svc.py PID 4703|fds|count|13[] (1795448315.334 5 0.01) (1795448327.29 5 0.01)`,
			`svc.py PID 4703|threads|count|13[] (1795448315.334 1 0.01) (1795448327.29 1 0.01)`,
		},
		"zol0_monitor_pss.csv": {
			`svc.py PID 28163|private|bytes|11[6] (1795447485.623 3457024 0.01) (1795447495.572 10133504 0.04)`,
			`svc.py PID 28163|shmem|bytes|11[6] (1795447485.623 0 0.01) (1795447495.572 0 0.04)`,
			`svc.py PID 28163|fds|count|11[6] (1795447485.623 5 0.01) (1795447495.572 5 0.04)`,
			`svc.py PID 28163|threads|count|11[6] (1795447485.623 1 0.01) (1795447495.572 1 0.04)`,
			`svc.py PID 28095|private|bytes|13[] (1795447485.623 2854912 0.01) (1795447497.572 2875392 0.02)`,
			`svc.py PID 28095|shmem|bytes|13[] (1795447485.623 0 0.01) (1795447497.572 0 0.02)`,
			`svc.py PID 28095|fds|count|13[] (1795447485.623 5 0.01) (1795447497.572 5 0.02)`,
			`svc.py PID 28095|threads|count|13[] (1795447485.623 1 0.01) (1795447497.572 1 0.02)`,
		},
		"zol0_quick.csv": {
			`svc.py PID 4703|private|bytes|1[] (1795448327.81 2879488 0.01) (1795448327.81 2879488 0.01)`,
			`svc.py PID 4703|shmem|bytes|1[] (1795448327.81 0 0.01) (1795448327.81 0 0.01)`,
			`svc.py PID 4703|fds|count|1[] (1795448327.81 5 0.01) (1795448327.81 5 0.01)`,
			`svc.py PID 4703|threads|count|1[] (1795448327.81 1 0.01) (1795448327.81 1 0.01)`,
			`svc.py PID 4852|private|bytes|1[] (1795448327.81 2859008 0) (1795448327.81 2859008 0)`,
			`svc.py PID 4852|shmem|bytes|1[] (1795448327.81 0 0) (1795448327.81 0 0)`,
			`svc.py PID 4852|fds|count|1[] (1795448327.81 5 0) (1795448327.81 5 0)`,
			`svc.py PID 4852|threads|count|1[] (1795448327.81 1 0) (1795448327.81 1 0)`,
		},
		"leakbench.csv": {
			`leakbench.csv|private|bytes|41[17] (8889.22 33710080 0.31) (11409.23 26386432 0.44)`,
			`leakbench.csv|shmem|bytes|41[17] (8889.22 0 0.31) (11409.23 0 0.44)`,
			`leakbench.csv|fds|count|41[17] (8889.22 4 0.31) (11409.23 4 0.44)`,
			`leakbench.csv|threads|count|41[17] (8889.22 1 0.31) (11409.23 1 0.44)`,
		},
		"leakbench.csv.gz": {
			`leakbench.csv.gz|private|bytes|41[17] (8889.22 33710080 0.31) (11409.23 26386432 0.44)`,
			`leakbench.csv.gz|shmem|bytes|41[17] (8889.22 0 0.31) (11409.23 0 0.44)`,
			`leakbench.csv.gz|fds|count|41[17] (8889.22 4 0.31) (11409.23 4 0.44)`,
			`leakbench.csv.gz|threads|count|41[17] (8889.22 1 0.31) (11409.23 1 0.44)`,
		},
		"memory_monitoring.csv": {
			`Enhanced API Server PID 27962|rss|bytes|22[] (1795447468.104945 9121792 NaN) (1795447478.820895 19763200 NaN)`,
			`Enhanced API Server PID 27963|rss|bytes|22[] (1795447468.104945 8581120 NaN) (1795447478.820895 9646080 NaN)`,
			`Portfolio Dashboard|rss|bytes|16[8] (1795447468.104945 9416704 NaN) (1795447477.317227 14209024 NaN)`,
		},
		"mprof_command.dat": {
			`mprof_command.dat|rss|bytes|26[] (1795447394.5433 196608 NaN) (1795447397.0552 15843328 NaN)`,
		},
		"mprof_func.dat": {
			`mprof_func.dat|rss|bytes|14[] (1795447397.2885 180224 NaN) (1795447398.5948 47964160.52 NaN)`,
		},
		"mprof_multi.dat": {
			`mprof_multi.dat|rss|bytes|16[] (1795447398.8034 196608 NaN) (1795447400.3409 11485184 NaN)`,
			`mprof_multi.dat PID 27830|rss|bytes|14[] (1795447398.9081 10051584.52 NaN) (1795447400.2372 11452416 NaN)`,
			`mprof_multi.dat PID 27831|rss|bytes|14[] (1795447398.9081 10190848 NaN) (1795447400.2372 13000704.52 NaN)`,
		},
		"prometheus_range.json": {
			prometheus + `|go_goroutines|count|21[13] (1795447447 30 0.05) (1795447467 30 0.16)`,
			prometheus + `|fds|count|21[13] (1795447447 14 0.05) (1795447467 14 0.16)`,
			prometheus + `|rss|bytes|21[13] (1795447447 43716608 0.05) (1795447467 48201728 0.16)`,
		},
		"prometheus_rate.json": {
			prometheus + `|value||17[] (1795447448 0.003982 NaN) (1795447467 0.0025 NaN)`,
		},
		"psrecord.log":      {`psrecord.log|rss|bytes|25[] (0 5521801.216 0) (6.029 8519680 0.01)`},
		"psrecord_swap.log": {`psrecord_swap.log|rss|bytes|25[] (0 5521801.216 0) (6.029 8519680 0.01)`},
		"psrecord.csv":      {`psrecord.csv|rss|bytes|25[] (0.0001800060272216797 5521408 0) (6.02856707572937 8519680 0.01003)`},
	} {
		got, err := Open(filepath.Join("testdata", file), Options{Name: file})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		compare(t, file, got, want)
		for _, s := range got {
			check(t, s)
		}
	}
}

// check holds what every series promises.
func check(t *testing.T, s Series) {
	t.Helper()
	if s.Name == "" || s.Name != printable(s.Name) || s.Metric == "" || s.Metric != printable(s.Metric) {
		t.Errorf("series %q, metric %q: unfit for a screen", s.Name, s.Metric)
	}
	if !slices.Contains([]string{"bytes", "count", ""}, s.Unit) {
		t.Errorf("unit %q", s.Unit)
	}
	known, work, faults := 0, math.Inf(-1), math.Inf(-1)
	for i, p := range s.Points {
		if math.IsNaN(p.T) || math.IsInf(p.T, 0) || math.IsInf(p.Value, 0) || math.IsInf(p.Work, 0) {
			t.Fatalf("%s: point %d is %v", s.Name, i, p)
		}
		if p.Value == p.Value {
			known++
		}
		if p.Work < work {
			t.Fatalf("%s: work falls from %g to %g at point %d", s.Name, work, p.Work, i)
		}
		if p.Work == p.Work {
			work = p.Work
		}
		if p.Faults < faults || math.IsInf(p.Faults, 0) {
			t.Fatalf("%s: faults go from %g to %g at point %d", s.Name, faults, p.Faults, i)
		}
		if p.Faults == p.Faults {
			faults = p.Faults
		}
		if p.Beside < 0 || math.IsInf(p.Beside, 0) {
			t.Fatalf("%s: %g stands beside point %d", s.Name, p.Beside, i)
		}
	}
	if known == 0 {
		t.Errorf("%s %s: not a single figure", s.Name, s.Metric)
	}
	for i, at := range s.Restarts {
		if at <= 0 || at >= len(s.Points) || i > 0 && at <= s.Restarts[i-1] {
			t.Errorf("%s: restarts %v in %d points", s.Name, s.Restarts, len(s.Points))
		}
	}
}

func TestAnyCSV(t *testing.T) {
	for _, c := range []struct {
		name, text string
		options    Options
		want       []string
	}{
		{"seconds", "when,used,cpu\n0,10,1\n5,11,2\n", Options{Time: "when", Value: "used"}, []string{"f|used||2[] (0 10 NaN) (5 11 NaN)"}},
		{"milliseconds since 1970", "when,used\n1700000000000,10\n1700000000500,11\n", Options{Time: "when", Value: "used"}, []string{"f|used||2[] (1700000000 10 NaN) (1700000000.5 11 NaN)"}},
		{"microseconds since 1970", "when,used\n1700000000500000,10\n", Options{Time: "when", Value: "used"}, []string{"f|used||1[] (1700000000.5 10 NaN) (1700000000.5 10 NaN)"}},
		{"nanoseconds since 1970", "when,used\n1700000000500000000,10\n", Options{Time: "when", Value: "used"}, []string{"f|used||1[] (1700000000.5 10 NaN) (1700000000.5 10 NaN)"}},
		{"milliseconds since the start", "up_ms,used\n1500,10\n", Options{Time: "up_ms", Value: "used"}, []string{"f|used||1[] (1.5 10 NaN) (1.5 10 NaN)"}},
		{"times in words", "when,used\n2023-11-14T22:13:20Z,1\n2023-11-14T23:13:20.5+01:00,2\n2023-11-14 22:13:21,3\n2023-11-14 22:13:21.25,4\n", Options{Time: "when", Value: "used"}, []string{"f|used||4[] (1700000000 1 NaN) (1700000001.25 4 NaN)"}},
		{"units", "when,used\n0,10\n", Options{Time: "when", Value: "used", Unit: "kB"}, []string{"f|used|bytes|1[] (0 10000 NaN) (0 10000 NaN)"}},
		{"binary units", "when,used\n0,10\n", Options{Time: "when", Value: "used", Unit: "MiB"}, []string{"f|used|bytes|1[] (0 10485760 NaN) (0 10485760 NaN)"}},
		{"counts", "when,used\n0,10\n", Options{Time: "when", Value: "used", Unit: "count"}, []string{"f|used|count|1[] (0 10 NaN) (0 10 NaN)"}},
		{"a unit in the name", "when,heap_bytes\n0,10\n", Options{Time: "when", Value: "heap_bytes"}, []string{"f|heap_bytes|bytes|1[] (0 10 NaN) (0 10 NaN)"}},
		{"a unit with two meanings", "when,heap_mb\n0,10\n", Options{Time: "when", Value: "heap_mb"}, []string{"f|heap_mb||1[] (0 10 NaN) (0 10 NaN)"}},
		{"unmeasured", "when,used\n0,10\n1,\n2,NaN\n3,+Inf\n4,null\n5,12\n", Options{Time: "when", Value: "used"}, []string{"f|used||6[] (0 10 NaN) (5 12 NaN)"}},
		{"out of order", "when,used\n10,1\n5,2\n7,3\n", Options{Time: "when", Value: "used"}, []string{"f|used||3[] (10 1 NaN) (7 3 NaN)"}},
		{"semicolons and decimal commas", "when;used\r\n0,5;10,25\r\n", Options{Time: "when", Value: "used"}, []string{"f|used||1[] (0.5 10.25 NaN) (0.5 10.25 NaN)"}},
		{"tabs", "when\tused\n0\t10\n", Options{Time: "when", Value: "used"}, []string{"f|used||1[] (0 10 NaN) (0 10 NaN)"}},
		{"byte order mark, quotes, case", "\ufeff\"When\",\"Used, all\"\r\n\"0\",\"10\"\r\n", Options{Time: "when", Value: "used, all"}, []string{"f|Used, all||1[] (0 10 NaN) (0 10 NaN)"}},
		{"a counter of work that began anew", "when,used,done\n0,1,5\n1,2,9\n2,3,1\n3,4,4\n", Options{Time: "when", Value: "used", Work: "done"}, []string{"f|used||4[2] (0 1 5) (3 4 13)"}},
		{"joined files", "when,used\n0,1\nwhen,used\n1,2\n", Options{Time: "when", Value: "used"}, []string{"f|used||2[] (0 1 NaN) (1 2 NaN)"}},
		{"a column with PIDs", "when,pid,used\n0,7,1\n1,7,2\n2,9,1\n", Options{Time: "when", Value: "used"}, []string{"f|used||3[2] (0 1 NaN) (2 1 NaN)"}},
		{"every column beside t_s", "t_s,mem_util_percent,heap_bytes\n0,84,1\n60,85,2\n", Options{}, []string{"f|mem_util_percent||2[] (0 84 NaN) (60 85 NaN)", "f|heap_bytes|bytes|2[] (0 1 NaN) (60 2 NaN)"}},
		{"another column of a known format", "t_s,pid,rss_kb,rss_anon_kb\n0,7,10,1\n1,8,11,1\n", Options{Value: "rss_kb"}, []string{"f|rss_kb|bytes|2[1] (0 10240 NaN) (1 11264 NaN)"}},
	} {
		c.options.Name = "f"
		got, err := Read(strings.NewReader(c.text), c.options)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		compare(t, c.name, got, c.want)
		for _, s := range got {
			check(t, s)
		}
	}
}

// TestNamesOfOurOwnCSV: the apostrophe that zol0 writes before "=1+1" is none of the name.
func TestNamesOfOurOwnCSV(t *testing.T) {
	const head = "time,service,pid,start_time,name,uptime_seconds,private_bytes\n"
	got, err := Read(strings.NewReader(head+"2026-01-01T00:00:00Z,'=1+1,7,2026-01-01T00:00:00Z,x,1,100\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "a formula", got, []string{"=1+1|private|bytes|1[] (1767225600 100 NaN) (1767225600 100 NaN)"})

	got, err = Read(strings.NewReader(head+"2026-01-01T00:00:00Z,a\x1b[31m\u202eb,7,2026-01-01T00:00:00Z,x,1,100\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "control characters", got, []string{"a?[31m?b|private|bytes|1[] (1767225600 100 NaN) (1767225600 100 NaN)"})
}

// TestReusedPID: the start time is rounded and may differ by a second from row to row, so
// that only an uptime that falls tells another life under the same PID.
func TestReusedPID(t *testing.T) {
	const text = `time,service,pid,start_time,name,uptime_seconds,private_bytes,cpu_seconds
2026-01-01T00:01:00Z,api,7,2026-01-01T00:00:00Z,x,60.00,100,5
2026-01-01T00:02:00Z,api,7,2025-12-31T23:59:59Z,x,120.01,200,6
2026-01-01T00:03:00Z,api,7,2026-01-01T00:02:30Z,x,30.00,50,1
`
	got, err := Read(strings.NewReader(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "a PID that was given again", got, []string{"api|private|bytes|3[2] (1767225660 100 5) (1767225780 50 7)"})
}

func TestPrometheusUnitIsForUnnamedMetrics(t *testing.T) {
	const text = `{"status":"success","data":{"resultType":"matrix","result":[
		{"metric":{"pod":"a"},"values":[[0,"1"],[1,"2"]]},
		{"metric":{"pod":"a","__name__":"heap_bytes"},"values":[[0,"1"],[1,"2"]]}]}}`
	got, err := Read(strings.NewReader(text), Options{Unit: "MiB"})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "a sum", got, []string{
		`{pod="a"}|value|bytes|2[] (0 1048576 NaN) (1 2097152 NaN)`,
		`{pod="a"}|heap_bytes|bytes|2[] (0 1 NaN) (1 2 NaN)`,
	})
}

func TestSecondRunInAProfileIsARestart(t *testing.T) {
	first, err := os.ReadFile("testdata/mprof_command.dat")
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile("testdata/mprof_func.dat")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(strings.NewReader(string(first)+string(second)), Options{Name: "f"})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "two runs", got, []string{`f|rss|bytes|40[26] (1795447394.5433 196608 NaN) (1795447398.5948 47964160.52 NaN)`})
}

func TestZeroMemoryIsOfAnEndedProcess(t *testing.T) {
	got, err := Read(strings.NewReader("MEM 1.5 10.0\nMEM 0.000000 11.0\n"), Options{Name: "f"})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "a zombie", got, []string{"f|rss|bytes|2[] (10 1572864 NaN) (11 NaN NaN)"})
}
