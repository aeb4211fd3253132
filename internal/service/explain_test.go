package service

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/process"
)

// explain returns the explanation and its JSON.
func (s *stage) explain(pid int32) (Explanation, string) {
	s.t.Helper()
	e, err := s.resolver.Explain(pid, s)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := json.Marshal(e)
	if err != nil {
		s.t.Fatal(err)
	}
	return e, string(text)
}

func (e *Explanation) outcome(step Step) string {
	var out []string
	for _, n := range e.Steps {
		if n.Step == step {
			out = append(out, n.Saw+": "+n.Outcome)
		}
	}
	return strings.Join(out, "\n")
}

func TestExplain(t *testing.T) {
	h := host{t, t.TempDir()}
	h.write("var/lib/docker/containers/"+id("a")+"/config.v2.json", `{"Name":"/web"}`)
	s := newStage(t, Options{HostRoot: h.root, Rules: []Rule{{Name: "bots", Source: "zol0.yaml:12", Match: Match{Command: re("bot")}}}})
	s.start(1, 0, "systemd", "/sbin/init").in("/init.scope")
	s.start(10, 1, "python3", "python3", "bot.py", "--x")
	s.start(11, 10, "ffmpeg", "ffmpeg")
	s.start(12, 1, "nginx", "nginx").in("/system.slice/nginx.service")
	s.start(13, 1, "nginx", "nginx").in("/docker/" + id("a"))
	s.start(14, 1, "nginx", "nginx").in("/docker/" + id("b"))
	s.start(15, 1, "python3", "python3", "dash.py", "--port", "8501")
	s.start(16, 1, "python3", "python3", "dash.py", "--port", "8502")
	s.start(17, 1, "python3", "python3", "dash.py")
	s.start(18, 1, "quotes", "./quotes")
	s.start(19, 1, "cron", "cron").in("/system.slice/cron.service")
	s.start(20, 19, "job", "job").in("/system.slice/cron.service")
	s.start(21, 1, "secret").withhold(every)
	s.start(2, 0, "kthreadd").sample.Kernel = true
	s.resolve()
	for _, test := range []struct {
		pid     int32
		service string
		by      Step
		why     string // a part of the sentence
		step    Step   // a step that was tried …
		outcome string // … and a part of what came of it
	}{
		{2, KernelService, StepKernel, "kernel thread", StepKernel, "decided"},
		{10, "bots", StepRule, "rule bots (zol0.yaml:12) matches", StepRule, "decided: bots"},
		{11, "bots", StepParent, "descends from process 10", StepParent, "ancestor 10 (python3): decided: bots"},
		{11, "bots", StepParent, "", StepRule, "command does not match"},
		{12, "nginx", StepUnit, "systemd unit", StepUnit, `cgroup "/system.slice/nginx.service": decided: nginx`},
		{13, "web", StepContainer, "container", StepContainer, "config.v2.json: decided: web"},
		{14, "docker-bbbbbbbbbbbb", StepContainer, "", StepContainer, "in no file that this user may read"},
		{15, "dash.py [8501]", StepScript, `the port tells it apart from others called "dash.py"`, StepPort, "port 8501: added"},
		{17, "dash.py", StepScript, "", StepPort, "no listening port"},
		{18, "quotes", StepName, "so its executable does", StepPort, "one instance"},
		{18, "quotes", StepName, "", StepParent, "no ancestor"},
		{20, "job", StepName, "", StepUnit, "runs other programs"},
		{21, "secret", StepName, "", StepUnit, "withheld"},
	} {
		e, text := s.explain(test.pid)
		if e.Service != test.service || e.DecidedBy != test.by {
			t.Errorf("process %d is %q by %s, want %q by %s", test.pid, e.Service, e.DecidedBy, test.service, test.by)
		}
		if !strings.Contains(e.Why, test.why) || !strings.HasSuffix(e.Why, ".") {
			t.Errorf("process %d: the sentence %q misses %q", test.pid, e.Why, test.why)
		}
		if got := e.outcome(test.step); !strings.Contains(got, test.outcome) {
			t.Errorf("process %d: step %s says %q, which misses %q", test.pid, test.step, got, test.outcome)
		}
		if !strings.Contains(text, `"decided_by":"`+test.by.String()+`"`) {
			t.Errorf("process %d: %s", test.pid, text)
		}
	}
	e, _ := s.explain(11)
	if len(e.Parents) != 2 || e.Parents[0] != (Ancestor{10, "python3", "bots"}) || e.Parents[1].PID != 1 {
		t.Errorf("the parents of 11 are %+v", e.Parents)
	}
	if e.Command != "ffmpeg" || !e.Watched {
		t.Errorf("%+v", e)
	}
	if e, _ := s.explain(21); len(e.Withheld) < 2 || !strings.Contains(e.Withheld[0], "command line") {
		t.Errorf("withheld: %q", e.Withheld)
	}
	s.end(10)
	s.resolve()
	if e, _ := s.explain(11); !strings.Contains(e.Why, "has ended") || !strings.Contains(e.outcome(StepParent), "stays with bots") {
		t.Errorf("an orphan is explained by %q, %q", e.Why, e.outcome(StepParent))
	}
}

func TestExplainNobody(t *testing.T) {
	s := newStage(t, Options{})
	if _, err := s.resolver.Explain(10, s); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a process that does not exist is explained with %v", err)
	}
	a := s.start(10, 1, "x", "x")
	s.resolve()
	a.fails = fs.ErrNotExist
	e, _ := s.explain(10)
	if len(e.Withheld) != 1 || !strings.Contains(e.Withheld[0], fs.ErrNotExist.Error()) {
		t.Errorf("the explanation of a process that has ended withholds %q", e.Withheld)
	}
}

// An explanation changes nothing.
func TestExplainIsPure(t *testing.T) {
	s := crowd(t, 50)
	before := s.resolve()
	for pid := range before {
		s.explain(pid)
	}
	for pid, was := range s.resolve() {
		if was != before[pid] {
			t.Errorf("process %d was %+v and is %+v", pid, before[pid], was)
		}
	}
}

var _ Describer = (*stage)(nil)

func TestStepWords(t *testing.T) {
	for step, want := range map[Step]string{StepKernel: "kernel", StepRule: "rule", StepPort: "port", 99: "step 99"} {
		if got := step.String(); got != want {
			t.Errorf("step %d is called %q, want %q", uint8(step), got, want)
		}
	}
	if baseNeed(nil) != process.NeedCmdline|process.NeedCgroup {
		t.Error("without rules more is read than command line and cgroup")
	}
}
