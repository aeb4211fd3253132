package service

import (
	"regexp"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/process"
)

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

func TestRuleFields(t *testing.T) {
	for _, test := range []struct {
		story string
		match Match
		want  bool
	}{
		{"an empty match", Match{}, false},
		{"the command, anywhere in it", Match{Command: re(`bot\.py --pair`)}, true},
		{"another command", Match{Command: re(`^bot`)}, false},
		{"the image", Match{Executable: re(`/python3\.\d+$`)}, true},
		{"another image", Match{Executable: re(`node`)}, false},
		{"the working directory", Match{Cwd: re(`^/srv/`)}, true},
		{"another working directory", Match{Cwd: re(`^/opt/`)}, false},
		{"the user", Match{User: re(`^bob$`)}, true},
		{"another user", Match{User: re(`^root$`)}, false},
		{"the cgroup", Match{Cgroup: re(`^/system\.slice/`)}, true},
		{"another cgroup", Match{Cgroup: re(`docker`)}, false},
		{"the unit without its suffix", Match{Unit: re(`^bot$`)}, true},
		{"the unit with its suffix", Match{Unit: re(`^bot\.service$`)}, true},
		{"another unit", Match{Unit: re(`nginx`)}, false},
		{"a container", Match{Container: re(`.`)}, false},
		{"a port it listens on", Match{Ports: []uint16{80, 9000}}, true},
		{"a port in its command line", Match{Ports: []uint16{8501}}, true},
		{"another port", Match{Ports: []uint16{80}}, false},
		{"all of them", Match{Command: re(`bot`), User: re(`bob`), Unit: re(`bot`), Ports: []uint16{9000}}, true},
		{"all but one", Match{Command: re(`bot`), User: re(`root`), Unit: re(`bot`), Ports: []uint16{9000}}, false},
	} {
		s := newStage(t, Options{Rules: []Rule{{Name: "ruled", Kind: "strategy", Match: test.match}}})
		s.start(10, 1, "python3", "python3", "bot.py", "--pair", "BTC", "--port", "8501").
			in("/system.slice/bot.service").image("/usr/bin/python3.11").at("/srv/bot").user(1000).listening(9000)
		got := s.resolve()[10]
		if matched := got.Step == StepRule; matched != test.want {
			t.Errorf("%s: matched %v, want %v", test.story, matched, test.want)
		}
		if got.Watched != test.want {
			t.Errorf("%s: watched %v, want %v", test.story, got.Watched, test.want)
		}
		if test.want && (got.Service != "ruled" || got.Kind != "strategy" || got.Rule == nil || got.Rule.Name != "ruled") {
			t.Errorf("%s: %+v", test.story, got)
		}
	}
}

func TestRuleContainer(t *testing.T) {
	h := host{t, t.TempDir()}
	h.write("var/lib/docker/containers/"+id("a")+"/config.v2.json", `{"Name":"/web"}`)
	for expression, want := range map[string]bool{"^web$": true, "^" + id("a") + "$": true, "^aaaaaaaaaaaa": true, "db": false} {
		s := newStage(t, Options{HostRoot: h.root, Rules: []Rule{{Name: "ruled", Match: Match{Container: re(expression)}}}})
		s.start(10, 1, "nginx", "nginx").in("/docker/" + id("a"))
		if got := s.resolve()[10].Step == StepRule; got != want {
			t.Errorf("container %s: matched %v, want %v", expression, got, want)
		}
	}
}

func TestFirstRuleDecides(t *testing.T) {
	s := newStage(t, Options{Rules: []Rule{
		{Name: "none", Match: Match{Command: re("nothing")}},
		{Name: "first", Match: Match{Command: re("bot")}, Thresholds: Thresholds{LimitBytes: 7}},
		{Name: "second", Match: Match{Command: re("bot")}},
	}})
	s.start(10, 1, "python3", "python3", "bot.py")
	if got := s.resolve()[10]; got.Service != "first" || got.Rule.Thresholds.LimitBytes != 7 {
		t.Errorf("%+v", got)
	}
}

func TestRuleNameFromCommand(t *testing.T) {
	rules := []Rule{{Name: "bot-$1", Match: Match{Command: re(`--pair (\w*)`)}}, {Name: "$name", Match: Match{Command: re(`--name=?(?P<name>\S*)`)}}}
	s := newStage(t, Options{Rules: rules})
	s.start(10, 1, "python3", "python3", "x.py", "--pair", "BTC")
	s.start(11, 1, "python3", "python3", "x.py", "--name=grid")
	s.start(12, 1, "python3", "python3", "x.py", "--name") // expands to nothing: no match
	s.expect(map[int32]string{10: "bot-BTC", 11: "grid", 12: "x.py"})
}

// Dear facts are read only of those processes that passed the cheap fields.
func TestRulesReadNoMoreThanTheyNeed(t *testing.T) {
	s := newStage(t, Options{Rules: []Rule{
		{Name: "a", Match: Match{Command: re("bot"), Cwd: re("x"), Ports: []uint16{1}}},
	}})
	for pid := range int32(100) {
		s.start(10+pid, 1, "postgres", "postgres")
	}
	s.start(1000, 1, "bot", "bot").at("/x")
	s.resolve()
	for need, want := range map[process.Need]int{process.NeedExecutable: 0, process.NeedCwd: 1, process.NeedPorts: 1} {
		if need == process.NeedPorts {
			want += maxAsked // 100 postgres of one name: ports could tell them apart
		}
		if s.reads[need] != want {
			t.Errorf("fact %d was read %d times, want %d", need, s.reads[need], want)
		}
	}
}

// A server may open its port a minute after its start.
func TestRuleWaitsForPort(t *testing.T) {
	s := newStage(t, Options{Rules: []Rule{{Name: "ruled", Match: Match{Ports: []uint16{80}}}}})
	a := s.start(10, 1, "server", "server").aged(time.Second)
	s.expect(map[int32]string{10: "server"})
	s.pass(10 * time.Second)
	s.expect(map[int32]string{10: "server"})
	a.listening(80)
	s.pass(15 * time.Second)
	got := s.expect(map[int32]string{10: "ruled"})
	if !got[10].Watched {
		t.Error("a process that a rule matched late is not watched")
	}
}

func TestWithheldFactsDoNotMatch(t *testing.T) {
	for _, test := range []struct {
		match Match
		fact  process.Need
	}{
		{Match{Executable: re("")}, process.NeedExecutable}, {Match{Cwd: re("")}, process.NeedCwd},
		{Match{Command: re("")}, process.NeedCmdline}, {Match{Cgroup: re("")}, process.NeedCgroup},
		{Match{Ports: []uint16{9}}, process.NeedPorts},
	} {
		for _, withhold := range []bool{false, true} {
			s := newStage(t, Options{Rules: []Rule{{Name: "ruled", Match: test.match}}})
			a := s.start(10, 1, "x", "x").listening(9)
			if withhold {
				a.withhold(test.fact)
			}
			if got := s.resolve()[10].Step == StepRule; got == withhold {
				t.Errorf("fact %d withheld %v: matched %v", test.fact, withhold, got)
			}
		}
	}
}
