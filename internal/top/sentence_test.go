package top

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestTheSentence goes through what a watch may find. The first line answers, the second
// always says what to bear in mind.
func TestTheSentence(t *testing.T) {
	leak := actor{name: "leaky", pids: []int32{1}, private: rising(100, 30)}
	calm := actor{name: "calm", pids: []int32{2}, private: constant(80)}
	for _, c := range []struct {
		name     string
		actors   []actor
		span     time.Duration
		interval time.Duration
		first    string
		second   string
	}{
		{"too early", []actor{leak, calm}, 2 * time.Minute, 10 * time.Second,
			"Too early to say whether anything grows", "13 samples over 2m; 24 are needed"},
		{"all is well", []actor{calm}, 30 * time.Minute, 30 * time.Second,
			"Nothing grows beyond its noise since 12:03", "seen over 30m; growth under 1.05 MB/h in a process would go unseen"},
		{"all is well but for who came late", []actor{calm, {name: "late", pids: []int32{3}, private: rising(50, 500), from: 28 * time.Minute}}, 30 * time.Minute, 30 * time.Second,
			"Nothing grows beyond its noise since 12:03", "seen over 30m; growth under 1.05 MB/h in a process would go unseen; 1 of 2 services still learning"},
		{"suspect", []actor{calm, leak}, 30 * time.Minute, 30 * time.Second,
			"◆ leaky is suspect: +30", "too short: 30 min cannot tell a leak from a warm-up"},
		{"leaking", []actor{calm, leak}, 36 * time.Hour, 10 * time.Minute,
			"● leaky is leaking: +30", ""},
		{"filling", []actor{{name: "cache", pids: []int32{4}, private: func(_ int, since time.Duration) float64 {
			return 100 + 50*min(1, since.Minutes()/40)
		}}}, time.Hour, time.Minute,
			"◐ cache is filling: ", "seen over 1h"},
		{"three of them", []actor{leak, {name: "worse", pids: []int32{5}, private: rising(10, 90)}, {name: "third", pids: []int32{6}, private: rising(10, 9)}}, 30 * time.Minute, 30 * time.Second,
			"◆ worse is suspect: +90", "too short: 30 min cannot tell a leak from a warm-up"},
		{"a leak beside a cache", []actor{leak, {name: "cache", pids: []int32{4}, private: func(_ int, since time.Duration) float64 {
			return 100 + 50*min(1, since.Minutes()/10)
		}}}, 30 * time.Minute, 30 * time.Second,
			"◆ leaky is suspect: +30", "too short: 30 min cannot tell a leak from a warm-up"},
		{"nobody to watch", []actor{{name: "sshd", pids: []int32{1}, private: constant(5), unwatched: true}}, time.Minute, 10 * time.Second,
			"No service is watched", "no rule of the configuration fits a process; press a to see all services"},
	} {
		s := newStage(newPlay(t, c.actors...))
		s.finish(s.Init())
		for passed := c.interval; passed <= c.span; passed += c.interval {
			s.read(c.interval)
		}
		lines := strings.Split(s.text(), "\n")
		if !strings.HasPrefix(lines[0], c.first) || !strings.HasPrefix(lines[1], c.second) || lines[1] == "" {
			t.Errorf("%s: the screen says\n  %s\n  %s\nwant\n  %s\n  %s", c.name, lines[0], lines[1], c.first, c.second)
		}
	}
}

// TestARestartEndsTheAlarm: the verdict is that of the processes alive, not of those that
// somebody restarted because they leaked.
func TestARestartEndsTheAlarm(t *testing.T) {
	p := newPlay(t,
		actor{name: "leaky", pids: []int32{1}, private: rising(100, 60), to: 30 * time.Minute},
		actor{name: "calm", pids: []int32{2}, private: constant(80)},
	)
	s := newStage(p)
	s.finish(s.Init())
	for range 59 {
		s.read(30 * time.Second)
	}
	if first, _, _ := strings.Cut(s.text(), "\n"); !strings.HasPrefix(first, "◆ leaky is suspect") {
		t.Fatalf("before the restart: %s", first)
	}
	p.actors[0] = actor{name: "leaky", pids: []int32{3}, private: constant(100)}
	for range 40 {
		s.read(30 * time.Second)
	}
	lines := strings.Split(s.text(), "\n")
	if !strings.HasPrefix(lines[0], "Nothing grows beyond its noise since 12:3") {
		t.Errorf("after the restart: %s", lines[0])
	}
	if row := s.list.rows["leaky"]; row.growth.value < 25e6 {
		t.Errorf("the growth of the process that ended is forgotten: %g", row.growth.value)
	}
}

// TestWhatTheFiguresLeaveOutIsSaid shows the facts that change how figures are read.
func TestWhatTheFiguresLeaveOutIsSaid(t *testing.T) {
	s := anHour(t)
	for _, c := range []struct {
		change func(*reading)
		want   string
	}{
		{func(r *reading) { r.denied = 17 }, "17 not readable by this user"},
		{func(r *reading) { r.hidden = true }, "others hidden by the system"},
		{func(r *reading) { r.left = 1 }, "1 more service not shown"},
		{func(r *reading) { r.untracked = true }, "services after the first 1,000 not judged"},
		{func(r *reading) { r.over = true }, "930 MB of 3 GB private, REVIEW"},
		{func(r *reading) { r.watchedLimit = 0 }, "–  930 MB · 7 services"},
		{func(r *reading) { r.host.Name = "" }, "this machine, 15 processes by ebpf"},
	} {
		before := s.last
		c.change(&s.last)
		if screen := s.text(); !containsLine(screen, c.want) {
			t.Errorf("the screen does not say %q:\n%s", c.want, screen)
		}
		s.last = before
	}
}

func TestTheTimeOfAnotherDayHasItsDate(t *testing.T) {
	for _, c := range []struct {
		later time.Duration
		want  string
	}{{time.Hour, "12:03"}, {13 * time.Hour, "14 Mar 12:03"}, {24 * time.Hour, "14 Mar 12:03"}} {
		if got := clockOf(opening, opening.Add(c.later)); got != c.want {
			t.Errorf("after %s it is %q, want %q", c.later, got, c.want)
		}
	}
}

// TestDetails is what a row has no room for.
func TestDetails(t *testing.T) {
	s := anHour(t, func(o *Options) { o.All = true })
	for name, want := range map[string][]string{
		"enhanced-dashboard": {"enhanced-dashboard (dashboard), PID 812: Suspect: growing by 14.2 MB/h (", "Bear in mind: too short: 60 min cannot tell a leak from a warm-up"},
		"bot-momentum":       {"bot-momentum (strategy), PID 82", ": Filling: levels off near 6", " so far."},
		"api-server":         {"api-server (api): Steady: ", "no growth above 524 KB/h over 60 min."},
		"postgresql":         {"postgresql, PID 90", ": Steady: ", " Bear in mind: the rate holds 2 of 3 processes."},
		"newcomer":           {"newcomer: 12 samples over 2m; 24 are needed"},
		"kernel":             {"kernel (kernel): threads of the kernel, which have no memory of their own"},
	} {
		got := (line{service: s.list.rows[name]}).details()
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s:\n  %s\nwithout\n  %s", name, got, part)
			}
		}
	}
	gone := *s.list.rows["newcomer"]
	gone.gone = true
	if got := (line{service: &gone}).details(); got != "newcomer: ended" {
		t.Errorf("a service that ended: %s", got)
	}
	wide := s.list.rows["enhanced-dashboard"].instances[0]
	if got, want := (line{s.list.rows["enhanced-dashboard"], &wide}).details(), " ELEVATED: above 300 MB. Bear in mind: "; !strings.Contains(got, want) {
		t.Errorf("the process: %s\nwithout\n  %s", got, want)
	}
	blind := service{name: "many", verdict: noVerdict()}
	if got := (line{service: &blind}).details(); !strings.Contains(got, fmt.Sprintf("the %d largest", 100)) {
		t.Errorf("a service without a verdict: %s", got)
	}
}

// TestDescriptorsThatLeakAreNamed: the words beside the rate of memory must not be taken
// for words on memory.
func TestDescriptorsThatLeakAreNamed(t *testing.T) {
	p := newPlay(t, actor{name: "leaky", pids: []int32{1}, private: constant(100), fds: func(since time.Duration) float64 { return 20 + 4*since.Minutes() }}, actor{name: "calm", pids: []int32{2}, private: constant(120)})
	s := newStage(p)
	s.finish(s.Init())
	for range 60 {
		s.read(time.Minute)
	}
	lines := strings.Split(s.text(), "\n")
	if !strings.HasPrefix(lines[0], "◆ leaky is suspect in descriptors: +24") || !containsLine(s.text(), "◆ fds") {
		t.Errorf("the screen does not name the descriptors:\n%s", s.text())
	}
	if got, want := (line{service: s.list.rows["leaky"]}).details(), "leaky: Suspect: growing by 24"; !strings.HasPrefix(got, want) {
		t.Errorf("the details are %s\nnot %s", got, want)
	}
	if s.names()[0] != "leaky" {
		t.Errorf("the service that leaks descriptors is not on top: %v", s.names())
	}
}
