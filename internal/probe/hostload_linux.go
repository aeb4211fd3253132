package probe

import (
	"errors"
	"fmt"
	"math/bits"
	"os"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

// Load reads what the machine has done since boot, and how much room the file system has
// that holds dir; an empty dir asks for none. Where a file cannot be read the others' figures
// are returned along with the error. A file that this kernel or this sandbox does not have,
// or keeps from this user, is no error: its figures are absent.
//
// It stands apart from Host, which every command calls, because it costs twice as much: 75 µs
// where Host took 33 (two processors, Linux 6.18), of which /proc/vmstat took 21,
// /proc/diskstats 12, /proc/stat 10, the three of /proc/pressure 6 each and statfs(2) 1. All of
// them grow with the processors or the disks of a machine. A dir on a network file system
// that hangs hangs this call.
func (r *Reader) Load(dir string) (memory.Load, error) {
	files := r.procfiles()
	var out memory.Load
	err := errors.Join(
		files.processorTime(&out),
		files.pressure("pressure/cpu", &out.CPUPressure),
		files.pressure("pressure/memory", &out.MemoryPressure),
		files.pressure("pressure/io", &out.IOPressure),
		files.diskTraffic(&out),
		files.swapTraffic(&out),
		files.diskSpace(dir, &out),
	)
	// The kernel counts such a time for control groups. For the whole machine it is
	// undefined and 0, and was the delay of waking up before Linux 5.19 (psi_show,
	// kernel/sched/psi.c).
	out.CPUPressure.Full = memory.Optional[memory.Stall]{}
	return out, err
}

// nanosPerTick turns clock ticks into nanoseconds.
const nanosPerTick = 1e9 / ticksPerSecond

// processorTime reads the first line of /proc/stat. The kernel makes the whole file for it,
// interrupts of every processor included; nothing cheaper says the same. /proc/uptime (5 µs)
// has only idle time, and cpu.stat of the root control group (6 µs) only busy time, on the
// second version of control groups alone.
func (f *procfiles) processorTime(out *memory.Load) error {
	text, errno := f.readFile("stat")
	if errno != 0 {
		return f.refused("stat", errno)
	}
	times, ok := parseCPUTimes(text)
	if !ok {
		return fmt.Errorf("cannot read %s: it begins with %.80q instead of the processors' times", f.hostPath("stat"), text)
	}
	if times.total == 0 {
		return nil // gVisor keeps no account and writes zeros
	}
	out.CPUBusyNanoseconds, out.CPUTotalNanoseconds = scaled(times.busy, nanosPerTick), scaled(times.total, nanosPerTick)
	return nil
}

func (f *procfiles) pressure(name string, out *memory.Pressure) error {
	text, errno := f.readFile(name)
	if errno != 0 {
		return f.refused(name, errno)
	}
	p, ok := parsePressure(text)
	if !ok {
		return fmt.Errorf("cannot read %s: %.80q is no pressure stall information", f.hostPath(name), text)
	}
	*out = p
	return nil
}

func (f *procfiles) diskTraffic(out *memory.Load) error {
	text, errno := f.readWhole("diskstats")
	if errno != 0 {
		return f.refused("diskstats", errno)
	}
	traffic, ok := parseDiskstats(text)
	if !ok {
		return fmt.Errorf("cannot read %s: a line of its %d bytes is cut off or has no counters", f.hostPath("diskstats"), len(text))
	}
	if traffic.devices > 0 {
		out.DiskReadBytes, out.DiskWrittenBytes = scaled(traffic.sectorsRead, sectorBytes), scaled(traffic.sectorsWritten, sectorBytes)
	}
	return nil
}

func (f *procfiles) swapTraffic(out *memory.Load) error {
	text, errno := f.readWhole("vmstat")
	if errno != 0 {
		return f.refused("vmstat", errno)
	}
	pageBytes := uint64(os.Getpagesize())
	pages, ok := parseVmstat(text)
	if !ok {
		return fmt.Errorf("cannot read %s: the last of its %d bytes end no line", f.hostPath("vmstat"), len(text))
	}
	if in, ok := pages.in.Get(); ok {
		out.SwapInBytes = scaled(in, pageBytes)
	}
	if written, ok := pages.out.Get(); ok {
		out.SwapOutBytes = scaled(written, pageBytes)
	}
	return nil
}

// refused is no error where the system withholds a file: the kernel was built without it
// or booted so, a sandbox hides it, or this user may not read it.
func (f *procfiles) refused(name string, errno syscall.Errno) error {
	switch errno {
	case unix.ENOENT, unix.EACCES, unix.EPERM, unix.EOPNOTSUPP:
		return nil
	}
	return fmt.Errorf("cannot read %s: %w", f.hostPath(name), errno)
}

// readWhole is readFile for lists, of which the kernel gives some 4 KiB at a time. A list
// of maxText, 2,000 disks, is refused. The result is valid until the next read.
func (f *procfiles) readWhole(name string) ([]byte, syscall.Errno) {
	fd, errno := f.open(f.setHost(name), unix.O_RDONLY)
	if errno != 0 {
		return nil, errno
	}
	defer syscall.Syscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) //nolint:errcheck // only read
	for n := 0; ; {
		if n == len(f.text) {
			if n >= maxText {
				return nil, unix.EFBIG
			}
			f.text = append(f.text, make([]byte, n)...)
		}
		m, errno := f.fill(fd, n)
		if errno != 0 || m == 0 {
			return f.text[:n], errno
		}
		n += m
	}
}

// diskSpace asks about the file system that holds dir. A file system that knows no size (as
// procfs) gives none.
func (f *procfiles) diskSpace(dir string, out *memory.Load) error {
	if dir == "" {
		return nil
	}
	// f.text has room for any path, of 4,096 bytes at most with its end (PATH_MAX).
	if len(dir) >= unix.PathMax {
		return fmt.Errorf("cannot read the space of the disk under %.40q…: %w", dir, unix.ENAMETOOLONG)
	}
	if strings.IndexByte(dir, 0) >= 0 {
		return fmt.Errorf("cannot read the space of the disk under %q: a path has no byte 0: %w", dir, unix.EINVAL)
	}
	f.text[copy(f.text, dir)] = 0
	var fs unix.Statfs_t
	for {
		_, _, errno := syscall.Syscall(unix.SYS_STATFS, uintptr(unsafe.Pointer(&f.text[0])), uintptr(unsafe.Pointer(&fs)), 0)
		if errno == 0 {
			break
		}
		if errno != unix.EINTR {
			return fmt.Errorf("cannot read the space of the disk under %q: %w", dir, errno)
		}
	}
	out.DiskTotalBytes, out.DiskAvailableBytes = space(&fs)
	return nil
}

// space is in the unit statvfs(3) counts blocks in.
func space(fs *unix.Statfs_t) (total, available memory.Optional[uint64]) {
	unit := fs.Frsize
	if unit <= 0 {
		unit = fs.Bsize
	}
	if unit <= 0 || fs.Blocks == 0 || fs.Bavail > fs.Blocks {
		return total, available
	}
	if high, _ := bits.Mul64(fs.Blocks, uint64(unit)); high > 0 {
		return total, available
	}
	return memory.Present(fs.Blocks * uint64(unit)), memory.Present(fs.Bavail * uint64(unit))
}
