package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
)

// answered lets a check judge a service of one process whose private memory after i
// readings is private(i), read n times at an interval. growth is what --max-growth says.
func answered(t *testing.T, n int, interval time.Duration, private func(i int) float64, status sampler.Status, growth string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	k := &checking{app: &app{World: World{Out: &out}}, over: time.Minute}
	if growth != "" {
		if err := k.gate.Set(growth); err != nil {
			t.Fatal(err)
		}
	}
	account := tally.New()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var chosen []sampler.Service
	snapshot := &sampler.Snapshot{WatchedLimit: 3 * units.GB}
	for i := range n {
		x := &memory.Sample{ID: process.ID{PID: 812, Start: 1}, Name: "bot"}
		x.Set(memory.Private, uint64(private(i)))
		x.Set(memory.CPUTime, uint64(time.Duration(i)*interval/50))
		chosen = []sampler.Service{{Name: "bot", Instances: []sampler.Instance{{Sample: x, Identity: &service.Identity{Watched: true}, Status: status, Passed: 300 * units.MB}}}}
		chosen[0].Total.Add(x)
		snapshot.Time, snapshot.Watched = start.Add(time.Duration(i)*interval), units.Bytes(private(i))
		account.Observe(snapshot.Time, chosen)
	}
	var code exitStatus
	if err := k.answer(snapshot, chosen, account); !errors.As(err, &code) {
		t.Fatalf("the check ends with %v", err)
	}
	return out.String(), int(code)
}

func TestCheckSpeaksForTrends(t *testing.T) {
	flat := func(int) float64 { return 50e6 }
	grows := func(i int) float64 { return 50e6 + 1e6*float64(i) }
	for _, c := range []struct {
		name     string
		n        int
		interval time.Duration
		private  func(i int) float64
		status   sampler.Status
		code     int
		want     string
	}{
		{"steady", 61, 10 * time.Second, flat, sampler.Normal, pluginOK, "ZOL0 OK - 1 process in 1 service use 50 MB of private memory; growth above 3.15 MB/h would have been seen | watched_private=50000000B;3000000000;;0; services=1;;;0; 'bot'=50000000B;;;0;"},
		{"suspect", 61, 30 * time.Second, grows, sampler.Normal, pluginWarning, "ZOL0 WARNING - bot (PID 812): Suspect: growing by 12"},
		{"leaking", 433, 10 * time.Minute, grows, sampler.Normal, pluginCritical, "ZOL0 CRITICAL - bot (PID 812): Leaking: growing by 6 MB/h"},
		{"too short", 3, time.Second, grows, sampler.Normal, pluginOK, "private memory; 1 process not judged |"},
		{"elevated and suspect", 61, 30 * time.Second, grows, sampler.Elevated, pluginWarning, "is ELEVATED: 110 MB, above 300 MB; bot (PID 812): Suspect: "},
		{"high", 3, time.Second, flat, sampler.High, pluginCritical, "ZOL0 CRITICAL - bot (PID 812) is HIGH"},
		{"unreadable", 3, time.Second, flat, sampler.Unknown, pluginUnknown, "ZOL0 UNKNOWN - bot (PID 812): its memory cannot be read"},
		{"too much together", 3, time.Second, func(int) float64 { return 3.1e9 }, sampler.Normal, pluginWarning, "together use 3.1 GB, above 3 GB: review"},
	} {
		line, code := answered(t, c.n, c.interval, c.private, c.status, "")
		if code != c.code || !strings.Contains(line, c.want) || strings.Count(line, "\n") != 1 || strings.Count(line, "|") != 1 {
			t.Errorf("%s: code %d, %q; want code %d and %q on one line", c.name, code, line, c.code, c.want)
		}
	}
}

// A check is watched by itself from its first moment on, and warming up is no finding.
func TestCheckForgivesItselfItsWarmUp(t *testing.T) {
	for _, own := range []int{812, 1} {
		var out bytes.Buffer
		k := &checking{app: &app{World: World{Out: &out}}, over: time.Minute, own: own}
		account := tally.New()
		for i := range 61 {
			x := &memory.Sample{ID: process.ID{PID: 812, Start: 1}, Name: "zol0"}
			x.Set(memory.Private, uint64(3e6+50e3*i))
			v := sampler.Service{Name: "zol0", Instances: []sampler.Instance{{Sample: x}}}
			v.Total.Add(x)
			account.Observe(time.Date(2026, 3, 1, 12, 0, 10*i, 0, time.UTC), []sampler.Service{v})
		}
		k.trends(account)
		if found := len(k.findings) > 0; found == (own == 812) {
			t.Errorf("own PID %d: %v", own, k.findings)
		}
	}
}

// The gate of a test run closes on evidence alone.
func TestGrowthGate(t *testing.T) {
	grows := func(perHour float64) func(i int) float64 {
		return func(i int) float64 { return 50e6 + perHour*float64(i)/360 + 20e3*float64(i*i*7%5) }
	}
	for _, c := range []struct {
		name    string
		n       int
		private func(i int) float64
		growth  string
		code    int
		want    string
	}{
		{"above", 61, grows(60e6), "5MB/h", pluginCritical, "ZOL0 CRITICAL - bot (PID 812): grows by "},
		{"above, in words", 61, grows(60e6), "5 MB", pluginCritical, ", more than 5 MB/h; suspect (too short: "},
		{"below", 61, grows(60e6), "80MB/h", pluginOK, "ZOL0 OK - 1 process"},
		{"none", 61, grows(0), "5MB/h", pluginOK, " would have been seen | "},
		{"too short to see so little", 31, grows(0), "1MB/h", pluginOK, " would have been seen, 1 MB/h not: watch for longer | "},
		{"noise of a runtime", 31, grows(2e6), "0", pluginOK, "ZOL0 OK"},
		{"too short to judge", 10, grows(60e6), "5MB/h", pluginUnknown, "ZOL0 UNKNOWN - no process was there for long enough"},
	} {
		line, code := answered(t, c.n, 10*time.Second, c.private, sampler.Normal, c.growth)
		if code != c.code || !strings.Contains(line, c.want) || strings.Count(line, "\n") != 1 || strings.Count(line, "|") != 1 {
			t.Errorf("%s: code %d, %q; want code %d and %q on one line", c.name, code, line, c.code, c.want)
		}
	}
}

func TestGateIsARate(t *testing.T) {
	for text, want := range map[string]string{"5MB/h": "5 MB/h", "5 MB": "5 MB/h", " 1.5 GB / h ": "1.5 GB/h", "0": "0 B/h", "5MB/s": "", "/h": "", "MB/h": "", "-5MB/h": "", "5MB/h/h": ""} {
		var g gate
		if err := g.Set(text); (err == nil) != (want != "") || g.String() != want {
			t.Errorf("%q is %q, %v; want %q", text, g.String(), err, want)
		}
	}
}

// A check that could never judge is refused before it waits.
func TestCheckRefusesToWaitForNothing(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--over", "1m", "--every", "10s"}, "1m0s of readings every 10s are too few to judge: 24 are needed"},
		{[]string{"--max-growth", "5MB/h"}, "--max-growth needs --over"},
		{[]string{"--over", "10m", "--max-growth", "5MB/s"}, "a rate is per hour, like 5MB/h"},
	} {
		if out := string(zol0(t, pluginUnknown, append([]string{"check"}, c.args...)...)); !strings.HasPrefix(out, "ZOL0 UNKNOWN - ") || !strings.Contains(out, c.want) {
			t.Errorf("%v: %q, want %q", c.args, out, c.want)
		}
	}
}

// A machine of which most is hidden is not OK, but what is known to be bad comes first.
func TestCheckDoesNotCallTheUnseenOK(t *testing.T) {
	x := &memory.Sample{ID: process.ID{PID: 812, Start: 1}, Name: "bot"}
	x.Set(memory.Private, 50e6)
	for _, c := range []struct {
		denied  int
		hidden  bool
		visible bool
		status  sampler.Status
		code    int
		want    string
	}{
		{0, true, false, sampler.Normal, pluginUnknown, "hides processes of other users"},
		{7, false, false, sampler.Normal, pluginUnknown, "7 processes cannot be read"},
		{7, true, true, sampler.Normal, pluginOK, "ZOL0 OK"},
		{7, true, false, sampler.High, pluginCritical, "ZOL0 CRITICAL - bot"},
	} {
		var out bytes.Buffer
		k := &checking{app: &app{World: World{Out: &out}}, visible: c.visible}
		v := sampler.Service{Name: "bot", Instances: []sampler.Instance{{Sample: x, Identity: &service.Identity{Watched: true}, Status: c.status}}}
		v.Total.Add(x)
		var code exitStatus
		if err := k.answer(&sampler.Snapshot{Denied: c.denied, Hidden: c.hidden}, []sampler.Service{v}, tally.New()); !errors.As(err, &code) || int(code) != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("denied %d, hidden %v, visible %v: code %d, %q; want %d and %q", c.denied, c.hidden, c.visible, code, out.String(), c.code, c.want)
		}
	}
}

// A line of hundreds of findings would lose its end, the performance data.
func TestCheckLineIsShort(t *testing.T) {
	var out bytes.Buffer
	k := &checking{app: &app{World: World{Out: &out}}}
	v := sampler.Service{Name: "bot"}
	for pid := range int32(300) {
		x := &memory.Sample{ID: process.ID{PID: pid + 1, Start: 1}, Name: "bot"}
		x.Set(memory.Private, 600e6)
		v.Total.Add(x)
		v.Instances = append(v.Instances, sampler.Instance{Sample: x, Identity: &service.Identity{Watched: true}, Status: sampler.High, Passed: 500 * units.MB})
	}
	var code exitStatus
	if err := k.answer(&sampler.Snapshot{}, []sampler.Service{v}, tally.New()); !errors.As(err, &code) || code != pluginCritical {
		t.Fatal(err)
	}
	if line := out.String(); len(line) > 2000 || !strings.Contains(line, "and 290 more") || !strings.Contains(line, "'bot'=") {
		t.Errorf("%d bytes: %s", len(line), line)
	}
}

func TestLabelsCannotBreakTheLine(t *testing.T) {
	for in, want := range map[string]string{"bot": "bot", "a=b": "a_b", "it's": "it''s", "x|y": "x_y"} {
		if got := label(in); got != want {
			t.Errorf("label(%q) = %q, want %q", in, got, want)
		}
	}
	if got := oneLine("a\nb|c"); got != "a b/c" {
		t.Error(got)
	}
}
