//go:build darwin || windows || gopsutil

package probe

import (
	"errors"
	"fmt"
	"math"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/disk"

	"github.com/zol0/zol0/internal/memory"
)

// gopsutilLoad reads what gopsutil says of processors and disks. Where one of them fails
// the other's figures are given along with the error.
func gopsutilLoad(out *memory.Load) error {
	return errors.Join(processorTime(out), diskTrafficOfDrives(out))
}

// processorTime leaves out what gopsutil calls Irq: on Windows it is within System
// already, and macOS has none.
func processorTime(out *memory.Load) error {
	all, err := cpu.Times(false)
	if err != nil || len(all) == 0 {
		return fmt.Errorf("cannot read the processor time of the host: %w", cause(err))
	}
	busy := all[0].User + all[0].Nice + all[0].System
	out.CPUBusyNanoseconds, out.CPUTotalNanoseconds = nanoseconds(busy), nanoseconds(busy+all[0].Idle)
	return nil
}

// nanoseconds is absent for what is no time.
func nanoseconds(seconds float64) memory.Optional[uint64] {
	if v := math.Round(seconds * 1e9); v >= 0 && v < 1<<63 {
		return memory.Present(uint64(v))
	}
	return memory.Optional[uint64]{}
}

// diskTrafficOfDrives adds up the drives that gopsutil lists: whole devices on macOS, a
// mounted disk image among them, whose bytes are then counted on its disk too; on Windows
// the fixed drives that have a letter, less those that do not count.
func diskTrafficOfDrives(out *memory.Load) error {
	drives, err := disk.IOCounters()
	if err != nil {
		return fmt.Errorf("cannot read what the disks of the host transferred: %w", err)
	}
	if len(drives) == 0 {
		return nil
	}
	read, written := uint64(0), uint64(0)
	for _, drive := range drives {
		read += drive.ReadBytes
		written += drive.WriteBytes
	}
	out.DiskReadBytes, out.DiskWrittenBytes = memory.Present(read), memory.Present(written)
	return nil
}

// cause names an error where gopsutil gave nothing at all, neither figures nor an error.
func cause(err error) error {
	if err == nil {
		return errors.New("the system gave no figures")
	}
	return err
}
