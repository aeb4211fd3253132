package probe

import (
	"bytes"

	"github.com/zol0/zol0/internal/memory"
)

// status is what the scan takes from /proc/PID/status (proc_pid_status(5)). Memory lines
// are missing for kernel threads and zombies, and some on old kernels; present says which
// were there.
type status struct {
	parent  int32
	uid     int64
	values  [memory.Count]uint64
	present uint16
}

// kib is the factor of the file's "kB", which are KiB (proc_pid_status(5)).
const kib = 1024

// parseStatus reads a status file. It reports false when the file does not begin as one
// or ends before the Threads line, which every task has. The kernel escapes line ends in
// the Name line, so no name can forge a line.
func parseStatus(b []byte, out *status) bool {
	*out = status{uid: -1}
	if !bytes.HasPrefix(b, []byte("Name:")) {
		return false
	}
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			return false
		}
		line := b[:end]
		b = b[end+1:]
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			continue // a group list or a future line without a key
		}
		text := line[colon+1:]
		switch string(line[:colon]) {
		case "PPid":
			if v, ok := number(text); ok {
				out.parent = int32(v)
			}
		case "Uid":
			if v, ok := number(text); ok {
				out.uid = int64(v)
			}
		case "VmSize":
			out.set(memory.Virtual, text, kib)
		case "VmHWM":
			out.set(memory.PeakRSS, text, kib)
		case "VmRSS":
			out.set(memory.RSS, text, kib)
		case "RssAnon":
			out.set(memory.Anon, text, kib)
		case "RssFile":
			out.set(memory.File, text, kib)
		case "RssShmem":
			out.set(memory.Shmem, text, kib)
		case "VmSwap":
			out.set(memory.Swap, text, kib)
		case "Threads": // the kernel writes it after every memory line
			out.set(memory.Threads, text, 1)
			return out.has(memory.Threads)
		}
	}
	return false
}

// set takes the number a line's text begins with, in units of unit.
func (s *status) set(m memory.Metric, text []byte, unit uint64) {
	if v, ok := number(text); ok {
		s.values[m] = v * unit
		s.present |= 1 << m
	}
}

func (s *status) has(m memory.Metric) bool { return s.present&(1<<m) != 0 }

// number reads the first decimal number after blanks.
func number(b []byte) (uint64, bool) {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	v, n := digits(b)
	return v, n > 0
}

// fill copies the figures into a sample and derives private memory: what only this
// process can give back is its anonymous memory, in RAM and swapped out. A kernel
// without swap support writes no VmSwap line; then there is nothing swapped out.
func (s *status) fill(out *memory.Sample) {
	for m := memory.Metric(0); m < memory.Count; m++ {
		if s.present&(1<<m) != 0 {
			out.Set(m, s.values[m])
		}
	}
	if s.present&(1<<memory.Anon) != 0 {
		out.Set(memory.Private, s.values[memory.Anon]+s.values[memory.Swap])
	}
}
