package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
)

// noon is when the tests begin.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// ownPID is the monitor's among the processes of the tests.
const ownPID = 4000

// machine is a machine of the tests: its processes and its clocks are what a test says.
type machine struct {
	mu      sync.Mutex
	wall    time.Time
	elapsed time.Duration
	asleep  time.Duration // that uptime counts and elapsed does not
	procs   []proc
	broken  error
	boot    string
	samples []memory.Sample
	// idle keeps the processor time of all processes where it was first.
	idle  bool
	spent map[int32]uint64
	// load is what the machine did; nil tells nothing. available is its free memory.
	load      func() memory.Load
	available uint64
	cgroups   map[int32]string
	denied    int
	counts    func(pid int32, age time.Duration) (threads, fds uint64) // nil: 4 and 20
}

// proc is a process; private is a function of how long it lives.
type proc struct {
	pid     int32
	name    string
	began   time.Duration
	private func(age time.Duration) uint64
}

func newMachine() *machine {
	m := &machine{wall: noon, elapsed: time.Hour, boot: "b007", spent: make(map[int32]uint64), available: 4 << 30}
	m.procs = []proc{
		{ownPID, "zol0", 0, constant(20 << 20)},
		{100, "steady", 0, constant(50 << 20)},
		{101, "leaky", 0, leaking(50<<20, 20<<20)},
	}
	return m
}

func constant(v uint64) func(time.Duration) uint64 { return func(time.Duration) uint64 { return v } }

// leaking grows by so many bytes an hour, in pages.
func leaking(from, perHour uint64) func(time.Duration) uint64 {
	return func(age time.Duration) uint64 {
		return (from + uint64(age.Hours()*float64(perHour))) &^ 4095
	}
}

func (m *machine) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wall
}

func (m *machine) Elapsed() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.elapsed
}

// pass lets time go by.
func (m *machine) pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wall, m.elapsed = m.wall.Add(d), m.elapsed+d
}

func (m *machine) Scan() (probe.Scan, error) {
	if m.broken != nil {
		return probe.Scan{}, m.broken
	}
	m.samples = m.samples[:0]
	now := m.Elapsed() + m.asleep
	for _, p := range m.procs {
		x := memory.Sample{ID: process.ID{PID: p.pid, Start: uint64(p.began/(10*time.Millisecond)) + 1}, Parent: 1, UID: 1000, Age: now - p.began, State: 'S', Name: p.name}
		v := p.private(min(x.Age, m.Elapsed())) // nothing grows while the machine sleeps
		x.Set(memory.Private, v)
		x.Set(memory.Anon, v)
		x.Set(memory.RSS, v+1<<20)
		if !m.idle {
			m.spent[p.pid] = uint64(x.Age / 100)
		}
		x.Set(memory.CPUTime, m.spent[p.pid])
		threads, fds := uint64(4), uint64(20)
		if m.counts != nil {
			threads, fds = m.counts(p.pid, x.Age)
		}
		x.Set(memory.Threads, threads)
		x.Set(memory.FDs, fds)
		m.samples = append(m.samples, x)
	}
	return probe.Scan{Samples: m.samples, Denied: m.denied}, nil
}

func (m *machine) Host() (memory.Host, error) {
	return memory.Host{Name: "test", BootID: m.boot, Uptime: m.Elapsed() + m.asleep, CPUs: 2, TotalBytes: 8 << 30, AvailableBytes: memory.Present(m.available)}, nil
}

func (m *machine) Load(string) (memory.Load, error) {
	if m.load == nil {
		return memory.Load{}, nil
	}
	return m.load(), nil
}

func (m *machine) Describe(id process.ID, _ process.Need) (process.Facts, error) {
	for _, p := range m.procs {
		if p.pid == id.PID {
			facts := process.Facts{Known: process.NeedCmdline | process.NeedExecutable, Cmdline: []string{"/opt/" + p.name}, Executable: "/opt/" + p.name}
			if group, ok := m.cgroups[p.pid]; ok {
				facts.Known |= process.NeedCgroup
				facts.Cgroup = group
			}
			return facts, nil
		}
	}
	return process.Facts{}, fmt.Errorf("no process %s: %w", id, fs.ErrNotExist)
}

// logged collects what is logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func settings(dir string) *config.Config {
	return &config.Config{
		Limits: sampler.DefaultLimits(), ProcRoot: "/proc",
		Daemon: config.Daemon{Data: dir, Interval: config.DefaultInterval},
		Store:  config.Store{Size: config.DefaultSize, Raw: config.DefaultRaw, Minutes: config.DefaultMinutes, Hours: config.DefaultHours},
		Memory: config.Memory{Budget: config.DefaultBudget},
	}
}

// start opens a daemon on a machine. It is closed with the test unless that did.
func start(t *testing.T, m *machine, dir string, change func(*Options)) (*Daemon, *logged) {
	t.Helper()
	log := new(logged)
	o := Options{Config: settings(dir), Version: "test", Log: slog.New(slog.NewTextHandler(log, nil)), Clock: m, Machine: m, PID: ownPID}
	if change != nil {
		change(&o)
	}
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.store.Close(); err != nil && !strings.Contains(err.Error(), "closed") {
			t.Error(err)
		}
	})
	return d, log
}

// seldom makes beats half a minute apart, so that hours take fewer of them.
func seldom(o *Options) { o.Config.Daemon.Interval = 30 * time.Second }

// run beats n times, an interval apart.
func run(t *testing.T, d *Daemon, m *machine, n int) {
	t.Helper()
	for range n {
		if err := d.beat(d.moment()); err != nil {
			t.Fatal(err)
		}
		m.pass(d.config.Daemon.Interval)
	}
}

// end closes a daemon in good order, as Run does.
func end(t *testing.T, d *Daemon) {
	t.Helper()
	if err := d.close(func() error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// events are the texts of the journal of one kind, oldest first.
func events(t *testing.T, d *Daemon, kind string) []string {
	t.Helper()
	answer, err := history{d}.Journal(t.Context(), journalQuery)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range answer.Events {
		if e.Kind == kind {
			out = append([]string{e.Text}, out...)
		}
	}
	return out
}

var errBroken = errors.New("nothing can be read")
