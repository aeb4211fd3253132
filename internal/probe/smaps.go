package probe

import (
	"bytes"

	"github.com/zol0/zol0/internal/memory"
)

// parseSmapsRollup reads /proc/PID/smaps_rollup (Linux, ABI/testing/procfs-smaps_rollup):
// a line that looks like a mapping, then sums over all mappings. It reports false when one
// of the sums that every kernel writes is missing or a line is cut off.
func parseSmapsRollup(b []byte) (PSS, bool) {
	const (
		rss = 1 << iota
		pss
		clean
		dirty
		all = rss | pss | clean | dirty
	)
	var out PSS
	seen := 0
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			return PSS{}, false
		}
		line := b[:end]
		b = b[end+1:]
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			continue
		}
		v, ok := number(line[colon+1:])
		if !ok || v > maxRollup/kib {
			continue
		}
		switch v *= kib; string(line[:colon]) {
		case "Rss":
			out.RSSBytes, seen = v, seen|rss
		case "Pss":
			out.PSSBytes, seen = v, seen|pss
		case "Pss_Anon":
			out.AnonBytes = memory.Present(v)
		case "Private_Clean":
			out.USSBytes, seen = out.USSBytes+v, seen|clean
		case "Private_Dirty":
			out.USSBytes, seen = out.USSBytes+v, seen|dirty
		case "SwapPss":
			out.SwapBytes = memory.Present(v)
		}
	}
	return out, seen == all
}

// maxRollup is the largest address space of a 64-bit process (57 bits, five-level page
// tables); more than that in one sum is no figure of a kernel.
const maxRollup = 1 << 57
