package probe

import (
	"bytes"

	"github.com/zol0/zol0/internal/memory"
)

// cpuTimes is the first line of /proc/stat (proc_stat(5)): all processors, in ticks since
// boot.
type cpuTimes struct {
	busy, total uint64
}

// The fields of the cpu line that count. After steal come guest and guest_nice, which the
// kernel has added to user and nice already (account_guest_time, kernel/sched/cputime.c).
const (
	cpuIdle   = 3
	cpuIOWait = 4
	cpuFields = 8
)

// parseCPUTimes reads the first line of a stat file; what follows may be cut off. It
// reports false where that line is another one or has not all its fields (Linux 2.6.11).
func parseCPUTimes(b []byte) (cpuTimes, bool) {
	line, _, whole := bytes.Cut(b, []byte("\n"))
	fields, ok := bytes.CutPrefix(line, []byte("cpu "))
	if !whole || !ok {
		return cpuTimes{}, false
	}
	var out cpuTimes
	for i := range cpuFields {
		v, rest, ok := nextNumber(fields)
		if !ok || v > ^uint64(0)-out.total {
			return cpuTimes{}, false
		}
		fields = rest
		out.total += v
		if i != cpuIdle && i != cpuIOWait {
			out.busy += v
		}
	}
	return out, true
}

// swapPages is what /proc/vmstat says about pages that went in from and out to swap since
// boot. A kernel that was built without swap has no such lines.
type swapPages struct {
	in, out memory.Optional[uint64]
}

// parseVmstat reads a vmstat file, lines of a name and a number. It reports false when the
// last line is cut off: the file was not read whole then.
func parseVmstat(b []byte) (swapPages, bool) {
	var out swapPages
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			return swapPages{}, false
		}
		line := b[:end]
		b = b[end+1:]
		if text, ok := bytes.CutPrefix(line, []byte("pswpin ")); ok {
			out.in = wholeNumber(text)
		} else if text, ok := bytes.CutPrefix(line, []byte("pswpout ")); ok {
			out.out = wholeNumber(text)
		}
	}
	return out, true
}

// wholeNumber is absent where text is anything else than one number.
func wholeNumber(text []byte) memory.Optional[uint64] {
	v, n := digits(text)
	if n == 0 || n != len(text) {
		return memory.Optional[uint64]{}
	}
	return memory.Present(v)
}

// nextNumber reads a number after blanks that ends with a blank or the text, and returns
// what follows it.
func nextNumber(b []byte) (v uint64, rest []byte, ok bool) {
	b = bytes.TrimLeft(b, " ")
	v, n := digits(b)
	if n == 0 || n < len(b) && b[n] != ' ' {
		return 0, nil, false
	}
	return v, b[n:], true
}

// scaled is v in units of which unit make one; it is absent where that does not fit, as a
// figure that wrapped around would pass for a small one.
func scaled(v, unit uint64) memory.Optional[uint64] {
	if v > ^uint64(0)/unit {
		return memory.Optional[uint64]{}
	}
	return memory.Present(v * unit)
}
