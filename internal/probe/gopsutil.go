//go:build darwin || windows || gopsutil

package probe

import (
	"github.com/shirou/gopsutil/v4/net"
	gopsutil "github.com/shirou/gopsutil/v4/process"

	"github.com/zol0/zol0/internal/memory"
)

// gopsutilProcesses asks gopsutil what it says rightly and at a bearable price on macOS
// and Windows. It keeps away from its calls that do not: on macOS the state and the ports
// start a program for each process, and memory, threads and processor time are 0 where the
// system refused them; on Windows the threads of one process cost a walk over all.
//
// The build tag gopsutil puts it into tests on Linux (go test -tags gopsutil); the Linux
// program has no use for it.
type gopsutilProcesses struct{}

func (gopsutilProcesses) executable(pid int32) (string, error) {
	return (&gopsutil.Process{Pid: pid}).Exe()
}

// cwd is empty where Windows refuses it.
func (gopsutilProcesses) cwd(pid int32) (string, error) {
	return (&gopsutil.Process{Pid: pid}).Cwd()
}

// fillDescriptors leaves the figure absent where the system refuses it. No process of
// Windows has 0 handles: it is what Wine says.
func (gopsutilProcesses) fillDescriptors(pid int32, out *memory.Sample) {
	if n, err := (&gopsutil.Process{Pid: pid}).NumFDs(); err == nil && n > 0 {
		out.Set(memory.FDs, uint64(n))
	}
}

// listeners are the TCP ports on which a process listens.
func listeners(connections []net.ConnectionStat) []uint16 {
	var ports []uint16
	for i := range connections {
		c := &connections[i]
		if c.Status == "LISTEN" && c.Laddr.Port > 0 && c.Laddr.Port <= 0xffff {
			ports = append(ports, uint16(c.Laddr.Port))
		}
	}
	return ports
}
