//go:build darwin || windows

package probe

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/zol0/zol0/internal/memory"
)

// Host reads the figures of the whole machine through gopsutil. Available memory is free
// and inactive pages on macOS, and what Windows calls available physical memory.
func (r *Reader) Host() (memory.Host, error) {
	virtual, err := mem.VirtualMemory()
	if err != nil {
		return memory.Host{}, fmt.Errorf("cannot read the memory of the host: %w", err)
	}
	uptime, err := host.Uptime()
	if err != nil {
		return memory.Host{}, fmt.Errorf("cannot read the uptime of the host: %w", err)
	}
	name, err := os.Hostname()
	if err != nil {
		return memory.Host{}, fmt.Errorf("cannot read the host name: %w", err)
	}
	out := memory.Host{
		Name:           printable(name),
		BootID:         bootID(),
		Uptime:         time.Duration(uptime) * time.Second,
		CPUs:           runtime.NumCPU(),
		Load1:          loadOfLastMinute(),
		TotalBytes:     virtual.Total,
		AvailableBytes: memory.Present(virtual.Available),
	}
	out.SwapTotalBytes, out.SwapFreeBytes = swap()
	return out, nil
}
