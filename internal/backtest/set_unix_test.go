//go:build unix

package backtest

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestNothingOutsideIsRead points links and a pipe at the reader: a link out of the folder
// is refused, a pipe does not make it wait for a writer.
func TestNothingOutsideIsRead(t *testing.T) {
	outside := folder(t, map[string]string{"a.csv": rows})
	for story, plant := range map[string]func(path string) error{
		"path escapes":    func(path string) error { return os.Symlink(filepath.Join(outside, "a.csv"), path) },
		"no regular file": func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		dir := folder(t, map[string]string{manifestName: oneLeak})
		if err := plant(filepath.Join(dir, "a.csv")); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), story) || !strings.Contains(err.Error(), `trace "a"`) {
			t.Errorf("want %q, got %v", story, err)
		}
	}
}
