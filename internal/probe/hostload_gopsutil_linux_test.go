//go:build gopsutil

package probe

import (
	"testing"

	"github.com/zol0/zol0/internal/memory"
)

// TestGopsutilLoadAgreesWithProcfs holds units and signs of what macOS and Windows use to
// procfs. On Linux gopsutil lists partitions and virtual devices beside the disks, and has
// interrupts and stolen time apart from the figures that macOS and Windows have.
func TestGopsutilLoadAgreesWithProcfs(t *testing.T) {
	var got memory.Load
	want := loadOf(t, openLight(t, ""), "")
	if err := gopsutilLoad(&got); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		got, want memory.Optional[uint64]
		low, high float64
	}{
		{"busy time", got.CPUBusyNanoseconds, want.CPUBusyNanoseconds, 0.8, 1.01},
		{"total time", got.CPUTotalNanoseconds, want.CPUTotalNanoseconds, 0.8, 1.01},
		{"read from disks", got.DiskReadBytes, want.DiskReadBytes, 1, 10},
		{"written to disks", got.DiskWrittenBytes, want.DiskWrittenBytes, 1, 10},
	} {
		a, ok := c.got.Get()
		b, known := c.want.Get()
		if ok != known || float64(a) < c.low*float64(b) || float64(a) > c.high*float64(b) {
			t.Errorf("%s: %d (given %v), procfs says %d (given %v)", c.what, a, ok, b, known)
		}
	}
}
