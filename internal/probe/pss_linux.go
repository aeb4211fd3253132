package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/process"
)

// PSS reads the proportional and unique set of one process. It stalls the process (see
// type PSS), so that it is for questions of people and for callers that asked a
// StallBudget. The error wraps fs.ErrNotExist when the instance has ended, and
// fs.ErrPermission when this user lacks the right to look into it.
func (r *Reader) PSS(id process.ID) (PSS, error) {
	files := r.procfiles()
	teller := id.PID
	for attempt := 0; ; attempt++ {
		text, stall, errno := files.timedRead(teller, "smaps_rollup")
		out, whole := parseSmapsRollup(text)
		out.Stall = stall
		// What was read belongs to id only if the PID still does.
		now, err := files.identity(id)
		switch {
		case err != nil:
			return PSS{}, fmt.Errorf("cannot read PSS of process %d: %w", id.PID, err)
		case errno == 0 && whole:
			return out, nil
		case now.state == 'Z' && teller == id.PID && files.teller(id.PID) != id.PID:
			teller = files.teller(id.PID) // its main thread has ended, others hold its memory
			continue
		case now.state == 'Z' || now.state == 'X' || now.flags&kernelThread != 0:
			return PSS{}, fmt.Errorf("cannot read PSS of process %d: it is a kernel thread or a zombie and has no memory of its own: %w", id.PID, errors.ErrUnsupported)
		case errno == unix.ESRCH && attempt == 0:
			continue // it replaced its image between open and read
		}
		return PSS{}, fmt.Errorf("cannot read %s/%d/smaps_rollup: %w", files.root, id.PID, rollupError(errno, len(text)))
	}
}

// rollupError says what a failed read means and what would help.
func rollupError(errno syscall.Errno, size int) error {
	switch errno {
	case 0:
		return fmt.Errorf("its %d bytes lack Rss, Pss or Private lines", size)
	case unix.EACCES, unix.EPERM:
		return fmt.Errorf("%w (the right to trace the process is needed: run as the same user or with CAP_SYS_PTRACE)", errno)
	case unix.ENOENT:
		return fmt.Errorf("%w: this kernel has no such file (it came with Linux 4.14)", errors.ErrUnsupported)
	}
	return errno
}

// identity reads the stat of id, or fails with fs.ErrNotExist when the PID belongs to
// nobody or to another instance. The result's comm is not valid.
func (f *procfiles) identity(id process.ID) (stat, error) {
	text, errno := f.read(id.PID, "stat")
	if errno != 0 && !gone(errno) {
		return stat{}, fmt.Errorf("cannot read %s/%d/stat: %w", f.root, id.PID, errno)
	}
	var now stat
	if errno != 0 || !parseStat(text, &now) || now.start != id.Start {
		return stat{}, fmt.Errorf("instance %s has ended: %w", id, fs.ErrNotExist)
	}
	now.comm = nil
	return now, nil
}

// timedRead is read with the time that reading took. Opening stalls nobody and is not in it.
func (f *procfiles) timedRead(pid int32, name string) ([]byte, time.Duration, syscall.Errno) {
	fd, errno := f.open(f.set(pid, name), unix.O_RDONLY)
	if errno != 0 {
		return nil, 0, errno
	}
	defer unix.Close(fd) //nolint:errcheck // only read
	begin := monotonic()
	n, _, errno := syscall.Syscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&f.text[0])), uintptr(len(f.text)))
	took := monotonic() - begin
	if errno != 0 {
		return nil, took, errno
	}
	return f.text[:n], took, 0
}

// monotonic is a clock for durations: nobody sets it.
func monotonic() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic("BUG: CLOCK_MONOTONIC is missing: " + err.Error()) // POSIX demands it
	}
	return time.Duration(t.Nano())
}
