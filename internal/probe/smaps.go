package probe

import "github.com/zol0/zol0/internal/memory"

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
	whole := eachFigure(b, func(key []byte, v uint64) {
		if v > maxRollup/kib {
			return
		}
		switch v *= kib; string(key) {
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
	})
	if !whole {
		return PSS{}, false
	}
	return out, seen == all
}

// maxRollup is the largest address space of a 64-bit process (57 bits, five-level page
// tables); more than that in one sum is no figure of a kernel.
const maxRollup = 1 << 57
