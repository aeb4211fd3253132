package service

import (
	"regexp"
	"slices"
	"strings"

	"github.com/zol0/zol0/internal/process"
)

// Rule gives a name to the processes it matches.
type Rule struct {
	// Name is the service's name. Where Match.Command is set it may use its groups as
	// $1 or ${name}; a name that expands to nothing makes the rule not match.
	Name string
	// Kind is a word for grouping, like "strategy" or "dashboard"; may be empty.
	Kind string
	// Match says which processes are meant.
	Match Match
	// Thresholds of this service; the general ones hold where a field is 0.
	Thresholds Thresholds
	// Source is where the rule stands, like "zol0.yaml:12", for explanations.
	Source string
}

// Thresholds are limits in bytes of private memory; 0 means not set here.
type Thresholds struct {
	ElevatedBytes, HighBytes, LimitBytes uint64
}

// Match is what a rule asks of a process. Every field that is set must match; a Match
// without any matches nothing. Regular expressions match anywhere unless they are anchored.
// A field whose fact the system withholds does not match.
type Match struct {
	// Command is matched against the arguments joined by single blanks, secrets
	// redacted.
	Command *regexp.Regexp
	// Executable is matched against the path of the image.
	Executable *regexp.Regexp
	// Cwd is matched against the working directory.
	Cwd *regexp.Regexp
	// User is matched against the name of the real user, or its number where it has none.
	User *regexp.Regexp
	// Cgroup is matched against the path below the cgroup root.
	Cgroup *regexp.Regexp
	// Container is matched against the container's name and against its id.
	Container *regexp.Regexp
	// Unit is matched against the systemd unit with and without ".service".
	Unit *regexp.Regexp
	// Ports matches a process that listens on one of them or has one of them written in
	// its command line.
	Ports []uint16
}

// empty reports whether nothing is asked.
func (m *Match) empty() bool {
	return m.Command == nil && m.Executable == nil && m.Cwd == nil && m.User == nil &&
		m.Cgroup == nil && m.Container == nil && m.Unit == nil && len(m.Ports) == 0
}

// cheap reports whether a field is set that needs no more than what is read anyway, so
// that most processes fail there and the dearer facts are read of few.
func (m *Match) cheap() bool {
	return m.Command != nil || m.User != nil || m.Cgroup != nil || m.Container != nil || m.Unit != nil
}

// baseNeed is what is read of every new process: command line and cgroup, which the steps
// want, and what rules want that have no cheaper field to fail on.
func baseNeed(rules []Rule) process.Need {
	need := process.NeedCmdline | process.NeedCgroup
	for i := range rules {
		m := &rules[i].Match
		switch {
		case m.cheap():
		case m.Executable != nil:
			need |= process.NeedExecutable
		case m.Cwd != nil:
			need |= process.NeedCwd
		}
	}
	return need
}

// matches tries the fields from cheap to dear and names the first that failed, for
// explanations.
func (m *Match) matches(s *subject) (failed string, ok bool) {
	switch {
	case m.empty():
		return "an empty match", false
	case m.User != nil && !m.User.MatchString(s.user()):
		return "user", false
	case m.Command != nil && (!s.has(process.NeedCmdline) || !m.Command.MatchString(s.command())):
		return "command", false
	case m.Cgroup != nil && (!s.has(process.NeedCgroup) || !m.Cgroup.MatchString(s.facts.Cgroup)):
		return "cgroup", false
	case m.Unit != nil && !matchesUnit(m.Unit, s.place.unit):
		return "unit", false
	case m.Container != nil && !s.matchesContainer(m.Container):
		return "container", false
	case m.Executable != nil && (!s.has(process.NeedExecutable) || !m.Executable.MatchString(s.facts.Executable)):
		return "executable", false
	case m.Cwd != nil && (!s.has(process.NeedCwd) || !m.Cwd.MatchString(s.facts.Cwd)):
		return "cwd", false
	case len(m.Ports) > 0 && !s.listens(m.Ports):
		return "ports", false
	}
	return "", true
}

func matchesUnit(re *regexp.Regexp, unit string) bool {
	return unit != "" && (re.MatchString(unit) || re.MatchString(strings.TrimSuffix(unit, unitSuffix)))
}

func (s *subject) matchesContainer(re *regexp.Regexp) bool {
	c := s.place.container
	return c.id != "" && (re.MatchString(c.id) || re.MatchString(s.containerName()))
}

// listens reports whether the process listens on one of ports. The one written in its
// command line is known before the socket is and costs nothing.
func (s *subject) listens(ports []uint16) bool {
	if s.hasCommand() && slices.Contains(ports, writtenPort(s.facts.Cmdline)) {
		return true
	}
	if !s.has(process.NeedPorts) {
		return false
	}
	s.waitsForPort = len(s.facts.Ports) == 0
	return slices.ContainsFunc(s.facts.Ports, func(p uint16) bool { return slices.Contains(ports, p) })
}

// title is the name the rule gives, with the groups of its command expression filled in.
func (r *Rule) title(s *subject) string {
	if r.Match.Command == nil || !strings.Contains(r.Name, "$") {
		return r.Name
	}
	text := s.command()
	groups := r.Match.Command.FindStringSubmatchIndex(text)
	return strings.TrimSpace(string(r.Match.Command.ExpandString(nil, r.Name, text, groups)))
}
