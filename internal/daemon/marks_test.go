package daemon

import (
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/wire"
)

func marksOf(t *testing.T, d *Daemon, service string, from, to time.Time, limit int) wire.Marks {
	t.Helper()
	out, err := history{d}.Marks(t.Context(), api.MarksQuery{Service: service, From: from, To: to, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// kindsOf are the kinds of marks with their PIDs, oldest first.
func kindsOf(m wire.Marks) string {
	var out []string
	for _, x := range m.Marks {
		out = append(out, x.Kind)
	}
	return strings.Join(out, " ")
}

// TestMarksOfARestart: a process that was there before the daemon did not begin when it
// was first seen; one that took its place did, at the time at which it began.
func TestMarksOfARestart(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), seldom)
	m.procs[2].private = constant(60 << 20)
	hours(t, d, m, 1)
	replaced := m.Now()
	m.replace(2, 201, constant(70<<20))
	hours(t, d, m, 1)
	all := marksOf(t, d, "leaky", noon.Add(-24*time.Hour), m.Now(), 100)
	if got := kindsOf(all); got != "start end start" {
		t.Fatalf("the marks are %s: %+v", got, all)
	}
	if x := all.Marks[0]; x.PID != 101 || !x.Time.Equal(noon.Add(-time.Hour)) {
		t.Errorf("the first life began at %v: %+v", x.Time, x)
	}
	if x := all.Marks[1]; x.PID != 101 || replaced.Sub(x.Time) > time.Minute || x.Time.After(replaced) {
		t.Errorf("it ended at %v, want shortly before %v", x.Time, replaced)
	}
	if x := all.Marks[2]; x.PID != 201 || x.Time.Sub(replaced).Abs() > time.Second || x.Service != "leaky" {
		t.Errorf("the second began at %v, want %v: %+v", x.Time, replaced, x)
	}
	if got := kindsOf(marksOf(t, d, "leaky", noon, m.Now(), 100)); got != "end start" {
		t.Errorf("since the daemon began the marks are %q", got)
	}
	if last := marksOf(t, d, "leaky", noon, m.Now(), 1); !last.Truncated || kindsOf(last) != "start" {
		t.Errorf("of one mark there is %+v", last)
	}
	only, err := history{d}.Marks(t.Context(), api.MarksQuery{Service: "leaky", Kinds: []string{"end"}, From: noon, To: m.Now(), Limit: 1})
	if err != nil || only.Truncated || kindsOf(only) != "end" {
		t.Errorf("of ends there is %+v (%v)", only, err)
	}
	if got := marksOf(t, d, "nobody", noon, m.Now(), 100); len(got.Marks) != 0 || got.Marks == nil {
		t.Errorf("a service that never was has %+v", got)
	}
}

// TestMarksOfVerdicts: what the journal says of a service is marked, and of all services
// also what the daemon says of itself.
func TestMarksOfVerdicts(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), seldom)
	hours(t, d, m, 12)
	d.event("stop", "zol0", "zol0 ended", nil)
	if err := d.store.Flush(); err != nil {
		t.Fatal(err)
	}
	leaky := marksOf(t, d, "leaky", noon, m.Now().Add(time.Second), 100)
	if len(leaky.Marks) == 0 || leaky.Marks[0].Kind != "verdict" || leaky.Marks[0].PID != 101 {
		t.Errorf("the marks of a leak are %+v", leaky)
	}
	for _, x := range leaky.Marks {
		if x.Service != "leaky" {
			t.Errorf("a mark of another service: %+v", x)
		}
	}
	if got := kindsOf(marksOf(t, d, "", noon, m.Now().Add(time.Second), 100)); !strings.HasSuffix(got, "stop") || !strings.Contains(got, "verdict") {
		t.Errorf("the marks of all services are %q", got)
	}
}
