// Package memory declares what is measured: the table of metrics and the sample, what
// the kernel said about one process instance at one instant. It measures nothing.
package memory

// Metric is one figure of a process. The table Metrics says what each one means.
type Metric uint8

// The figures of a process. Their order is the order of the table.
const (
	Private Metric = iota
	RSS
	Anon
	File
	Shmem
	Swap
	PeakRSS
	Virtual
	CPUTime
	Threads
	FDs
	MinorFaults
	MajorFaults
	// Count is the number of metrics; it is no metric itself.
	Count
)

// Unit is the base unit of a metric's value.
type Unit uint8

// The units values come in.
const (
	Bytes Unit = iota
	Nanoseconds
	Number
)

// Systems is a set of operating systems.
type Systems uint8

// The systems a metric can be offered by.
const (
	Linux Systems = 1 << iota
	MacOS
	Windows
	Everywhere = Linux | MacOS | Windows
)

// Description is one row of the table of metrics.
type Description struct {
	Metric Metric
	// Name is the metric's name in JSON and CSV: snake_case with the unit at the end.
	Name string
	Unit Unit
	// Cumulative marks a counter that only grows during one life.
	Cumulative bool
	Systems    Systems
	// Meaning says what the figure counts, what it leaves out, and where it is read.
	Meaning string
}

// Metrics is the one place where a metric is declared: reader, screens, machine
// formats and documentation follow it.
var Metrics = [Count]Description{
	{Private, "private_bytes", Bytes, false, Everywhere, "Memory only this process can give back. Linux: anonymous resident pages plus swapped ones (RssAnon + VmSwap), without file pages and shared memory; macOS: physical footprint; Windows: private bytes (commit charge)."},
	{RSS, "rss_bytes", Bytes, false, Everywhere, "Resident set: all pages in RAM, those shared with others counted in full (Linux: RssAnon + RssFile + RssShmem; Windows: working set)."},
	{Anon, "anon_bytes", Bytes, false, Linux, "Resident anonymous pages: heap, stacks, private mappings that were written to (RssAnon)."},
	{File, "file_bytes", Bytes, false, Linux, "Resident pages of mapped files, the program's own code among them (RssFile). The kernel can drop them."},
	{Shmem, "shmem_bytes", Bytes, false, Linux, "Resident shared memory: System V, POSIX shm, tmpfs and shared anonymous mappings (RssShmem)."},
	{Swap, "swap_bytes", Bytes, false, Linux, "Anonymous pages that were swapped out, without shared memory (VmSwap)."},
	{PeakRSS, "peak_rss_bytes", Bytes, false, Linux | Windows, "Highest resident set of this life (VmHWM; Windows: peak working set). Linux lets the process reset it."},
	{Virtual, "virtual_bytes", Bytes, false, Linux | MacOS, "Reserved address space; says nothing about memory used (VmSize)."},
	{CPUTime, "cpu_seconds", Nanoseconds, true, Everywhere, "Processor time in user and system mode of all threads, ended ones included."},
	{Threads, "threads", Number, false, Everywhere, "Threads alive."},
	{FDs, "fds", Number, false, Everywhere, "Open file descriptors (Windows: handles)."},
	{MinorFaults, "minor_faults", Number, true, Linux, "Page faults served without reading from disk, all threads, without waited-for children."},
	{MajorFaults, "major_faults", Number, true, Linux, "Page faults that had to read from disk, all threads, without waited-for children."},
}

// String is the metric's name in machine formats.
func (m Metric) String() string {
	if m < Count {
		return Metrics[m].Name
	}
	return "unknown_metric"
}
