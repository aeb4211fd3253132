package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/bits"
	"time"

	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe/bpf"
	"github.com/zol0/zol0/internal/process"
)

// bpfScanner reads every process through a task iterator: the kernel runs our eBPF program
// on each of them and hands out its records. That takes about a twentieth of the CPU that
// procfs takes, as nothing is written as text, opened or parsed.
type bpfScanner struct {
	link     *link.Iter
	stream   recordStream
	procfs   *procfsScanner
	pop      *population
	pageSize uint64
	log      *slog.Logger
	failed   bool // the last scan had to be taken through procfs
}

func (s *bpfScanner) source() string {
	if s.failed {
		return s.procfs.source()
	}
	return "ebpf"
}

func (s *bpfScanner) close() error { return s.link.Close() }

// scan takes one reading. When the iterator fails (a kernel out of memory has none for its
// buffer) procfs stands in, so that no beat goes without figures; the log tells it once.
func (s *bpfScanner) scan(dst []memory.Sample) (Scan, error) {
	out, err := s.iterate(dst)
	if err == nil {
		if s.failed {
			s.log.Info("reading processes through eBPF again")
		}
		s.failed = false
		return out, nil
	}
	if !s.failed {
		s.log.Warn("reading processes through procfs until eBPF works again", "reason", err)
	}
	s.failed = true
	return s.procfs.scan(dst)
}

func (s *bpfScanner) iterate(dst []memory.Sample) (Scan, error) {
	out := Scan{Samples: dst[:0]}
	fd, err := openIterator(s.link.FD())
	if err != nil {
		return out, fmt.Errorf("cannot open the eBPF iterator: %w", err)
	}
	defer unix.Close(fd) //nolint:errcheck // only read
	now := sinceBoot()
	s.stream.rewind()
	s.pop.begin()
	first := false
	for {
		records, err := s.stream.next(fd)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, err
		}
		for i := range records {
			first = first || records[i].Pid == 1
			out.Samples = append(out.Samples, memory.Sample{})
			if !s.sample(&records[i], now, &out.Samples[len(out.Samples)-1]) {
				out.Samples = out.Samples[:len(out.Samples)-1]
			}
		}
	}
	// Every PID namespace has a PID 1, but hardened kernels were met that keep it from
	// iterators. Whatever else they may keep, the self-check finds out.
	if !first {
		out.Samples = append(out.Samples, memory.Sample{})
		if s.procfs.sample(1, now, &out.Samples[len(out.Samples)-1]) != 0 {
			out.Samples = out.Samples[:len(out.Samples)-1]
		}
	}
	s.pop.end()
	return out, nil
}

// sample turns a record into a sample. It reports false for a process that ended meanwhile.
func (s *bpfScanner) sample(r *bpf.ScanProcess, now time.Duration, out *memory.Sample) bool {
	if r.Flags&bpf.ScanProcessFlagUNSETTLED != 0 {
		return s.procfs.sample(int32(r.Pid), now, out) == 0
	}
	const tick = uint64(time.Second / ticksPerSecond)
	out.ID = process.ID{PID: int32(r.Pid), Start: r.StartNs / tick}
	out.Parent = int32(r.Parent)
	out.UID = int64(r.Uid)
	out.State = taskState(r.State, r.ExitState)
	out.Kernel = r.Flags&bpf.ScanProcessFlagKERNEL_THREAD != 0
	out.Age = max(0, now-ticks(out.ID.Start))
	out.Name = s.pop.meet(out.ID, shortName(comm(&r.Comm), out.Kernel), out.Age).name
	out.Set(memory.CPUTime, r.CpuNs)
	out.Set(memory.MinorFaults, r.MinorFaults)
	out.Set(memory.MajorFaults, r.MajorFaults)
	if out.Kernel {
		return true
	}
	out.Set(memory.Threads, uint64(r.Threads))
	if r.Flags&bpf.ScanProcessFlagHAS_DESCRIPTORS != 0 {
		out.Set(memory.FDs, uint64(r.Fds))
	}
	if r.Flags&bpf.ScanProcessFlagHAS_MEMORY != 0 {
		out.Set(memory.Private, (r.AnonPages+r.SwapPages)*s.pageSize)
		out.Set(memory.RSS, (r.AnonPages+r.FilePages+r.ShmemPages)*s.pageSize)
		out.Set(memory.Anon, r.AnonPages*s.pageSize)
		out.Set(memory.File, r.FilePages*s.pageSize)
		out.Set(memory.Shmem, r.ShmemPages*s.pageSize)
		out.Set(memory.Swap, r.SwapPages*s.pageSize)
		out.Set(memory.PeakRSS, r.PeakPages*s.pageSize)
		out.Set(memory.Virtual, r.VirtualPages*s.pageSize)
	} else if leaderless(out) {
		s.procfs.askThread(out.ID.PID, out) // rare; where it knows nothing, the record stands
	}
	return true
}

// comm is the kernel's short name up to its closing NUL.
func comm(b *[16]byte) []byte {
	if end := bytes.IndexByte(b[:], 0); end >= 0 {
		return b[:end]
	}
	return b[:]
}

// Bits of task_struct.__state that decide the letter (include/linux/sched.h).
const (
	taskReport     = 0x7f // all that have a letter of their own
	taskIdle       = 0x402
	taskRTLockWait = 0x1000
	taskFrozen     = 0x8000
	taskSleepsDeep = 0x2
)

// taskState is the letter procfs shows: task_index_to_char(__task_state_index()) of
// include/linux/sched.h, where the highest set bit counts.
func taskState(state, exit uint32) memory.State {
	const letters = "RSDTtXZPI"
	report := (state | exit) & taskReport
	if state&taskIdle == taskIdle {
		report = taskReport + 1
	}
	if state&(taskRTLockWait|taskFrozen) != 0 {
		report = taskSleepsDeep
	}
	return memory.State(letters[bits.Len32(report)])
}
