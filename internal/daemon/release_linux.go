package daemon

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// releaseProgram lets go of the pages of the program's own code that were needed to start
// and are not any more: they stay in the system's page cache and come back, without a
// disk, when they are called. Only mappings that cannot be written, and of which no page
// was ever changed, are let go.
func releaseProgram() error {
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("cannot give back pages of the program: %w", err)
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return fmt.Errorf("cannot give back pages of the program: %w", err)
	}
	var failed error
	for _, m := range programMappings(text, path) {
		// The address is one of our own program's code.
		if _, _, e := unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED); e != 0 {
			failed = errors.Join(failed, fmt.Errorf("cannot give back pages of the program: %w", e))
		}
	}
	return failed
}

type mapping struct{ from, to uintptr }

// programMappings finds the mappings of path in a smaps file (proc_pid_smaps(5)) that hold
// unchanged pages of a file and nothing else.
func programMappings(smaps []byte, path string) []mapping {
	var out []mapping
	var current mapping
	fits := false
	lines := bufio.NewScanner(bytes.NewReader(smaps))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 6 && strings.Contains(fields[0], "-") {
			begin, end, _ := strings.Cut(fields[0], "-")
			from, err1 := strconv.ParseUint(begin, 16, 64)
			to, err2 := strconv.ParseUint(end, 16, 64)
			current = mapping{uintptr(from), uintptr(to)}
			fits = err1 == nil && err2 == nil && to > from && strings.Join(fields[5:], " ") == path && (fields[1] == "r-xp" || fields[1] == "r--p")
			continue
		}
		if fits && len(fields) >= 2 && fields[0] == "Anonymous:" {
			if fields[1] == "0" {
				out = append(out, current)
			}
			fits = false
		}
	}
	return out
}
