//go:build darwin || windows

package probe

import (
	"errors"
	"fmt"

	"github.com/zol0/zol0/internal/memory"
)

// Load reads what the machine has done since boot, and how much room the file system has
// that holds dir; an empty dir asks for none. Where something cannot be read the other
// figures are returned along with the error. Neither macOS nor Windows tells of pressure,
// and gopsutil not of swapping at a bearable price.
func (r *Reader) Load(dir string) (memory.Load, error) {
	var out memory.Load
	err := gopsutilLoad(&out)
	if dir == "" {
		return out, err
	}
	total, available, refused := diskSpace(dir)
	if refused != nil {
		return out, errors.Join(err, fmt.Errorf("cannot read the space of the disk under %q: %w", dir, refused))
	}
	out.DiskTotalBytes, out.DiskAvailableBytes = memory.Present(total), memory.Present(available)
	return out, err
}
