package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

// onlineCPUs lists the processors that are online. It is read instead of the "cpu" lines
// of /proc/stat, for which the kernel sums up every interrupt of every processor: 6 µs where
// that took 10 on two processors, and no more on many.
const onlineCPUs = "/sys/devices/system/cpu/online"

// Host reads the figures of the whole machine from a handful of small files. The name
// and the number of processors are those of the machine this program runs on, also where
// Options.Root is a procfs from elsewhere.
func (r *Reader) Host() (memory.Host, error) {
	files := r.procfiles()
	text, err := files.readHost("meminfo")
	if err != nil {
		return memory.Host{}, err
	}
	info, ok := parseMeminfo(text)
	if !ok {
		return memory.Host{}, fmt.Errorf("cannot read %s/meminfo: its %d bytes have no MemTotal or end within a line", files.root, len(text))
	}
	host := memory.Host{
		TotalBytes:     info.totalBytes,
		AvailableBytes: info.availableBytes,
		SwapTotalBytes: info.swapTotalBytes,
		SwapFreeBytes:  info.swapFreeBytes,
	}
	load, err := files.hundredths("loadavg")
	if err != nil {
		return memory.Host{}, err
	}
	host.Load1 = memory.Present(float64(load) / 100)
	uptime, err := files.hundredths("uptime")
	if err != nil {
		return memory.Host{}, err
	}
	host.Uptime = time.Duration(uptime) * (time.Second / 100)
	if host.BootID, err = files.bootID(); err != nil {
		return memory.Host{}, err
	}
	host.CPUs = files.onlineCPUs()
	var names unix.Utsname
	if err := unix.Uname(&names); err != nil {
		return memory.Host{}, fmt.Errorf("cannot read the host name: %w", err)
	}
	host.Name = printable(unix.ByteSliceToString(names.Nodename[:]))
	return host, nil
}

// procfiles is the access to procfs that both Linux scanners share.
func (r *Reader) procfiles() *procfiles {
	facts, ok := r.describer.(*procfsFacts)
	if !ok {
		panic(fmt.Sprintf("BUG: facts of Linux come from %T", r.describer))
	}
	return facts.files
}

// hundredths reads a file of the root directory that begins with a number of two decimals.
func (f *procfiles) hundredths(name string) (uint64, error) {
	text, err := f.readHost(name)
	if err != nil {
		return 0, err
	}
	v, ok := parseHundredths(text)
	if !ok {
		return 0, fmt.Errorf("cannot read %s/%s: %.40q begins with no number of two decimals", f.root, name, text)
	}
	return v, nil
}

// bootID is empty in a sandbox that has none.
func (f *procfiles) bootID() (string, error) {
	text, err := f.readHost("sys/kernel/random/boot_id")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return printable(string(bytes.TrimSpace(text))), err
}

// onlineCPUs counts the processors of the machine; where sysfs is not mounted, those
// this program may use.
func (f *procfiles) onlineCPUs() int {
	if text, err := f.readHost(onlineCPUs); err == nil {
		if n, ok := parseCPUs(text); ok {
			return n
		}
	}
	return runtime.NumCPU()
}

// readHost returns what one read gives of a file that belongs to no process: a name below
// the root or an absolute path. The result is valid until the next read.
func (f *procfiles) readHost(name string) ([]byte, error) {
	text, errno := f.readFile(name)
	if errno == 0 {
		return text, nil
	}
	path := f.hostPath(name)
	if errno == unix.ENOENT {
		return nil, fmt.Errorf("cannot read %s: %w (a systemd service with ProcSubset=pid sees no files of the host)", path, errno)
	}
	return nil, fmt.Errorf("cannot read %s: %w", path, errno)
}

func (f *procfiles) hostPath(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(f.root, name)
}

// setHost makes f.path "name\0" and returns it. name is one of this program's own, shorter
// than the buffer: a string would have to be copied anew for every system call.
func (f *procfiles) setHost(name string) *byte {
	if len(name) >= len(f.path) {
		panic(fmt.Sprintf("BUG: the path buffer of %d bytes does not hold %s", len(f.path), name))
	}
	f.path[copy(f.path[:], name)] = 0
	return &f.path[0]
}

// readFile returns what one read gives: all of a small file that the kernel makes whole.
func (f *procfiles) readFile(name string) ([]byte, syscall.Errno) {
	fd, errno := f.open(f.setHost(name), unix.O_RDONLY)
	if errno != 0 {
		return nil, errno
	}
	n, errno := f.fill(fd, 0)
	syscall.Syscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) //nolint:errcheck // only read
	return f.text[:n], errno
}

// fill reads once into f.text from offset on and returns how many bytes it got.
func (f *procfiles) fill(fd, offset int) (int, syscall.Errno) {
	into := f.text[offset:]
	for {
		n, _, errno := syscall.Syscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&into[0])), uintptr(len(into)))
		if errno == 0 {
			return int(n), 0
		}
		if errno != unix.EINTR {
			return 0, errno
		}
	}
}
