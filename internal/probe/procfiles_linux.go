package probe

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// procfiles reads small files below a procfs with raw system calls, one reused buffer
// and one reused path, so that reading 10,000 processes allocates nothing. os.ReadFile
// took 1.6 times the CPU and 19 allocations a process on the same files.
type procfiles struct {
	root string
	dir  int // descriptor of root
	path [64]byte
	// entries receives directory listings: one getdents of 256 KiB holds 8,000 PIDs.
	entries []byte
	// text receives file contents; it grows to maxText where a file asks for it.
	text []byte
}

const (
	entriesBytes = 256 << 10
	textBytes    = 8 << 10
	// maxText bounds what is read of one file. A command line can have 2 MB; the first
	// 256 KiB reach past the longest single argument (128 KiB), a class path perhaps.
	maxText = 256 << 10
)

func openProcfiles(root string) (*procfiles, error) {
	dir, err := unix.Open(root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", root, err)
	}
	return &procfiles{root: root, dir: dir, entries: make([]byte, entriesBytes), text: make([]byte, textBytes)}, nil
}

func (f *procfiles) close() error { return unix.Close(f.dir) }

// set makes f.path "PID/name\0" and returns it. name must stay below 40 bytes.
func (f *procfiles) set(pid int32, name string) *byte {
	var reversed [12]byte
	n := 0
	for v := uint32(pid); ; v /= 10 {
		reversed[n] = byte('0' + v%10)
		n++
		if v < 10 {
			break
		}
	}
	for i := range n {
		f.path[i] = reversed[n-1-i]
	}
	if name != "" {
		f.path[n] = '/'
		n += 1 + copy(f.path[n+1:len(f.path)-1], name)
	}
	f.path[n] = 0
	return &f.path[0]
}

func (f *procfiles) open(path *byte, flags int) (int, syscall.Errno) {
	for {
		fd, _, errno := syscall.Syscall6(unix.SYS_OPENAT, uintptr(f.dir), uintptr(unsafe.Pointer(path)), uintptr(flags|unix.O_CLOEXEC), 0, 0, 0)
		if errno != unix.EINTR {
			return int(fd), errno
		}
	}
}

// read returns the first len(f.text) bytes of a process's file: one read is enough, as
// the kernel generates these files whole. The result is valid until the next read.
func (f *procfiles) read(pid int32, name string) ([]byte, syscall.Errno) {
	fd, errno := f.open(f.set(pid, name), unix.O_RDONLY)
	if errno != 0 {
		return nil, errno
	}
	n, _, errno := syscall.Syscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&f.text[0])), uintptr(len(f.text)))
	syscall.Syscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) //nolint:errcheck // closing a file that was only read cannot lose anything
	if errno != 0 {
		return nil, errno
	}
	return f.text[:n], 0
}

// readLong is read for files that may be long: it reads on until the end or maxText.
func (f *procfiles) readLong(pid int32, name string) ([]byte, error) {
	fd, errno := f.open(f.set(pid, name), unix.O_RDONLY)
	if errno != 0 {
		return nil, errno
	}
	defer unix.Close(fd) //nolint:errcheck // only read
	for n := 0; ; {
		if n == len(f.text) {
			if n >= maxText {
				return f.text[:n], nil
			}
			f.text = append(f.text, make([]byte, n)...)
		}
		m, err := unix.Read(fd, f.text[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		if m == 0 {
			return f.text[:n], nil
		}
		n += m
	}
}

// link returns where a symbolic link of a process points.
func (f *procfiles) link(pid int32, name string) ([]byte, error) {
	n, _, errno := syscall.Syscall6(unix.SYS_READLINKAT, uintptr(f.dir), uintptr(unsafe.Pointer(f.set(pid, name))), uintptr(unsafe.Pointer(&f.text[0])), uintptr(len(f.text)), 0, 0)
	if errno != 0 {
		return nil, errno
	}
	return f.text[:n], nil
}

// size returns st_size of a process's file or directory.
func (f *procfiles) size(pid int32, name string) (int64, syscall.Errno) {
	var st unix.Stat_t
	_, _, errno := syscall.Syscall6(sysFstatat, uintptr(f.dir), uintptr(unsafe.Pointer(f.set(pid, name))), uintptr(unsafe.Pointer(&st)), 0, 0, 0)
	return st.Size, errno
}

// pids appends the PIDs that stand in the root directory.
func (f *procfiles) pids(dst []int32) ([]int32, error) {
	dst = dst[:0]
	if _, err := unix.Seek(f.dir, 0, unix.SEEK_SET); err != nil {
		return dst, fmt.Errorf("cannot rewind %s: %w", f.root, err)
	}
	for {
		n, err := f.dirents(f.dir)
		if err != 0 {
			return dst, fmt.Errorf("cannot list %s: %w", f.root, err)
		}
		if n == 0 {
			return dst, nil
		}
		eachName(f.entries[:n], func(name []byte) {
			if pid, digits := digits(name); digits == len(name) && pid > 0 && pid <= maxPID {
				dst = append(dst, int32(pid))
			}
		})
	}
}

// maxPID is PID_MAX_LIMIT of a 64-bit kernel (proc_sys_kernel(5), pid_max).
const maxPID = 1 << 22

// threads fills list with threads of a process other than the first and returns how many
// it found.
func (f *procfiles) threads(pid int32, list *[maxAsked]int32) int {
	fd, errno := f.open(f.set(pid, "task"), unix.O_RDONLY|unix.O_DIRECTORY)
	if errno != 0 {
		return 0
	}
	n, errno := f.dirents(fd)
	unix.Close(fd) //nolint:errcheck // only read
	if errno != 0 {
		return 0
	}
	count := 0
	eachName(f.entries[:n], func(name []byte) {
		tid, digits := digits(name)
		if count < maxAsked && digits == len(name) && tid > 0 && tid <= maxPID && tid != uint64(pid) {
			list[count] = int32(tid)
			count++
		}
	})
	return count
}

// teller is the thread that tells the facts of a process: the first one, or where that has
// ended (pthread_exit in main) and shows nothing any more, one that lives on. Procfs knows
// every thread by its number (proc(5), /proc/TID), although it lists only the first ones.
func (f *procfiles) teller(pid int32) int32 {
	var s stat
	ended := func(tid int32) bool {
		text, errno := f.read(tid, "stat")
		return errno != 0 || !parseStat(text, &s) || s.state == 'Z' || s.state == 'X'
	}
	if !ended(pid) {
		return pid
	}
	var threads [maxAsked]int32
	for _, tid := range threads[:f.threads(pid, &threads)] {
		if !ended(tid) {
			return tid
		}
	}
	return pid
}

// countEntries counts what a directory of a process holds, "." and ".." aside.
func (f *procfiles) countEntries(pid int32, name string) (int, syscall.Errno) {
	fd, errno := f.open(f.set(pid, name), unix.O_RDONLY|unix.O_DIRECTORY)
	if errno != 0 {
		return 0, errno
	}
	defer unix.Close(fd) //nolint:errcheck // only read
	count := 0
	for {
		n, err := f.dirents(fd)
		if err != 0 {
			return 0, err
		}
		if n == 0 {
			return count, 0
		}
		eachName(f.entries[:n], func(name []byte) {
			if name[0] != '.' {
				count++
			}
		})
	}
}

func (f *procfiles) dirents(fd int) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.Syscall(unix.SYS_GETDENTS64, uintptr(fd), uintptr(unsafe.Pointer(&f.entries[0])), uintptr(len(f.entries)))
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
}

// eachName calls visit with every name in a getdents64(2) buffer.
func eachName(b []byte, visit func(name []byte)) {
	const reclen, name = 16, 19
	for len(b) > name {
		size := int(b[reclen]) | int(b[reclen+1])<<8
		if size <= name || size > len(b) {
			return
		}
		end := name
		for end < size && b[end] != 0 {
			end++
		}
		if end > name {
			visit(b[name:end])
		}
		b = b[size:]
	}
}
