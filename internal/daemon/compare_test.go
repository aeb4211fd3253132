package daemon

import (
	"errors"
	"io/fs"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/wire"
)

func compared(t *testing.T, d *Daemon, q api.CompareQuery) wire.Comparison {
	t.Helper()
	out, err := history{d}.Compare(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func figureNamed(t *testing.T, c wire.Comparison, metric string) wire.ComparisonRow {
	t.Helper()
	for _, r := range c.Rows {
		if r.Metric == metric {
			return r
		}
	}
	t.Fatalf("no row %s in %+v", metric, c.Rows)
	return wire.ComparisonRow{}
}

func near(v *float64, want, share float64) bool {
	return v != nil && math.Abs(*v-want) <= share*math.Abs(want)
}

// TestCompareALeakWithItsRepair lets a service leak for ten hours and then not.
func TestCompareALeakWithItsRepair(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), seldom)
	m.procs[2].private = leaking(40<<20, 20<<20)
	hours(t, d, m, 10)
	repaired := m.Now()
	m.replace(2, 201, constant(60<<20))
	hours(t, d, m, 10)

	c := compared(t, d, api.CompareQuery{Service: "leaky", Before: api.StretchQuery{From: noon, To: repaired}, After: api.StretchQuery{From: repaired, To: m.Now()}})
	if c.Before.Verdict == nil || c.Before.Verdict.State != "leaking" || c.After.Verdict == nil || c.After.Verdict.State != "steady" {
		t.Fatalf("the verdicts are %+v and %+v", c.Before.Verdict, c.After.Verdict)
	}
	if c.Verdict == nil || c.Verdict.Word != "better" || !strings.HasPrefix(c.Verdict.Sentence, "Better: grows by 2") {
		t.Errorf("the change is %+v", c.Verdict)
	}
	if c.Before.Samples != 1200 || c.Before.Tier != "raw" || !c.Before.From.Equal(noon) || !c.Before.To.Equal(repaired) || c.Before.PID != 0 {
		t.Errorf("before is %+v", c.Before)
	}
	// The process was an hour old at noon: 60 MiB then, 260 MiB after ten hours.
	private := figureNamed(t, c, "private_bytes")
	if !near(private.Before, 160<<20, .005) || !near(private.After, 60<<20, .001) || !near(private.Change, -100<<20, .01) || !near(private.ChangePercent, -62.5, .02) {
		t.Errorf("the mean is %v, %v: %v, %v", *private.Before, *private.After, *private.Change, *private.ChangePercent)
	}
	if high := figureNamed(t, c, "private_bytes_max"); !near(high.Before, 260<<20, .005) {
		t.Errorf("the highest is %v", *high.Before)
	}
	if growth := figureNamed(t, c, "private_growth"); !near(growth.Before, 20<<20, .001) || *growth.After != 0 {
		t.Errorf("the growth is %v, %v an hour", *growth.Before, *growth.After)
	}
	// The processes of the tests are busy for a hundredth of their age.
	if cpu := figureNamed(t, c, "cpu"); !near(cpu.Before, 1, .01) || !near(cpu.After, 1, .01) {
		t.Errorf("the processor is used by %v, %v %%", *cpu.Before, *cpu.After)
	}
	if n := figureNamed(t, c, "instances"); *n.Before != 1 || *n.After != 1 {
		t.Errorf("the processes are %v, %v", *n.Before, *n.After)
	}
	if n := figureNamed(t, c, "restarts"); *n.Before != 0 || *n.After != 1 {
		t.Errorf("the restarts are %v, %v", *n.Before, *n.After)
	}
	said := strings.Join(c.Caveats, "\n")
	if !strings.Contains(said, "after: 1 restart;") || strings.Contains(said, "different length") {
		t.Errorf("the caveats are %q", c.Caveats)
	}
}

// TestCompareLives names lives by PID and start.
func TestCompareLives(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), seldom)
	m.procs[2].private = constant(50 << 20)
	hours(t, d, m, 5)
	m.replace(2, 201, leaking(50<<20, 20<<20))
	hours(t, d, m, 10)
	lives := livesOf(t, d, "leaky").Lives
	q := api.CompareQuery{Service: "leaky", Before: api.StretchQuery{PID: 101, Start: lives[1].Start}, After: api.StretchQuery{PID: 201}}
	c := compared(t, d, q)
	if c.Before.PID != 101 || c.After.PID != 201 || c.After.Start != lives[0].Start || !c.Before.To.Equal(lives[1].EndTime.Add(time.Millisecond)) {
		t.Errorf("the lives are %+v and %+v", c.Before, c.After)
	}
	if c.Verdict == nil || c.Verdict.Word != "worse" {
		t.Errorf("the change is %+v, %q", c.Verdict, c.Caveats)
	}
	for _, r := range c.Rows {
		if r.Metric == "instances" || r.Metric == "restarts" {
			t.Errorf("a life has %s", r.Metric)
		}
	}
	if !strings.Contains(strings.Join(c.Caveats, "\n"), "different length") {
		t.Errorf("six hours and ten: %q", c.Caveats)
	}
	q.Before.PID = 7
	if _, err := (history{d}).Compare(t.Context(), q); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a life that never was: %v", err)
	}
}

// TestCompareNothing: what is not known is null, and said.
func TestCompareNothing(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 24) // two minutes; a series begins after one
	c := compared(t, d, api.CompareQuery{Service: "leaky", Before: api.StretchQuery{From: noon.Add(-48 * time.Hour), To: noon.Add(-24 * time.Hour)}, After: api.StretchQuery{From: noon, To: m.Now()}})
	if c.Before.Verdict != nil || c.Before.Samples != 0 || c.Verdict != nil {
		t.Errorf("of a time before there was anything: %+v", c)
	}
	if r := figureNamed(t, c, "private_bytes"); r.Before != nil || r.After == nil || r.Change != nil || r.ChangePercent != nil {
		t.Errorf("the row is %+v", r)
	}
	if !strings.Contains(strings.Join(c.Caveats, "\n"), "before: the store has no samples") {
		t.Errorf("the caveats are %q", c.Caveats)
	}
}

// TestCountersBeginAnew: the counters of a service begin at 0 with every start of the
// daemon; what they counted before is not lost, and the time without a daemon is no time
// in which nothing happened.
func TestCountersBeginAnew(t *testing.T) {
	m := newMachine()
	dir := t.TempDir()
	for range 3 {
		d, _ := start(t, m, dir, seldom)
		hours(t, d, m, 2)
		end(t, d)
		m.pass(2 * time.Hour)
	}
	d, _ := start(t, m, dir, seldom)
	hours(t, d, m, 1)
	c := compared(t, d, api.CompareQuery{Service: "leaky", Before: api.StretchQuery{From: noon, To: m.Now()}, After: api.StretchQuery{From: noon, To: noon.Add(2 * time.Hour)}})
	if cpu := figureNamed(t, c, "cpu"); !near(cpu.Before, 1, .03) || !near(cpu.After, 1, .03) {
		t.Errorf("the processor is used by %v %% with restarts of the daemon, %v %% without", *cpu.Before, *cpu.After)
	}
}

func TestPiecesOfAStretch(t *testing.T) {
	for _, x := range [][2]int64{{0, 5 * minute}, {7, hour - 1}, {30 * minute, 3*hour + 17*minute}, {hour, 3*hour - 1}, {hour + 1, 2*hour + 1}, {59*minute + 59_999, 26 * hour}} {
		at := x[0]
		for _, p := range piecesOf(x[0], x[1]) {
			if p.from < at || p.from-at >= minute || p.from%p.step != 0 && p.step > second || p.to < p.from-1 || p.to > x[1] {
				t.Errorf("%v has the piece %+v after %d", x, p, at)
			}
			at = p.to + 1
		}
		if at != x[1]+1 {
			t.Errorf("%v ends at %d", x, at)
		}
	}
}
