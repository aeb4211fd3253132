package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// programPages gives back pages of the program's own code.
type programPages struct {
	path string
	text []byte // of smaps, used again
}

// release lets go of the pages of the program's own code that were needed to start and are
// not any more: they stay in the system's page cache and come back, without a disk, when
// they are called. Only mappings that cannot be written, and of which no page was ever
// changed, are let go.
func (p *programPages) release() error {
	if err := p.read(); err != nil {
		return fmt.Errorf("cannot give back pages of the program: %w", err)
	}
	var failed error
	programMappings(p.text, p.path, func(from, to uintptr) {
		// The address is one of our own program's code.
		if _, _, e := unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED); e != 0 {
			failed = errors.Join(failed, fmt.Errorf("cannot give back pages of the program: %w", e))
		}
	})
	return failed
}

// read takes in smaps, into the memory of the last time.
func (p *programPages) read() error {
	var err error
	if p.path == "" {
		if p.path, err = os.Readlink("/proc/self/exe"); err != nil {
			return err
		}
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	p.text = p.text[:0]
	for {
		if len(p.text) == cap(p.text) {
			p.text = append(p.text, make([]byte, 32<<10)...)[:len(p.text)]
		}
		n, err := f.Read(p.text[len(p.text):cap(p.text)])
		p.text = p.text[:len(p.text)+n]
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// programMappings calls each for the mappings of path in a smaps file (proc_pid_smaps(5))
// that hold unchanged pages of a file and nothing else.
func programMappings(smaps []byte, path string, each func(from, to uintptr)) {
	var from, to uint64
	fits := false
	for len(smaps) > 0 && path != "" {
		line, rest, _ := bytes.Cut(smaps, []byte{'\n'})
		smaps = rest
		if value, ok := bytes.CutPrefix(line, []byte("Anonymous:")); ok {
			if fits && string(bytes.TrimSpace(value)) == "0 kB" {
				each(uintptr(from), uintptr(to))
			}
			fits = false
			continue
		}
		// from-to rights offset device inode      path
		span, after, _ := bytes.Cut(line, []byte{' '})
		begin, end, isSpan := bytes.Cut(span, []byte{'-'})
		if !isSpan {
			continue
		}
		var err1, err2 error
		from, err1 = strconv.ParseUint(string(begin), 16, 64)
		to, err2 = strconv.ParseUint(string(end), 16, 64)
		rights, after, _ := bytes.Cut(after, []byte{' '})
		for range 3 {
			_, after, _ = bytes.Cut(after, []byte{' '})
		}
		readOnly := string(rights) == "r-xp" || string(rights) == "r--p"
		fits = err1 == nil && err2 == nil && to > from && readOnly && string(bytes.TrimLeft(after, " ")) == path
	}
}
