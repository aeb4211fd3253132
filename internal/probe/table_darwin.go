package probe

import (
	"bytes"
	"fmt"
	"io/fs"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// darwinTable reads the list of processes with one sysctl and their figures through
// libproc, which Apple's own tools use too. Figures of other users' processes need root.
type darwinTable struct {
	gopsutilProcesses
	processes []unix.KinfoProc
	// listed is when the list was taken, in ticks of the machine's clock.
	listed uint64
	// ticksPerSecond is 0 where the system does not say.
	ticksPerSecond uint64

	pidRusage    uintptr // proc_pid_rusage
	pidInfo      uintptr // proc_pidinfo
	pidFDInfo    uintptr // proc_pidfdinfo
	absoluteTime uintptr // mach_absolute_time

	rusage [rusageBytes]byte
	task   [taskBytes]byte
	socket [socketBytes]byte
	fds    []descriptor
}

// descriptor is struct proc_fdinfo of <sys/proc_info.h>.
type descriptor struct {
	fd   int32
	kind uint32
}

// Flavors of libproc's calls (<sys/resource.h>, <sys/proc_info.h>).
const (
	rusageInfoV4      = 4
	pidListFDs        = 1
	pidTaskInfo       = 4
	pidFDSocketInfo   = 3
	descriptorSocket  = 2
	maxDescriptors    = 4096 // as on Linux: servers open their listening sockets first
	libSystem         = "/usr/lib/libSystem.B.dylib"
	ticksPerSecondKey = "hw.tbfrequency"
)

func openTable() (processTable, error) {
	library, err := purego.Dlopen(libSystem, purego.RTLD_LAZY|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("cannot load %s: %w", libSystem, err)
	}
	t := &darwinTable{fds: make([]descriptor, maxDescriptors)}
	for _, symbol := range []struct {
		name string
		at   *uintptr
	}{
		{"proc_pid_rusage", &t.pidRusage},
		{"proc_pidinfo", &t.pidInfo},
		{"proc_pidfdinfo", &t.pidFDInfo},
		{"mach_absolute_time", &t.absoluteTime},
	} {
		if *symbol.at, err = purego.Dlsym(library, symbol.name); err != nil {
			return nil, fmt.Errorf("cannot find %s in %s: %w", symbol.name, libSystem, err)
		}
	}
	// This says the rate of the machine's clock even to a program that is translated for
	// another processor, to which mach_timebase_info gives that one's.
	if t.ticksPerSecond, err = unix.SysctlUint64(ticksPerSecondKey); err != nil {
		t.ticksPerSecond = 0
	}
	return t, nil
}

func (t *darwinTable) source() string { return "libproc" }

func (t *darwinTable) now() uint64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_REALTIME, &now); err != nil {
		panic("BUG: CLOCK_REALTIME is missing: " + err.Error()) // POSIX demands it
	}
	return uint64(now.Nano()) / 1e6
}

func (t *darwinTable) list() (int, error) {
	var err error
	if t.processes, err = unix.SysctlKinfoProcSlice("kern.proc.all"); err != nil {
		return 0, fmt.Errorf("cannot list processes (sysctl kern.proc.all): %w", err)
	}
	listed, _, _ := purego.SyscallN(t.absoluteTime)
	t.listed = uint64(listed)
	return len(t.processes), nil
}

func (t *darwinTable) sample(i int, out *memory.Sample) ([]byte, error) {
	p := &t.processes[i]
	pid := p.Proc.P_pid
	out.ID = process.ID{PID: pid, Start: startOf(p)}
	out.Parent = p.Eproc.Ppid
	out.UID = int64(p.Eproc.Pcred.P_ruid)
	out.State = darwinState(p.Proc.P_stat)
	out.Kernel = pid == 0
	name, _, _ := bytes.Cut(p.Proc.P_comm[:], []byte{0})
	if out.State == 'Z' {
		return name, nil // nothing is left of it that could be asked for
	}
	// errno means something only if the call failed.
	failed, _, errno := purego.SyscallN(t.pidRusage, uintptr(pid), rusageInfoV4, uintptr(unsafe.Pointer(&t.rusage)))
	switch {
	case int32(failed) == 0:
		if fillRusage(&t.rusage, t.ticksPerSecond, out) > t.listed {
			return nil, gonePID(pid) // it began after the list was taken: the PID was reused
		}
	case unix.Errno(errno) == unix.ESRCH:
		return nil, gonePID(pid)
	default: // another user's process
		return name, nil
	}
	if n := t.info(pid, pidTaskInfo, unsafe.Pointer(&t.task), len(t.task)); n == len(t.task) {
		fillTask(&t.task, out)
	}
	t.fillDescriptors(pid, out)
	return name, nil
}

// info calls proc_pidinfo and returns how many bytes it wrote.
func (t *darwinTable) info(pid int32, flavor uintptr, buffer unsafe.Pointer, size int) int {
	n, _, _ := purego.SyscallN(t.pidInfo, uintptr(pid), flavor, 0, uintptr(buffer), uintptr(size))
	return int(int32(n))
}

func gonePID(pid int32) error { return fmt.Errorf("process %d has ended: %w", pid, fs.ErrNotExist) }

func startOf(p *unix.KinfoProc) uint64 {
	began := p.Proc.P_starttime
	return uint64(began.Sec)*1000 + uint64(began.Usec)/1000
}

func (t *darwinTable) start(pid int32) (uint64, error) {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", int(pid))
	if err != nil {
		return 0, fmt.Errorf("cannot read process %d (sysctl kern.proc.pid): %w", pid, err)
	}
	if p.Proc.P_pid != pid {
		return 0, gonePID(pid)
	}
	return startOf(p), nil
}

func (t *darwinTable) arguments(pid int32) ([]byte, error) {
	text, err := unix.SysctlRaw("kern.procargs2", int(pid))
	if err != nil {
		return nil, fmt.Errorf("cannot read the arguments of process %d (sysctl kern.procargs2): %w", pid, err)
	}
	return parseProcArgs(text), nil
}

func (t *darwinTable) ports(pid int32) ([]uint16, error) {
	size := len(t.fds) * int(unsafe.Sizeof(descriptor{}))
	n := t.info(pid, pidListFDs, unsafe.Pointer(&t.fds[0]), size)
	if n <= 0 {
		return nil, fmt.Errorf("cannot list the descriptors of process %d: %w", pid, fs.ErrPermission)
	}
	var ports []uint16
	for _, d := range t.fds[:n/int(unsafe.Sizeof(descriptor{}))] {
		if d.kind != descriptorSocket {
			continue
		}
		n, _, _ := purego.SyscallN(t.pidFDInfo, uintptr(pid), uintptr(d.fd), pidFDSocketInfo, uintptr(unsafe.Pointer(&t.socket)), socketBytes)
		if int32(n) != socketBytes {
			continue // closed in the meantime
		}
		if port, ok := parseListener(&t.socket); ok {
			ports = append(ports, port)
		}
	}
	return ports, nil
}
