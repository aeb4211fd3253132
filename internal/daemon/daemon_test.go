package daemon

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/budget"
	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

var journalQuery = api.JournalQuery{Limit: 1000}

// rowOf is a service of the table.
func rowOf(t *testing.T, d *Daemon, name string) wire.ServiceRow {
	t.Helper()
	table := d.Services()
	for _, r := range table.Services {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("the table has no %s: %+v", name, table.Services)
	return wire.ServiceRow{}
}

// TestALeakIsSeenStoredAndTold lets twelve hours pass.
func TestALeakIsSeenStoredAndTold(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), seldom)
	run(t, d, m, 12*120)
	leaky, steady := rowOf(t, d, "leaky"), rowOf(t, d, "steady")
	if leaky.State != "leaking" || leaky.Rate == nil || leaky.Rate.LowBytesPerHour > 20<<20 || leaky.Rate.HighBytesPerHour < 20<<20 {
		t.Errorf("leaky is %s at %+v, want leaking at 20 MiB an hour", leaky.State, leaky.Rate)
	}
	if steady.State != "steady" || steady.Sentence == "" {
		t.Errorf("steady is %+v", steady)
	}
	verdicts := events(t, d, "verdict")
	if len(verdicts) == 0 || !strings.Contains(verdicts[len(verdicts)-1], "leaky (leaky, PID 101): Leaking") {
		t.Errorf("the journal says %q", verdicts)
	}
	q := api.SeriesQuery{Names: []string{"zol0_service_private_bytes"}, Columns: api.AllColumns, Match: map[string]string{"service": "leaky"}, From: noon, To: noon.Add(12 * time.Hour), Step: time.Hour, MaxSeries: 10}
	answer, err := history{d}.Series(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.Series) != 1 || len(answer.Series[0].Times) != 12 {
		t.Fatalf("the store has %+v", answer)
	}
	if got, want := answer.Series[0].Last[11], float64(m.procs[2].private(13*time.Hour-30*time.Second)); got != want {
		t.Errorf("the last sample stored is %v, want %v", got, want)
	}
	top, err := history{d}.Top(t.Context(), api.TopQuery{Since: 24 * time.Hour, To: m.Now(), Limit: 10})
	if err != nil || len(top.Services) == 0 || top.Services[0].Service != "leaky" {
		t.Errorf("the top is %+v, %v", top, err)
	}
	self := d.Self()
	if self.Beat.Number != 12*120 || self.Beat.Late != 0 || len(self.Verdicts) == 0 || self.Verdicts[0].State != "steady" {
		t.Errorf("the daemon says of itself: %+v", self)
	}
}

// TestARestartLosesNothing compares a daemon that was ended every hour with one that was not.
func TestARestartLosesNothing(t *testing.T) {
	through, broken := newMachine(), newMachine()
	a, _ := start(t, through, t.TempDir(), seldom)
	run(t, a, through, 8*120)
	dir := t.TempDir()
	var b *Daemon
	for range 8 {
		b, _ = start(t, broken, dir, seldom)
		run(t, b, broken, 120)
		if b.beats.number != 120 {
			t.Fatalf("%d beats", b.beats.number)
		}
		end(t, b)
	}
	b, _ = start(t, broken, dir, seldom)
	run(t, a, through, 1)
	run(t, b, broken, 1)
	x, y := rowOf(t, a, "leaky"), rowOf(t, b, "leaky")
	if x.State != y.State || x.Sentence != y.Sentence || y.State != "leaking" {
		t.Errorf("with restarts:    %s %s\nwithout restarts: %s %s", y.State, y.Sentence, x.State, x.Sentence)
	}
	if got := events(t, b, "stop"); len(got) != 8 {
		t.Errorf("the journal has %d stops, want 8", len(got))
	}
}

// TestClockJumpsAndSleep sets the clock back an hour, forward a day, and lets the machine
// sleep eight hours.
func TestClockJumpsAndSleep(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 720)
	m.wall = m.wall.Add(-time.Hour)
	run(t, d, m, 720)
	m.wall = m.wall.Add(24 * time.Hour)
	run(t, d, m, 720)
	m.wall, m.asleep = m.wall.Add(8*time.Hour), 8*time.Hour
	run(t, d, m, 720*6)
	said := strings.Join(events(t, d, "clock"), "\n")
	for _, want := range []string{"set back by 1h0m0s", "set forward by 24h0m0s", "slept for 8h0m0s"} {
		if !strings.Contains(said, want) {
			t.Errorf("the journal says %q, want %q in it", said, want)
		}
	}
	if n := len(events(t, d, "clock")); n != 3 {
		t.Errorf("%d events of the clock, want 3: %s", n, said)
	}
	// Samples of both passes are there, and the judges minded none of it: memory grows by
	// the hour that ran, not by the hour on the wall.
	q := api.SeriesQuery{Names: []string{"zol0_service_private_bytes"}, Columns: api.AllColumns, Match: map[string]string{"service": "leaky"}, From: noon.Add(-time.Hour), To: noon.Add(48 * time.Hour), Step: time.Hour, MaxSeries: 10}
	answer, err := history{d}.Series(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	// Noon passed twice, with the same times: the later samples stand.
	if got := len(answer.Series[0].Times); got != 1+1+6 {
		t.Errorf("%d hours have samples, want 8: %v", got, answer.Series[0].Times)
	}
	if r := rowOf(t, d, "leaky"); r.State != "leaking" || r.Rate.LowBytesPerHour > 20<<20 || r.Rate.HighBytesPerHour < 20<<20 {
		t.Errorf("leaky is %s at %+v", r.State, r.Rate)
	}
	if d.beats.late != 0 {
		t.Errorf("%d beats count as late", d.beats.late)
	}
}

func TestLateBeatsAreCountedAndToldOnce(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 3)
	for range 5 {
		m.pass(15 * time.Second)
		run(t, d, m, 1)
	}
	if d.beats.late != 15 {
		t.Errorf("%d beats were late, want 15", d.beats.late)
	}
	if got := events(t, d, "late"); len(got) != 1 {
		t.Errorf("the journal says %q", got)
	}
}

func TestMemoryShortageIsAnsweredInStepsAndTakenBack(t *testing.T) {
	m := newMachine()
	d, log := start(t, m, t.TempDir(), nil)
	own := uint64(20 << 20)
	m.procs[0].private = func(time.Duration) uint64 { return own }
	run(t, d, m, 30)
	for _, c := range []struct {
		mib  uint64
		step budget.Step
	}{{46, budget.NoCaches}, {53, budget.CoarserWindows}, {58, budget.OnlyServices}, {63, budget.NoNewClients}, {500, budget.NoNewClients}} {
		own = c.mib << 20
		run(t, d, m, 1)
		if got := d.budget.Step(); got != c.step {
			t.Fatalf("with %d MiB the step is %v, want %v", c.mib, got, c.step)
		}
	}
	if d.NewClients() {
		t.Error("new clients are let in at the last step")
	}
	if got := d.tally.MaxJudged(); got != servicesJudged {
		t.Errorf("%d are judged at the last step", got)
	}
	if n := len(events(t, d, "degradation")); n != 4 {
		t.Errorf("%d degradations were told, want 4", n)
	}
	if !strings.Contains(log.String(), "no_new_clients") {
		t.Error("the log does not say it")
	}
	own = 20 << 20
	run(t, d, m, 5*720)
	if d.budget.Step() != budget.Normal || !d.NewClients() || d.tally.MaxJudged() != 100 {
		t.Errorf("nothing was taken back: step %v", d.budget.Step())
	}
}

func TestReloadTakesWhatIsGoodAndRefusesTheRest(t *testing.T) {
	m := newMachine()
	next, refusal := settings(""), error(nil)
	dir := t.TempDir()
	d, _ := start(t, m, dir, func(o *Options) {
		o.Reload = func() (*config.Config, error) { return next, refusal }
	})
	run(t, d, m, 1)
	refusal = errors.New("zol0.yaml:3: unknown key")
	d.reload()
	if self := d.Self(); self.ConfigError != refusal.Error() {
		t.Errorf("the refusal is %q", self.ConfigError)
	}
	refusal = nil
	next.Daemon = config.Daemon{Data: dir, Interval: time.Minute}
	next.Memory.Budget = 32 << 20
	d.reload()
	run(t, d, m, 1)
	if d.budget.Bytes() != 32<<20 || d.config.Daemon.Interval != config.DefaultInterval {
		t.Errorf("budget %d, interval %v", d.budget.Bytes(), d.config.Daemon.Interval)
	}
	said := strings.Join(events(t, d, "config"), "\n")
	for _, want := range []string{"refused and the old one holds: zol0.yaml:3", "memory.budget: 67.1 MB → 33.6 MB", "After a restart only: daemon.interval"} {
		if !strings.Contains(said, want) {
			t.Errorf("the journal says %q, want %q in it", said, want)
		}
	}
	if self := d.Self(); self.ConfigError != "" || self.ConfigTime == nil {
		t.Errorf("the refusal stays: %+v", self.ConfigError)
	}
}

// TestNewRulesForgetNothing gives a leaking process another name.
func TestNewRulesForgetNothing(t *testing.T) {
	m := newMachine()
	dir := t.TempDir()
	next := settings(dir)
	next.Daemon.Interval = 30 * time.Second
	d, _ := start(t, m, dir, func(o *Options) { seldom(o); o.Reload = func() (*config.Config, error) { return next, nil } })
	run(t, d, m, 10*120)
	if r := rowOf(t, d, "leaky"); r.State != "leaking" {
		t.Fatalf("leaky is %s", r.State)
	}
	next.Rules = []service.Rule{{Name: "My Bot", Source: "test", Match: service.Match{Command: regexp.MustCompile("leaky")}}}
	d.reload()
	run(t, d, m, 2)
	if r := rowOf(t, d, "My Bot"); r.State != "leaking" || r.Rate == nil {
		t.Errorf("under its new name it is %s at %+v", r.State, r.Rate)
	}
	for _, text := range events(t, d, "verdict") {
		if strings.Contains(text, "ended") && strings.Contains(text, "leaky") {
			t.Errorf("the journal says %q", text)
		}
	}
}

func TestAMachineThatCannotBeReadEndsOnlyTheFirstBeat(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), nil)
	m.broken = errBroken
	if err := d.beat(d.moment()); !errors.Is(err, errBroken) {
		t.Errorf("the first beat says %v", err)
	}
	m.broken = nil
	run(t, d, m, 2)
	m.broken = errBroken
	run(t, d, m, 5)
	m.broken = nil
	run(t, d, m, 2)
	if got := events(t, d, "fault"); len(got) != 2 || !strings.Contains(got[1], "nothing can be read") {
		t.Errorf("faults: %q", got)
	}
	if got := events(t, d, "recovered"); len(got) != 2 {
		t.Errorf("recoveries: %q", got)
	}
}

// bubbleClock is the clock of a synctest bubble.
type bubbleClock struct{ began time.Time }

func (bubbleClock) Now() time.Time           { return time.Now() }
func (c bubbleClock) Elapsed() time.Duration { return time.Since(c.began) + time.Hour }

// TestBeatsLieOnTheGridAndEndInGoodOrder runs the real loop on an invented clock.
func TestBeatsLieOnTheGridAndEndInGoodOrder(t *testing.T) {
	dir := t.TempDir()
	m := newMachine()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		reloads := make(chan os.Signal)
		calls := 0
		d, log := start(t, m, dir, func(o *Options) {
			o.Clock, o.Reloads = bubbleClock{time.Now()}, reloads
			o.Reload = func() (*config.Config, error) { calls++; return settings(dir), nil }
		})
		ended := make(chan error)
		time.Sleep(1234 * time.Millisecond)
		go func() { ended <- d.Run(ctx) }()
		time.Sleep(time.Minute)
		reloads <- os.Interrupt // any signal will do
		time.Sleep(time.Hour)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := d.beats.number; n != 733 && n != 734 {
			t.Errorf("%d beats in an hour and a minute, want 733", n)
		}
		if calls != 1 {
			t.Errorf("the configuration was read %d times again", calls)
		}
		if strings.Contains(log.String(), "level=WARN") {
			t.Errorf("the log warns: %s", log)
		}
	})
	s, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // only read
	owners, err := s.Owners(t.Context(), store.Service, 0, 1<<60, func(l store.Labels) bool { return l.Get("service") == "leaky" })
	if err != nil || len(owners) != 1 {
		t.Fatalf("%+v, %v", owners, err)
	}
	var times []int64
	if err := s.Points(t.Context(), store.SeriesOf(owners[0].ID, 0), 0, 1<<60, func(p store.Point) bool { times = append(times, p.T); return true }); err != nil {
		t.Fatal(err)
	}
	off := slices.IndexFunc(times, func(t int64) bool { return t%5000 != 0 })
	if len(times) < 733 || off >= 0 {
		t.Errorf("%d samples, number %d is off the grid", len(times), off)
	}
}
