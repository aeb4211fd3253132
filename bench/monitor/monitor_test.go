package monitor

import (
	"math"
	"os"
	"testing"
)

func TestResidentBytes(t *testing.T) {
	if got, err := parseResident("Name:\tzol0\nVmHWM:\t  9999 kB\nVmRSS:\t   10240 kB\nRssAnon:\t 1 kB\n"); err != nil || got != 10<<20 {
		t.Errorf("parseResident = %d, %v, want 10 MiB", got, err)
	}
	for _, status := range []string{"", "Name:\tzol0\nState:\tZ (zombie)\n", "\nVmRSS:\tmuch\n"} {
		if got, err := parseResident(status); err == nil {
			t.Errorf("parseResident(%q) = %d, want an error", status, got)
		}
	}
}

func TestOwnResidentBytes(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		reason := "NOT RUN: this system has no procfs: " + err.Error()
		t.Log(reason)
		t.Skip(reason)
	}
	if got, err := residentBytes(os.Getpid()); err != nil || got < 1e6 {
		t.Errorf("this test program holds %d bytes, %v", got, err)
	}
}

// A monitor that starts with a jump and then grows by 0.1 MB a second grows by 6 MB a
// minute: the jump belongs to the start-up.
func TestSlopeLeavesTheStartOut(t *testing.T) {
	var g Growth
	g.sum([]float64{1, 2, 3, 4, 5, 6, 7, 8}, []float64{5, 10, 10, 10, 20, 20.1, 20.2, 20.3})
	if math.Abs(g.SlopeKBPerMinute-6000) > 1e-6 || g.StartMB != 5 || g.MaxMB != 20.3 || g.Readings != 8 {
		t.Errorf("sum = %+v", g)
	}
	var short Growth
	short.sum([]float64{1}, []float64{5})
	if short.NotRun == "" {
		t.Errorf("one reading was taken for a run: %+v", short)
	}
}
