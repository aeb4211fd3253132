package store

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// fileLock says which process writes the store of a directory. The system lets go of it
// when the process ends, however it ends.
type fileLock struct{ f *os.File }

func lockDir(dir string) (*fileLock, error) {
	path := filepath.Join(dir, "zol0.lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &Error{Thing: "directory " + dir, Err: err, Hint: "make it writable for this user, or name another with --data"}
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if err != nil {
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			err = ErrInUse
		}
		return nil, errors.Join(&Error{Thing: "directory " + dir, Err: err, Hint: "stop it first, or name another directory with --data"}, f.Close())
	}
	return &fileLock{f}, nil
}

func (l *fileLock) release() error { return l.f.Close() }
