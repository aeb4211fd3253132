//go:build unix

package store

import (
	"errors"
	"os"
)

// syncDir makes the name of a new file survive a power failure.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return &Error{Thing: "directory " + dir, Err: cause(err), Hint: "make it readable for this user"}
	}
	return errors.Join(f.Sync(), f.Close())
}
