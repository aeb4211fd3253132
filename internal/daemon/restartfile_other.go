//go:build !linux

package daemon

import (
	"os"
	"path/filepath"
)

// looker looks at the files of processes by their paths.
func looker(string) func(*question) image {
	return func(q *question) image {
		out := image{looked: true, interpreted: q.interpreted, executable: fileAt(q.executable)}
		program := q.program
		if program != "" && !filepath.IsAbs(program) {
			if q.cwd == "" {
				return out
			}
			program = filepath.Join(q.cwd, program)
		}
		out.program = fileAt(program)
		return out
	}
}

// fileAt is a regular file as it is now.
func fileAt(path string) file {
	if path == "" {
		return file{}
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return file{}
	}
	return file{path: path, size: info.Size(), modified: info.ModTime()}
}
