package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/memory"
)

// pages are the documents a person reads.
func pages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, path := range append(paths, "../../README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(path)] = string(text)
	}
	return out
}

var fence = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```")

// quoted is what a shell makes one word of.
var quoted = regexp.MustCompile(`'[^']*'|"[^"]*"|\$\([^)]*\)`)

// parses checks that a command line is one that zol0 takes.
func parses(line string) error {
	line = quoted.ReplaceAllString(line, "1")
	line, _, _ = strings.Cut(line, "#")
	for _, end := range []string{"|", ">", "<", "&&", ";"} {
		line, _, _ = strings.Cut(line, end)
	}
	words := strings.Fields(line)
	for len(words) > 0 && words[0] != "zol0" && !strings.HasSuffix(words[0], "/zol0") {
		words = words[1:] // sudo, a time, ExecStart= …
	}
	if len(words) == 0 {
		return nil
	}
	a := &app{World: World{Out: io.Discard, Env: func(string) (string, bool) { return "", false }}}
	root := a.root()
	command, rest, err := root.Find(words[1:])
	if err != nil {
		return err
	}
	if command == root && len(words) > 1 && !strings.HasPrefix(words[1], "-") {
		return fmt.Errorf("no command %q", words[1])
	}
	if err := command.ParseFlags(rest); err != nil {
		return err
	}
	if command.Args != nil {
		return command.Args(command, command.Flags().Args())
	}
	return nil
}

var mention = regexp.MustCompile(`(?:^|[ =/])zol0 `)

func TestCommandsInTheDocumentsParse(t *testing.T) {
	count := 0
	for name, text := range pages(t) {
		for _, block := range fence.FindAllStringSubmatch(text, -1) {
			for line := range strings.Lines(block[2]) {
				line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
				isCommand := block[1] == "sh" || block[1] == "console" && strings.Contains(block[2], "$ "+line) || strings.HasPrefix(line, "ExecStart=")
				if !isCommand || !mention.MatchString(line) || strings.HasPrefix(line, "#") {
					continue
				}
				count++
				if err := parses(strings.TrimPrefix(line, "ExecStart=")); err != nil {
					t.Errorf("%s: %q: %v", name, line, err)
				}
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d commands were found: the test looks in the wrong place", count)
	}
}

func TestExamplesInTheHelpParse(t *testing.T) {
	a := &app{World: World{Out: io.Discard, Env: func(string) (string, bool) { return "", false }}}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Name() == "completion" || c.Name() == "help" {
			return
		}
		if c.Example == "" || c.Short == "" {
			t.Errorf("%s has no example or no short help", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			if err := parses(regexp.MustCompile(`  +\S.*$`).ReplaceAllStringFunc(strings.TrimSpace(line), func(comment string) string {
				if strings.HasPrefix(strings.TrimSpace(comment), "-") {
					return comment
				}
				return ""
			})); err != nil {
				t.Errorf("%s: %q: %v", c.CommandPath(), line, err)
			}
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(a.root())
}

func TestConfigurationInTheDocumentsIsRight(t *testing.T) {
	count := 0
	for name, text := range pages(t) {
		for _, block := range fence.FindAllStringSubmatch(text, -1) {
			if block[1] != "yaml" {
				continue
			}
			count++
			path := filepath.Join(t.TempDir(), "zol0.yaml")
			if err := os.WriteFile(path, []byte(block[2]), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Load(path, func(string) (string, bool) { return "", false }); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if count == 0 {
		t.Error("no YAML was found: the test looks in the wrong place")
	}
}

// The table of metrics in the documents is the one in the code.
func TestDocumentsListEveryMetric(t *testing.T) {
	text := pages(t)["formats.md"]
	for m := range memory.Count {
		d := memory.Metrics[m]
		if d.Metric != m {
			t.Errorf("the table of metrics is out of order at %s", d.Name)
		}
		if !strings.Contains(text, "| `"+d.Name+"` |") || !strings.Contains(text, d.Meaning) {
			t.Errorf("docs/formats.md does not say what %s means: %s", d.Name, d.Meaning)
		}
	}
}
