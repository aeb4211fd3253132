package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/zol0/zol0/internal/service"
)

// read loads a file with this text.
func readRules(t interface{ Fatalf(string, ...any) }, dir, text string) []service.Rule {
	path := filepath.Join(dir, "zol0.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatalf("%v", err)
	}
	c, err := Load(path, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return c.Rules
}

// TestRuleTextIsReadAsItWasWritten writes rules of any text and reads them.
func TestRuleTextIsReadAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		literal := func(name string) *regexp.Regexp {
			if rapid.Bool().Draw(t, name) {
				return nil
			}
			text := rapid.StringN(1, 40, 200).Draw(t, name)
			return regexp.MustCompile("^" + regexp.QuoteMeta(text) + `(\d+|'")`)
		}
		want := service.Rule{
			Name: "a" + rapid.StringMatching(`[ -#%-~é]{0,20}[!-#%-~]`).Draw(t, "name"), Kind: rapid.StringMatching(`|[a-z: #'"]{0,6}[a-z]`).Draw(t, "kind"),
			Match: service.Match{
				Command: literal("command"), Executable: literal("executable"), Cwd: literal("cwd"), User: literal("user"),
				Cgroup: literal("cgroup"), Container: literal("container"), Unit: literal("unit"), Ports: []uint16{rapid.Uint16Min(1).Draw(t, "port"), 80},
			},
			Thresholds: service.Thresholds{LimitBytes: rapid.Uint64Range(1, 1<<40).Draw(t, "limit")},
		}
		if rapid.Bool().Draw(t, "thresholds") {
			want.Thresholds.ElevatedBytes, want.Thresholds.HighBytes = 300e6, 512<<20
		}
		want.Kind = regexp.MustCompile(`^ +`).ReplaceAllString(want.Kind, "")
		rules := readRules(t, dir, RuleText(&want))
		if len(rules) != 1 {
			t.Fatalf("%d rules", len(rules))
		}
		rules[0].Source = ""
		if got, want := fmt.Sprintf("%+v", rules[0]), fmt.Sprintf("%+v", want); got != want {
			t.Fatalf("read is\n%s\nwritten was\n%s\nas\n%s", got, want, RuleText(&rules[0]))
		}
	})
}

func TestARuleWithoutAMatchHasNoText(t *testing.T) {
	if s := RuleText(&service.Rule{Name: "all"}); s != "" {
		t.Errorf("%q", s)
	}
	want := "services:\n  - name: 'bot'\n    match:\n      command: 'bot\\.py'\n      port: [80, 81]\n    thresholds:\n      high: 600 MB\n      limit: 7 B\n"
	r := service.Rule{Name: "bot", Match: service.Match{Command: regexp.MustCompile(`bot\.py`), Ports: []uint16{80, 81}}, Thresholds: service.Thresholds{HighBytes: 600e6, LimitBytes: 7}}
	if s := RuleText(&r); s != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
}
