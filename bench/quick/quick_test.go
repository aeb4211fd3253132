package quick

import (
	"testing"

	"github.com/zol0/zol0/bench/target"
)

func TestReadTakesMedians(t *testing.T) {
	c := Cost{Command: "quick"}
	err := c.read("user_us=10000 system_us=30000 peak_rss_kib=10000 wall_us=50000\n" +
		"user_us=10000 system_us=50000 peak_rss_kib=12000 wall_us=90000\n" +
		"user_us=20000 system_us=30000 peak_rss_kib=11000 wall_us=60000\n")
	if err != nil {
		t.Fatal(err)
	}
	if c.ProcessorMS != 50 || c.PeakRSSMB != 11.264 || c.WallMS != 60 || c.Runs != 3 {
		t.Errorf("read = %+v", c)
	}
	for _, out := range []string{"", "quick\n", "user_us=1 system_us=2\n"} {
		if err := new(Cost).read(out); err == nil {
			t.Errorf("read took %q", out)
		}
	}
}

func TestTargets(t *testing.T) {
	got := Targets([]Cost{
		{Command: "version", ProcessorMS: 1000},
		{Command: "quick", ProcessorMS: 90, PeakRSSMB: 20.1, WallMS: 300},
		{Command: "quick --json", NotRun: "no such command"},
	})
	want := []target.Outcome{target.Met, target.Missed, target.Missed, target.NotRun, target.NotRun, target.NotRun}
	if len(got) != len(want) {
		t.Fatalf("%d targets, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i].Outcome != want[i] {
			t.Errorf("%s: %s (%s), want %s", got[i].Wanted, got[i].Outcome, got[i].Measured, want[i])
		}
	}
}
