//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// fileLock says which process writes the store of a directory. The kernel lets go of it
// when the process ends, however it ends.
type fileLock struct{ f *os.File }

func lockDir(dir string) (*fileLock, error) {
	path := filepath.Join(dir, "zol0.lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &Error{Thing: "directory " + dir, Err: err, Hint: "make it writable for this user, or name another with --data"}
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close() //nolint:errcheck // nothing was written
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &Error{Thing: path, Err: err, Hint: "the file system must know locks (flock); name another directory with --data"}
		}
		return nil, inUse(dir, f)
	}
	if err := f.Truncate(0); err == nil {
		_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
		if err != nil {
			return nil, errors.Join(&Error{Thing: path, Err: err, Hint: "make room on the disk"}, f.Close())
		}
	}
	return &fileLock{f}, nil
}

func inUse(dir string, f *os.File) error {
	text := make([]byte, 20)
	n, err := f.ReadAt(text, 0)
	who := ""
	if pid := strings.TrimSpace(string(text[:n])); pid != "" && (err == nil || n > 0) {
		who = " (PID " + pid + ")"
	}
	return &Error{Thing: "directory " + dir, Err: fmt.Errorf("%w%s", ErrInUse, who), Hint: "stop it first, or name another directory with --data"}
}

func (l *fileLock) release() error { return l.f.Close() }
