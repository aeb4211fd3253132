//go:build unix

package tail

import (
	"errors"
	"os"
	"syscall"
)

// openWithoutWaiting opens for reading; a pipe that nobody writes to does not make it wait.
func openWithoutWaiting(path string) (*os.File, error) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// readNow reads what a pipe has at this moment; nothing where it has nothing. A Read of its
// file would wait.
func readNow(file *os.File, b []byte) (n int, err error) {
	raw, err := file.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cause error
	if err := raw.Read(func(fd uintptr) bool { n, cause = syscall.Read(int(fd), b); return true }); err != nil {
		return 0, err
	}
	if errors.Is(cause, syscall.EAGAIN) || errors.Is(cause, syscall.EINTR) {
		return 0, nil
	}
	return max(0, n), cause
}
