package service

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

func TestOrderOfSteps(t *testing.T) {
	s := newStage(t, Options{})
	s.start(1, 0, "systemd", "/sbin/init").in("/init.scope")
	s.start(10, 1, "python3", "python3", "x.py").in("/system.slice/bot.service")
	s.start(11, 1, "python3", "python3", "x.py").in("/docker/" + id("a"))
	s.start(12, 1, "python3", "python3", "x.py").in("/user.slice/user-1000.slice/session-3.scope")
	s.start(13, 1, "redis-server", "redis-server *:6379").in("/user.slice/user-1000.slice/session-3.scope")
	s.start(14, 1, "nginx", "nginx").in("/docker/" + id("a") + "/system.slice/nginx.service")
	s.start(15, 1, "python3", "python3", "x.py").in("/system.slice/web.service/libpod-payload-" + id("a"))
	got := s.expect(map[int32]string{
		1: "systemd", 10: "bot", 11: "docker-aaaaaaaaaaaa", 12: "x.py", 13: "redis-server",
		14: "docker-aaaaaaaaaaaa/nginx", 15: "web",
	})
	for pid, want := range map[int32]Step{1: StepName, 10: StepUnit, 11: StepContainer, 12: StepScript, 13: StepName, 14: StepUnit, 15: StepUnit} {
		if got[pid].Step != want {
			t.Errorf("process %d was decided by %s, want %s", pid, got[pid].Step, want)
		}
		if !got[pid].Watched || !got[pid].Root || got[pid].Owner != 0 {
			t.Errorf("process %d: %+v", pid, got[pid])
		}
	}
}

func TestKernelThreads(t *testing.T) {
	s := newStage(t, Options{})
	s.start(2, 0, "kthreadd").sample.Kernel = true
	s.start(30, 2, "kworker/0:1").sample.Kernel = true
	got := s.expect(map[int32]string{2: KernelService, 30: KernelService})
	if got[30].Kind != KindKernel || got[30].Step != StepKernel || got[30].Watched || got[30].Root {
		t.Errorf("%+v", got[30])
	}
	if len(s.reads) != 0 {
		t.Errorf("facts of kernel threads were read: %v", s.reads)
	}
}

func TestZoL0KnowsItself(t *testing.T) {
	s := newStage(t, Options{Rules: []Rule{{Name: "monitoring", Kind: "tool", Match: Match{Unit: re("zol0")}}}})
	s.start(10, 1, "zol0", "/usr/bin/zol0", "serve").image("/usr/bin/zol0").in("/system.slice/zol0.service")
	s.start(11, 1, "zol0", "zol0", "top").image("/usr/bin/zol0")
	s.start(12, 1, "zol0", "/usr/bin/python3", "/usr/bin/zol0").image("/usr/bin/python3") // a script of that name
	s.start(13, 1, "zol0", "/opt/zol0", "serve").withhold(process.NeedExecutable)
	got := s.resolve()
	for pid, want := range map[int32]string{10: KindZoL0, 11: KindZoL0, 12: "", 13: KindZoL0} {
		if got[pid].Kind != want {
			t.Errorf("process %d has the kind %q, want %q", pid, got[pid].Kind, want)
		}
	}
	if got[10].Service != "monitoring" || got[11].Service != "zol0" {
		t.Errorf("services %q and %q", got[10].Service, got[11].Service)
	}
}

func TestLongNames(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 1, "systemd-resolve", "/lib/systemd/systemd-resolved")
	s.start(11, 1, "market-data-fee", "/bin/bash", "/opt/market-data-feed.sh")
	s.start(12, 1, "order-book-serv").image("/opt/order-book-server").withhold(process.NeedCmdline)
	s.start(13, 1, "order-book-serv", "something else").image("/opt/other")
	s.start(14, 1, "exactly-fifteen", "/opt/exactly-fifteen")
	s.start(15, 1, "next-server (v1", "next-server (v14.1.0)")
	s.start(16, 1, "MainThread", "/usr/bin/node", "-e", "1")
	s.start(17, 1, "-bash", "-bash")
	s.expect(map[int32]string{
		10: "systemd-resolved", 11: "market-data-feed.sh", 12: "order-book-server", 13: "order-book-serv",
		14: "exactly-fifteen", 15: "next-server", 16: "node", 17: "bash",
	})
}

// Schedulers and process managers run other people's programs inside their own unit.
func TestHostUnits(t *testing.T) {
	s := newStage(t, Options{})
	const cron, supervisor, pm2 = "/system.slice/cron.service", "/system.slice/supervisor.service", "/system.slice/pm2-bob.service"
	s.start(10, 1, "cron", "/usr/sbin/cron", "-f").in(cron)
	s.start(11, 10, "cron", "/usr/sbin/CRON", "-f").in(cron)
	s.start(12, 11, "sh", "/bin/sh", "-c", "python3 x.py").in(cron)
	s.start(13, 12, "python3", "python3", "x.py").in(cron)
	s.start(14, 13, "ffmpeg", "ffmpeg").in(cron)
	s.start(20, 1, "supervisord", "/usr/bin/python3", "/usr/bin/supervisord", "-n").in(supervisor)
	s.start(21, 20, "redis-server", "redis-server *:6379").in(supervisor)
	s.start(22, 20, "gunicorn", "python3", "/v/gunicorn", "api:app").in(supervisor)
	s.start(30, 1, "PM2 v5.3.0: God", "PM2 v5.3.0: God Daemon (/home/bob/.pm2)").in(pm2)
	s.start(31, 30, "node /srv/api/r", "node /srv/api/relay.js").in(pm2)
	s.start(32, 30, "quotes", "./quotes").in(pm2)
	s.expect(map[int32]string{
		10: "cron", 11: "cron", 12: "sh", 13: "x.py", 14: "x.py",
		20: "supervisor", 21: "redis-server", 22: "api:app",
		30: "pm2-bob", 31: "relay.js", 32: "quotes",
	})
}

func TestExecGivesANewIdentity(t *testing.T) {
	s := newStage(t, Options{})
	a := s.start(10, 1, "bash", "bash", "-c", "exec python3 x.py")
	s.expect(map[int32]string{10: "bash"})
	a.sample.Name, a.facts.Cmdline = "python3", []string{"python3", "x.py"}
	s.expect(map[int32]string{10: "x.py"})
}

// Between fork and exec a process shows its parent's command line; when it has settled it
// is looked at again, even though its name is the same.
func TestYoungProcessesAreDecidedAgain(t *testing.T) {
	s := newStage(t, Options{})
	a := s.start(10, 1, "python3", "python3", "launcher.py").aged(500 * time.Millisecond)
	s.expect(map[int32]string{10: "launcher.py"})
	a.facts.Cmdline = []string{"python3", "x.py"}
	s.pass(time.Second)
	s.expect(map[int32]string{10: "launcher.py"}) // not yet
	s.pass(time.Second)
	s.expect(map[int32]string{10: "x.py"})
	a.facts.Cmdline = []string{"python3", "y.py"}
	s.pass(time.Hour)
	s.expect(map[int32]string{10: "x.py"}) // settled
}

func TestReusedPIDIsAnotherProcess(t *testing.T) {
	s := newStage(t, Options{})
	a := s.start(10, 1, "python3", "python3", "x.py")
	s.expect(map[int32]string{10: "x.py"})
	a.sample.ID.Start += 5000
	a.facts.Cmdline = []string{"python3", "y.py"}
	s.expect(map[int32]string{10: "y.py"})
}

func TestProcessThatEndsUnderOurHands(t *testing.T) {
	s := newStage(t, Options{})
	a := s.start(10, 1, "python3", "python3", "x.py")
	a.fails = errors.New("it has ended")
	s.expect(map[int32]string{10: "python3"})
	a.fails = nil // it was a passing fault
	s.expect(map[int32]string{10: "x.py"})
	a.fails = errors.New("it has ended")
	a.sample.Name = "x"
	s.expect(map[int32]string{10: "x.py"}) // what was known of it stays
}

// A process that can never be read is not asked about for ever.
func TestFailingProcessIsLeftAlone(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 1, "python3", "python3", "x.py").fails = errors.New("no")
	for range 50 {
		s.resolve()
	}
	if n := s.reads[process.NeedCmdline]; n > maxFailures+1 {
		t.Errorf("it was asked about %d times", n)
	}
}

func TestWithheldEverything(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 1, "python3", "python3", "x.py").withhold(every)
	s.expect(map[int32]string{10: "python3"})
}

func TestStateIsBoundedByLivingProcesses(t *testing.T) {
	s := newStage(t, Options{})
	for round := range int32(50) {
		s.actors = nil
		for i := range int32(40) {
			s.start(1000*round+i+1, 1, fmt.Sprint("p", round), fmt.Sprint("p", round), "--port", fmt.Sprint(1000+i))
		}
		s.resolve()
	}
	if n := len(s.resolver.lives); n != 40 {
		t.Errorf("%d instances are kept of 40 living", n)
	}
	if n := len(s.resolver.names); n > maxApart+1 {
		t.Errorf("%d names are kept", n)
	}
	for round := range int32(maxApart + 50) {
		s.actors = nil
		for i := range int32(2) {
			s.start(2*round+i+1, 1, fmt.Sprint("q", round), fmt.Sprint("q", round), "--port", fmt.Sprint(1000+i)).
				sample.ID.Start = 1e6 + uint64(round)
		}
		s.resolve()
	}
	if n := len(s.resolver.names); n > maxApart+2 {
		t.Errorf("%d names are kept as told apart, the bound is %d", n, maxApart)
	}
}

func TestNamesAreShort(t *testing.T) {
	s := newStage(t, Options{})
	long := strings.Repeat("ä", 200)
	s.start(10, 1, "python3", "python3", long+".py", "--port", "1")
	s.start(11, 1, "python3", "python3", long+".py", "--port", "2")
	s.start(12, 1, "", "")
	for pid, identity := range s.resolve() {
		if len(identity.Service) > MaxName || len(identity.Service) == 0 || !harmless(identity.Service) {
			t.Errorf("process %d: %q has %d bytes", pid, identity.Service, len(identity.Service))
		}
	}
}

// crowd is a machine with many processes of several kinds.
func crowd(t testing.TB, n int32) *stage {
	s := newStage(t, Options{Rules: []Rule{{Name: "bots", Match: Match{Command: re("bot")}}}})
	s.start(1, 0, "systemd", "/sbin/init").in("/init.scope")
	for i := range n - 1 {
		pid := i + 2
		switch i % 5 {
		case 0:
			s.start(pid, 1, "nginx", "nginx").in("/system.slice/nginx.service")
		case 1:
			s.start(pid, 1, "python3", "python3", "bot.py", fmt.Sprint(i))
		case 2:
			s.start(pid, pid-1, "python3", "python3", "-c", "x")
		case 3:
			s.start(pid, 1, "python3", "python3", "dash.py", "--port", fmt.Sprint(8000+i))
		case 4:
			s.start(pid, 1, "redis-server", "redis-server").listening(6379)
		}
	}
	return s
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	s := crowd(t, 1000)
	samples := s.samples()
	s.resolver.Resolve(samples, s)
	reads := fmt.Sprint(s.reads)
	if allocs := testing.AllocsPerRun(20, func() { s.resolver.Resolve(samples, s) }); allocs != 0 {
		t.Errorf("a steady scan of 1000 processes allocates %v times", allocs)
	}
	if after := fmt.Sprint(s.reads); after != reads {
		t.Errorf("a steady scan reads facts: %s, before %s", after, reads)
	}
}

func TestResultMatchesSamplesIndexForIndex(t *testing.T) {
	s := crowd(t, 200)
	first := s.resolve()
	s.actors[3], s.actors[150] = s.actors[150], s.actors[3]
	samples := s.samples()
	for i, identity := range s.resolver.Resolve(samples, s) {
		if want := first[samples[i].ID.PID]; identity != want {
			t.Fatalf("sample %d: %+v, want %+v", i, identity, want)
		}
	}
	if got := s.resolver.Resolve([]memory.Sample{}, s); len(got) != 0 {
		t.Errorf("no samples give %d identities", len(got))
	}
}
