package probe

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/zol0/zol0/internal/memory"
)

// checkRounds is how often the self-check is tried: a process that execs, forks or frees
// memory between two readings makes them differ without anybody's fault.
const checkRounds = 5

// check compares what the program reads with what procfs shows, for this process, for PID 1
// and a few others. The program was relocated to a kernel nobody may have tried it on; what
// it reads is believed only after it has agreed.
func (s *bpfScanner) check() error {
	// The readings reuse one list: memory of this process is compared, too, and must
	// not grow by the comparing.
	scan, err := s.iterate(nil)
	if err != nil {
		return err
	}
	list := scan.Samples
	for range checkRounds {
		if err = s.compare(&list); err == nil {
			err = s.compareExact(&list)
		}
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("the eBPF scanner failed its self-check: %w", err)
}

// compare takes a reading between two of procfs, so that a figure that moves lies between
// those.
func (s *bpfScanner) compare(list *[]memory.Sample) error {
	self := int32(os.Getpid())
	pids := witnesses(*list, self)
	listed, err := s.procfs.files.pids(nil)
	if err != nil {
		return err
	}
	before := s.throughProcfs(pids)
	scan, err := s.iterate(*list)
	*list = scan.Samples
	if err != nil {
		return err
	}
	after := s.throughProcfs(pids)
	found := make(map[int32]*memory.Sample, len(scan.Samples))
	for i := range scan.Samples {
		found[scan.Samples[i].ID.PID] = &scan.Samples[i]
	}
	for _, pid := range listed {
		if found[pid] != nil {
			continue
		}
		if _, errno := s.procfs.files.size(pid, ""); errno == 0 {
			return fmt.Errorf("it does not see process %d", pid)
		}
	}
	moving := false
	for _, pid := range pids {
		a, b := before[pid], after[pid]
		if a == nil || b == nil || a.ID != b.ID || found[pid] == nil {
			continue // it ended, or procfs keeps it from us
		}
		room := uint64(0)
		if pid == self {
			room = ownTable
		}
		err := differs(a, found[pid], b, room)
		if err != nil && !moving && differs(a, found[pid], b, busyTable) == nil {
			moving = true // one process may open files or start threads all the time
			continue
		}
		if err != nil {
			return fmt.Errorf("process %s: %w", a.ID, err)
		}
	}
	return nil
}

// witnessCount is how many processes beside this one and PID 1 are compared.
const witnessCount = 6

// witnesses picks this process, PID 1, the largest process and some spread evenly over the
// list. Kernel threads have too few figures to tell anything.
func witnesses(samples []memory.Sample, self int32) []int32 {
	pids := []int32{self}
	if self != 1 {
		pids = append(pids, 1)
	}
	var others []int32
	var largest int32
	var size uint64
	for i := range samples {
		pid := samples[i].ID.PID
		if samples[i].Kernel || pid == self || pid == 1 {
			continue
		}
		others = append(others, pid)
		if private, ok := samples[i].Get(memory.Private); ok && private >= size {
			largest, size = pid, private
		}
	}
	if largest != 0 {
		pids = append(pids, largest)
	}
	step := len(others)/witnessCount + 1
	for i := 0; i < len(others); i += step {
		if others[i] != largest {
			pids = append(pids, others[i])
		}
	}
	return pids
}

// throughProcfs reads some processes the other way; those that cannot be read are missing.
func (s *bpfScanner) throughProcfs(pids []int32) map[int32]*memory.Sample {
	now := sinceBoot()
	samples := make(map[int32]*memory.Sample, len(pids))
	for _, pid := range pids {
		sample := new(memory.Sample)
		if errno := s.procfs.sample(pid, now, sample); errno == 0 {
			samples[pid] = sample
		}
	}
	return samples
}

// differs names the first thing in got that neither procfs before nor after it explains.
// self says that it is about this process, which does not hold still for it.
func differs(before, got, after *memory.Sample, table uint64) error {
	switch {
	case got.ID != before.ID:
		return fmt.Errorf("start is %d in eBPF and %d in procfs", got.ID.Start, before.ID.Start)
	case got.Parent != before.Parent && got.Parent != after.Parent:
		return fmt.Errorf("parent is %d in eBPF and %d in procfs", got.Parent, before.Parent)
	case got.UID != before.UID && got.UID != after.UID:
		return fmt.Errorf("uid is %d in eBPF and %d in procfs", got.UID, before.UID)
	case got.Kernel != before.Kernel:
		return fmt.Errorf("being a kernel thread is %t in eBPF and %t in procfs", got.Kernel, before.Kernel)
	case got.Name != before.Name && got.Name != after.Name:
		return fmt.Errorf("name is %q in eBPF and %q in procfs", got.Name, before.Name)
	}
	for m := range memory.Count {
		a, inA := before.Get(m)
		b, inB := after.Get(m)
		v, ok := got.Get(m)
		if inA != inB || m == memory.FDs && !inA {
			continue // it is ending, or its descriptors are not ours to list (ptrace(2))
		}
		if ok != inA {
			return fmt.Errorf("%s is there: %t in eBPF and %t in procfs", m, ok, inA)
		}
		low, high := min(a, b), max(a, b)
		room := slack(m, table)
		if !memory.Metrics[m].Cumulative {
			room += high - low // it moves, maybe there and back
		}
		if v+room < low || v > high+room {
			return fmt.Errorf("%s is %d in eBPF and %d to %d in procfs", m, v, low, high)
		}
	}
	return nil
}

// How far numbers of descriptors and threads may be off.
const (
	ownTable  = 32 // of this process: the readers' own, and those of whatever starts up
	busyTable = 8  // of one other process
)

// slack is by how much the two ways may differ for a process at rest, and by table for its
// numbers of descriptors and threads.
func slack(m memory.Metric, table uint64) uint64 {
	switch m {
	case memory.Private, memory.RSS, memory.Anon, memory.File, memory.Shmem, memory.Swap, memory.PeakRSS:
		// Before Linux 6.17 procfs leaves out what each CPU has not yet handed to the
		// common counter, at most a percpu_counter_batch: max(32, 2 * CPUs) pages.
		// Private and RSS are sums of up to three such counters.
		cpus := runtime.NumCPU()
		return uint64(3 * cpus * max(32, 2*cpus) * os.Getpagesize())
	case memory.CPUTime:
		// Procfs rounds both of its parts down to ticks, and counts what the running
		// thread has not yet been charged with.
		return uint64(100 * time.Millisecond)
	case memory.FDs, memory.Threads:
		return table
	}
	return 0
}

// exactPages is by how much this process's anonymous memory may differ from what its page
// tables say: a few pages come and go with every system call's goroutine stack.
const exactPages = 16

// compareExact compares this process's anonymous memory with smaps_rollup, which counts
// page tables instead of trusting any counter: on kernels where the counters of status are
// only near the truth, this alone shows that the program reads every CPU's part.
func (s *bpfScanner) compareExact(list *[]memory.Sample) error {
	self := int32(os.Getpid())
	before, err := s.ownAnon(self, list)
	if err != nil {
		return err
	}
	text, err := s.procfs.files.readLong(self, "smaps_rollup")
	if err != nil {
		return nil //nolint:nilerr // a kernel without CONFIG_PROC_PAGE_MONITOR has no such file
	}
	exact, ok := number([]byte(statusLine(text, "Anonymous:")))
	if !ok {
		return fmt.Errorf("smaps_rollup of this process has no line of anonymous memory")
	}
	exact *= kib
	after, err := s.ownAnon(self, list)
	if err != nil {
		return err
	}
	low, high := min(before, after), max(before, after)
	if room := exactPages * s.pageSize; exact+room < low || exact > high+room {
		return fmt.Errorf("process %d: %s is %d to %d in eBPF and %d in its page tables", self, memory.Anon, low, high, exact)
	}
	return nil
}

func (s *bpfScanner) ownAnon(self int32, list *[]memory.Sample) (uint64, error) {
	scan, err := s.iterate(*list)
	*list = scan.Samples
	if err != nil {
		return 0, err
	}
	for i := range scan.Samples {
		if anon, ok := scan.Samples[i].Get(memory.Anon); ok && scan.Samples[i].ID.PID == self {
			return anon, nil
		}
	}
	return 0, fmt.Errorf("it does not see the memory of this process, %d", self)
}
