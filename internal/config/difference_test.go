package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func load(t *testing.T, text string, pairs ...string) *Config {
	t.Helper()
	c, err := Load(write(t, text), environment(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatAReloadChanges(t *testing.T) {
	const rules = "services:\n  - {name: a, match: {port: 1}}\n  - {name: b, match: [{command: x}, {command: y}]}\n"
	for _, c := range []struct {
		name, before, after string
		changed, restart    []string
	}{
		{"nothing", "", "daemon: {listen: '127.0.0.1:8509', interval: 5s}\nstore: {hours: 1y}\n", nil, nil},
		{"what applies at once", "", "thresholds: {high: 1GB}\nstore: {size: 1GiB, raw: 2w}\nmemory: {budget: 100MB}\n",
			[]string{"thresholds.high: 500 MB → 1 GB", "store.size: 537 MB → 1.07 GB", "store.raw: 7d → 14d", "memory.budget: 67.1 MB → 100 MB"}, nil},
		{"what needs a restart", "", "daemon: {listen: ':80', interval: 10s}\n", nil, []string{"daemon.listen: 127.0.0.1:8509 → :80", "daemon.interval: 5s → 10s"}},
		{"a hub", "", "daemon: {receive: true}\n", nil, []string{"daemon.receive: false → true"}},
		{"both", "", "daemon: {interval: 10s}\nstore: {minutes: 60d}\n", []string{"store.minutes: 30d → 60d"}, []string{"daemon.interval: 5s → 10s"}},
		{"a little", "", "store: {size: 536870913}\n", []string{"store.size: 536870912 B → 536870913 B"}, nil},
		{"a rule in another line", rules, "\n\n" + rules, nil, nil},
		{"rules", rules, "services:\n  - {name: b, match: [{command: x}, {command: z}]}\n  - {name: c, match: {port: 1}}\n",
			[]string{`services: "a" is gone`, `services: "b" is different`, `services: "c" is new`}, nil},
		{"thresholds of a rule", rules, strings.Replace(rules, "a,", "a, thresholds: {limit: 1MB},", 1), []string{`services: "a" is different`}, nil},
		{"another key of a rule", rules, strings.Replace(rules, "command: x", "user: x", 1), []string{`services: "b" is different`}, nil},
		{"their order", rules, "services:\n  - {name: b, match: [{command: x}, {command: y}]}\n  - {name: a, match: {port: 1}}\n", []string{"services: the order is different"}, nil},
	} {
		changed, restart := Diff(load(t, c.before), load(t, c.after))
		if !slices.Equal(changed, c.changed) || !slices.Equal(restart, c.restart) {
			t.Errorf("%s:\n changed %q\n    want %q\n restart %q\n    want %q", c.name, changed, c.changed, restart, c.restart)
		}
	}
	_, restart := Diff(load(t, ""), load(t, "", "ZOL0_PROC_ROOT", "/host/proc"))
	if !slices.Equal(restart, []string{"proc_root: none → /host/proc"}) {
		t.Errorf("%q", restart)
	}
}

func TestAnotherFileOfManyRulesIsFewLines(t *testing.T) {
	var text strings.Builder
	text.WriteString("services:\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "  - {name: s%d, match: {command: x}}\n", i)
	}
	changed, _ := Diff(load(t, ""), load(t, text.String()))
	if len(changed) != maxDiffLines+1 || changed[maxDiffLines] != "services: 980 other services came, went or changed" {
		t.Errorf("%d lines, the last %q", len(changed), changed[len(changed)-1])
	}
}
