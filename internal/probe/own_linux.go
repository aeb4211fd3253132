package probe

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/zol0/zol0/internal/memory"
)

// Own is what the system says of this process's memory at this moment, apart from any
// scan. It may be called beside one.
func Own() (memory.Sample, error) {
	var out memory.Sample
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return out, fmt.Errorf("cannot read the monitor's own memory: %w", err)
	}
	var s status
	if !parseStatus(text, &s) {
		return out, fmt.Errorf("cannot read the monitor's own memory: /proc/self/status has an unknown form")
	}
	for _, m := range []memory.Metric{memory.RSS, memory.PeakRSS, memory.Anon, memory.Swap, memory.Threads} {
		if s.has(m) {
			out.Set(m, s.values[m])
		}
	}
	if s.has(memory.Anon) && s.has(memory.Swap) {
		out.Set(memory.Private, s.values[memory.Anon]+s.values[memory.Swap])
	}
	return out, nil
}

// OwnPID is this process's PID as the procfs under root counts. It is another than that of
// os.Getpid where root belongs to another PID namespace, as in a container that watches its
// host, and 0 where that namespace does not have this process.
func OwnPID(root string) int {
	target, err := os.Readlink(filepath.Join(cmp.Or(root, DefaultRoot), "self"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(target)
	if err != nil {
		return 0
	}
	return pid
}

// OwnWritten is how many bytes this process sent towards disks since it began
// (write_bytes of proc_pid_io(5)); ok is false where the system does not say.
func OwnWritten() (n uint64, ok bool) {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0, false // as in a kernel without task accounting
	}
	_, after, found := bytes.Cut(text, []byte("\nwrite_bytes:"))
	if !found {
		return 0, false
	}
	line, _, _ := bytes.Cut(after, []byte("\n"))
	return number(line)
}
