package config

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/zol0/zol0/internal/logs"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/trading"
	"github.com/zol0/zol0/internal/units"
)

// Diff says what is different in next, for a daemon that reloads: in changed what applies
// at once (thresholds, services, retention, size, budget), in needsRestart what stays as it
// was until the next start (listen, data, interval, procfs). No change is in both. Each is a
// line for the log, like "store.raw: 7d → 14d". running is what the daemon runs with: give
// it again at the next reload, with the changes that applied, or a change that waits for
// a restart is said only once.
func Diff(running, next *Config) (changed, needsRestart []string) {
	for i := range settings {
		s := &settings[i]
		was, is := s.get(running), s.get(next)
		if was == is {
			continue
		}
		before, after := shown(was), shown(is)
		if before == after {
			before, after = exact(was), exact(is)
		}
		line := fmt.Sprintf("%s: %s → %s", s.key, orNone(before), orNone(after))
		if s.restart {
			needsRestart = append(needsRestart, line)
		} else {
			changed = append(changed, line)
		}
	}
	if !slices.EqualFunc(running.Sources, next.Sources, func(a, b trading.Options) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		needsRestart = append(needsRestart, "sources: other sources, or asked otherwise")
	}
	if !slices.EqualFunc(running.Logs, next.Logs, sameLog) {
		needsRestart = append(needsRestart, "logs: other logs")
	}
	return append(changed, diffRules(running.Rules, next.Rules)...), needsRestart
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// diffRules names the services that came, went or are recognised or judged otherwise.
// Where a rule stands in the file is no difference; its place in the order is one, for the
// first that fits decides.
func diffRules(before, after []service.Rule) []string {
	if slices.EqualFunc(before, after, sameRule) {
		return nil
	}
	var lines []string
	old, now := byName(before), byName(after)
	for _, name := range names(before) {
		if _, stays := now[name]; !stays {
			lines = append(lines, fmt.Sprintf("services: %q is gone", name))
		}
	}
	for _, name := range names(after) {
		was, known := old[name]
		switch {
		case !known:
			lines = append(lines, fmt.Sprintf("services: %q is new", name))
		case !slices.EqualFunc(was, now[name], sameRule):
			lines = append(lines, fmt.Sprintf("services: %q is different", name))
		}
	}
	if len(lines) == 0 {
		return []string{"services: the order is different"}
	}
	if len(lines) > maxDiffLines {
		more := units.Count(len(lines)-maxDiffLines, "other service", "other services")
		lines = append(lines[:maxDiffLines:maxDiffLines], "services: "+more+" came, went or changed")
	}
	return lines
}

// maxDiffLines keeps a log readable when somebody exchanges a file of thousands of rules.
const maxDiffLines = 20

func byName(rules []service.Rule) map[string][]service.Rule {
	out := make(map[string][]service.Rule)
	for i := range rules {
		out[rules[i].Name] = append(out[rules[i].Name], rules[i])
	}
	return out
}

// names are the names of rules, each once, in their order.
func names(rules []service.Rule) []string {
	var out []string
	seen := make(map[string]bool)
	for i := range rules {
		if !seen[rules[i].Name] {
			seen[rules[i].Name] = true
			out = append(out, rules[i].Name)
		}
	}
	return out
}

func sameLog(a, b logs.Options) bool {
	zone := func(o *logs.Options) string {
		if o.Zone == nil {
			return ""
		}
		return o.Zone.String()
	}
	same := zone(&a) == zone(&b)
	a.Zone, b.Zone = nil, nil
	return same && a == b
}

func sameRule(a, b service.Rule) bool {
	if a.Name != b.Name || a.Kind != b.Kind || a.Thresholds != b.Thresholds || !slices.Equal(a.Match.Ports, b.Match.Ports) {
		return false
	}
	return slices.EqualFunc(patterns(&a.Match), patterns(&b.Match), func(a, b *regexp.Regexp) bool {
		if a == nil || b == nil {
			return a == b
		}
		return a.String() == b.String()
	})
}

func patterns(m *service.Match) []*regexp.Regexp {
	return []*regexp.Regexp{m.Command, m.Executable, m.Cwd, m.User, m.Cgroup, m.Container, m.Unit}
}
