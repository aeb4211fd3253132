package probe

import (
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"
	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
)

// bootID is new at every boot; it is empty where the system does not say.
func bootID() string {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return printable(id)
}

// loadOfLastMinute is absent where the system refuses it.
func loadOfLastMinute() memory.Optional[float64] {
	averages, err := load.Avg()
	if err != nil {
		return memory.Optional[float64]{}
	}
	return memory.Present(averages.Load1)
}

// swap is absent where the system refuses it.
func swap() (total, free memory.Optional[uint64]) {
	s, err := mem.SwapMemory()
	if err != nil {
		return total, free
	}
	return memory.Present(s.Total), memory.Present(s.Free)
}

// diskSpace is that of the file system which holds dir.
func diskSpace(dir string) (total, available uint64, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, 0, err
	}
	return fs.Blocks * uint64(fs.Bsize), fs.Bavail * uint64(fs.Bsize), nil
}
