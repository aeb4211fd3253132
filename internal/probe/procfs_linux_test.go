package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// figuresOf is what was read, by the names of the table of metrics.
func figuresOf(s *status) map[string]uint64 {
	var sample memory.Sample
	s.fill(&sample)
	return sampleFigures(&sample)
}

func sampleFigures(x *memory.Sample) map[string]uint64 {
	out := make(map[string]uint64)
	for m := range memory.Count {
		if v, ok := x.Get(m); ok {
			out[m.String()] = v
		}
	}
	return out
}

// fixture is a procfs in a directory, to show the reader what no real one would.
type fixture struct {
	t    testing.TB
	root string
}

func newFixture(t testing.TB) *fixture { return &fixture{t, t.TempDir()} }

// add writes one process.
func (f *fixture) add(pid int, comm string, start, anonKiB uint64, files map[string]string) {
	f.t.Helper()
	dir := filepath.Join(f.root, strconv.Itoa(pid))
	if err := os.MkdirAll(filepath.Join(dir, "fd"), 0o755); err != nil {
		f.t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			f.t.Fatal(err)
		}
	}
	write("stat", fmt.Sprintf("%d (%s) S 1 0 0 0 -1 0 1 0 2 0 3 4 0 0 20 0 1 0 %d 0 0\n", pid, comm, start))
	write("status", fmt.Sprintf("Name:\t%s\nPPid:\t1\nUid:\t7\t7\t7\t7\nVmRSS:\t%d kB\nRssAnon:\t%d kB\nRssFile:\t8 kB\nRssShmem:\t0 kB\nVmSwap:\t0 kB\nThreads:\t1\n", "x", anonKiB+8, anonKiB))
	for name, text := range files {
		write(name, text)
	}
}

func scanOf(t testing.TB, r *Reader) Scan {
	t.Helper()
	scan, err := r.Scan()
	if err != nil {
		t.Fatal(err)
	}
	return scan
}

func TestHostileNamesStayOneCellOfText(t *testing.T) {
	f := newFixture(t)
	names := []string{"tmux: server", "a) S 1 (b", "two\nlines", "\xff\xfe", "", "\x1b[31mred", "right\u202eleft"}
	for i, name := range names {
		f.add(100+i, name, uint64(i), 4, nil)
	}
	want := map[int32]string{100: "tmux: server", 101: "a) S 1 (b", 102: "two?lines", 103: "??", 104: "?", 105: "?[31mred", 106: "right?left"}
	scan := scanOf(t, openLight(t, f.root))
	if len(scan.Samples) != len(names) {
		t.Fatalf("%d samples of %d processes", len(scan.Samples), len(names))
	}
	for i := range scan.Samples {
		if x := &scan.Samples[i]; x.Name != want[x.ID.PID] {
			t.Errorf("PID %d is named %q, want %q", x.ID.PID, x.Name, want[x.ID.PID])
		}
	}
}

func TestTornProcessesAreLeftOut(t *testing.T) {
	f := newFixture(t)
	f.add(100, "good", 1, 4, nil)
	f.add(101, "torn", 1, 4, map[string]string{"stat": "101 (torn) S 1"})
	f.add(102, "empty", 1, 4, map[string]string{"status": ""})
	f.add(103, "moved", 1, 4, map[string]string{"status": "Name:\tx\nPPid:\t55\nThreads:\t1\n"}) // the PID changed hands between the files
	if err := os.MkdirAll(filepath.Join(f.root, "104"), 0o755); err != nil {                     // it ended mid-scan
		t.Fatal(err)
	}
	for _, name := range []string{"self", "12a", "0", "99999999999", "-5"} { // no PIDs
		if err := os.MkdirAll(filepath.Join(f.root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	scan := scanOf(t, openLight(t, f.root))
	if len(scan.Samples) != 1 || scan.Samples[0].Name != "good" || scan.Denied != 0 {
		t.Errorf("read %d samples, %d denied; want the good one alone", len(scan.Samples), scan.Denied)
	}
}

func TestReusedPIDIsAnotherInstance(t *testing.T) {
	f := newFixture(t)
	f.add(100, "bot", 1000, 4, map[string]string{"cmdline": "bot\x00--old\x00"})
	r := openLight(t, f.root)
	old := scanOf(t, r).Samples[0].ID
	if facts, err := r.Describe(old, process.NeedCmdline); err != nil || facts.Cmdline[1] != "--old" {
		t.Fatalf("facts %v, %v", facts, err)
	}
	f.add(100, "bot", 2000, 4, map[string]string{"cmdline": "bot\x00--new\x00"})
	// Before the next scan the old instance must not get the facts of the new one.
	if _, err := r.Describe(old, process.NeedCwd); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("facts of an ended instance: %v, want fs.ErrNotExist", err)
	}
	renewed := scanOf(t, r).Samples[0].ID
	if renewed == old {
		t.Fatalf("both lives are %s", old)
	}
	if facts, err := r.Describe(renewed, process.NeedCmdline); err != nil || facts.Cmdline[1] != "--new" {
		t.Errorf("facts %v, %v", facts, err)
	}
	if _, err := r.Describe(old, process.NeedCmdline); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old instance is still known: %v", err)
	}
}

// A shell that replaces itself (exec) keeps its PID and start, but is another program.
func TestExecIsNoticedByTheName(t *testing.T) {
	f := newFixture(t)
	f.add(100, "sh", 1000, 4, map[string]string{"cmdline": "sh\x00run.sh\x00"})
	r := openLight(t, f.root)
	id := scanOf(t, r).Samples[0].ID
	if _, err := r.Describe(id, process.NeedCmdline); err != nil {
		t.Fatal(err)
	}
	f.add(100, "python3", 1000, 4, map[string]string{"cmdline": "python3\x00app.py\x00"})
	if again := scanOf(t, r).Samples[0]; again.ID != id || again.Name != "python3" {
		t.Fatalf("%v %q", again.ID, again.Name)
	}
	if facts, err := r.Describe(id, process.NeedCmdline); err != nil || facts.Cmdline[1] != "app.py" {
		t.Errorf("facts %v, %v: those from before exec were kept", facts, err)
	}
}

func TestTenThousandProcessesWithoutAllocating(t *testing.T) {
	const n = 10_000
	f := newFixture(t)
	for pid := 1; pid <= n; pid++ {
		f.add(pid, "worker", uint64(pid), 4, nil)
	}
	r := openLight(t, f.root)
	if got := len(scanOf(t, r).Samples); got != n {
		t.Fatalf("%d of %d processes were read", got, n)
	}
	if allocs := testing.AllocsPerRun(2, func() { scanOf(t, r) }); allocs != 0 {
		t.Errorf("a steady scan allocates %.0f times", allocs)
	}
	if got := len(r.pop.lives); got != n {
		t.Errorf("%d lives are remembered of %d", got, n)
	}
	for pid := 11; pid <= n; pid++ {
		if err := os.RemoveAll(filepath.Join(f.root, strconv.Itoa(pid))); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(scanOf(t, r).Samples); got != 10 {
		t.Errorf("%d processes are left, want 10", got)
	}
	if got := len(r.pop.lives); got != 10 {
		t.Errorf("%d lives are remembered of 10", got)
	}
}

func TestTwoMegabytesOfCmdline(t *testing.T) {
	cmd := exec.Command("sleep", append([]string{"60"}, longArguments()...)...)
	// sleep adds its arguments up, so they are numbers: "0" many times.
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	r := openLight(t, "")
	await(t, "the long command line", func() bool {
		for i := range scanOf(t, r).Samples {
			x := &r.samples[i]
			if x.ID.PID != int32(cmd.Process.Pid) || x.Name != "sleep" {
				continue
			}
			facts, err := r.Describe(x.ID, process.NeedCmdline)
			return err == nil && len(facts.Cmdline) > 2 && facts.Cmdline[0] == "sleep" && strings.HasSuffix(facts.Cmdline[len(facts.Cmdline)-1], "…")
		}
		return false
	})
}

func longArguments() []string {
	args := make([]string, 19)
	for i := range args {
		args[i] = strings.Repeat("0", 100_000)
	}
	for range 200 {
		args = append(args, "0")
	}
	return args
}

// statusLines reads a status file the slow and plain way, to compare with.
func statusLines(t *testing.T, pid int) map[string]uint64 {
	t.Helper()
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read
	out := make(map[string]uint64)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > 1 {
			if v, err := strconv.ParseUint(fields[1], 10, 64); err == nil {
				out[strings.TrimSuffix(fields[0], ":")] = v
			}
		}
	}
	return out
}

// Figures of processes that do nothing must agree with procfs to the byte.
func TestFiguresOfQuietProcessesAreExact(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT RUN: python3 is missing: apt-get install python3")
	}
	const private, shared = 50 << 20, 20 << 20
	program := fmt.Sprintf(`
import mmap, os, sys, threading, time
held = mmap.mmap(-1, %d, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
common = mmap.mmap(-1, %d)
for m in (held, common):
    for at in range(0, len(m), 4096): m[at] = 1
files = [os.open("/dev/null", os.O_RDONLY) for _ in range(37)]
for _ in range(3): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
time.sleep(0.2)
print("ready", flush=True)
time.sleep(600)
`, private, shared)
	cmd := exec.Command(python, "-S", "-c", program)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	r := openLight(t, "")
	await(t, "figures that agree", func() bool {
		before := statusLines(t, cmd.Process.Pid)
		x := found(t, scanOf(t, r), int32(cmd.Process.Pid))
		if after := statusLines(t, cmd.Process.Pid); fmt.Sprint(before) != fmt.Sprint(after) {
			return false // it was not quiet
		}
		got := sampleFigures(&x)
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]uint64{
			"anon_bytes": before["RssAnon"] << 10, "file_bytes": before["RssFile"] << 10, "shmem_bytes": before["RssShmem"] << 10,
			"swap_bytes": before["VmSwap"] << 10, "rss_bytes": before["VmRSS"] << 10, "virtual_bytes": before["VmSize"] << 10, "peak_rss_bytes": before["VmHWM"] << 10,
			"threads": 4, "fds": uint64(len(entries)), "private_bytes": (before["RssAnon"] + before["VmSwap"]) << 10,
		} {
			if got[name] != want {
				t.Errorf("%s is %d, procfs says %d", name, got[name], want)
			}
		}
		if got["private_bytes"] < private || got["shmem_bytes"] < shared || got["fds"] < 37 {
			t.Errorf("%v: it allocated %d private and %d shared bytes and 37 descriptors", got, private, shared)
		}
		return true
	})
}

func TestPortsOfARealListener(t *testing.T) {
	r := openLight(t, "")
	self := found(t, scanOf(t, r), int32(os.Getpid()))
	before, err := r.Describe(self.ID, process.NeedPorts)
	if err != nil {
		t.Fatal(err)
	}
	listener, port := listen(t) // later than the first question
	defer listener.Close()      //nolint:errcheck // the test is over
	if strings.Contains(fmt.Sprint(before.Ports), strconv.Itoa(port)) {
		t.Fatalf("ports %v before it listens", before.Ports)
	}
	self = found(t, scanOf(t, r), int32(os.Getpid()))
	facts, err := r.Describe(self.ID, process.NeedPorts|process.NeedExecutable|process.NeedCwd)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(fmt.Sprint(facts.Ports), strconv.Itoa(port)) {
		t.Errorf("ports %v, want %d among them", facts.Ports, port)
	}
	executable, _ := os.Executable()
	cwd, _ := os.Getwd()
	if facts.Executable != executable || facts.Cwd != cwd {
		t.Errorf("executable %q and cwd %q, want %q and %q", facts.Executable, facts.Cwd, executable, cwd)
	}
}
