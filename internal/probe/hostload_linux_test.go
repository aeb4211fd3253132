package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

func loadOf(t testing.TB, r *Reader, dir string) memory.Load {
	t.Helper()
	load, err := r.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return load
}

// TestLoadOfARecordedMachine reads files that a virtual machine with Linux 6.18 wrote.
func TestLoadOfARecordedMachine(t *testing.T) {
	given := memory.Present[uint64]
	stall := func(nanos uint64, percent float64) memory.Optional[memory.Stall] {
		return memory.Present(memory.Stall{TotalNanoseconds: nanos, Avg10Percent: percent})
	}
	page := uint64(os.Getpagesize())
	want := memory.Load{
		CPUBusyNanoseconds:  given((2045605 + 101442 + 438880 + 0 + 2803 + 1878) * 1e7),
		CPUTotalNanoseconds: given((2045605 + 101442 + 438880 + 2228353 + 8333 + 0 + 2803 + 1878) * 1e7),
		CPUPressure:         memory.Pressure{Some: stall(6781450680e3, 0.06)},
		MemoryPressure:      memory.Pressure{Some: stall(0, 0), Full: stall(0, 0)},
		IOPressure:          memory.Pressure{Some: stall(111564458e3, 0), Full: stall(58099631e3, 0)},
		DiskReadBytes:       given(42806266 * 512),
		DiskWrittenBytes:    given(49492224 * 512),
		SwapInBytes:         given(5 * page),
		SwapOutBytes:        given(229 * page),
	}
	if got := loadOf(t, openLight(t, "testdata/vm-6.18"), ""); got != want {
		t.Errorf("read %+v\nwant %+v", got, want)
	}
}

func TestLoadHere(t *testing.T) {
	r := openLight(t, "")
	dir := t.TempDir()
	before := loadOf(t, r, dir)
	read, written := hardware(t)
	after := loadOf(t, r, dir)

	busy, ok := before.CPUBusyNanoseconds.Get()
	total, known := before.CPUTotalNanoseconds.Get()
	if !ok || !known || busy == 0 || busy >= total {
		t.Errorf("processors were busy for %d ns (given %v) of %d (given %v)", busy, ok, total, known)
	}
	host, err := r.Host()
	if err != nil {
		t.Fatal(err)
	}
	// Processors may have been taken away and brought back since boot, never added.
	if most := uint64(host.CPUs+1) * uint64(host.Uptime); total > most {
		t.Errorf("%d ns of processor time in %v on %d processors", total, host.Uptime, host.CPUs)
	}
	between(t, "read from disks", before.DiskReadBytes, read, after.DiskReadBytes)
	between(t, "written to disks", before.DiskWrittenBytes, written, after.DiskWrittenBytes)

	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		t.Fatal(err)
	}
	if size, ok := before.DiskTotalBytes.Get(); !ok || size != disk.Blocks*uint64(disk.Frsize) {
		t.Errorf("the file system has %d bytes (given %v), statfs(2) says %d blocks of %d", size, ok, disk.Blocks, disk.Frsize)
	}
	if available, ok := before.DiskAvailableBytes.Get(); !ok || available == 0 || available > disk.Bfree*uint64(disk.Frsize)+1<<30 {
		t.Errorf("the file system has %d bytes available (given %v), statfs(2) says %d blocks of %d are free", available, ok, disk.Bfree, disk.Frsize)
	}
	pressured := func(l *memory.Load) bool { _, ok := l.MemoryPressure.Some.Get(); return ok }
	if _, err := os.ReadFile("/proc/pressure/memory"); pressured(&before) != (err == nil) {
		t.Errorf("pressure on memory %+v, but reading its file says %v", before.MemoryPressure, err)
	}
	if _, ok := before.CPUPressure.Full.Get(); ok {
		t.Errorf("all tasks of a machine waited for processors: %+v", before.CPUPressure)
	}
}

// hardware asks sysfs for the bytes of every whole device that a driver of hardware owns,
// or that is another machine's.
func hardware(t *testing.T) (read, written uint64) {
	t.Helper()
	names, err := filepath.Glob("/sys/block/*/stat")
	if err != nil {
		t.Fatal(err)
	}
	devices := 0
	for _, name := range names {
		disk := filepath.Dir(name)
		base := filepath.Base(disk)
		if _, err := os.Stat(filepath.Join(disk, "device")); err != nil && !strings.HasPrefix(base, "nbd") {
			continue
		}
		if number, ok := strings.CutPrefix(base, "nvme"); ok && strings.Contains(number, "c") {
			t.Skip("NOT RUN: an NVMe namespace with paths is listed twice here; a machine without native multipath is needed")
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var counters [7]uint64
		for i, field := range strings.Fields(string(text))[:7] {
			if _, err := fmt.Sscan(field, &counters[i]); err != nil {
				t.Fatal(err)
			}
		}
		read += counters[2] * 512
		written += counters[6] * 512
		devices++
	}
	if devices == 0 {
		t.Skip("NOT RUN: /sys/block lists no device that belongs to hardware; a machine with a disk is needed")
	}
	return read, written
}

func between(t *testing.T, what string, before memory.Optional[uint64], v uint64, after memory.Optional[uint64]) {
	t.Helper()
	low, ok := before.Get()
	high, known := after.Get()
	if !ok || !known || low > v || v > high {
		t.Errorf("%s: %d (given %v), then %d by sysfs, then %d (given %v)", what, low, ok, v, high, known)
	}
}

// TestWithheldIsAbsent: a kernel without PSI, a sandbox without disks, one without an
// account of its time.
func TestWithheldIsAbsent(t *testing.T) {
	if got := loadOf(t, openLight(t, t.TempDir()), ""); got != (memory.Load{}) {
		t.Errorf("an empty procfs gives %+v", got)
	}
	r := openLight(t, hostTree(t, map[string]string{
		"stat":      "cpu  0 0 0 0 0 0 0 0 0 0\n",
		"diskstats": disks("loop0 5 5", "dm-0 5 5"),
		"vmstat":    "nr_free_pages 5\n",
	}))
	if got := loadOf(t, r, ""); got != (memory.Load{}) {
		t.Errorf("files without these figures give %+v", got)
	}
	for _, errno := range []unix.Errno{unix.ENOENT, unix.EACCES, unix.EPERM, unix.EOPNOTSUPP} {
		if err := r.procfiles().refused("pressure/io", errno); err != nil {
			t.Errorf("%v", err)
		}
	}
	if err := r.procfiles().refused("pressure/io", unix.EMFILE); !errors.Is(err, unix.EMFILE) || !strings.Contains(err.Error(), "pressure/io") {
		t.Errorf("a failure of ours is told as %v", err)
	}
}

// TestLoadTellsEveryFileThatFails and gives the figures of the others.
func TestLoadTellsEveryFileThatFails(t *testing.T) {
	root := hostTree(t, map[string]string{
		"stat":            "cpu  1 2 3\n",
		"pressure/cpu":    "none avg10=1\n",
		"pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n",
		"pressure/io/dir": "a directory cannot be read\n",
		"diskstats":       "   8       0 sda 1\n",
		"vmstat":          "pswpin 5",
	})
	load, err := openLight(t, root).Load(filepath.Join(root, "gone"))
	if err == nil {
		t.Fatal("nothing failed")
	}
	for _, want := range []string{"stat", "pressure/cpu", "pressure/io", "diskstats", "vmstat", "gone"} {
		if !strings.Contains(err.Error(), filepath.Join(root, want)) {
			t.Errorf("no word about %s in: %v", want, err)
		}
	}
	if !errors.Is(err, unix.EISDIR) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the causes are lost: %v", err)
	}
	want := memory.Load{MemoryPressure: memory.Pressure{Some: memory.Present(memory.Stall{TotalNanoseconds: 5000})}}
	if load != want {
		t.Errorf("read %+v, want %+v", load, want)
	}
}

func TestDirectoriesThatHaveNoSpace(t *testing.T) {
	r := openLight(t, t.TempDir())
	for _, c := range []struct {
		dir  string
		want error
	}{
		{t.TempDir() + "/gone", unix.ENOENT},
		{"/" + strings.Repeat("x", 300), unix.ENAMETOOLONG},
		{strings.Repeat("/x", 3000), unix.ENAMETOOLONG},
		{"/tmp\x00/gone", unix.EINVAL}, // the kernel would see /tmp
	} {
		load, err := r.Load(c.dir)
		if !errors.Is(err, c.want) || load != (memory.Load{}) {
			t.Errorf("%.40q: %+v, %v; want %v", c.dir, load, err, c.want)
		}
	}
	// procfs is a file system without a size.
	if load := loadOf(t, r, "/proc"); load != (memory.Load{}) {
		t.Errorf("/proc has space: %+v", load)
	}
	for _, fs := range []unix.Statfs_t{
		{Blocks: 1 << 62, Bavail: 1, Frsize: 4096},
		{Blocks: 5, Bavail: 6, Frsize: 4096},
		{Blocks: 5, Bavail: 5},
	} {
		if total, available := space(&fs); total != (memory.Optional[uint64]{}) || available != total {
			t.Errorf("%+v has %v, of which %v are available", fs, total, available)
		}
	}
	if total, available := space(&unix.Statfs_t{Blocks: 5, Bavail: 0, Bsize: 512}); total != memory.Present[uint64](2560) || available != memory.Present[uint64](0) {
		t.Errorf("a full file system of 5 blocks has %v, of which %v are available", total, available)
	}
}

// TestManyDisks: the kernel gives a long list in parts, and the buffer grows once.
func TestManyDisks(t *testing.T) {
	many := func(n int) string {
		lines := make([]string, n)
		for i := range lines {
			lines[i] = fmt.Sprintf("nvme%dn1 2 3", i)
		}
		return disks(lines...)
	}
	text := many(1000)
	if len(text) < 4*textBytes || len(text) > maxText {
		t.Fatalf("%d bytes prove nothing", len(text))
	}
	r := openLight(t, hostTree(t, map[string]string{"diskstats": text}))
	if load := loadOf(t, r, ""); load.DiskReadBytes != memory.Present[uint64](2000*512) || load.DiskWrittenBytes != memory.Present[uint64](3000*512) {
		t.Errorf("read %+v", load)
	}
	r = openLight(t, hostTree(t, map[string]string{"diskstats": many(5000)}))
	if load, err := r.Load(""); !errors.Is(err, unix.EFBIG) || load != (memory.Load{}) || len(r.procfiles().text) > maxText {
		t.Errorf("a list of %d bytes: %+v, %v, in a buffer of %d", len(many(5000)), load, err, len(r.procfiles().text))
	}
}

func TestLoadDoesNotAllocate(t *testing.T) {
	r := openLight(t, "")
	dir := t.TempDir()
	loadOf(t, r, dir)
	if allocs := testing.AllocsPerRun(20, func() { loadOf(t, r, dir) }); allocs != 0 {
		t.Errorf("%v allocations a reading", allocs)
	}
}

func BenchmarkLoad(b *testing.B) {
	r := openLight(b, "")
	dir := b.TempDir()
	b.ReportAllocs()
	for b.Loop() {
		loadOf(b, r, dir)
	}
}
