package sampler

import (
	"math"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/units"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// machine is a made-up machine: a Reader of whatever processes it is given.
type machine struct{ samples []memory.Sample }

func (m *machine) Scan() (probe.Scan, error)  { return probe.Scan{Samples: m.samples}, nil }
func (m *machine) Host() (memory.Host, error) { return memory.Host{TotalBytes: 8e9}, nil }
func (m *machine) Describe(process.ID, process.Need) (process.Facts, error) {
	return process.Facts{Known: process.NeedCmdline | process.NeedCgroup}, nil
}

func (m *machine) add(pid int32, name string, private uint64, cpu, age time.Duration) *memory.Sample {
	x := memory.Sample{ID: process.ID{PID: pid, Start: uint64(pid)}, Name: name, Age: age, State: 'S'}
	x.Set(memory.Private, private)
	x.Set(memory.CPUTime, uint64(cpu))
	m.samples = append(m.samples, x)
	return &m.samples[len(m.samples)-1]
}

func take(t testing.TB, s *Sampler) *Snapshot {
	t.Helper()
	snapshot, err := s.Take(noon)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func newSampler(m *machine, limits Limits) *Sampler {
	return New(m, service.New(service.Options{}), limits)
}

func TestServicesAddUp(t *testing.T) {
	m := new(machine)
	m.add(1, "bot", 50e6, time.Second, 100*time.Second)
	m.add(2, "api", 200e6, 0, 10*time.Second)
	m.add(3, "bot", 70e6, time.Second, 50*time.Second)
	s := take(t, newSampler(m, DefaultLimits()))
	if len(s.Services) != 2 || s.Services[0].Name != "api" || s.Services[1].Name != "bot" {
		t.Fatalf("services %+v", s.Services)
	}
	bot := &s.Services[1]
	if total, _ := bot.Total.Get(memory.Private); total != 120e6 || len(bot.Instances) != 2 || bot.Instances[0].Sample.ID.PID != 3 {
		t.Errorf("bot: %d bytes in %d instances", total, len(bot.Instances))
	}
	if bot.Age != 100*time.Second || math.Abs(bot.CPU-3) > 1e-9 || s.Watched != 320*units.MB || s.Processes != 3 {
		t.Errorf("age %v, cpu %v, watched %s", bot.Age, bot.CPU, s.Watched)
	}
	if bot.Total.Partial(memory.Private) || bot.Total.Partial(memory.RSS) {
		t.Error("nothing is partial: private is whole, RSS absent")
	}
	if _, ok := bot.Total.Get(memory.RSS); ok {
		t.Error("RSS was never given")
	}
	if got := s.Started(&bot.Instances[0]); !got.Equal(noon.Add(-50 * time.Second)) {
		t.Errorf("started at %s", got)
	}
}

func TestCPUIsTheMeanSinceStartThenSinceTheLastReading(t *testing.T) {
	m := new(machine)
	x := m.add(1, "bot", 1e6, 10*time.Second, 100*time.Second)
	s := newSampler(m, DefaultLimits())
	if cpu := take(t, s).Services[0].CPU; cpu != 10 {
		t.Errorf("first reading %v %%, want the mean since start, 10 %%", cpu)
	}
	x.Age += 10 * time.Second
	x.Set(memory.CPUTime, uint64(15*time.Second))
	if cpu := take(t, s).Services[0].CPU; cpu != 50 {
		t.Errorf("second reading %v %%, want 5 s in 10 s", cpu)
	}
	// Another life of the same PID begins anew.
	*x = memory.Sample{ID: process.ID{PID: 1, Start: 99}, Name: "bot", Age: 4 * time.Second}
	x.Set(memory.CPUTime, uint64(time.Second))
	if cpu := take(t, s).Services[0].CPU; cpu != 25 {
		t.Errorf("after a restart %v %%, want 1 s in 4 s", cpu)
	}
	m.samples = m.samples[:0]
	m.add(2, "other", 1, 0, time.Second)
	take(t, s)
	if len(s.processor) != 1 {
		t.Errorf("%d processes are remembered of 1", len(s.processor))
	}
}

func TestStatusWords(t *testing.T) {
	limits := DefaultLimits()
	rule := &service.Rule{Thresholds: service.Thresholds{ElevatedBytes: 600e6, HighBytes: 1e9, LimitBytes: 100e6}}
	for _, c := range []struct {
		private  uint64
		identity service.Identity
		want     Status
		passed   units.Bytes
	}{
		{300e6, service.Identity{}, Normal, 0},
		{300e6 + 1, service.Identity{}, Elevated, 300 * units.MB},
		{500e6, service.Identity{}, Elevated, 300 * units.MB},
		{500e6 + 1, service.Identity{}, High, 500 * units.MB},
		{100e6, service.Identity{Kind: service.KindZoL0}, Normal, 0},
		{100e6 + 1, service.Identity{Kind: service.KindZoL0}, Investigate, 100 * units.MB},
		{100e6 + 1, service.Identity{Rule: rule}, Investigate, 100 * units.MB},
		{599e6, service.Identity{Rule: rule}, Investigate, 100 * units.MB},
		{601e6, service.Identity{Rule: rule}, Elevated, 600 * units.MB},
		{1001e6, service.Identity{Rule: rule}, High, units.GB},
	} {
		var x memory.Sample
		x.Set(memory.Private, c.private)
		if got, passed := limits.judge(&x, &c.identity); got != c.want || passed != c.passed {
			t.Errorf("%d bytes of kind %q: %s above %s, want %s above %s", c.private, c.identity.Kind, got, passed, c.want, c.passed)
		}
	}
	for state, want := range map[memory.State]Status{'S': Unknown, 'Z': Normal} {
		if got, _ := limits.judge(&memory.Sample{State: state}, &service.Identity{}); got != want {
			t.Errorf("no figure in state %c: %s, want %s", state, got, want)
		}
	}
	var headless memory.Sample // its main thread has ended, others live on
	headless.State = 'Z'
	headless.Set(memory.Threads, 3)
	if got, _ := limits.judge(&headless, &service.Identity{}); got != Unknown {
		t.Errorf("a process of threads without a head is %s", got)
	}
	if got, _ := limits.judge(&memory.Sample{Kernel: true}, &service.Identity{}); got != Normal {
		t.Errorf("a kernel thread is %s", got)
	}
}

func TestSteadySnapshotDoesNotAllocate(t *testing.T) {
	m := new(machine)
	for pid := range int32(1000) {
		m.add(pid+1, []string{"bot", "api", "worker", "db"}[pid%4], uint64(pid)*1000, time.Second, time.Hour)
	}
	s := newSampler(m, DefaultLimits())
	take(t, s)
	if allocs := testing.AllocsPerRun(20, func() { take(t, s) }); allocs > 0 {
		t.Errorf("a steady snapshot allocates %.0f times", allocs)
	}
}

// A rule may fit some processes of a name that discovery gives to others too.
func TestOnlyWatchedProcessesCount(t *testing.T) {
	m := new(machine)
	m.add(1, "sleep", 50e6, time.Second, 100*time.Second)
	m.add(2, "sleep", 70e6, 0, 10*time.Second)
	s := take(t, newSampler(m, DefaultLimits()))
	v := &s.Services[0]
	v.Instances[0].Identity.Watched = false // PID 2
	only := v.OnlyWatched()
	total, _ := only.Total.Get(memory.Private)
	if len(only.Instances) != 1 || only.Instances[0].Sample.ID.PID != 1 || total != 50e6 || !only.Watched || only.Age != 100*time.Second || only.CPU != 1 {
		t.Errorf("%d instances, %d bytes, watched %v, age %v, cpu %v", len(only.Instances), total, only.Watched, only.Age, only.CPU)
	}
	if all, _ := v.Total.Get(memory.Private); len(v.Instances) != 2 || all != 120e6 {
		t.Errorf("the whole service changed: %d instances, %d bytes", len(v.Instances), all)
	}
}
