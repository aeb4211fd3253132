package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

// copyOfTest is this test binary where every user may run it.
func copyOfTest(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "probe")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) }) //nolint:errcheck // the system cleans its temporary directory
	path := filepath.Join(dir, "probe.test")
	in, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() //nolint:errcheck // only read
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(out.Close(), os.Chmod(dir, 0o755), os.Chmod(path, 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRightsDecideWhichScannerReads runs itself as an ordinary user with different rights;
// there it prints which scanner it got, and the reason.
func TestRightsDecideWhichScannerReads(t *testing.T) {
	if os.Getenv(lifeEnv) != "" {
		var log bytes.Buffer
		r := openTo(t, &log, "")
		if _, err := r.Scan(); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("source=%s %s", r.Source(), log.String())
		return
	}
	if os.Getuid() != 0 {
		notRun(t, "eBPF scanner: only root can give rights to another user")
	}
	loadBPF(t) // where it cannot load at all, rights decide nothing
	path := copyOfTest(t)
	for _, c := range []struct {
		rights         []uintptr
		source, reason string
	}{
		{nil, "procfs", "lacks CAP_BPF and CAP_PERFMON"},
		{[]uintptr{unix.CAP_BPF}, "procfs", "lacks CAP_PERFMON"},
		{[]uintptr{unix.CAP_PERFMON}, "procfs", "lacks CAP_BPF"},
		{[]uintptr{unix.CAP_BPF, unix.CAP_PERFMON}, "ebpf", "through eBPF"},
		{[]uintptr{unix.CAP_SYS_ADMIN}, "ebpf", "through eBPF"},
	} {
		cmd := exec.Command(path, "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), lifeEnv+"=1")
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, AmbientCaps: c.rights}
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("source="+c.source+" ")) || !bytes.Contains(out, []byte(c.reason)) {
			t.Errorf("with the rights %d: %v, %s; want %s and %q", c.rights, err, out, c.source, c.reason)
		}
	}
}

func TestMissingRights(t *testing.T) {
	for effective, want := range map[uint64]string{
		0:                                       "CAP_BPF and CAP_PERFMON",
		1 << unix.CAP_BPF:                       "CAP_PERFMON",
		1 << unix.CAP_PERFMON:                   "CAP_BPF",
		1<<unix.CAP_BPF | 1<<unix.CAP_PERFMON:   "",
		1 << unix.CAP_SYS_ADMIN:                 "",
		1<<unix.CAP_NET_ADMIN | 1<<unix.CAP_BPF: "CAP_PERFMON",
	} {
		if got := missingOf(effective); got != want {
			t.Errorf("rights %#x lack %q, want %q", effective, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("load: %w", unix.EPERM), "in spite of the rights"},
		{fmt.Errorf("kfunc: %w", ebpf.ErrNotSupported), "Linux 6.2"},
		{fmt.Errorf("load: %w", &ebpf.VerifierError{Cause: unix.EACCES}), "rejects"},
		{unix.ENOMEM, "cannot load"},
	} {
		got := explain(c.err)
		if !errors.Is(got, c.err) || !strings.Contains(got.Error(), c.want) {
			t.Errorf("%v is explained as %v, want %q in it", c.err, got, c.want)
		}
	}
}

func TestOpenLightNeverLoadsEBPF(t *testing.T) {
	loadBPF(t)
	var log bytes.Buffer
	r := openTo(t, &log, "")
	if r.Source() != "ebpf" {
		t.Fatalf("source = %s (%s), want ebpf", r.Source(), log.String())
	}
	if light := openLight(t, ""); light.Source() != "procfs" {
		t.Errorf("a light reader reads through %s", light.Source())
	}
}

func TestATreeThatIsNoProcfsIsReadAsFiles(t *testing.T) {
	var log bytes.Buffer
	if r := openTo(t, &log, t.TempDir()); r.Source() != "procfs" || !strings.Contains(log.String(), "is no procfs") {
		t.Errorf("source %s, log %s", r.Source(), log.String())
	}
}

func TestSelfCheckNamesWhatDiffers(t *testing.T) {
	s, _ := loadBPF(t)
	s.pageSize *= 2 // as if the program had been relocated to the wrong member
	err := s.check()
	if err == nil || !strings.Contains(err.Error(), "self-check") || !strings.Contains(err.Error(), "_bytes is ") || !strings.Contains(err.Error(), "procfs") {
		t.Errorf("a scanner whose pages are twice as large passes: %v", err)
	}
}

func TestDiffersLooksAtEveryField(t *testing.T) {
	var right memory.Sample
	right.ID.PID, right.ID.Start, right.Name = 7, 70, "seven"
	for m := range memory.Count {
		right.Set(m, 1<<33)
	}
	if err := differs(&right, &right, &right, 0); err != nil {
		t.Errorf("the same differs: %v", err)
	}
	wrong := map[string]func(*memory.Sample){
		"start":         func(s *memory.Sample) { s.ID.Start++ },
		"parent":        func(s *memory.Sample) { s.Parent++ },
		"uid":           func(s *memory.Sample) { s.UID++ },
		"kernel thread": func(s *memory.Sample) { s.Kernel = true },
		"name":          func(s *memory.Sample) { s.Name += "s" },
	}
	for m := range memory.Count {
		wrong[m.String()+" is 0"] = func(s *memory.Sample) { s.Set(m, 0) }
		wrong[m.String()+" is 17179869184"] = func(s *memory.Sample) { s.Set(m, 1<<34) }
	}
	for want, change := range wrong {
		got := right
		change(&got)
		if err := differs(&right, &got, &right, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	var kernel memory.Sample
	kernel.ID, kernel.Name = right.ID, right.Name
	if err := differs(&kernel, &right, &kernel, 0); err == nil || !strings.Contains(err.Error(), "is there: true in eBPF and false") {
		t.Errorf("figures that procfs does not have: %v", err)
	}
}

func TestWitnesses(t *testing.T) {
	samples := make([]memory.Sample, 1000)
	for i := range samples {
		samples[i].ID.PID = int32(i + 1)
		samples[i].Kernel = i < 100 && i > 0
		samples[i].Set(memory.Private, uint64(i%500))
	}
	pids := witnesses(samples, 300)
	seen := make(map[int32]bool)
	for _, pid := range pids {
		if seen[pid] || pid != 1 && pid <= 100 {
			t.Errorf("%d is a kernel thread or picked twice", pid)
		}
		seen[pid] = true
	}
	if !seen[300] || !seen[1] || !seen[1000] || len(pids) < 3+witnessCount-1 || len(pids) > 3+witnessCount {
		t.Errorf("witnesses %d lack this process, the first or the largest", pids)
	}
	if alone := witnesses(samples[:1], 1); len(alone) != 1 || alone[0] != 1 {
		t.Errorf("the only process's witnesses are %d", alone)
	}
}
