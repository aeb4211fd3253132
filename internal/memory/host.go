package memory

import "time"

// Host is what the system said about the whole machine at one instant. In a container
// it is the machine around it: the limits of a cgroup are read elsewhere.
type Host struct {
	// Name is the host name as the kernel has it (uname -n).
	Name string
	// BootID names this run of the kernel and changes with every boot. It is empty where
	// the system has none (Windows).
	BootID string
	// Uptime is the time since boot. Suspended time counts.
	Uptime time.Duration
	// CPUs is the number of processors that are online, hardware threads counted singly.
	CPUs int
	// Load1 is the load average of the last minute. On Linux it counts threads that wait
	// for a disk too. Windows has none.
	Load1 Optional[float64]
	// TotalBytes is the memory the kernel manages.
	TotalBytes uint64
	// AvailableBytes is what new work can have without swapping, as the system estimates
	// it. Linux before 3.14 does not say; free memory is no stand-in for it.
	AvailableBytes Optional[uint64]
	// SwapTotalBytes is 0 where swapping is off, and absent where nobody could say.
	SwapTotalBytes Optional[uint64]
	SwapFreeBytes  Optional[uint64]
}

// UsedBytes is total less available: what work that is there holds on to. It is absent
// where AvailableBytes is.
func (h *Host) UsedBytes() Optional[uint64] {
	available, ok := h.AvailableBytes.Get()
	if !ok || available > h.TotalBytes {
		return Optional[uint64]{}
	}
	return Present(h.TotalBytes - available)
}

// Optional is a figure that a system may withhold. Its zero value is absent.
type Optional[T any] struct {
	value T
	given bool
}

// Present makes a figure that the system gave.
func Present[T any](v T) Optional[T] { return Optional[T]{value: v, given: true} }

// Get returns the figure and whether the system gave it.
func (o Optional[T]) Get() (T, bool) { return o.value, o.given }
