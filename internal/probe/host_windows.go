package probe

import (
	"github.com/shirou/gopsutil/v4/mem"
	"golang.org/x/sys/windows"

	"github.com/zol0/zol0/internal/memory"
)

// bootID is empty: Windows names its boots nowhere.
func bootID() string { return "" }

// loadOfLastMinute is absent: Windows has none. gopsutil computes a stand-in from the
// processor queue in the background, which is 0 at first.
func loadOfLastMinute() memory.Optional[float64] { return memory.Optional[float64]{} }

// swap sums up the page files, or is absent where the system refuses to list them.
// gopsutil's own sum asks the performance counters, which is slow.
func swap() (total, free memory.Optional[uint64]) {
	files, err := mem.SwapDevices()
	if err != nil {
		return total, free
	}
	used, unused := uint64(0), uint64(0)
	for _, file := range files {
		used += file.UsedBytes
		unused += file.FreeBytes
	}
	return memory.Present(used + unused), memory.Present(unused)
}

// diskSpace is that of the volume which holds dir, and what this user's quota leaves of
// it. gopsutil gives what all users together have left.
func diskSpace(dir string) (total, available uint64, err error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, 0, err
	}
	err = windows.GetDiskFreeSpaceEx(path, &available, &total, nil)
	return total, available, err
}
