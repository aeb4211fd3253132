package probe

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// loseMain is the life of a process that allocates what the tests know beforehand and
// whose first thread then ends, as in a C program that calls pthread_exit in main.
func loseMain(t *testing.T) {
	held, err := unix.Mmap(-1, 0, heldAnon, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE)
	if err != nil {
		t.Fatal(err)
	}
	openFDs(t, heldFDs)
	// The runtime hands goroutines to its threads as it likes, the first among them: some
	// goroutine lands there once enough others keep theirs. SYS_EXIT ends one thread
	// alone; made through unix.Syscall, the runtime takes it for one that waits for ever.
	await(t, "the first thread has ended", func() bool {
		go func() {
			runtime.LockOSThread()
			if unix.Gettid() == unix.Getpid() {
				unix.Syscall(unix.SYS_EXIT, 0, 0, 0) //nolint:errcheck // it does not return
			}
			select {}
		}()
		text, err := os.ReadFile("/proc/" + strconv.Itoa(os.Getpid()) + "/stat")
		if err != nil {
			t.Fatal(err)
		}
		var now stat
		return parseStat(text, &now) && now.state == 'Z'
	})
	runtime.KeepAlive(held)
}

// bearLeaderless is bear for that life: its first thread is a zombie, all others stop.
func bearLeaderless(t *testing.T) int32 {
	t.Helper()
	pid := freeze(t)
	directory := "/proc/" + strconv.Itoa(int(pid))
	tasks, err := os.ReadDir(directory + "/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		want := byte('T')
		if task.Name() == strconv.Itoa(int(pid)) {
			want = 'Z'
		}
		awaitTask(t, directory+"/task/"+task.Name(), want)
	}
	if lines := statusLines(t, int(pid)); lines["RssAnon"] != 0 || lines["Threads"] < 2 {
		t.Fatalf("its own status shows %d kB in %d threads, want none in several", lines["RssAnon"], lines["Threads"])
	}
	return pid
}

// holdsAll wants the figures that loseMain made.
func holdsAll(t *testing.T, x memory.Sample) {
	t.Helper()
	if v := value(t, x, memory.Private); v < heldAnon || v > heldAnon+32<<20 {
		t.Errorf("private = %d, want %d and what the Go runtime takes", v, heldAnon)
	}
	if v := value(t, x, memory.FDs); v < heldFDs || v > heldFDs+16 {
		t.Errorf("fds = %d, want %d and what the Go runtime takes", v, heldFDs)
	}
	if v := value(t, x, memory.Threads); v < 2 {
		t.Errorf("threads = %d, want several", v)
	}
	if x.State != 'T' {
		t.Errorf("state = %c, want T, that of the threads that live", x.State)
	}
	for m := range memory.Count {
		value(t, x, m)
	}
}

func TestMemoryOfAProcessWhoseMainThreadHasEnded(t *testing.T) {
	if live(t, func() { loseMain(t) }) {
		return
	}
	pid := bearLeaderless(t)
	r := openLight(t, "")
	x := found(t, scanOf(t, r), pid)
	holdsAll(t, x)
	// It is still known by its program, and its PSS can be read.
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	facts, err := r.Describe(x.ID, process.NeedCmdline|process.NeedExecutable)
	if err != nil || len(facts.Cmdline) == 0 || facts.Cmdline[0] != os.Args[0] || facts.Executable != executable {
		t.Errorf("facts %+v, %v; want those of %s", facts, err, executable)
	}
	if pss, err := r.PSS(x.ID); err != nil || pss.USSBytes < heldAnon {
		t.Errorf("PSS %+v, %v; it holds %d", pss, err, heldAnon)
	}
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	if v := value(t, x, memory.Threads); v != uint64(len(tasks)) {
		t.Errorf("threads = %d, want %d", v, len(tasks))
	}
	procfs := r.scanner.(*procfsScanner)
	var again memory.Sample
	if allocs := testing.AllocsPerRun(100, func() {
		again = memory.Sample{}
		if errno := procfs.sample(pid, sinceBoot(), &again); errno != 0 || !again.Has(memory.Private) {
			t.Fatalf("%v: %s", errno, printSample(&again))
		}
	}); allocs != 0 {
		t.Errorf("reading it allocates %.0f times", allocs)
	}
	// Kernels before 6.2 have no size of fd: the list of threads and that of descriptors
	// go through the same buffer then.
	procfs.fdSize = false
	if listed := found(t, scanOf(t, r), pid); value(t, listed, memory.FDs) != value(t, x, memory.FDs) {
		t.Errorf("%d descriptors are listed, %d counted", value(t, listed, memory.FDs), value(t, x, memory.FDs))
	}
}

func TestBothScannersAgreeOnAProcessWhoseMainThreadHasEnded(t *testing.T) {
	if live(t, func() { loseMain(t) }) {
		return
	}
	s, procfs := loadBPF(t)
	pid := bearLeaderless(t)
	bpf, proc := both(t, s, procfs, pid)
	sameSample(t, bpf, proc)
	holdsAll(t, bpf)
	if err := s.check(); err != nil {
		t.Errorf("beside such a process: %v", err)
	}
}

// task writes one thread of a process: its state, and its memory in KiB unless it is 0.
func (f *fixture) task(pid, tid int, state byte, anonKiB uint64) {
	f.t.Helper()
	directory := filepath.Join(f.root, strconv.Itoa(pid), "task", strconv.Itoa(tid))
	if err := os.MkdirAll(filepath.Join(directory, "fd"), 0o755); err != nil {
		f.t.Fatal(err)
	}
	lines := ""
	if anonKiB != 0 {
		lines = fmt.Sprintf("VmRSS:\t%d kB\nRssAnon:\t%d kB\nVmSwap:\t4 kB\n", anonKiB, anonKiB)
	}
	for name, text := range map[string]string{
		"stat":    fmt.Sprintf("%d (pool) %c 1 0 0 0 -1 0 9 0 9 0 9 9 0 0 20 0 1 0 99 0 0\n", tid, state),
		"status":  "Name:\tpool\nPPid:\t1\nUid:\t7\t7\t7\t7\n" + lines + "Threads:\t3\n",
		"fd/7":    "",
		"fd/1000": "",
	} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o644); err != nil {
			f.t.Fatal(err)
		}
	}
}

// leaderless writes a process whose first thread is a zombie.
func (f *fixture) leaderless(pid, threads int) {
	f.t.Helper()
	f.add(pid, "main", 5, 0, map[string]string{
		"stat":   fmt.Sprintf("%d (main) Z 1 0 0 0 -1 0 1 0 2 0 3 4 0 0 20 0 1 0 5 0 0\n", pid),
		"status": fmt.Sprintf("Name:\tmain\nPPid:\t1\nUid:\t7\t7\t7\t7\nThreads:\t%d\n", threads),
	})
	f.task(pid, pid, 'Z', 0)
}

func TestALivingThreadIsAskedAndNoOther(t *testing.T) {
	const longest = maxPID // no PID and no TID has more digits
	f := newFixture(t)
	f.leaderless(longest, 3)
	f.task(longest, longest-2, 'Z', 0) // a debugger has not fetched it yet
	f.task(longest, longest-1, 'D', 600)
	f.leaderless(100, 3) // all of it is ending
	f.task(100, 101, 'R', 0)
	f.task(100, 102, 'X', 0)
	f.leaderless(200, 1) // an ordinary zombie, whatever stands beside it
	f.task(200, 201, 'S', 600)
	f.leaderless(300, 3) // its threads ended before they could be listed
	if err := os.RemoveAll(filepath.Join(f.root, "300", "task")); err != nil {
		t.Fatal(err)
	}
	f.leaderless(400, 3) // its PID has gone to a child of somebody else
	f.task(400, 401, 'S', 600)
	stranger := filepath.Join(f.root, "400", "task", "401", "status")
	if err := os.WriteFile(stranger, []byte("Name:\tpool\nPPid:\t55\nVmRSS:\t600 kB\nRssAnon:\t600 kB\nThreads:\t3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	scan := scanOf(t, openLight(t, f.root))
	if len(scan.Samples) != 5 {
		t.Fatalf("%d samples of 5 processes", len(scan.Samples))
	}
	x := found(t, scan, longest)
	want := map[string]uint64{
		"private_bytes": 604 << 10, "rss_bytes": 600 << 10, "anon_bytes": 600 << 10, "swap_bytes": 4 << 10, "fds": 2, "threads": 3,
		"cpu_seconds": 7e7, "minor_faults": 1, "major_faults": 2,
	}
	if got := sampleFigures(&x); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("it has %v, want %v", got, want)
	}
	if x.State != 'D' || x.Name != "main" || x.ID.Start != 5 || x.UID != 7 {
		t.Errorf("it is %s, %q of %d in state %c; only the state is the thread's, D", x.ID, x.Name, x.UID, x.State)
	}
	for _, pid := range []int32{100, 200, 300, 400} {
		x := found(t, scan, pid)
		if x.State != 'Z' || x.Has(memory.Private) || x.Has(memory.RSS) || x.Has(memory.FDs) || !x.Has(memory.Threads) {
			t.Errorf("process %d has %v in state %c, want no memory and no descriptors in Z", pid, sampleFigures(&x), x.State)
		}
	}
}

// A process of thousands of threads that is ending must not cost a scan thousands of files.
func TestFewThreadsAreAsked(t *testing.T) {
	f := newFixture(t)
	f.leaderless(100, 3*maxAsked)
	for tid := 101; tid <= 100+3*maxAsked; tid++ {
		f.task(100, tid, 'R', 0)
	}
	r := openLight(t, f.root)
	x := found(t, scanOf(t, r), 100)
	if x.State != 'Z' || x.Has(memory.RSS) {
		t.Fatalf("it has %v in state %c", sampleFigures(&x), x.State)
	}
	// Of the directory's order, only the first maxAsked count: memory behind them is not
	// found, memory among them is.
	var order []int
	files := r.procfiles()
	fd, errno := files.open(files.set(100, "task"), unix.O_RDONLY)
	if errno != 0 {
		t.Fatal(errno)
	}
	defer unix.Close(fd) //nolint:errcheck // only read
	n, errno := files.dirents(fd)
	if errno != 0 {
		t.Fatal(errno)
	}
	eachName(files.entries[:n], func(name []byte) {
		if tid, err := strconv.Atoi(string(name)); err == nil && tid != 100 {
			order = append(order, tid)
		}
	})
	if len(order) != 3*maxAsked {
		t.Fatalf("%d threads are listed", len(order))
	}
	for i, want := range map[int]bool{maxAsked: false, maxAsked - 1: true} {
		f.task(100, order[i], 'S', 600)
		x := found(t, scanOf(t, r), 100)
		if x.Has(memory.RSS) != want {
			t.Errorf("memory of thread %d of %d is found: %t, want %t", i, slices.Max(order)-100, x.Has(memory.RSS), want)
		}
		f.task(100, order[i], 'R', 0)
	}
}

// A process that ends between its two files gives no sample, and must leave nothing behind.
func TestAProcessThatEndsWhileItIsReadIsNotRemembered(t *testing.T) {
	f := newFixture(t)
	f.add(100, "stays", 1, 4, nil)
	f.add(101, "ends", 1, 4, nil)
	if err := os.Remove(filepath.Join(f.root, "101", "status")); err != nil {
		t.Fatal(err)
	}
	r := openLight(t, f.root)
	if n := len(scanOf(t, r).Samples); n != 1 || len(r.pop.lives) != 1 {
		t.Errorf("%d samples and %d lives, want the one that stays", n, len(r.pop.lives))
	}
}

func TestALightReaderSaysWhyItReadsProcfs(t *testing.T) {
	var log bytes.Buffer
	r, err := Open(Options{Light: true, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // only read
	if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), `level=INFO msg="reading processes through procfs" reason="a single scan"`) {
		t.Errorf("the log has %d lines: %s", lines, log.String())
	}
}
