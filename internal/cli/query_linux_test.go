package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/client"
)

// TestQueryOfADaemon asks a running one that watches itself under a rule.
func TestQueryOfADaemon(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "zol0.yaml")
	if err := os.WriteFile(rules, []byte("services:\n  - name: trading-bot\n    match: {command: \"dashboard --listen 127.0.0.1:0 --data "+regexp.QuoteMeta(filepath.Dir(rules))+"\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := daemonAt(t, filepath.Dir(rules), func(c *exec.Cmd) { c.Args = append(c.Args, "--config", rules) })
	d.beats(4)
	ask := func(args ...string) ran {
		return runWith(strings.NewReader(""), append([]string{"query", "--url", d.url}, args...)...)
	}
	const expression = `zol0_service_private_bytes{service="trading-bot"}`
	if r := ask(expression); r.code != 0 || !regexp.MustCompile(`^SERIES +VALUE +ABOUT\nzol0_service_private_bytes\{.*service="trading-bot"\} +\d{6,} +[\d.]+ MB\n$`).MatchString(r.out) {
		t.Errorf("%d\n%s%s", r.code, r.out, r.err)
	}
	if r := ask("1 + 1"); r.out != "SERIES  VALUE\n–           2\n" {
		t.Errorf("%q %s", r.out, r.err)
	}
	if r := ask(`"word"`); r.out != "word\n" {
		t.Errorf("%q %s", r.out, r.err)
	}
	if r := ask("nothing_of_that_name"); r.code != 0 || !strings.HasPrefix(r.out, "no series") {
		t.Errorf("%d %q %s", r.code, r.out, r.err)
	}
	r := ask(expression, "--since", "5m", "--step", "1s")
	for _, want := range []string{expression + " over the last 5m\n", "MB┤", "\nSERIES ", " HIGHEST ", "trading-bot"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("the course has no %q:\n%s%s", want, r.out, r.err)
		}
	}
	rows := strings.Split(strings.TrimSpace(ask(expression, "--since", "5m", "--step", "1s", "--csv").out), "\n")
	if len(rows) < 3 || !strings.HasPrefix(rows[0], "time,value,__name__,") || !regexp.MustCompile(`^\d{4}-\d\d-\d\dT[\d:.]+Z,\d+,zol0_service_private_bytes,.*trading-bot`).MatchString(rows[1]) {
		t.Errorf("the rows are %q", rows)
	}
	var answer queryAnswer
	if r := ask(expression, "--json"); json.Unmarshal([]byte(r.out), &answer) != nil || answer.Type != client.Vector || !strings.Contains(string(answer.Result), "trading-bot") {
		t.Errorf("as JSON: %s%s", r.out, r.err)
	}
	for _, wrong := range [][]string{{"rate("}, {"x", "--step", "5s"}, {"x", "--since", "soon"}, {"x", "--since", "1h", "--step", "0s"}, {"x", "--at", "noon"}, {"x", "--json", "--csv"}} {
		if r := ask(wrong...); r.code != exitUsage || !strings.Contains(r.err, "hint: ") {
			t.Errorf("%q ends with %d: %s", wrong, r.code, r.err)
		}
	}
	if r := ask("max_over_time(x[10000d:1ms])"); r.code == 0 || !strings.Contains(r.err, "the daemon says: ") {
		t.Errorf("a bomb ends with %d: %s", r.code, r.err)
	}
	if r := runWith(strings.NewReader(""), "query", "1", "--url", "http://127.0.0.1:1"); r.code != exitFailure || !strings.Contains(r.err, "zol0 dashboard") {
		t.Errorf("without a daemon it ends with %d: %s", r.code, r.err)
	}
}
