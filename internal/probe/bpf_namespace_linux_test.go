package probe

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

func TestBothScannersAgreeOnANestedPIDNamespace(t *testing.T) {
	s, procfs := loadBPF(t)
	cmd := exec.Command("sh", "-c", "sleep 1000 & wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID}
	outer := startChild(t, cmd)
	inner := int32(0)
	await(t, "the nested shell has a child", func() bool {
		path := "/proc/" + strconv.Itoa(int(outer))
		text, err := os.ReadFile(path + "/task/" + strconv.Itoa(int(outer)) + "/children")
		if err != nil {
			t.Fatal(err)
		}
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		inner = int32(pid)
		return pid != 0
	})
	awaitState(t, outer, 'S')
	awaitState(t, inner, 'S')
	bpf, proc := both(t, s, procfs, outer)
	sameSample(t, bpf, proc)
	bpf, proc = both(t, s, procfs, inner)
	sameSample(t, bpf, proc)
	if bpf.ID.PID != inner || bpf.Parent != outer || bpf.Name != "sleep" {
		t.Errorf("the nested process is %d, %q of %d; want %d, sleep of %d", bpf.ID.PID, bpf.Name, bpf.Parent, inner, outer)
	}
}

// A reader in a container sees its own namespace, under that namespace's numbers. This
// process becomes one: the first of a PID namespace with a procfs of its own.
func TestBPFInsideAPIDNamespace(t *testing.T) {
	if os.Getenv(lifeEnv) == "" {
		loadBPF(t)
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), lifeEnv+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS}
		if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
			t.Fatalf("in the namespace: %v\n%s", err, out)
		}
		return
	}
	var log bytes.Buffer
	outside := openTo(t, &log, "")
	if want := "another PID namespace"; outside.Source() != "procfs" || !strings.Contains(log.String(), want) {
		t.Errorf("with the outer procfs: source %s, log %q, want procfs and %q", outside.Source(), log.String(), want)
	}
	for _, m := range []struct {
		source, target, kind string
		flags                uintptr
	}{{"", "/", "", unix.MS_REC | unix.MS_PRIVATE}, {"proc", "/proc", "proc", 0}} {
		if err := unix.Mount(m.source, m.target, m.kind, m.flags, ""); err != nil {
			t.Fatalf("cannot mount %s: %v", m.target, err)
		}
	}
	s, procfs := loadBPF(t)
	pid := sleeper(t, nil)
	bpf, proc := both(t, s, procfs, pid)
	sameSample(t, bpf, proc)
	if bpf.Parent != 1 || os.Getpid() != 1 {
		t.Errorf("the parent of %d is %d, want 1", pid, bpf.Parent)
	}
	scan, err := s.iterate(nil)
	if err != nil {
		t.Fatal(err)
	}
	if self := found(t, scan, 1); self.Parent != 0 || len(scan.Samples) != 2 {
		t.Errorf("%d processes, the first of %d; want 2 and 0", len(scan.Samples), self.Parent)
	}
}

func TestBPFScansWhileProcessesComeAndGo(t *testing.T) {
	s, _ := loadBPF(t)
	stop := make(chan struct{})
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := exec.Command("true").Run(); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	var samples []memory.Sample
	self := int32(os.Getpid())
	for range 2000 {
		scan, err := s.iterate(samples)
		if err != nil {
			t.Error(err)
			break
		}
		samples = scan.Samples
		found(t, scan, self)
		seen := make(map[int32]bool)
		for i := range samples {
			p := &samples[i]
			rss, _ := p.Get(memory.RSS)
			virtual, ok := p.Get(memory.Virtual)
			if p.ID.PID <= 0 || seen[p.ID.PID] || p.Name == "" || !p.Has(memory.CPUTime) || ok && rss > virtual {
				t.Errorf("an impossible sample: %s", printSample(p))
			}
			seen[p.ID.PID] = true
		}
		if lives := len(s.pop.lives); lives != len(samples) {
			t.Errorf("%d lives are remembered of %d processes", lives, len(samples))
		}
	}
	close(stop)
	workers.Wait()
}
