package top

import (
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	naming "github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/units"
)

// actor is one service of a machine that a test makes up.
type actor struct {
	name, kind string
	pids       []int32
	// private is the memory of one of its instances at a time since the play began, in
	// MB; NaN is withheld by the system.
	private   func(instance int, since time.Duration) float64
	fds       func(since time.Duration) float64 // nil: as many as ever
	unwatched bool
	kernel    bool
	// from and to are when it is there; to 0 is for good.
	from, to time.Duration
}

// play is a machine with actors and a clock. It builds snapshots as the sampler does, in
// memory that the next one overwrites.
type play struct {
	t       *testing.T
	actors  []actor
	began   time.Time
	now     time.Time
	failure error
	taken   int

	snapshot  sampler.Snapshot
	samples   []memory.Sample
	identity  []naming.Identity
	instances []sampler.Instance
}

// opening is when every play begins: a time of day that goldens can show.
var opening = time.Date(2026, 3, 14, 12, 3, 0, 0, time.UTC)

func newPlay(t *testing.T, actors ...actor) *play {
	return &play{t: t, actors: actors, began: opening, now: opening}
}

// constant is an instance that does nothing.
func constant(mb float64) func(int, time.Duration) float64 {
	return func(int, time.Duration) float64 { return mb }
}

// rising grows by mb per hour.
func rising(from, perHour float64) func(int, time.Duration) float64 {
	return func(_ int, since time.Duration) float64 { return from + perHour*since.Hours() }
}

func (p *play) Take(now time.Time) (*sampler.Snapshot, error) {
	p.taken++
	if p.failure != nil {
		return nil, p.failure
	}
	since := now.Sub(p.began)
	s := &p.snapshot
	*s = sampler.Snapshot{
		Time: now, WatchedLimit: 3 * units.GB, Services: s.Services[:0],
		Host: memory.Host{
			Name: "bot-01", CPUs: 2, Uptime: 100*time.Hour + since, TotalBytes: 23.4e9, Load1: memory.Present(0.42),
			AvailableBytes: memory.Present[uint64](9.2e9), SwapTotalBytes: memory.Present[uint64](2e9), SwapFreeBytes: memory.Present[uint64](2e9),
		},
	}
	total := 0
	for i := range p.actors {
		total += len(p.actors[i].pids)
	}
	if len(p.samples) != total {
		p.samples, p.identity, p.instances = make([]memory.Sample, total), make([]naming.Identity, total), make([]sampler.Instance, total)
	}
	next := 0
	for i := range p.actors {
		a := &p.actors[i]
		if since < a.from || a.to > 0 && since >= a.to {
			continue
		}
		from := next
		for k, pid := range a.pids {
			p.perform(a, k, pid, since, next)
			next++
		}
		s.Services = append(s.Services, sampler.Service{Name: a.name, Kind: a.kind, Watched: !a.unwatched, Age: since - a.from + time.Hour, CPU: 1.25, Instances: p.instances[from:next]})
		v := &s.Services[len(s.Services)-1]
		for k := range v.Instances {
			x := &v.Instances[k]
			v.Total.Add(x.Sample)
			v.Status = max(v.Status, x.Status)
			if private, ok := x.Sample.Get(memory.Private); ok && v.Watched {
				s.Watched += units.Bytes(private)
			}
		}
	}
	s.Processes = next
	return s, nil
}

// perform makes one instance of an actor.
func (p *play) perform(a *actor, k int, pid int32, since time.Duration, at int) {
	x := memory.Sample{ID: process.ID{PID: pid, Start: uint64(a.from)}, Name: "python3", Age: since - a.from + time.Hour, Kernel: a.kernel}
	status := sampler.Normal
	if mb := a.private(k, since); !a.kernel && !math.IsNaN(mb) {
		x.Set(memory.Private, uint64(mb*1e6))
		x.Set(memory.RSS, uint64((mb+12)*1e6))
		x.Set(memory.Swap, 0)
		x.Set(memory.Threads, 4)
		x.Set(memory.FDs, uint64(20+k))
		if a.fds != nil {
			x.Set(memory.FDs, uint64(a.fds(since)))
		}
		x.Set(memory.CPUTime, uint64(x.Age/160))
		if mb > 300 {
			status = sampler.Elevated
		}
	} else if !a.kernel {
		status = sampler.Unknown
	}
	p.samples[at] = x
	p.identity[at] = naming.Identity{Service: a.name, Kind: a.kind, Watched: !a.unwatched}
	p.instances[at] = sampler.Instance{Sample: &p.samples[at], Identity: &p.identity[at], Status: status, CPU: 0.625}
	if status == sampler.Elevated {
		p.instances[at].Passed = 300 * units.MB
	}
}

// stage is a model that watches a play.
type stage struct {
	*model
	play *play
}

// newStage opens the view; nothing is read yet.
func newStage(p *play, change ...func(*Options)) *stage {
	o := Options{
		Machine: p, Source: func() string { return "ebpf" }, Now: func() time.Time { return p.now },
		Interval: DefaultInterval, Env: func(string) (string, bool) { return "", false },
	}
	for _, c := range change {
		c(&o)
	}
	s := &stage{newModel(&o), p}
	s.Update(tea.WindowSizeMsg{Width: 100, Height: 30})
	return s
}

// read lets some time pass and takes the reading that is due then.
func (s *stage) read(after time.Duration) {
	s.play.t.Helper()
	s.play.now = s.play.now.Add(after)
	_, cmd := s.Update(tickMsg(s.ticket))
	s.finish(cmd)
}

// finish carries out a command that must be a reading.
func (s *stage) finish(cmd tea.Cmd) {
	s.play.t.Helper()
	if cmd == nil {
		s.play.t.Fatal("no reading was started")
	}
	msg, ok := cmd().(readMsg)
	if !ok {
		s.play.t.Fatalf("the command is no reading")
	}
	s.Update(msg)
}

// watchFor takes readings at an interval for some time.
func (s *stage) watchFor(span, interval time.Duration) {
	s.play.t.Helper()
	for passed := time.Duration(0); passed <= span; passed += interval {
		if passed == 0 {
			s.read(0)
			continue
		}
		s.read(interval)
	}
}

// press presses keys by the names the terminal library gives them.
func (s *stage) press(names ...string) (cmd tea.Cmd) {
	for _, name := range names {
		_, cmd = s.Update(pressed(name))
	}
	return cmd
}

// pressed is the message of a key.
func pressed(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
		"home": tea.KeyHome, "end": tea.KeyEnd, "enter": tea.KeyEnter, "esc": tea.KeyEscape, "backspace": tea.KeyBackspace,
	}
	if code, ok := special[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: ' ', Text: " "}
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// text is the screen without colours and without blanks at the ends of lines.
func (s *stage) text() string {
	lines := strings.Split(ansi.Strip(s.View().Content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// names are the services on the screen from top to bottom, with instances as "  PID".
func (s *stage) names() []string {
	var out []string
	l := &s.list
	for i := l.cursor.top; i < len(l.lines) && i < l.cursor.top+s.bodyHeight(); i++ {
		x := l.lines[i]
		if x.instance == nil {
			out = append(out, x.service.name)
			continue
		}
		out = append(out, strings.Fields(nameCell(s.model, x, 0))[0])
	}
	return out
}

// cursorOn is the name on the line under the cursor.
func (s *stage) cursorOn() string {
	if s.list.cursor.at < s.list.cursor.top {
		return "a line above the screen"
	}
	return s.names()[s.list.cursor.at-s.list.cursor.top]
}

// theCast is a machine with one of everything.
func theCast() []actor {
	wobble := func(mb, by float64) func(int, time.Duration) float64 {
		return func(k int, since time.Duration) float64 {
			return mb/float64(k+1) + by*math.Sin(since.Minutes()*float64(k+3))
		}
	}
	return []actor{
		{name: "api-server", kind: "api", pids: []int32{811}, private: wobble(181, 0.2)},
		{name: "enhanced-dashboard", kind: "dashboard", pids: []int32{812, 813}, private: func(k int, since time.Duration) float64 {
			return [...]float64{374, 21}[k] + [...]float64{14.2, 0}[k]*since.Hours() + 0.1*math.Sin(since.Minutes())
		}},
		{name: "bot-momentum", kind: "strategy", pids: []int32{820, 821, 822}, private: func(k int, since time.Duration) float64 {
			return 60 + 4*(1-math.Exp(-since.Minutes()/12)) - float64(k)
		}},
		{name: "postgresql", pids: []int32{900, 901, 902}, private: func(k int, since time.Duration) float64 {
			if k == 2 {
				return math.NaN()
			}
			return wobble(64, 0.1)(k, since)
		}},
		{name: "データ収集サービス", pids: []int32{930}, private: constant(9.87)},
		{name: "a-name-that-is-much-longer-than-any-column-would-ever-want-it-to-be.service", pids: []int32{931}, private: constant(0.41)},
		{name: "newcomer", pids: []int32{940}, private: constant(45.3), from: 58 * time.Minute},
		{name: "visitor", pids: []int32{941}, private: constant(12), to: 59*time.Minute + 50*time.Second},
		{name: "sshd", pids: []int32{77}, private: constant(5), unwatched: true},
		{name: "kernel", kind: "kernel", pids: []int32{2, 3}, private: constant(0), unwatched: true, kernel: true},
	}
}

// anHour watches the cast for an hour.
func anHour(t *testing.T, change ...func(*Options)) *stage {
	t.Helper()
	s := newStage(newPlay(t, theCast()...), change...)
	s.finish(s.Init())
	for range 59 {
		s.read(time.Minute)
	}
	for range 10 {
		s.read(6 * time.Second)
	}
	return s
}

func fits(expression string) func(*Options) {
	return func(o *Options) { o.Filter = regexp.MustCompile(ignoreCase + expression) }
}

var errGone = errors.New("cannot read /proc: it is gone")

// containsLine reports whether words stand on one line of a screen.
func containsLine(screen, words string) bool {
	for line := range strings.SplitSeq(screen, "\n") {
		if strings.Contains(line, words) {
			return true
		}
	}
	return false
}
