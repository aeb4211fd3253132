package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/config"
)

// TestConfigurationPage runs the examples of docs/configuration.md on the file that the page
// shows, and holds the table of keys against the code. With -update it is written anew.
func TestConfigurationPage(t *testing.T) {
	path, err := filepath.Abs("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	written, count := string(text), 0
	t.Chdir(t.TempDir())
	for _, block := range fence.FindAllStringSubmatch(written, -1) {
		if block[1] == "yaml" {
			if err := os.WriteFile("zol0.yaml", []byte(block[2]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		command, shown, _ := strings.Cut(block[2], "\n")
		command, ok := strings.CutPrefix(command, "$ zol0 ")
		if block[1] != "console" || !ok {
			continue
		}
		count++
		r := runWith(strings.NewReader(""), strings.Fields(command)...)
		got := r.out + r.err
		if got != shown && !*update {
			t.Errorf("$ zol0 %s\nwrites\n%s\nbut the page shows\n%s\nIf that is meant: go test ./internal/cli -run ConfigurationPage -update", command, got, shown)
		}
		written = strings.Replace(written, block[0], "```console\n$ zol0 "+command+"\n"+got+"```", 1)
	}
	if count < 2 {
		t.Errorf("only %d examples were found: the test looks in the wrong place", count)
	}
	if *update && written != string(text) {
		if err := os.WriteFile(path, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load("", func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range c.Settings() {
		row := "| `" + s.Key + "` | `" + config.Variables()[i+1][0] + "` |"
		if s.Key == "proc_root" {
			row = "| | `ZOL0_PROC_ROOT` |"
		}
		if !strings.Contains(written, row) {
			t.Errorf("the page has no row %s", row)
		}
	}
}
