package probe

import "github.com/zol0/zol0/internal/memory"

// meminfo is what the host's figures take from /proc/meminfo (proc_meminfo(5)).
type meminfo struct {
	totalBytes uint64
	// availableBytes came with Linux 3.14; the swap lines are missing from a kernel that
	// was built without swap.
	availableBytes memory.Optional[uint64]
	swapTotalBytes memory.Optional[uint64]
	swapFreeBytes  memory.Optional[uint64]
}

// parseMeminfo reads a meminfo file. It reports false when the total is missing or a
// line is cut off: the file was not read whole then.
func parseMeminfo(b []byte) (meminfo, bool) {
	var out meminfo
	whole := eachFigure(b, func(key []byte, v uint64) {
		if v > ^uint64(0)/kib {
			return
		}
		switch string(key) {
		case "MemTotal":
			out.totalBytes = v * kib
		case "MemAvailable":
			out.availableBytes = memory.Present(v * kib)
		case "SwapTotal":
			out.swapTotalBytes = memory.Present(v * kib)
		case "SwapFree":
			out.swapFreeBytes = memory.Present(v * kib)
		}
	})
	if !whole {
		return meminfo{}, false
	}
	return out, out.totalBytes > 0
}
