package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/wire"
)

// TestServicesAndHistoryOfADaemon asks a running one that watches itself under a rule, which
// has a history from the first beat on.
func TestServicesAndHistoryOfADaemon(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "zol0.yaml")
	if err := os.WriteFile(rules, []byte("services:\n  - name: trading-bot\n    match: {command: \"dashboard --listen 127.0.0.1:0 --data "+regexp.QuoteMeta(filepath.Dir(rules))+"\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := daemonAt(t, filepath.Dir(rules), func(c *exec.Cmd) { c.Args = append(c.Args, "--config", rules) })
	d.beats(4)
	ask := func(args ...string) ran { return runWith(strings.NewReader(""), append(args, "--url", d.url)...) }

	table := ask("services")
	if !strings.HasPrefix(table.out, "SERVICE ") || !strings.Contains(table.out, "\ntrading-bot  learning") || !strings.Contains(table.out, "as of ") {
		t.Errorf("the table is\n%s%s", table.out, table.err)
	}
	if r := ask("services", "--state", "leaking"); strings.Contains(r.out, "trading-bot") || !strings.Contains(r.out, "note     0 shown of ") {
		t.Errorf("what leaks is\n%s%s", r.out, r.err)
	}
	var services wire.ServiceTable
	if r := ask("services", "--json", "--filter", "TRADING"); json.Unmarshal([]byte(r.out), &services) != nil || len(services.Services) != 1 || services.Services[0].PrivateBytes == nil {
		t.Errorf("as JSON: %s%s", r.out, r.err)
	}
	chart := ask("history", "trading-bot", "--since", "5m")
	for _, want := range []string{"trading-bot: private memory over the last 5m\n", "\nlowest ", " MB, last ", " (raw)\n"} {
		if !strings.Contains(chart.out, want) {
			t.Errorf("the chart has no %q:\n%s%s", want, chart.out, chart.err)
		}
	}
	rows := strings.Split(strings.TrimSpace(ask("history", "trading-bot", "--since", "5m", "--step", "1s", "--metric", "fds", "--csv").out), "\n")
	if len(rows) < 4 || rows[0] != "time,min,mean,max,last" || !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(,\d+){4}$`).MatchString(rows[1]) {
		t.Errorf("the rows are %q", rows)
	}
	var past serviceHistory
	if r := ask("history", "trading-bot", "--json"); json.Unmarshal([]byte(r.out), &past) != nil || past.Metric != "private" || len(past.Series) != 1 || len(past.Series[0].Max) == 0 || past.Marks == nil {
		t.Errorf("as JSON: %s%s", r.out, r.err)
	}
	if r := ask("history", "tradingbot"); r.code != exitFailure || !strings.Contains(r.err, `knows no service "tradingbot"`) || !strings.Contains(r.err, "hint: did you mean trading-bot?") {
		t.Errorf("a misspelt service ends with %d: %s", r.code, r.err)
	}
	if r := ask("history", "trading-bot", "--points", "0"); r.code != exitUsage {
		t.Errorf("no points end with %d: %s", r.code, r.err)
	}
}
