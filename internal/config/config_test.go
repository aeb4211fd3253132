package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/units"
)

// environment is a look-up in a fixed list.
func environment(pairs ...string) Environment {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zol0.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWithoutAnyFileTheDefaultsHold(t *testing.T) {
	c, err := Load("", environment("HOME", t.TempDir(), "XDG_CONFIG_HOME", t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if c.Path != "" || c.Limits != sampler.DefaultLimits() || len(c.Rules) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestFileIsFoundWhereTheUserKeepsIt(t *testing.T) {
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "zol0"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "zol0", "zol0.yaml")
	if err := os.WriteFile(path, []byte("thresholds: {high: 1GB}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load("", environment("XDG_CONFIG_HOME", home, "APPDATA", home))
	if err != nil {
		t.Fatal(err)
	}
	if c.Path != path || c.Limits.High != units.GB {
		t.Errorf("path %q, high %s", c.Path, c.Limits.High)
	}
}

func TestEnvironmentGoesOverTheFile(t *testing.T) {
	path := write(t, "thresholds: {high: 1GB, elevated: 200MB, dashboard: 50MB, watched_total: 9GB}\n")
	c, err := Load("", environment("ZOL0_CONFIG", path, "ZOL0_THRESHOLDS_HIGH", "700MB", "ZOL0_PROC_ROOT", "/host/proc", "ZOL0_API_KEY", "somebody else's"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (sampler.Limits{Elevated: 200 * units.MB, High: 700 * units.MB, Own: 50 * units.MB, Watched: 9 * units.GB}); c.Limits != want || c.ProcRoot != "/host/proc" {
		t.Errorf("%+v, %q", c.Limits, c.ProcRoot)
	}
}

func TestEveryMistakeIsNamedWithItsLine(t *testing.T) {
	for _, c := range []struct {
		name, text string
		line       int
		want       string
	}{
		{"unknown key", "thresholds:\n  elevatd: 1MB\n", 2, `unknown key "elevatd"`},
		{"unknown key in a rule", "services:\n  - name: a\n    match: {command: x}\n    color: red\n", 4, `unknown key "color"`},
		{"unknown key in a match", "services:\n  - name: a\n    match:\n      cmd: x\n", 4, `unknown key "cmd"`},
		{"unknown key at the top", "threshold: {}\n", 1, `unknown key "threshold"`},
		{"no amount", "thresholds:\n  high: lots\n", 2, `"lots" is no amount of memory`},
		{"negative", "thresholds:\n  high: -3MB\n", 2, `"-3MB"`},
		{"nothing", "thresholds:\n  high: 0\n", 2, `"0"`},
		{"amount as a list", "thresholds:\n  high: [1, 2]\n", 2, "one value"},
		{"bad expression", "services:\n  - name: a\n    match:\n      command: 'a(b'\n", 4, "bad regular expression \"a(b\""},
		{"empty expression", "services:\n  - name: a\n    match: {command: ''}\n", 3, "empty pattern"},
		{"bad port", "services:\n  - name: a\n    match: {port: 99999}\n", 3, `"99999" is no port`},
		{"port of words", "services:\n  - name: a\n    match: {port: http}\n", 3, `"http" is no port`},
		{"no name", "services:\n  - match: {port: 1}\n", 2, "without a name"},
		{"no match", "services:\n  - name: a\n", 2, `"a" has no match`},
		{"empty match", "services:\n  - name: a\n    match: {}\n", 3, "every process"},
		{"match of words", "services:\n  - name: a\n    match: x\n", 3, "block of keys"},
		{"elevated above high", "services:\n  - name: a\n    match: {port: 1}\n    thresholds:\n      elevated: 2GB\n      high: 1GB\n", 6, "below elevated"},
		{"broken YAML", "thresholds:\n  high: \"1GB\n", 0, ""},
		{"tab", "thresholds:\n\thigh: 1GB\n", 0, ""},
		{"twice the same key", "thresholds: {high: 1GB}\nthresholds: {high: 2GB}\n", 2, "thresholds"},
		{"a list at the top", "- a\n- b\n", 1, ""},
		{"brackets without end", "services: " + strings.Repeat("[", 100_000) + "\n", 1, "nested more than 32 levels"},
		{"entries without end", "services:\n" + strings.Repeat("- ", 100_000) + "\n", 2, "nested more than 32 levels"},
		{"elevated above the general high", "services:\n  - name: a\n    match: {port: 1}\n    thresholds: {elevated: 600MB}\n", 0, "never be ELEVATED"},
		{"a group that is not there", "services:\n  - name: bot $2\n    match: {command: 'bots/(\\w+)'}\n", 2, "$2, which is no group"},
		{"a named group that is not there", "services:\n  - name: bot ${nope}\n    match: {command: 'bots/(\\w+)'}\n", 2, "$nope, which is no group"},
		{"a group of no command", "services:\n  - name: bot $1\n    match: {port: 1}\n", 2, "no command to take it from"},
		{"control characters", "services:\n  - name: \"a\\x1b[31m\"\n    match: {port: 1}\n", 2, "do not print"},
		{"kind as a list", "services:\n  - name: a\n    kind: [x]\n    match: {port: 1}\n", 3, "one value"},
		{"two documents", "thresholds: {high: 1GB}\n---\nthresholds: {high: 2GB}\n", 0, "more than one YAML document"},
	} {
		path := write(t, c.text)
		_, err := Load(path, environment())
		var own *Error
		if !errors.As(err, &own) {
			t.Errorf("%s: error %v, want a config.Error", c.name, err)
			continue
		}
		if c.line > 0 && own.Line != c.line {
			t.Errorf("%s: line %d, want %d: %v", c.name, own.Line, c.line, err)
		}
		if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) || own.Hint == "" || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q with hint %q, want %q, the file, and one line", c.name, err, own.Hint, c.want)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	directory := t.TempDir()
	huge := write(t, "# "+strings.Repeat("x", maxFileBytes))
	for path, want := range map[string]string{
		filepath.Join(directory, "missing.yaml"): "no such file", directory: "is a directory", huge: "larger than",
	} {
		_, err := Load(path, environment())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), path) != 1 {
			t.Errorf("%s: %v, want %q with the path once", path, err, want)
		}
	}
	for name, value := range map[string]string{"ZOL0_THRESHOLDS_HIGH": "much", "ZOL0_THRESHOLDS_ELEVATED": "0"} {
		_, err := Load("", environment("HOME", directory, name, value))
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), value) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	if _, err := Load("", environment("HOME", directory, "ZOL0_THRESHOLDS_HIGH", "100MB")); err == nil || !strings.Contains(err.Error(), "below elevated") {
		t.Errorf("high below elevated: %v", err)
	}
}

func TestOneServiceManyWays(t *testing.T) {
	path := write(t, `
services:
  - name: Router
    kind: bot
    thresholds: {limit: 50MB}
    match:
      - command: 'router\.py'
        user: ^trader$
      - port: [9000, 9001]
`)
	c, err := Load(path, environment())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rules) != 2 {
		t.Fatalf("%d rules", len(c.Rules))
	}
	first, second := c.Rules[0], c.Rules[1]
	if first.Name != "Router" || first.Kind != "bot" || first.Match.Command.String() != `router\.py` || first.Match.User.String() != "^trader$" || first.Thresholds.LimitBytes != 50e6 || !strings.HasSuffix(first.Source, "zol0.yaml:7") {
		t.Errorf("%+v", first)
	}
	if len(second.Match.Ports) != 2 || second.Match.Ports[1] != 9001 || second.Thresholds.LimitBytes != 50e6 {
		t.Errorf("%+v", second)
	}
}

// A key whose value was deleted is a key that was deleted.
func TestKeyWithoutValueIsUnset(t *testing.T) {
	c, err := Load(write(t, "thresholds:\n  high:\nservices:\n"), environment())
	if err != nil || c.Limits != sampler.DefaultLimits() {
		t.Errorf("%+v, %v", c, err)
	}
}

// What zol0 ships must be right itself.
func TestShippedProfiles(t *testing.T) {
	names := map[string]int{"default": 0, "zol0": 11}
	if len(Profiles()) != len(names) {
		t.Errorf("profiles %v", Profiles())
	}
	for profile, services := range names {
		text, err := Template(profile)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Load(write(t, string(text)), environment())
		if err != nil {
			t.Errorf("%s: %v", profile, err)
			continue
		}
		distinct := make(map[string]bool)
		for _, r := range c.Rules {
			distinct[r.Name] = true
		}
		if len(distinct) != services {
			t.Errorf("%s: %d services, want %d", profile, len(distinct), services)
		}
		c.Rules = nil
		if changed, restart := Diff(load(t, ""), c); changed != nil || restart != nil {
			t.Errorf("%s: its values are not the defaults: %q %q", profile, changed, restart)
		}
	}
	if _, err := Template("nonsense"); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("an unknown profile: %v", err)
	}
	// The example in the default profile must be right when its comment marks go.
	text, _ := Template("default")
	before, example, _ := strings.Cut(string(text), "# services:\n")
	example = "services:\n" + strings.ReplaceAll(strings.ReplaceAll(example, "\n# ", "\n"), "#   - name", "  - name")
	if c, err := Load(write(t, before+example), environment()); err != nil || len(c.Rules) == 0 {
		t.Errorf("the commented example: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, p := range Profiles() {
		text, _ := Template(p)
		f.Add(text)
	}
	f.Add([]byte("services: [{name: a, match: [{port: [1, 2]}, {command: x}]}]"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := &Config{Limits: sampler.DefaultLimits()}
		if err := c.parse("zol0.yaml", text); err != nil {
			return
		}
		for i := range c.Rules {
			if c.Rules[i].Name == "" {
				t.Error("a rule without a name")
			}
		}
	})
}
