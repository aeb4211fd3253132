package house

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestAttacksHaveTests holds the table of docs/security.md to the tests that there are.
func TestAttacksHaveTests(t *testing.T) {
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests bytes.Buffer
	if err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllSubmatch(page, -1)
	if len(named) < 20 {
		t.Errorf("the page names %d tests", len(named))
	}
	for _, x := range named {
		if !bytes.Contains(tests.Bytes(), []byte("func "+string(x[1])+"(t *testing.T)")) {
			t.Errorf("there is no %s", x[1])
		}
	}
}

// TestUnitIsClosed asks systemd what the unit leaves open, with and without what actions take.
func TestUnitIsClosed(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("NOT RUN: what the systemd unit leaves open: systemd-analyze is missing; on Debian: apt-get install systemd")
	}
	dir := t.TempDir()
	unit, dropIn := filepath.Join(dir, "zol0.service"), filepath.Join(dir, "zol0.service.d", "actions.conf")
	copied := func(from, to string) {
		text, err := os.ReadFile("../../packaging/systemd/" + from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	exposure := func() float64 {
		// More than the threshold, ten times the figure, would end it with an error.
		out, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", unit).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		m := regexp.MustCompile(`exposure level for zol0\.service: ([\d.]+)`).FindSubmatch(out)
		if m == nil {
			t.Fatalf("it says no level: %s", out)
		}
		v, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	copied("zol0.service", unit)
	without := exposure()
	copied("zol0-actions.conf", dropIn)
	with := exposure()
	t.Logf("exposure %.1f, with actions %.1f", without, with)
	if without > 3 || with > 3 {
		t.Error("more is open than 3 of 10; systemd-analyze security --offline=true packaging/systemd/zol0.service lists it")
	}
	if with <= without {
		t.Error("the drop-in changes nothing: it was not read")
	}
}
