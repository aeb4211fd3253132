package probe

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

// loadBPF opens the eBPF scanner beside a procfs one. A system that cannot run it shows in
// the test's output; one that could and does not, fails the test.
func loadBPF(t testing.TB) (*bpfScanner, *procfsScanner) {
	t.Helper()
	files, err := openProcfiles(DefaultRoot)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.close() }) //nolint:errcheck // only read
	pop := newPopulation()
	procfs := newProcfsScanner(files, pop)
	if err := mayLoad(); err != nil {
		notRun(t, "eBPF scanner: "+err.Error())
	}
	opened, err := openBPF(DefaultRoot, procfs, pop, slog.New(slog.DiscardHandler))
	if errors.Is(err, ebpf.ErrNotSupported) || errors.Is(err, unix.EPERM) {
		notRun(t, "eBPF scanner: "+err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.close() }) //nolint:errcheck // nothing to lose
	return opened.(*bpfScanner), procfs
}

// lifeEnv makes a test run as the process that is looked at.
const lifeEnv = "ZOL0_TEST_LIFE"

// live is the life of such a process: it does something, says so, and stays until its
// input ends. It reports false in the test proper.
func live(t *testing.T, do func()) bool {
	if os.Getenv(lifeEnv) == "" {
		return false
	}
	do()
	if _, err := os.Stdout.WriteString("ready\n"); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // its end is what counts
	return true
}

// bear starts the test t once more to live, waits until it has done its deed, and freezes
// it: a stopped process shows the same figures however often it is asked.
func bear(t *testing.T) int32 {
	t.Helper()
	pid := freeze(t)
	awaitState(t, pid, 'T')
	return pid
}

// freeze is bear without waiting until every thread stands still.
func freeze(t *testing.T) int32 {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), lifeEnv+"=1", "GOGC=off", "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	startChild(t, cmd)
	t.Cleanup(func() { in.Close() }) //nolint:errcheck // the process is killed anyway
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "ready" {
		t.Log(lines.Text()) // it skips, and says why
	}
	if lines.Text() != "ready" {
		t.Fatalf("the process under test ended early: %v", lines.Err())
	}
	if err := cmd.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	return int32(cmd.Process.Pid)
}

// startChild starts a command and ends it with the test.
func startChild(t *testing.T, cmd *exec.Cmd) int32 {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may have ended by itself
		cmd.Wait()         //nolint:errcheck // it was killed
	})
	return int32(cmd.Process.Pid)
}

// sleeper starts a process that sleeps, and waits until it does.
func sleeper(t *testing.T, attr *syscall.SysProcAttr) int32 {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.SysProcAttr = attr
	pid := startChild(t, cmd)
	awaitState(t, pid, 'S')
	return pid
}

// await polls until a condition holds; 10 s are far more than any of them takes.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 2000 {
		if holds() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("waited in vain until %s", what)
}

// awaitState waits until a process rests in a state: its stat says the same twice.
func awaitState(t *testing.T, pid int32, want byte) {
	t.Helper()
	awaitTask(t, "/proc/"+strconv.Itoa(int(pid)), want)
}

// awaitTask is awaitState for any directory of a process or a thread.
func awaitTask(t *testing.T, directory string, want byte) {
	t.Helper()
	var before []byte
	await(t, directory+" rests in state "+string(want), func() bool {
		text, err := os.ReadFile(directory + "/stat")
		if err != nil {
			t.Fatal(err)
		}
		var now stat
		rests := parseStat(text, &now) && now.state == want && bytes.Equal(text, before)
		before = text
		return rests
	})
}

// found picks one process of a scan.
func found(t *testing.T, scan Scan, pid int32) memory.Sample {
	t.Helper()
	for i := range scan.Samples {
		if scan.Samples[i].ID.PID == pid {
			return scan.Samples[i]
		}
	}
	t.Fatalf("process %d is missing among %d", pid, len(scan.Samples))
	return memory.Sample{}
}

// both reads one process through either scanner.
func both(t *testing.T, s *bpfScanner, procfs *procfsScanner, pid int32) (bpf, proc memory.Sample) {
	t.Helper()
	scan, err := s.iterate(nil)
	if err != nil {
		t.Fatal(err)
	}
	if errno := procfs.sample(pid, sinceBoot(), &proc); errno != 0 {
		t.Fatalf("procfs does not show process %d: %v", pid, errno)
	}
	return found(t, scan, pid), proc
}

// sameSample wants every field of a process at rest to be the same. CPU time may differ by
// the two ticks that procfs rounds away, and the age by the time between both readings.
func sameSample(t *testing.T, bpf, proc memory.Sample) {
	t.Helper()
	name := bpf.Name
	a, _ := bpf.Get(memory.CPUTime)
	b, ok := proc.Get(memory.CPUTime)
	if diff := time.Duration(a) - time.Duration(b); !ok || diff.Abs() > 2*time.Second/ticksPerSecond {
		t.Errorf("%s: CPU time is %v in eBPF and %v in procfs", name, time.Duration(a), time.Duration(b))
	}
	if diff := (proc.Age - bpf.Age).Abs(); diff > time.Second {
		t.Errorf("%s: age is %v in eBPF and %v in procfs", name, bpf.Age, proc.Age)
	}
	bpf.Set(memory.CPUTime, b)
	bpf.Age = proc.Age
	if bpf != proc {
		t.Errorf("%s:\neBPF   %s\nprocfs %s", name, printSample(&bpf), printSample(&proc))
	}
}

func printSample(s *memory.Sample) string {
	var b strings.Builder
	b.WriteString(s.ID.String())
	for m := range memory.Count {
		if v, ok := s.Get(m); ok {
			b.WriteString(" " + m.String() + "=" + slog.Uint64Value(v).String())
		}
	}
	return b.String() + " state=" + string(s.State) + " parent=" + slog.IntValue(int(s.Parent)).String() + " uid=" + slog.Int64Value(s.UID).String()
}

// value is a figure that must be there.
func value(t *testing.T, s memory.Sample, m memory.Metric) uint64 {
	t.Helper()
	v, ok := s.Get(m)
	if !ok {
		t.Errorf("%s of %s is absent", m, s.ID)
	}
	return v
}

// openTo opens a Reader whose log goes to a buffer.
func openTo(t *testing.T, log *bytes.Buffer, root string) *Reader {
	t.Helper()
	r, err := Open(Options{Root: root, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() }) //nolint:errcheck // nothing to lose
	return r
}
