package probe

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/process"
)

const (
	// holderEnv makes a test of this file run as the process that is looked at.
	holderEnv = "ZOL0_TEST_HOLDER"
	// holdBytes is held: enough to stand out from what the Go runtime does meanwhile.
	holdBytes = 64 << 20
	// noise is how far figures may be off for that reason.
	noise = 4 << 20
)

// holdMemory is the life of a holder: told to, it maps memory that is resident at once,
// private memory or that of descriptor 3, and holds it until its input ends.
func holdMemory(t *testing.T) {
	in := bufio.NewReader(os.Stdin)
	say := func(line string) {
		if _, err := os.Stdout.WriteString(line + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	say("ready")
	for {
		order, err := in.ReadString('\n')
		if err != nil {
			return
		}
		fd, flags := -1, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS
		if strings.TrimSpace(order) == "shared" {
			fd, flags = 3, unix.MAP_SHARED
		}
		if _, err := unix.Mmap(fd, 0, holdBytes, unix.PROT_READ|unix.PROT_WRITE, flags|unix.MAP_POPULATE); err != nil {
			t.Fatal(err)
		}
		say("mapped")
	}
}

// holder is a process that holds memory on demand.
type holder struct {
	id  process.ID
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startHolder runs the test t once more, which must call holdMemory there.
func startHolder(t *testing.T, extra ...*os.File) *holder {
	t.Helper()
	h := &holder{cmd: exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")}
	h.cmd.Env = append(os.Environ(), holderEnv+"=1", "GOGC=off", "GORACE=atexit_sleep_ms=0")
	h.cmd.ExtraFiles = extra
	h.cmd.Stderr = os.Stderr
	in, err := h.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.in, h.out = in, bufio.NewReader(out)
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.end)
	h.hear(t, "ready")
	h.id = idOf(t, h.cmd.Process.Pid)
	return h
}

func idOf(t *testing.T, pid int) process.ID {
	t.Helper()
	text, errno := openLight(t, "").procfiles().read(int32(pid), "stat")
	var now stat
	if errno != 0 || !parseStat(text, &now) {
		t.Fatalf("stat of %d: %v", pid, errno)
	}
	return process.ID{PID: int32(pid), Start: now.start}
}

func (h *holder) hear(t *testing.T, want string) {
	t.Helper()
	if line, err := h.out.ReadString('\n'); err != nil || strings.TrimSpace(line) != want {
		t.Fatalf("the holder says %q, want %q (%v)", line, want, err)
	}
}

func (h *holder) hold(t *testing.T, what string) {
	t.Helper()
	if _, err := io.WriteString(h.in, what+"\n"); err != nil {
		t.Fatal(err)
	}
	h.hear(t, "mapped")
}

// end is called twice where a test ends the holder itself.
func (h *holder) end() {
	h.in.Close() //nolint:errcheck // the second close fails
	h.cmd.Wait() //nolint:errcheck // so does the second wait
}

func pssOf(t *testing.T, r *Reader, id process.ID) PSS {
	t.Helper()
	pss, err := r.PSS(id)
	if errors.Is(err, errors.ErrUnsupported) {
		notRun(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	return pss
}

// notRun ends a test that cannot run here, visibly.
func notRun(t testing.TB, reason string) {
	t.Helper()
	t.Log("NOT RUN: " + reason)
	t.Skip("NOT RUN: " + reason)
}

// grew checks that a figure grew by want, give or take the noise.
func grew(t *testing.T, what string, before, after uint64, want int64) {
	t.Helper()
	if d := int64(after) - int64(before) - want; d < -noise || d > noise {
		t.Errorf("%s grew from %d to %d bytes, by %d instead of %d", what, before, after, int64(after)-int64(before), want)
	}
}

func TestPrivateMemoryIsInBothSets(t *testing.T) {
	if os.Getenv(holderEnv) != "" {
		holdMemory(t)
		return
	}
	r, h := openLight(t, ""), startHolder(t)
	before := pssOf(t, r, h.id)
	h.hold(t, "private")
	after := pssOf(t, r, h.id)
	grew(t, "RSS", before.RSSBytes, after.RSSBytes, holdBytes)
	grew(t, "PSS", before.PSSBytes, after.PSSBytes, holdBytes)
	grew(t, "USS", before.USSBytes, after.USSBytes, holdBytes)
	a, ok := before.AnonBytes.Get()
	b, _ := after.AnonBytes.Get()
	if !ok {
		notRun(t, "this kernel does not split PSS")
	}
	grew(t, "anonymous PSS", a, b, holdBytes)
	if after.Stall <= 0 || after.Stall > 10*time.Second {
		t.Errorf("a stall of %v", after.Stall)
	}
	t.Logf("stall %v at %d bytes, %v at %d bytes", before.Stall, before.RSSBytes, after.Stall, after.RSSBytes)
}

func TestSharedMemoryIsDividedAmongItsUsers(t *testing.T) {
	if os.Getenv(holderEnv) != "" {
		holdMemory(t)
		return
	}
	fd, err := unix.MemfdCreate("zol0-test", unix.MFD_CLOEXEC)
	if err != nil {
		notRun(t, "memfd_create: "+err.Error())
	}
	file := os.NewFile(uintptr(fd), "memfd")
	defer file.Close() //nolint:errcheck // nothing to lose
	if err := file.Truncate(holdBytes); err != nil {
		t.Fatal(err)
	}
	r := openLight(t, "")
	one, other := startHolder(t, file), startHolder(t, file)
	before := pssOf(t, r, one.id)
	one.hold(t, "shared")
	alone := pssOf(t, r, one.id)
	grew(t, "PSS of the only user", before.PSSBytes, alone.PSSBytes, holdBytes)
	grew(t, "USS of the only user", before.USSBytes, alone.USSBytes, holdBytes)

	other.hold(t, "shared")
	both := pssOf(t, r, one.id)
	grew(t, "PSS of one of two", before.PSSBytes, both.PSSBytes, holdBytes/2)
	grew(t, "USS of one of two", before.USSBytes, both.USSBytes, 0)
	grew(t, "RSS of one of two", before.RSSBytes, both.RSSBytes, holdBytes)

	other.end()
	again := pssOf(t, r, one.id)
	grew(t, "PSS of the one that is left", before.PSSBytes, again.PSSBytes, holdBytes)
}

func TestPSSOfAnotherInstanceIsRefused(t *testing.T) {
	if os.Getenv(holderEnv) != "" {
		holdMemory(t)
		return
	}
	r, h := openLight(t, ""), startHolder(t)
	pssOf(t, r, h.id)
	earlier := process.ID{PID: h.id.PID, Start: h.id.Start - 1}
	if pss, err := r.PSS(earlier); !errors.Is(err, fs.ErrNotExist) || pss != (PSS{}) {
		t.Errorf("an instance that had the PID before: %+v, %v", pss, err)
	}
	h.end()
	if pss, err := r.PSS(h.id); !errors.Is(err, fs.ErrNotExist) || pss != (PSS{}) {
		t.Errorf("an instance that has ended: %+v, %v", pss, err)
	}
}

func TestAZombieHasNoMemory(t *testing.T) {
	if os.Getenv(holderEnv) != "" {
		holdMemory(t)
		return
	}
	r, h := openLight(t, ""), startHolder(t)
	pssOf(t, r, h.id)
	if err := h.in.Close(); err != nil { // it ends, and nobody waits for it yet
		t.Fatal(err)
	}
	for deadline := 500; ; deadline-- {
		// Its first thread may end before the others, which hold its memory as long.
		now, err := r.procfiles().identity(h.id)
		var others [maxAsked]int32
		if err != nil || now.state == 'Z' && r.procfiles().threads(h.id.PID, &others) == 0 {
			break
		}
		if deadline == 0 {
			t.Fatal("the holder does not end")
		}
		time.Sleep(10 * time.Millisecond)
	}
	_, err := r.PSS(h.id)
	if err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "zombie") {
		t.Errorf("error %v, want one that says zombie", err)
	}
}

func TestPSSNeedsTheRightToTrace(t *testing.T) {
	if os.Getenv(holderEnv) != "" {
		holdMemory(t)
		return
	}
	if os.Geteuid() != 0 {
		notRun(t, "only root can give up its rights for this test")
	}
	r, h := openLight(t, ""), startHolder(t)
	pssOf(t, r, h.id)
	done := make(chan error)
	go func() {
		// Rights belong to threads. This one is never unlocked, so that it ends with
		// the goroutine.
		runtime.LockOSThread()
		const nobody = 65534
		if _, _, errno := syscall.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); errno != 0 {
			done <- errno
			return
		}
		_, err := r.PSS(h.id)
		done <- err
	}()
	err := <-done
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "CAP_SYS_PTRACE") {
		t.Fatalf("error %v, want a refusal that names the right", err)
	}
	if want := openLight(t, "").procfiles().root; !strings.HasPrefix(err.Error(), "cannot read "+want+"/") {
		t.Errorf("error %q does not name the file", err)
	}
}

func TestKernelWithoutRollup(t *testing.T) {
	root := hostTree(t, map[string]string{
		"7/stat": "7 (server) S 1 7 7 0 -1 4194304 100 0 0 0 5 6 0 0 20 0 1 0 4711 1000 100 0\n",
	})
	r := openLight(t, root)
	if _, err := r.PSS(process.ID{PID: 7, Start: 4711}); !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "4.14") {
		t.Errorf("error %v, want one that names the kernel it came with", err)
	}
	if err := os.WriteFile(root+"/7/smaps_rollup", []byte("Rss: 1 kB\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := r.PSS(process.ID{PID: 7, Start: 4711}); err == nil || errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("half a file: error %v", err)
	}
	if err := os.WriteFile(root+"/7/smaps_rollup", []byte(rollup), 0o644); err != nil {
		t.Fatal(err)
	}
	if pss, err := r.PSS(process.ID{PID: 7, Start: 4711}); err != nil || pss.PSSBytes != 418<<10 {
		t.Errorf("%+v, %v", pss, err)
	}
}
