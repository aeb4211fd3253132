package cli

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func unzipped(t *testing.T, file []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestOutputInTheDocuments runs the examples of two pages and holds what is printed there
// against it. With -update the pages are written anew.
func TestOutputInTheDocuments(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		page, dir string // dir is where the page says that its examples run
		long      bool
		examples  int // at least
	}{
		{"analyze.md", "internal/backtest/testdata/leakbench", false, 5},
		{"backtest.md", ".", true, 3},
	} {
		t.Run(p.page, func(t *testing.T) {
			if p.long && !*update && os.Getenv("ZOL0_SOAK") == "" {
				t.Skip("NOT RUN: it replays all recordings some times, which takes a minute: make soak does it")
			}
			t.Chdir(filepath.Join(root, p.dir))
			path := filepath.Join(root, "docs", p.page)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			written, count := string(text), 0
			for _, block := range fence.FindAllStringSubmatch(written, -1) {
				command, shown, _ := strings.Cut(block[2], "\n")
				command, ok := strings.CutPrefix(command, "$ zol0 ")
				if block[1] != "console" || !ok {
					continue
				}
				count++
				r := runWith(strings.NewReader(""), strings.Fields(command)...)
				got := r.out + r.err
				if got != shown && !*update {
					t.Errorf("$ zol0 %s\nwrites\n%s\nbut the page shows\n%s\nIf the detector was changed: go test ./internal/cli -run Documents -update", command, got, shown)
				}
				written = strings.Replace(written, block[0], "```console\n$ zol0 "+command+"\n"+got+"```", 1)
			}
			if count < p.examples {
				t.Errorf("only %d examples were found: the test looks in the wrong place", count)
			}
			if *update && written != string(text) {
				if err := os.WriteFile(path, []byte(written), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
