package daemon

import (
	"fmt"
	"path"
	"time"

	"golang.org/x/sys/unix"
)

// looker looks at the files of processes below a procfs.
func looker(procRoot string) func(*question) image {
	return func(q *question) image {
		out := image{looked: true, interpreted: q.interpreted}
		own := path.Join(procRoot, fmt.Sprint(q.id.PID))
		// The link leads to the image that runs, also where its path has another by now.
		if f, ok := fileAt(unix.AT_FDCWD, own+"/exe", 0); ok && q.executable != "" {
			out.executable = f
			out.executable.path = q.executable
		}
		program := q.program
		if program != "" && program[0] != '/' {
			if q.cwd == "" {
				return out
			}
			program = path.Join(q.cwd, program)
		}
		if program == "" {
			return out
		}
		root, err := unix.Open(own+"/root", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return out
		}
		defer unix.Close(root) //nolint:errcheck // nothing was written
		// Links in it lead where they lead for the process, which may have another root.
		if f, ok := fileAt(root, program[1:], unix.RESOLVE_IN_ROOT); ok {
			out.program = f
			out.program.path = program
		}
		return out
	}
}

// fileAt is a regular file as it is now. It is not opened for reading: nothing happens to
// it, and nobody waits at a pipe.
func fileAt(dir int, name string, resolve uint64) (file, bool) {
	fd, err := unix.Openat2(dir, name, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: resolve})
	if err != nil {
		return file{}, false // also before Linux 5.6, which has no openat2
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	var s unix.Stat_t
	if err := unix.Fstat(fd, &s); err != nil || s.Mode&unix.S_IFMT != unix.S_IFREG {
		return file{}, false
	}
	return file{inode: s.Ino, size: s.Size, modified: time.Unix(s.Mtim.Unix())}, true
}
