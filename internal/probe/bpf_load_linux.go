package probe

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/probe/bpf"
)

// openBPF loads the eBPF scanner and compares it with procfs. Its error says what is
// missing; procfs does everything the scanner does at a higher price.
func openBPF(root string, procfs *procfsScanner, pop *population, log *slog.Logger) (scanner, error) {
	if err := ownProcfs(root, procfs.files); err != nil {
		return nil, err
	}
	if err := mayLoad(); err != nil {
		return nil, err
	}
	iterator, err := loadIterator()
	// What loading took, the kernel's type information above all, is garbage now and
	// would stay in the resident set until the heap has grown by as much again.
	debug.FreeOSMemory()
	if err != nil {
		return nil, err
	}
	s := &bpfScanner{link: iterator, stream: newRecordStream(), procfs: procfs, pop: pop, pageSize: uint64(os.Getpagesize()), log: log}
	if err := s.check(); err != nil {
		iterator.Close() //nolint:errcheck // the reason is the error to tell
		return nil, err
	}
	return s, nil
}

// ownProcfs says why root is not the procfs of this process's own PID namespace. The
// iterator lists the tasks of that namespace under its numbers, whatever is mounted at
// root, and commands and descriptors are read through root by those numbers.
func ownProcfs(root string, files *procfiles) error {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(files.dir, &fs); err != nil {
		return fmt.Errorf("cannot tell the file system of %s: %w", root, err)
	}
	if fs.Type != unix.PROC_SUPER_MAGIC {
		return fmt.Errorf("%s is no procfs", root)
	}
	pid := os.Getpid()
	var self [16]byte
	n, err := unix.Readlinkat(files.dir, "self", self[:])
	if err != nil {
		return fmt.Errorf("%s belongs to another PID namespace: it does not show this process, %d: %w", root, pid, err)
	}
	// self alone may be the same number in two namespaces. NSpid lists the numbers of a
	// process from the namespace of the procfs down to the process's own.
	text, errno := files.read(int32(pid), "status")
	if errno != 0 {
		return fmt.Errorf("cannot read this process's status in %s: %w", root, errno)
	}
	numbers := statusLine(text, "NSpid:")
	if want := strconv.Itoa(pid); string(self[:n]) != want || numbers != want {
		return fmt.Errorf("%s belongs to another PID namespace: this process, %s, is %s there (NSpid %s)", root, want, self[:n], numbers)
	}
	return nil
}

// statusLine is what follows a key in /proc/PID/status.
func statusLine(status []byte, key string) string {
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// maxCPUs is MAX_CPUS of scan.bpf.c.
const maxCPUs = 256

// vmlinuxBTF is where a kernel describes its own types.
const vmlinuxBTF = "/sys/kernel/btf/vmlinux"

// mayLoad looks at what is cheap to look at, so that an ordinary user's start costs nothing
// and the reason names what to change.
func mayLoad() error {
	if missing, err := missingRights(); err != nil {
		return err
	} else if missing != "" {
		return fmt.Errorf("this user lacks %s (run as root, or grant both with: setcap cap_bpf,cap_perfmon+ep)", missing)
	}
	if _, err := os.Stat(vmlinuxBTF); err != nil {
		return fmt.Errorf("the kernel does not describe its types (CONFIG_DEBUG_INFO_BTF): %w", err)
	}
	return nil
}

// missingRights names the capabilities that loading takes and this process does not have.
// CAP_SYS_ADMIN stands for both, as it did before Linux 5.8 (capabilities(7)).
func missingRights() (string, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return "", fmt.Errorf("cannot read this process's capabilities: %w", err)
	}
	return missingOf(uint64(sets[0].Effective) | uint64(sets[1].Effective)<<32), nil
}

func missingOf(effective uint64) string {
	has := func(right int) bool { return effective&(1<<right) != 0 }
	var missing []string
	if !has(unix.CAP_BPF) && !has(unix.CAP_SYS_ADMIN) {
		missing = append(missing, "CAP_BPF")
	}
	if !has(unix.CAP_PERFMON) && !has(unix.CAP_SYS_ADMIN) {
		missing = append(missing, "CAP_PERFMON")
	}
	return strings.Join(missing, " and ")
}

// loadIterator loads and attaches the program. The link keeps the program and its maps
// alive; everything else is let go.
func loadIterator() (*link.Iter, error) {
	cpus, err := ebpf.PossibleCPU()
	if err != nil {
		return nil, fmt.Errorf("cannot tell how many CPUs there can be: %w", err)
	}
	if cpus > maxCPUs {
		return nil, fmt.Errorf("%d CPUs are more than the %d one exact memory figure may take to read", cpus, maxCPUs)
	}
	spec, err := bpf.LoadScan()
	if err != nil {
		return nil, fmt.Errorf("cannot read the eBPF object: %w", err)
	}
	if err := spec.Variables[bpf.ScanVarPossibleCpus].Set(uint32(cpus)); err != nil {
		return nil, fmt.Errorf("cannot tell the eBPF program the number of CPUs: %w", err)
	}
	loaded, err := ebpf.NewCollection(spec)
	if err != nil {
		return nil, explain(err)
	}
	defer loaded.Close()
	iterator, err := link.AttachIter(link.IterOptions{Program: loaded.Programs[bpf.ScanProgZol0Scan]})
	if err != nil {
		return nil, explain(err)
	}
	return iterator, nil
}

// explain says in one line what a failed load means for the person who runs this.
func explain(err error) error {
	release := "unknown"
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		release = unix.ByteSliceToString(name.Release[:])
	}
	var rejected *ebpf.VerifierError
	switch {
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("kernel %s refuses eBPF programs in spite of the rights (lockdown, seccomp or a user namespace): %w", release, err)
	case errors.Is(err, ebpf.ErrNotSupported):
		return fmt.Errorf("kernel %s lacks what the eBPF scanner needs (Linux 6.2 and later have it): %w", release, err)
	case errors.As(err, &rejected):
		return fmt.Errorf("kernel %s rejects the eBPF scanner: %w", release, err)
	}
	return fmt.Errorf("cannot load the eBPF scanner on kernel %s: %w", release, err)
}
