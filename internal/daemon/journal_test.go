package daemon

import (
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/config"
)

// TestARestartHidesNoVerdict ends the daemon after a series was judged and before the
// journal was told, and once more before the leak ends.
func TestARestartHidesNoVerdict(t *testing.T) {
	m := newMachine()
	dir := t.TempDir()
	d, _ := start(t, m, dir, nil)
	for range 170 {
		if run(t, d, m, 1); rowOf(t, d, "leaky").State == "suspect" {
			break
		}
	}
	if state := rowOf(t, d, "leaky").State; state != "suspect" || len(events(t, d, "verdict")) > 0 {
		t.Fatalf("leaky is %s and the journal says %q; want suspect, and nothing yet", state, events(t, d, "verdict"))
	}
	end(t, d)
	d, _ = start(t, m, dir, nil)
	run(t, d, m, 8*720)
	before := events(t, d, "verdict")
	if len(before) < 2 || !strings.Contains(before[0], "PID 101): Suspect") || !strings.Contains(before[len(before)-1], "Leaking") {
		t.Fatalf("the journal says %q", before)
	}
	end(t, d)

	d, _ = start(t, m, dir, nil)
	run(t, d, m, 720)
	if got := events(t, d, "verdict"); len(got) != len(before) {
		t.Errorf("a restart is told as news: %q", got[len(before):])
	}
	m.procs = m.procs[:2]
	run(t, d, m, 2)
	after := events(t, d, "verdict")
	if len(after) != len(before)+1 || !strings.Contains(after[len(after)-1], "memory was leaking: it ended, or is not watched any more") {
		t.Errorf("of the end of the leak the journal says %q", after[len(before):])
	}
}

// TestTheJournalIsOfThisBoot gives a process the PID and start of one that leaked before
// the machine was started anew.
func TestTheJournalIsOfThisBoot(t *testing.T) {
	m := newMachine()
	dir := t.TempDir()
	d, _ := start(t, m, dir, nil)
	run(t, d, m, 8*720)
	end(t, d)
	m.boot = "b008"
	m.wall, m.elapsed = m.wall.Add(time.Hour), time.Minute
	d, _ = start(t, m, dir, nil)
	if len(d.said) > 0 {
		t.Errorf("the journal of another boot counts: %v", d.said)
	}
}

func TestBootOfARecord(t *testing.T) {
	for name, want := range map[string]string{"b007/12/345": "b007", "/12/345": "", "a/b/12/345": "a/b", "12": "", "": ""} {
		if got := bootOf(name); got != want {
			t.Errorf("the boot of %q is %q, want %q", name, got, want)
		}
	}
}

func TestBeatsThatFailAreNotLate(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 3)
	m.broken = errBroken
	run(t, d, m, 5)
	m.broken = nil
	run(t, d, m, 2)
	if d.beats.late != 0 || len(events(t, d, "late")) > 0 {
		t.Errorf("%d beats are late: %q", d.beats.late, events(t, d, "late"))
	}
	m.pass(5 * time.Second)
	run(t, d, m, 1)
	if d.beats.late != 1 {
		t.Errorf("%d beats are late, want the one that was", d.beats.late)
	}
}

// TestAReloadLeavesFiguresAsTheyAre has a process that used a hundredth of a core all its
// life and uses nothing any more.
func TestAReloadLeavesFiguresAsTheyAre(t *testing.T) {
	m := newMachine()
	dir := t.TempDir()
	d, _ := start(t, m, dir, func(o *Options) {
		o.Reload = func() (*config.Config, error) { return settings(dir), nil }
	})
	run(t, d, m, 3)
	m.idle = true
	run(t, d, m, 2)
	idle := func(when string) {
		if r := rowOf(t, d, "steady"); r.CPUPercent == nil || *r.CPUPercent != 0 {
			t.Errorf("%s a reload the share of an idle process is %+v", when, r)
		}
	}
	idle("before")
	d.reload()
	run(t, d, m, 1)
	idle("after")
}
