package probe

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

func TestBothScannersAgreeOnSleepers(t *testing.T) {
	s, procfs := loadBPF(t)
	pids := []int32{
		sleeper(t, nil),
		sleeper(t, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}),
		sleeper(t, &syscall.SysProcAttr{Setsid: true}),
	}
	for _, pid := range pids {
		bpf, proc := both(t, s, procfs, pid)
		sameSample(t, bpf, proc)
		if bpf.Name != "sleep" || bpf.Parent != int32(os.Getpid()) || bpf.State != 'S' || bpf.Kernel {
			t.Errorf("a sleeper is %q of %d in state %c", bpf.Name, bpf.Parent, bpf.State)
		}
	}
	if bpf, _ := both(t, s, procfs, pids[1]); bpf.UID != 65534 {
		t.Errorf("uid = %d, want 65534", bpf.UID)
	}
}

// Figures that are known beforehand: what the process under test allocates.
const (
	heldAnon    = 48 << 20
	heldShmem   = 24 << 20
	heldFile    = 1 << 20
	heldFDs     = 40
	heldThreads = 12
)

func TestBothScannersAgreeOnAProcessThatHoldsMuch(t *testing.T) {
	if live(t, func() { holdMuch(t) }) {
		return
	}
	s, procfs := loadBPF(t)
	bpf, proc := both(t, s, procfs, bear(t))
	sameSample(t, bpf, proc)
	if v := value(t, bpf, memory.Anon); v < heldAnon || v > heldAnon+32<<20 {
		t.Errorf("anon = %d, want %d and what the Go runtime takes", v, heldAnon)
	}
	if v := value(t, bpf, memory.Shmem); v != heldShmem {
		t.Errorf("shmem = %d, want %d", v, heldShmem)
	}
	if v := value(t, bpf, memory.File); v < heldFile {
		t.Errorf("file = %d, want at least %d", v, heldFile)
	}
	if v := value(t, bpf, memory.FDs); v < heldFDs || v > heldFDs+16 {
		t.Errorf("fds = %d, want %d and what the Go runtime takes", v, heldFDs)
	}
	if v := value(t, bpf, memory.Threads); v < heldThreads {
		t.Errorf("threads = %d, want at least %d", v, heldThreads)
	}
	if rss, peak := value(t, bpf, memory.RSS), value(t, bpf, memory.PeakRSS); peak < rss+heldAnon/2 { // the runtime grew afterwards
		t.Errorf("peak = %d, want most of the %d that were given back beyond %d", peak, heldAnon, rss)
	}
	if private, want := value(t, bpf, memory.Private), value(t, bpf, memory.Anon)+value(t, bpf, memory.Swap); private != want {
		t.Errorf("private = %d, want %d", private, want)
	}
	if bpf.State != 'T' {
		t.Errorf("state = %c, want T", bpf.State)
	}
}

func holdMuch(t *testing.T) {
	touch := func(size, fd, flags, protection int) []byte {
		b, err := unix.Mmap(fd, 0, size, protection, flags|unix.MAP_POPULATE)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const readWrite = unix.PROT_READ | unix.PROT_WRITE
	touch(heldAnon, -1, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, readWrite)
	touch(heldShmem, -1, unix.MAP_SHARED|unix.MAP_ANONYMOUS, readWrite)
	gone := touch(heldAnon, -1, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, readWrite)
	if err := unix.Munmap(gone); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mapped")
	if err := os.WriteFile(file, make([]byte, heldFile), 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(file, unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	touch(heldFile, fd, unix.MAP_SHARED, unix.PROT_READ)
	openFDs(t, heldFDs)
	for range heldThreads {
		go func() {
			runtime.LockOSThread()
			select {}
		}()
	}
	await(t, "all threads run", func() bool {
		tasks, err := os.ReadDir("/proc/self/task")
		return err == nil && len(tasks) >= heldThreads
	})
}

func openFDs(t *testing.T, n int) {
	for range n {
		if _, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBothScannersAgreeOnSwappedMemory(t *testing.T) {
	const swapped = 16 << 20
	if live(t, func() {
		b, err := unix.Mmap(-1, 0, swapped, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE)
		if err == nil {
			err = unix.Madvise(b, unix.MADV_PAGEOUT)
		}
		if err != nil {
			t.Fatal(err)
		}
	}) {
		return
	}
	var host unix.Sysinfo_t
	if err := unix.Sysinfo(&host); err != nil {
		t.Fatal(err)
	}
	if host.Freeswap*uint64(host.Unit) < 2*swapped {
		notRun(t, "swapped memory: this machine has no swap; CI=true make test adds a swap file for the time of the tests, as root")
	}
	s, procfs := loadBPF(t)
	bpf, proc := both(t, s, procfs, bear(t))
	sameSample(t, bpf, proc)
	if v := value(t, bpf, memory.Swap); v < swapped/2 {
		t.Errorf("swap = %d, want most of %d", v, swapped)
	}
	if private, want := value(t, bpf, memory.Private), value(t, bpf, memory.Anon)+value(t, bpf, memory.Swap); private != want {
		t.Errorf("private = %d, want %d", private, want)
	}
}

func TestBothScannersAgreeOnManyDescriptors(t *testing.T) {
	const many = 6000
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Max < many+100 {
		notRun(t, "eBPF scanner: a process may open only "+strconv.FormatUint(limit.Max, 10)+" files here")
	}
	if live(t, func() {
		limit.Cur = limit.Max
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		openFDs(t, many)
	}) {
		return
	}
	s, procfs := loadBPF(t)
	bpf, proc := both(t, s, procfs, bear(t))
	sameSample(t, bpf, proc)
	if v := value(t, bpf, memory.FDs); v < many || v > many+16 {
		t.Errorf("fds = %d, want %d and what the Go runtime takes", v, many)
	}
}

func TestBothScannersAgreeOnThreadsThatWork(t *testing.T) {
	const work = 150 * time.Millisecond // of each thread
	if live(t, func() {
		var living, ended sync.WaitGroup
		for i := range 4 {
			living.Add(1)
			ended.Add(1)
			go func() {
				runtime.LockOSThread()
				burn(work)
				living.Done()
				if i%2 == 0 {
					select {} // the others' threads end with them
				}
				ended.Done()
			}()
		}
		living.Wait()
	}) {
		return
	}
	s, procfs := loadBPF(t)
	bpf, proc := both(t, s, procfs, bear(t))
	sameSample(t, bpf, proc)
	if v := time.Duration(value(t, bpf, memory.CPUTime)); v < 4*work {
		t.Errorf("CPU time = %v, want at least the %v of four threads", v, 4*work)
	}
}

// burn keeps the calling thread busy for so much CPU time.
func burn(work time.Duration) {
	var now unix.Timespec
	for start := int64(-1); ; {
		if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
			panic("BUG: " + err.Error())
		}
		if start < 0 {
			start = now.Nano()
		}
		if now.Nano()-start >= int64(work) {
			return
		}
	}
}

func TestBothScannersAgreeOnNames(t *testing.T) {
	s, procfs := loadBPF(t)
	for comm, want := range map[string]string{
		"two words":         "two words",
		"a) R 1 (b":         "a) R 1 (b",
		`line\nend\ttab`:    "line?end?tab",
		`bad \0377\0376 u8`: "bad ?? u8",
		"häuser":            "häuser",
		"exactly fifteen":   "exactly fifteen",
		"cut after fifteen": "cut after fifte",
		"kworker/0:1-busy":  "kworker/0:1-bus", // only kernel threads lose what follows a dash
		`\0000`:             "?",
	} {
		// Only a process itself may write its name.
		cmd := exec.Command("sh", "-c", `printf %b "$1" >/proc/$$/comm; read line`, "sh", comm)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close() //nolint:errcheck // the process is killed anyway
		pid := startChild(t, cmd)
		awaitState(t, pid, 'S')
		bpf, proc := both(t, s, procfs, pid)
		sameSample(t, bpf, proc)
		if bpf.Name != want {
			t.Errorf("%s is shown as %q, want %q", comm, bpf.Name, want)
		}
	}
}

func TestBothScannersAgreeOnAZombie(t *testing.T) {
	s, procfs := loadBPF(t)
	pid := startChild(t, exec.Command("true"))
	awaitState(t, pid, 'Z')
	bpf, proc := both(t, s, procfs, pid)
	sameSample(t, bpf, proc)
	if bpf.State != 'Z' {
		t.Errorf("state = %c, want Z", bpf.State)
	}
	for m := range memory.Count {
		want := m == memory.CPUTime || m == memory.MinorFaults || m == memory.MajorFaults || m == memory.Threads
		if bpf.Has(m) != want {
			t.Errorf("a zombie has %s: %t, want %t", m, bpf.Has(m), want)
		}
	}
}

func TestBothScannersAgreeOnKernelThreads(t *testing.T) {
	s, procfs := loadBPF(t)
	scan, err := s.iterate(nil)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, bpf := range scan.Samples {
		if !bpf.Kernel {
			continue
		}
		var proc memory.Sample
		if procfs.sample(bpf.ID.PID, sinceBoot(), &proc) != 0 {
			continue // a worker that has been let go
		}
		proc.State = bpf.State // they run as they please
		sameSample(t, bpf, proc)
		compared++
	}
	if compared == 0 {
		notRun(t, "eBPF scanner: no kernel threads are visible here (a PID namespace of its own)")
	}
	t.Logf("%d kernel threads are the same", compared)
}
