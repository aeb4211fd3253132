package cli

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestDaemonIsAHub starts zol0 daemon with daemon.receive: others can write to it then, what
// is no message is refused for that, and it goes on.
func TestDaemonIsAHub(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "zol0.yaml")
	if err := os.WriteFile(file, []byte("daemon:\n  receive: true\n  listen: 127.0.0.1:0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := daemonAt(t, dir, func(c *exec.Cmd) {
		c.Args = []string{c.Args[0], "daemon", "--data", dir, "--interval", "1s", "--config", file}
	})
	d.beats(2)
	r, err := http.Post(d.url+"/api/v1/write", "application/x-protobuf", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close() //nolint:errcheck // only the status counts
	if r.StatusCode == http.StatusNotFound || r.StatusCode >= 500 {
		t.Errorf("%s", r.Status)
	}
	d.beats(4)
}
