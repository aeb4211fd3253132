package probe

import (
	"time"

	"github.com/zol0/zol0/internal/memory"
)

// PSS is the memory of one process with shared pages divided among those that share
// them, so that the figures of all processes add up to what is really in use. Pages of
// hugetlbfs are in none of the figures.
//
// It is never read in the beat: the kernel walks every page table entry of the process,
// about 10 ms for each GiB of 4 KiB pages, and holds the lock of its address space
// meanwhile. Threads that call mmap, munmap or brk wait that long; page faults do not.
type PSS struct {
	// RSSBytes is the resident set, shared pages in full, at the same instant.
	RSSBytes uint64
	// PSSBytes is the proportional set: a page that n processes map counts 1/n.
	PSSBytes uint64
	// AnonBytes is the part of PSSBytes that is anonymous memory. Older kernels do not
	// split the sum.
	AnonBytes memory.Optional[uint64]
	// USSBytes is the unique set: pages that no other process maps, clean and modified
	// ones. It is what the end of the process would free.
	USSBytes uint64
	// SwapBytes is swapped-out memory, divided likewise.
	SwapBytes memory.Optional[uint64]
	// Stall is how long the read took, and so the longest time it can have kept the
	// process from changing its mappings.
	Stall time.Duration
}
