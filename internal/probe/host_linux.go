package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

// onlineCPUs lists the processors that are online. It is read instead of the "cpu" lines
// of /proc/stat, for which the kernel sums up every interrupt of every processor.
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
	n, err := f.readFile(name)
	if err == nil {
		return f.text[:n], nil
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.root, name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read %s: %w (a systemd service with ProcSubset=pid sees no files of the host)", path, err)
	}
	return nil, fmt.Errorf("cannot read %s: %w", path, err)
}

func (f *procfiles) readFile(name string) (int, error) {
	fd, err := unix.Openat(f.dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd) //nolint:errcheck // only read
	for {
		if n, err := unix.Read(fd, f.text); err != unix.EINTR {
			return n, err
		}
	}
}
