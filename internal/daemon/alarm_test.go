package daemon

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/alert"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// firing finds the alert of a rule about a service; nil where there is none.
func firing(a wire.Alerts, rule alert.Rule, service string) *wire.Alert {
	for i := range a.Firing {
		if x := &a.Firing[i]; x.Rule == rule.String() && x.Service == service {
			return x
		}
	}
	return nil
}

// rules lists the alerts that hold.
func rules(a wire.Alerts) string {
	var out []string
	for _, x := range a.Firing {
		out = append(out, strings.TrimSpace(x.Severity+" "+x.Rule+" "+x.Service))
	}
	return strings.Join(out, ", ")
}

// unchecked lists the rules that could not be checked.
func unchecked(a wire.Alerts) string {
	var out []string
	for _, c := range a.Checks {
		if !c.Checked {
			out = append(out, c.Rule)
		}
	}
	return strings.Join(out, ", ")
}

// well is a machine on which nothing is wrong and everything can be seen.
func well() *machine {
	m := newMachine()
	m.procs = m.procs[:2] // zol0 and what is steady
	m.working(.1)
	return m
}

// TestAGreenLightIsEarned: only when every check was made, and nothing was found.
func TestAGreenLightIsEarned(t *testing.T) {
	m := well()
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 1)
	if a := d.Alerts(); a.Status != "unknown" || unchecked(a) != "host_cpu, leak, descriptor_leak, thread_leak, forecast" || a.Sentence != "5 of 13 checks could not be made." {
		t.Errorf("after one beat: %s, %q, unchecked %s", a.Status, a.Sentence, unchecked(a))
	}
	run(t, d, m, 5*60/5)
	if a := d.Alerts(); a.Status != "operational" || a.Sentence != "All systems operational" || unchecked(a) != "" || len(a.Firing) != 0 || !a.Time.Equal(noon.Add(5*time.Minute)) {
		t.Errorf("after five minutes: %s, %q, unchecked %s, firing %s", a.Status, a.Sentence, unchecked(a), rules(a))
	}
	m.denied = 2
	run(t, d, m, 1)
	if a := d.Alerts(); a.Status != "unknown" || !strings.Contains(unchecked(a), "process_high") || !strings.Contains(a.Checks[0].Why, "may not read 2 processes") {
		t.Errorf("two processes may not be read: %s, unchecked %s", a.Status, unchecked(a))
	}
	m.denied, m.load = 0, nil
	run(t, d, m, 1)
	if a := d.Alerts(); a.Status != "unknown" || unchecked(a) != "host_cpu" {
		t.Errorf("nobody tells the load: %s, unchecked %s", a.Status, unchecked(a))
	}
	m.broken = errBroken
	run(t, d, m, 1)
	if a := d.Alerts(); a.Status != "warning" || firing(a, alert.Fault, "") == nil || len(strings.Split(unchecked(a), ", ")) != int(alert.Rules)-1 {
		t.Errorf("nothing can be read: %s, %s, unchecked %s", a.Status, rules(a), unchecked(a))
	}
}

// TestThresholdsOfTheOriginal takes processes over each of them, and back.
func TestThresholdsOfTheOriginal(t *testing.T) {
	m := well()
	size := map[int32]uint64{}
	for _, pid := range []int32{300, 301} {
		m.procs = append(m.procs, proc{pid, fmt.Sprint("p", pid), 0, func(time.Duration) uint64 { return size[pid] }})
	}
	own := uint64(20e6)
	m.procs[0].private = func(time.Duration) uint64 { return own }
	d, _ := start(t, m, t.TempDir(), func(o *Options) { o.Config.Memory.Budget = 10 * units.GB })
	for _, c := range []struct {
		first, second, own uint64
		want               string
	}{
		{300e6, 1e6, 100e6, ""},
		{300e6 + 1, 1e6, 100e6 + 1, "warning own_memory, info process_elevated p300"},
		{500e6 + 1, 400e6, 1e6, "critical process_high p300, info process_elevated p301"},
		{2e9, 1e9, 1e6, "critical process_high p300, critical process_high p301, warning watched_total"},
	} {
		size[300], size[301], own = c.first, c.second, c.own
		run(t, d, m, 1)
		if got := rules(d.Alerts()); got != c.want {
			t.Errorf("%d, %d and %d bytes: %q, want %q", c.first, c.second, c.own, got, c.want)
		}
		size[300], size[301], own = 1e6, 1e6, 1e6
		run(t, d, m, 14) // a calm minute
		if a := d.Alerts(); len(a.Firing) != 0 {
			t.Errorf("a minute later: %q", rules(a))
		}
	}
	a := d.Alerts()
	if len(a.Resolved) != 7 || a.Resolved[0].Ended == nil {
		t.Fatalf("%d ended", len(a.Resolved))
	}
	all := strings.Join(events(t, d, "alert"), "\n")
	for _, want := range []string{
		"Info: p300 (PID 300) has 300 MB of private memory, above 300 MB, and is elevated.",
		"Warning: zol0 (PID 4000) has 100 MB of private memory, above 100 MB, and is to be investigated.",
		"Critical: p300 (PID 300) has 2 GB of private memory, above 500 MB, and needs immediate attention.",
		"together have 3.05 GB of private memory, above 3 GB: review them.",
		"Over after 5s: p300",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the journal lacks %q:\n%s", want, all)
		}
	}
	// The meanings name the thresholds that hold without a configuration.
	limits := sampler.DefaultLimits()
	for rule, b := range map[alert.Rule]units.Bytes{alert.ProcessHigh: limits.High, alert.ProcessElevated: limits.Elevated, alert.OwnMemory: limits.Own, alert.WatchedTotal: limits.Watched} {
		if !strings.Contains(rule.Meaning(), b.String()) {
			t.Errorf("the meaning of %s does not say %s", rule, b)
		}
	}
}

// TestOneBusyBeatIsNoAlarm: it takes a minute of them.
func TestOneBusyBeatIsNoAlarm(t *testing.T) {
	m := well()
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 60)
	m.working(2)
	for i := 1; i <= 24; i++ {
		run(t, d, m, 1)
		x := firing(d.Alerts(), alert.HostCPU, "")
		// The beat at which it began saw nothing of it; after 48 s of 60 the mean is 80 %.
		if busy := time.Duration(i-1) * 5 * time.Second; (x != nil) != (busy >= 50*time.Second) {
			t.Fatalf("after %s of all processors busy: %+v", busy, x)
		}
	}
	m.available = 1 << 30 // of 8
	run(t, d, m, 1)
	x := firing(d.Alerts(), alert.HostMemory, "")
	if x == nil || *x.Value != 87.5 || x.Unit != "percent" || x.Sentence != "87.5 % of the host's memory is in use, above 80.0 %." {
		t.Errorf("%+v", x)
	}
}

// TestALeakIsAnAlertWithItsEnd lets a process run against the limit of its control group.
func TestALeakIsAnAlertWithItsEnd(t *testing.T) {
	m := newMachine()
	m.working(.1)
	d, _ := start(t, m, t.TempDir(), seldom)
	run(t, d, m, 12*120)
	a := d.Alerts()
	x := firing(a, alert.Leak, "leaky")
	if x == nil || x.Severity != "warning" || x.Unit != "bytes_per_hour" || *x.Value < 19e6 || *x.Value > 23e6 || !strings.HasPrefix(x.Sentence, "leaky (PID 101), memory: Leaking: ") || a.Status != "warning" {
		t.Fatalf("%+v in %s", x, rules(a))
	}
	if x := firing(a, alert.Forecast, "leaky"); x != nil {
		t.Errorf("with 4 GiB of room: %+v", x)
	}
	m.available = 100 << 20 // five hours at 20 MiB an hour
	run(t, d, m, 3)
	x = firing(d.Alerts(), alert.Forecast, "leaky")
	if x == nil || x.Severity != "warning" || *x.Value < 4*3600 || *x.Value > 6*3600 || !strings.Contains(x.Sentence, "leaky (PID 101) reaches the end of the host's memory of 8.59 GB in ") {
		t.Fatalf("with 100 MiB of room: %+v", x)
	}
	m.available = 30 << 20
	run(t, d, m, 3)
	if x := firing(d.Alerts(), alert.Forecast, "leaky"); x == nil || x.Severity != "critical" || *x.Limit != 2*3600 {
		t.Errorf("with 30 MiB of room: %+v", x)
	}
	if all := strings.Join(events(t, d, "alert"), "\n"); !strings.Contains(all, "Critical: leaky (PID 101) reaches") {
		t.Errorf("the journal says\n%s", all)
	}
	m.procs = m.procs[:2]
	run(t, d, m, 4)
	if x := firing(d.Alerts(), alert.Leak, "leaky"); x != nil {
		t.Errorf("it ended: %+v", x)
	}
}

// TestCountsThatLeak gives a process ever more descriptors and threads.
func TestCountsThatLeak(t *testing.T) {
	m := well()
	m.working(.1)
	m.counts = func(pid int32, age time.Duration) (threads, fds uint64) {
		if pid == 100 {
			return 4 + uint64(age.Hours()*60), 20 + uint64(age.Hours()*240)
		}
		return 4, 20
	}
	d, _ := start(t, m, t.TempDir(), seldom)
	run(t, d, m, 26*120)
	a := d.Alerts()
	for _, rule := range []alert.Rule{alert.DescriptorLeak, alert.ThreadLeak} {
		if x := firing(a, rule, "steady"); x == nil || !strings.HasPrefix(x.Sentence, "steady (PID 100), ") || x.Value != nil {
			t.Errorf("%s: %+v in %s", rule, x, rules(a))
		}
	}
	if x := firing(a, alert.Leak, "steady"); x != nil {
		t.Errorf("its memory is steady: %+v", x)
	}
}

// TestOwnBudgetAndFaultsAreAlerts: what the daemon gives up or cannot do.
func TestOwnBudgetAndFaultsAreAlerts(t *testing.T) {
	m := well()
	d, _ := start(t, m, t.TempDir(), func(o *Options) { o.Config.Memory.Budget = 25 * units.MB })
	run(t, d, m, 2)
	if x := firing(d.Alerts(), alert.OwnBudget, ""); x == nil || *x.Value != 20<<20 || *x.Limit != 25e6 || !strings.Contains(x.Sentence, "zol0 has 21 MB of private memory, of a budget of 25 MB.") {
		t.Errorf("%+v", x)
	}
	d.fault("store", errors.New("the disk is full"))
	d.alarm(d.beats.last)
	if x := firing(d.Alerts(), alert.Fault, ""); x == nil || x.Sentence != "The daemon cannot store: the disk is full." {
		t.Errorf("%+v", x)
	}
	if all := events(t, d, "alert"); len(all) != 0 {
		t.Errorf("the budget and faults have events of their own: %q", all)
	}
}

// TestAStormOfAlertsIsToldInFewWords: live clients have short queues, and the journal is
// for more than alerts.
func TestAStormOfAlertsIsToldInFewWords(t *testing.T) {
	m := well()
	now := uint64(1e6)
	for i := range 40 {
		m.procs = append(m.procs, proc{int32(500 + i), fmt.Sprintf("p%02d", i), 0, func(time.Duration) uint64 { return now }})
	}
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 1)
	now = 350e6
	run(t, d, m, 1)
	all := events(t, d, "alert")
	if len(all) != alertsPerBeat+1 || !strings.HasPrefix(all[0], "Warning: All watched") || all[alertsPerBeat] != "36 more alerts began or ended at the same beat." {
		t.Errorf("%d events: %q", len(all), all)
	}
	for range 40 { // each beginning and each end is a beat of six events
		now = 1e6
		run(t, d, m, 14)
		now = 350e6
		run(t, d, m, 1)
	}
	if n := len(events(t, d, "alert")); n > 2*alertsPerHour {
		t.Errorf("%d events in an hour and a half", n)
	}
	run(t, d, m, 720)
	if all := strings.Join(events(t, d, "alert"), "\n"); !strings.Contains(all, "of alerts in the hour before were not written down") {
		t.Error("nobody says that some were left out")
	}
}

// TestAlarmsAllocateLittle counts what a beat's alarms allocate on a machine of 1,000
// processes of which nothing is wrong.
func TestAlarmsAllocateLittle(t *testing.T) {
	m := well()
	for i := range 1000 {
		m.procs = append(m.procs, proc{int32(10_000 + i), fmt.Sprint("p", i%100), 0, constant(1 << 20)})
	}
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 60)
	at := d.beats.last
	if n := testing.AllocsPerRun(20, func() { d.alarm(at); d.bind(at) }); n > 4 {
		t.Errorf("the alarms of a quiet beat allocate %.0f times", n)
	}
}
