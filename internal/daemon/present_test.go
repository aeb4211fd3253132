package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/service"
)

// working makes the machine tell of its load: so many of its two processors are busy, and
// the disk reads 2 MB and writes 1 MB a second.
func (m *machine) working(busy float64) {
	began, before := m.elapsed, memory.Load{}
	if m.load != nil {
		before = m.load()
	}
	start := func(o memory.Optional[uint64]) uint64 { v, _ := o.Get(); return v }
	m.load = func() memory.Load {
		ran := m.Elapsed() - began
		at := func(o memory.Optional[uint64], perSecond float64) memory.Optional[uint64] {
			return memory.Present(start(o) + uint64(ran.Seconds()*perSecond))
		}
		out := memory.Load{
			CPUBusyNanoseconds: at(before.CPUBusyNanoseconds, busy*1e9), CPUTotalNanoseconds: at(before.CPUTotalNanoseconds, 2e9),
			DiskReadBytes: at(before.DiskReadBytes, 2e6), DiskWrittenBytes: at(before.DiskWrittenBytes, 1e6),
			DiskTotalBytes: memory.Present[uint64](100e9), DiskAvailableBytes: memory.Present[uint64](25e9),
		}
		out.CPUPressure.Some = memory.Present(memory.Stall{Avg10Percent: 1.5})
		out.MemoryPressure.Full = memory.Present(memory.Stall{Avg10Percent: .25})
		return out
	}
}

func TestHostIsWhatHappenedBetweenTwoBeats(t *testing.T) {
	m := newMachine()
	m.working(.5)
	d, _ := start(t, m, t.TempDir(), nil)
	if h := d.Host(); h.Beat != 0 || h.CPUPercent != nil {
		t.Errorf("before the first beat: %+v", h)
	}
	run(t, d, m, 1)
	if h := d.Host(); h.CPUPercent != nil || h.DiskReadBytesPerSecond != nil || *h.DiskUsedPercent != 75 || h.Processes != 3 || !h.Time.Equal(noon) {
		t.Errorf("after one beat: %+v", h)
	}
	run(t, d, m, 1)
	h := d.Host()
	if *h.CPUPercent != 25 || *h.DiskReadBytesPerSecond != 2e6 || *h.DiskWrittenBytesPerSecond != 1e6 || *h.CPUPressurePercent != 1.5 || *h.MemoryFullPressurePercent != .25 || h.IOPressurePercent != nil || h.SwapUsedPercent != nil || h.Beat != 2 || *h.Host.MemoryUsedPercent != 50 {
		t.Errorf("after two beats: %+v", h)
	}
	// Counters that begin anew, as those of a disk that was taken away.
	m.load = nil
	m.working(1)
	run(t, d, m, 1)
	if h := d.Host(); h.CPUPercent != nil || h.DiskReadBytesPerSecond != nil || h.DiskWrittenBytesPerSecond != nil {
		t.Errorf("counters went back: %+v", h)
	}
	run(t, d, m, 1)
	if h := d.Host(); *h.CPUPercent != 50 {
		t.Errorf("the beat after: %+v", h)
	}
	m.load = func() memory.Load { return memory.Load{} }
	run(t, d, m, 1)
	if h := d.Host(); h.CPUPercent != nil || h.DiskTotalBytes != nil || h.CPUPressurePercent != nil {
		t.Errorf("the system tells nothing: %+v", h)
	}
}

func TestLastMinuteIsAMean(t *testing.T) {
	for _, interval := range []time.Duration{time.Second, 5 * time.Second, 40 * time.Second, 5 * time.Minute} {
		var c course
		if _, _, enough := c.lastMinute(); enough {
			t.Error("nothing is enough")
		}
		at := time.Duration(0)
		worked, total := 0.0, 0.0
		for i := range 200 {
			at += interval
			total += interval.Seconds()
			if i%2 == 0 { // every other beat is all busy
				worked += interval.Seconds()
			}
			c.add(at, "boot", memory.Load{CPUBusyNanoseconds: memory.Present(uint64(worked * 1e9)), CPUTotalNanoseconds: memory.Present(uint64(total * 1e9))})
		}
		percent, seen, enough := c.lastMinute()
		want := 50.0
		if interval >= 40*time.Second {
			want = 0 // the last one
		}
		if math.Abs(percent-want) > .01 || seen > max(patience, interval) || seen < min(40*time.Second, interval) || !enough {
			t.Errorf("every %s: %v %% of %s (%v), want %v", interval, percent, seen, enough, want)
		}
		c.add(at, "another boot", memory.Load{})
		if percent, _, enough := c.lastMinute(); !math.IsNaN(percent) || enough {
			t.Errorf("after a boot: %v", percent)
		}
	}
}

func TestProcessesStandWithTheLargestFirst(t *testing.T) {
	m := newMachine()
	for i := range MaxProcesses + 7 {
		m.procs = append(m.procs, proc{int32(10_000 + i), "many", 0, constant(uint64(i) << 10)})
	}
	d, _ := start(t, m, t.TempDir(), nil)
	if p := d.Processes(); p.Total != 0 || p.Processes == nil {
		t.Errorf("before the first beat: %+v", p)
	}
	m.denied = 4
	run(t, d, m, 1)
	p := d.Processes()
	if p.Total != MaxProcesses+10 || len(p.Processes) != MaxProcesses || p.Beat != 1 || p.DeniedProcesses != 4 {
		t.Fatalf("%d rows of %d", len(p.Processes), p.Total)
	}
	for i := 1; i < len(p.Processes); i++ {
		if *p.Processes[i].PrivateBytes > *p.Processes[i-1].PrivateBytes {
			t.Fatalf("row %d is larger than the one before", i)
		}
	}
	// 70 MiB after an hour of leaking, before those of 50 and less.
	if x := p.Processes[0]; x.Name != "leaky" || x.Service != "leaky" || x.PID != 101 || !x.Watched || *x.UserID != 1000 || x.State != "S" || x.Status != "NORMAL" || *x.Threads != 4 || *x.CPUPercent != 1 || x.UptimeSeconds != 3600 {
		t.Errorf("the first is %+v", x)
	}
}

func TestExplain(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 1)
	if e, err := d.Explain(101); err != nil || e.Service != "leaky" || e.DecidedBy != service.StepName || len(e.Steps) == 0 {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := d.Explain(31337); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no process: %v", err)
	}
}

func TestServiceHasItsInstancesAndVerdicts(t *testing.T) {
	m := newMachine()
	m.procs = append(m.procs, proc{102, "leaky", 0, constant(500 << 20)}) // a larger one that is well
	d, _ := start(t, m, t.TempDir(), seldom)
	if _, ok := d.Service("leaky"); ok {
		t.Error("it is there before the first beat")
	}
	run(t, d, m, 12*120)
	s, ok := d.Service("leaky")
	if _, none := d.Service("nobody"); !ok || none {
		t.Fatalf("found is %v, of nobody %v", ok, none)
	}
	if len(s.Instances) != 2 || s.Instances[0].PID != 101 || s.Service.State != "leaking" || s.Beat != 12*120 || s.IntervalSeconds != 30 || s.ElevatedBytes != 300e6 || s.HighBytes != 500e6 {
		t.Fatalf("%+v", s)
	}
	leaky, well := s.Instances[0], s.Instances[1]
	if !leaky.Recorded || !leaky.Watched || len(leaky.Verdicts) != 1 || leaky.Verdicts[0].State != "leaking" || len(well.Verdicts) != 1 || well.Verdicts[0].State != "steady" {
		t.Errorf("%+v", s.Instances)
	}
	// The level is the floor of the last stretch that was judged, of 18 minutes here.
	if off := *leaky.LevelBytes - float64(*leaky.PrivateBytes); math.Abs(off) > 10<<20 || s.Time.Sub(*leaky.LevelTime).Abs() > 6*time.Minute {
		t.Errorf("level %v at %s, it has %d at %s", *leaky.LevelBytes, leaky.LevelTime, *leaky.PrivateBytes, s.Time)
	}
	// 4 GiB are available, at 20 MiB an hour.
	if len(s.Limits) != 1 || s.Limits[0].Kind != "host" || s.Limits[0].Bytes != 8<<30 || *s.Limits[0].UsedBytes != 4<<30 || *s.Service.LimitBytes != 8<<30 {
		t.Errorf("limits %+v, of the row %v", s.Limits, s.Service.LimitBytes)
	}
	f := s.Service.Forecast
	if f == nil || f.Outlook != "reaches" || leaky.Verdicts[0].Forecast == nil || well.Verdicts[0].Forecast != nil {
		t.Fatalf("forecast of the row %+v, of its processes %+v, %+v", f, leaky.Verdicts[0].Forecast, well.Verdicts[0].Forecast)
	}
	if hours := *f.InSeconds / 3600; hours < 180 || hours > 230 {
		t.Errorf("the host is full in %.0f h, want about 205", hours)
	}
}

func TestServiceIsBounded(t *testing.T) {
	m := newMachine()
	for i := range maxInstances + 20 {
		m.procs = append(m.procs, proc{int32(10_000 + i), "many", 0, constant(uint64(i) << 12)})
	}
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 1)
	if s, _ := d.Service("many"); len(s.Instances) != maxInstances || s.Service.Instances != maxInstances+20 {
		t.Errorf("%d instances are shown of %d", len(s.Instances), s.Service.Instances)
	}
}

// group writes the limit of a control group under a root that a daemon is told.
func group(t *testing.T, root, name string, most, used uint64) {
	t.Helper()
	dir := filepath.Join(root, "sys/fs/cgroup", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"memory.max": fmt.Sprintln(most), "memory.current": fmt.Sprintln(used), "memory.stat": "inactive_file 0\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLimitsThatPeopleSet: the tightest comes first and is what the forecast is about.
func TestLimitsThatPeopleSet(t *testing.T) {
	m, root := newMachine(), t.TempDir()
	m.cgroups = map[int32]string{101: "/app.slice/run"}
	group(t, root, "app.slice", 400<<20, 320<<20)
	d, _ := start(t, m, t.TempDir(), func(o *Options) {
		seldom(o)
		o.Config.ProcRoot = filepath.Join(root, "proc")
		o.Config.Rules = []service.Rule{
			{Name: "leaky", Source: "zol0.yaml:3", Match: service.Match{Command: regexp.MustCompile("^/opt/leaky")}, Thresholds: service.Thresholds{LimitBytes: 600 << 20, HighBytes: 700e6}},
			{Name: "zol0", Source: "zol0.yaml:9", Match: service.Match{Command: regexp.MustCompile("zol0$")}},
		}
	})
	run(t, d, m, 12*120)
	s, _ := d.Service("leaky")
	private := float64(*s.Service.PrivateBytes)
	kinds := ""
	for _, l := range s.Limits {
		kinds += l.Kind + " "
	}
	if kinds != "cgroup rule host " || *s.Service.LimitBytes != 400<<20 || !strings.Contains(s.Limits[0].Text, "/app.slice;") || !strings.Contains(s.Limits[1].Text, "zol0.yaml:3") || float64(*s.Limits[1].UsedBytes) != private || s.HighBytes != 700e6 {
		t.Fatalf("%s %+v", kinds, s.Limits)
	}
	hours := func() float64 {
		s, _ := d.Service("leaky")
		if s.Service.Forecast == nil || s.Service.Forecast.InSeconds == nil {
			t.Fatalf("nothing is foreseen: %+v", s.Service)
		}
		return *s.Service.Forecast.InSeconds / 3600
	}
	// 80 MiB are left in the group, at 20 MiB an hour. A minute before there was a little more.
	if h := hours(); h < 3 || h > 5.5 {
		t.Errorf("the group is full in %.1f h, want about 4", h)
	}
	// The group gets more; now the rule binds: 600 MiB less what it has.
	group(t, root, "app.slice", 4<<30, 320<<20)
	run(t, d, m, 24)
	s, _ = d.Service("leaky")
	want := (float64(600<<20) - float64(*s.Service.PrivateBytes)) / (20 << 20)
	if h := hours(); s.Limits[0].Kind != "rule" || math.Abs(h-want) > want/4 {
		t.Errorf("the limit of the rule is reached in %.1f h, want about %.1f", h, want)
	}
	if s.RuleSource != "zol0.yaml:3" || !strings.Contains(s.RuleYAML, "limit: 629145600 B") {
		t.Errorf("the rule is %q of %q", s.RuleYAML, s.RuleSource)
	}
}

// TestAProposedRuleNamesTheService writes each proposal to a file, reads it as every command
// would, and lets the daemon go on with it.
func TestAProposedRuleNamesTheService(t *testing.T) {
	m := newMachine()
	m.procs = append(m.procs, proc{200, "nginx", 0, constant(9 << 20)}, proc{201, "redis", 0, constant(9 << 20)}, proc{202, "it's $odd", 0, constant(9 << 20)})
	m.cgroups = map[int32]string{200: "/system.slice/nginx.service", 201: "/system.slice/docker-" + strings.Repeat("0a", 32) + ".scope"}
	var next *config.Config
	d, _ := start(t, m, t.TempDir(), func(o *Options) { o.Reload = func() (*config.Config, error) { return next, nil } })
	run(t, d, m, 2)
	names := map[string]bool{}
	for _, row := range d.Services().Services {
		s, _ := d.Service(row.Name)
		if s.RuleSource != "" || s.RuleYAML == "" {
			if !strings.Contains(row.Name, "$") {
				t.Errorf("%s: rule %q at %q", row.Name, s.RuleYAML, s.RuleSource)
			}
			continue
		}
		names[row.Name] = true
		path := filepath.Join(t.TempDir(), "zol0.yaml")
		if err := os.WriteFile(path, []byte(s.RuleYAML), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(path, func(string) (string, bool) { return "", false })
		if err != nil {
			t.Fatalf("%s: %v\n%s", row.Name, err, s.RuleYAML)
		}
		c.Daemon, c.ProcRoot = d.config.Daemon, d.config.ProcRoot
		next = c
		d.reload()
		run(t, d, m, 1)
		got, ok := d.Service(row.Name)
		if !ok || got.RuleSource == "" || !got.Service.Watched {
			t.Errorf("%s: with its own rule it is %+v\n%s", row.Name, got.Service, s.RuleYAML)
		}
		next = settings(d.config.Daemon.Data)
		d.reload()
		run(t, d, m, 1)
	}
	if len(names) < 5 || !names["nginx"] {
		t.Errorf("rules were proposed for %v", names)
	}
}

func TestScriptsAreNamedByTheirWord(t *testing.T) {
	for _, c := range []struct {
		name    string
		cmdline []string
		match   string
	}{
		{"app.py", []string{"/usr/bin/python3", "-u", "/srv/app.py", "--port", "80"}, "/srv/app.py"},
		{"app.py [8501]", []string{"python3", "app.py"}, "app.py"},
		{"worker", []string{"node", "/srv/worker.js"}, "/srv/worker.js"},
		{"celery", []string{"python3", "-m", "tasks", "-l"}, "python3 -m tasks"},
	} {
		re := scriptOf(c.name, c.cmdline)
		if line := strings.Join(c.cmdline, " "); !re.MatchString(line) || !strings.Contains(re.String(), regexp.QuoteMeta(c.match)) || re.MatchString("other "+c.match+"x") {
			t.Errorf("%s of %q: %s", c.name, line, re)
		}
	}
	if scriptOf("x", nil) != nil {
		t.Error("without a command line there is something to match")
	}
}

func TestOwnConfigAndLogs(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 3)
	own := d.Own()
	if own.Version != "test" || own.UptimeSeconds != 15 || *own.PrivateBytes != 20<<20 || *own.RSSBytes != 21<<20 || own.BudgetBytes != uint64(config.DefaultBudget) || own.StepName != "normal" || own.MaxCacheEntries != 10 {
		t.Errorf("%+v", own)
	}
	c := d.Config()
	if c.ElevatedBytes != 300e6 || c.Daemon.IntervalSeconds != 5 || c.Origins["store.raw"] != "default" || c.Services == nil {
		t.Errorf("%+v", c)
	}
	d.log.Warn("a line\x1b[31m", "path", "/a b")
	logs := d.Logs(api.LogQuery{Level: "warning", Limit: 1})
	if len(logs.Lines) != 1 || logs.Lines[0].Text != `a line?[31m path="/a b"` || logs.Lines[0].Service != "zol0" || len(logs.Sources) != 1 || logs.Sources[0].Name != "zol0's own log" || logs.Hint == "" {
		t.Errorf("%+v", logs)
	}
	for _, v := range []any{d.Host(), d.Processes(), own, c, logs, d.Alerts()} {
		if _, err := json.Marshal(v); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
}
