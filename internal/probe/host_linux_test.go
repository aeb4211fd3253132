package probe

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

func openLight(t testing.TB, root string) *Reader {
	t.Helper()
	r, err := Open(Options{Root: root, Light: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// hostTree writes a procfs that has only the files of the host; a file without text is
// left out.
func hostTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if text == "" {
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestHostAgreesWithSystemCalls(t *testing.T) {
	host, err := openLight(t, "").Host()
	if err != nil {
		t.Fatal(err)
	}
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		t.Fatal(err)
	}
	unit := uint64(info.Unit)
	if want := uint64(info.Totalram) * unit; host.TotalBytes != want {
		t.Errorf("total %d bytes, sysinfo(2) says %d", host.TotalBytes, want)
	}
	if swap, ok := host.SwapTotalBytes.Get(); !ok || swap != uint64(info.Totalswap)*unit {
		t.Errorf("swap of %d bytes (given %v), sysinfo(2) says %d", swap, ok, uint64(info.Totalswap)*unit)
	}
	if diff := sinceBoot() - host.Uptime; diff < 0 || diff > 5*time.Second {
		t.Errorf("up for %v, CLOCK_BOOTTIME says %v", host.Uptime, sinceBoot())
	}
	if available, ok := host.AvailableBytes.Get(); !ok || available == 0 || available > host.TotalBytes {
		t.Errorf("available %d bytes (given %v) of %d", available, ok, host.TotalBytes)
	}
	// sysinfo(2) gives the load in 1/65536; the two are read an instant apart.
	if load, ok := host.Load1.Get(); !ok || load < 0 || load-float64(info.Loads[0])/65536 > 1 {
		t.Errorf("load %v (given %v), sysinfo(2) says %v", load, ok, float64(info.Loads[0])/65536)
	}
	if host.CPUs < runtime.NumCPU() {
		t.Errorf("%d processors, but this test may use %d", host.CPUs, runtime.NumCPU())
	}
	if name, err := os.Hostname(); err != nil || host.Name != name {
		t.Errorf("name %q, want %q (%v)", host.Name, name, err)
	}
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil || host.BootID != strings.TrimSpace(string(id)) {
		t.Errorf("boot %q, want %q (%v)", host.BootID, id, err)
	}
}

func TestHostOfAnotherProcfs(t *testing.T) {
	host, err := openLight(t, hostTree(t, map[string]string{
		"meminfo": "MemTotal:  2000 kB\nMemAvailable: 500 kB\nSwapTotal: 300 kB\nSwapFree: 100 kB\n",
		"loadavg": "1.50 0.18 0.12 1/80 11206\n",
		"uptime":  "100.25 1.00\n",
	})).Host()
	if err != nil {
		t.Fatal(err)
	}
	if used, ok := host.UsedBytes().Get(); !ok || used != 1500<<10 {
		t.Errorf("used %d bytes (given %v), want 1500 KiB", used, ok)
	}
	if free, ok := host.SwapFreeBytes.Get(); !ok || free != 100<<10 {
		t.Errorf("free swap %d bytes (given %v), want 100 KiB", free, ok)
	}
	if load := host.Load1; load != memory.Present(1.5) {
		t.Errorf("load %v, want 1.5", load)
	}
	if host.Uptime != 100250*time.Millisecond {
		t.Errorf("up for %v, want 100.25 s", host.Uptime)
	}
	if host.BootID != "" {
		t.Errorf("boot %q out of nothing", host.BootID)
	}
}

func TestHostFailsWithTheFileAndAHint(t *testing.T) {
	whole := map[string]string{"meminfo": "MemTotal: 2000 kB\n", "loadavg": "1.50 0 0 1/1 1\n", "uptime": "1.00 1\n"}
	for _, c := range []struct{ file, text, want string }{
		{"meminfo", "", "ProcSubset=pid"},
		{"meminfo", "MemFree: 5 kB\n", "MemTotal"},
		{"loadavg", "none\n", "/loadavg"},
		{"loadavg", "", "/loadavg"},
		{"uptime", "1\n", "/uptime"},
	} {
		files := map[string]string{c.file: c.text}
		for name, text := range whole {
			if name != c.file {
				files[name] = text
			}
		}
		root := hostTree(t, files)
		_, err := openLight(t, root).Host()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), root) {
			t.Errorf("%s %q: error %v, want the path and %q", c.file, c.text, err, c.want)
		}
		if c.text == "" && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v does not say that the file is missing", c.file, err)
		}
	}
}

// TestHostAllocatesTwoStrings: the host's name and the boot's, which the caller keeps.
func TestHostAllocatesTwoStrings(t *testing.T) {
	r := openLight(t, "")
	if allocs := testing.AllocsPerRun(20, func() {
		if _, err := r.Host(); err != nil {
			t.Fatal(err)
		}
	}); allocs > 2 {
		t.Errorf("%v allocations a reading", allocs)
	}
}

func BenchmarkHost(b *testing.B) {
	r := openLight(b, "")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Host(); err != nil {
			b.Fatal(err)
		}
	}
}
