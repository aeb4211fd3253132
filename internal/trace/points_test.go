package trace

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// known is what points say about one thing, NaN as -1.
func known(points []Point, of func(Point) float64) []float64 {
	var out []float64
	for _, p := range points {
		v := of(p)
		if math.IsNaN(v) {
			v = -1
		}
		out = append(out, v)
	}
	return out
}

func faultsOf(p Point) float64 { return p.Faults }
func besideOf(p Point) float64 { return p.Beside }

// TestFaultsAndBesideOfRecordings holds them against figures of the files: 8441 and 8666
// are minflt in the first and last row of the first life in leakbench.csv, 6653 in the
// last row of the second; 39616-32920 KiB are RSS beside the private memory.
func TestFaultsAndBesideOfRecordings(t *testing.T) {
	for _, c := range []struct {
		file, metric               string
		first, last                float64 // faults
		beside, besideLast, unitOf float64
	}{
		{"leakbench.csv", "private", 8441, 8666 + 6653, 39616 - 32920, 32432 - 25768, 1 << 10},
		{"leakbench.csv", "shmem", 8441, 8666 + 6653, 39616, 32432, 1 << 10},
		{"leakbench.csv", "fds", 8441, 8666 + 6653, -1, -1, 1},
		{"leakbench.csv", "threads", 8441, 8666 + 6653, -1, -1, 1},
		{"zol0_quick.csv", "private", 894, 894, 8552448 - 2879488, 8552448 - 2879488, 1},
		{"zol0_quick.csv", "shmem", 894, 894, 8552448, 8552448, 1},
		{"zol0_quick.csv", "threads", 894, 894, -1, -1, 1},
		{"memory_monitoring.csv", "rss", -1, -1, -1, -1, 1},
		{"prometheus_range.json", "rss", -1, -1, -1, -1, 1},
		{"mprof_command.dat", "rss", -1, -1, -1, -1, 1},
		{"psrecord.log", "rss", -1, -1, -1, -1, 1},
	} {
		all, err := Open(filepath.Join("testdata", c.file), Options{})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(s Series) bool { return s.Metric == c.metric })
		points := all[i].Points
		faults, beside := known(points, faultsOf), known(points, besideOf)
		if last := len(points) - 1; faults[0] != c.first || faults[last] != c.last {
			t.Errorf("%s %s: faults go from %g to %g, want %g to %g", c.file, c.metric, faults[0], faults[last], c.first, c.last)
		}
		if last := len(points) - 1; beside[0] != c.beside*c.unitOf || beside[last] != c.besideLast*c.unitOf {
			t.Errorf("%s %s: beside is %g, last %g, want %g and %g", c.file, c.metric, beside[0], beside[last], c.beside*c.unitOf, c.besideLast*c.unitOf)
		}
	}
}

func TestFaultsAndBesideOfRows(t *testing.T) {
	const head = "t_s,pid,rss_kb,rss_anon_kb,swap_kb,rss_shmem_kb,minflt\n"
	for _, c := range []struct {
		name, text     string
		faults, beside []float64 // of private; KiB
	}{
		{"counted on over a restart", head + "0,7,10,6,0,1,100\n1,7,10,7,0,1,130\n2,8,9,5,0,1,40\n3,8,9,6,0,1,41\n", []float64{100, 130, 170, 171}, []float64{4, 3, 4, 3}},
		{"corrected by the kernel", head + "0,7,10,6,0,1,100\n1,7,10,6,0,1,99\n2,7,10,6,0,1,101\n", []float64{100, 100, 101}, []float64{4, 4, 4}},
		{"not measured at first", head + "0,7,,6,0,1,\n1,7,10,6,0,1,99\n2,8,10,6,0,1,\n3,8,10,6,0,1,5\n", []float64{-1, 99, -1, 104}, []float64{-1, 4, 4, 4}},
		{"more swapped than resident beside", head + "0,7,10,6,8,1,1\n", []float64{1}, []float64{0}},
		{"no such columns", "t_s,pid,rss_anon_kb\n0,7,6\n", []float64{-1}, []float64{-1}},
	} {
		all, err := Read(strings.NewReader(c.text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(c.beside)
		for i := range want {
			if want[i] > 0 {
				want[i] *= 1024
			}
		}
		if got := known(all[0].Points, faultsOf); !slices.Equal(got, c.faults) {
			t.Errorf("%s: faults %v, want %v", c.name, got, c.faults)
		}
		if got := known(all[0].Points, besideOf); !slices.Equal(got, want) {
			t.Errorf("%s: beside %v, want %v", c.name, got, want)
		}
	}
}

// TestUniqueMemoryStandsWithinTheResident: psrecord writes both.
func TestUniqueMemoryStandsWithinTheResident(t *testing.T) {
	text, err := os.ReadFile("testdata/psrecord.log")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	whole := strings.TrimRight(lines[0], "\n") + "  USS (MB)\n"
	for _, line := range lines[1:3] {
		whole += strings.TrimRight(line, "\n") + " 1.5\n"
	}
	all, err := Read(strings.NewReader(whole), Options{Name: "f"})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[1].Metric != "uss" {
		t.Fatalf("series: %v", all)
	}
	for i, p := range all[1].Points {
		if want := all[0].Points[i].Value - 1.5*mibUnit.factor; p.Beside != want {
			t.Errorf("point %d: beside %g, want %g", i, p.Beside, want)
		}
		if b := all[0].Points[i].Beside; b == b {
			t.Errorf("point %d: %g stands beside the RSS", i, b)
		}
	}
}
