package memory

// Load is what a machine has done since it booted and how much room its disk has, at one
// instant. Counters only grow but for what their comment says, and begin anew with
// Host.BootID: a figure over time is the difference of two. Every figure that the system
// withholds is absent.
//
// In a container these are figures of the machine around it, as Host's are: none of the
// files they come from knows namespaces. Where lxcfs or gVisor puts files of its own in
// their place, they are what those say.
type Load struct {
	// CPUBusyNanoseconds is the time in which processors had work, all processors added
	// up: in user mode (guests of virtual machines among it), in the kernel, in interrupts,
	// and stolen by the hypervisor while work waited. Waiting for a disk is idle time.
	// On Linux it comes in steps of 10 ms. macOS keeps its ticks in 32 bits: there it
	// begins anew after 497 days of one processor's time.
	CPUBusyNanoseconds Optional[uint64]
	// CPUTotalNanoseconds is busy and idle time together. On Linux it may fall by some
	// ticks: the kernel corrects the part of it that waited for a disk (proc_stat(5)).
	CPUTotalNanoseconds Optional[uint64]

	// The pressure on processors, memory and block devices. Only Linux 4.20 and later
	// tell, unless built without PSI or booted with psi=0.
	CPUPressure    Pressure
	MemoryPressure Pressure
	IOPressure     Pressure

	// DiskTotalBytes and DiskAvailableBytes are of the file system that holds the
	// directory asked about: its size, and what a user without privileges can still write.
	// What is kept back for root belongs to neither available nor, as such, used.
	DiskTotalBytes     Optional[uint64]
	DiskAvailableBytes Optional[uint64]
	// DiskReadBytes and DiskWrittenBytes are what went to and from all real block devices.
	// They fall when a device is taken away, and are absent where there is none.
	DiskReadBytes    Optional[uint64]
	DiskWrittenBytes Optional[uint64]

	// SwapInBytes and SwapOutBytes are pages read from and written to swap devices, of
	// compressed memory (zram) too. Only Linux counts them.
	SwapInBytes  Optional[uint64]
	SwapOutBytes Optional[uint64]
}

// Pressure says for how long work stood still because a resource was short (Linux,
// Documentation/accounting/psi.rst).
type Pressure struct {
	// Some is time in which at least one task waited.
	Some Optional[Stall]
	// Full is time in which every task that was not idle waited. For processors there is
	// no such state of a whole machine: it is always absent there.
	Full Optional[Stall]
}

// Stall is time that work stood still.
type Stall struct {
	// TotalNanoseconds is the time since boot, on the wall and not by task: it grows by a
	// second a second at most.
	TotalNanoseconds uint64
	// Avg10Percent is the share of the last ten seconds, 0 to 100, as the kernel averages
	// it: older seconds count for less and less.
	Avg10Percent float64
}
