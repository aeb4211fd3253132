package trace

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestAServiceIsOneSeries: a leakbench trace follows one service, whose PID may be one
// that was seen before.
func TestAServiceIsOneSeries(t *testing.T) {
	const head = "t_s,pid,rss_kb,rss_anon_kb,utime_s,stime_s,minflt\n"
	for _, c := range []struct {
		name, text string
		options    Options
		want       string
		faults     []float64
	}{
		{"there and back", head + "0,7,9,1,5,0,50\n1,7,9,2,6,0,60\n2,8,9,3,1,0,5\n3,8,9,4,2,0,6\n4,7,9,5,1,0,1\n5,7,9,6,3,0,4\n", Options{}, "f|private|bytes|6[2 4] (0 1024 5) (5 6144 11)", []float64{50, 60, 65, 66, 67, 70}},
		{"row by row", head + "0,7,9,1,1,0,1\n1,8,9,2,1,0,1\n2,7,9,3,1,0,1\n3,8,9,4,1,0,1\n", Options{}, "f|private|bytes|4[1 2 3] (0 1024 1) (3 4096 4)", []float64{1, 2, 3, 4}},
		{"two rows of one moment", head + "0,7,9,1,1,0,1\n0,8,9,2,1,0,1\n", Options{}, "f|private|bytes|2[1] (0 1024 1) (0 2048 2)", []float64{1, 2}},
		{"a PID that was not read", head + "0,,9,1,1,0,1\n1,8,9,2,1,0,1\n2,8,9,2,1,0,1\n", Options{}, "f|private|bytes|3[1] (0 1024 1) (2 2048 2)", []float64{1, 2, 2}},
		{"another column", head + "0,7,9,1,1,0,1\n1,8,9,2,1,0,1\n2,7,8,3,1,0,1\n", Options{Value: "rss_kb"}, "f|rss_kb|bytes|3[1 2] (0 9216 1) (2 8192 3)", []float64{1, 2, 3}},
	} {
		c.options.Name = "f"
		got, err := Read(strings.NewReader(c.text), c.options)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		compare(t, c.name, got, []string{c.want})
		check(t, got[0])
		if faults := known(got[0].Points, faultsOf); !slices.Equal(faults, c.faults) {
			t.Errorf("%s: faults %v, want %v", c.name, faults, c.faults)
		}
	}
}

// TestABrokenRowBeginsNothing: the first row of a process that cannot be read gives no
// point to restart at.
func TestABrokenRowBeginsNothing(t *testing.T) {
	got, err := Read(strings.NewReader("t_s,pid,rss_anon_kb,minflt\n0,7,1,1\n1,8,2,oops\n"), Options{Name: "f"})
	if err == nil {
		t.Error("oops is taken for a number")
	}
	compare(t, "a row that breaks off", got, []string{"f|private|bytes|1[] (0 1024 NaN) (0 1024 NaN)"})
}

// TestRestartsOfAServiceAreNoFalls: work that begins at 0 with every process is a counter
// all the same.
func TestRestartsOfAServiceAreNoFalls(t *testing.T) {
	text := "t_s,pid,rss_anon_kb,requests\n"
	for i := range 40 {
		text += fmt.Sprintf("%d,%d,5,%d\n", i, 7+i%2, 9-i%10)
	}
	got, err := Read(strings.NewReader(text), Options{Name: "f", Work: "requests"})
	if err != nil {
		t.Fatal(err)
	}
	if s := got[0]; len(got) != 1 || len(s.Restarts) != 39 || s.Points[39].Work != 4*45 {
		t.Errorf("%s, want 39 restarts and the work of 180 requests", summary(s))
	}
}
