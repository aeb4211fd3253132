//go:build !windows

package access

import (
	"os"
	"syscall"
)

// keepOwner gives a file that replaces another the same owner: root may edit the file of
// the user that the daemon runs as, which must be able to read it afterwards. Who may not
// give files away owns the file already.
func keepOwner(path string, next *os.File) {
	info, err := os.Stat(path)
	if err != nil {
		return // there is none yet
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = next.Chown(int(owner.Uid), int(owner.Gid))
	}
}
