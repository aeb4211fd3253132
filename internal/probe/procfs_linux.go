package probe

import (
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// procfsScanner reads stat, status and the size of fd of every process. It works for any
// user on any kernel and allocates nothing in its steady state.
type procfsScanner struct {
	files *procfiles
	pop   *population
	pids  []int32
	stat  stat
	stats status
	comm  []byte // of the process that is being read
	// fdSize says that the kernel gives the number of open descriptors as the size of
	// /proc/PID/fd (Linux 6.2 and later), four times cheaper than listing it.
	fdSize bool
	hidden bool
}

// ticksPerSecond is USER_HZ: every Linux port Go supports shows clock ticks of 1/100 s.
const ticksPerSecond = 100

func newProcfsScanner(files *procfiles, pop *population) *procfsScanner {
	return &procfsScanner{files: files, pop: pop, fdSize: sizesDescriptors(files), hidden: hidesProcesses(files)}
}

// sizesDescriptors tries the shortcut on this very process, which has descriptors open.
// A fixture tree is no procfs: the size of its directories means something else.
func sizesDescriptors(files *procfiles) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(files.dir, &fs) != nil || fs.Type != unix.PROC_SUPER_MAGIC {
		return false
	}
	var st unix.Stat_t
	return unix.Stat("/proc/self/fd", &st) == nil && st.Size > 0
}

// hidesProcesses reports hidepid=2: PID 1 exists in every namespace, so that a procfs
// without it keeps processes from us. (A fixture tree without PID 1 hides nothing.)
func hidesProcesses(files *procfiles) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(files.dir, &fs) != nil || fs.Type != unix.PROC_SUPER_MAGIC {
		return false
	}
	_, errno := files.size(1, "")
	return errno != 0
}

func (s *procfsScanner) source() string { return "procfs" }

func (s *procfsScanner) close() error { return nil }

func (s *procfsScanner) scan(dst []memory.Sample) (Scan, error) {
	out := Scan{Samples: dst[:0], Hidden: s.hidden}
	var err error
	if s.pids, err = s.files.pids(s.pids); err != nil {
		return out, err
	}
	now := sinceBoot()
	s.pop.begin()
	for i, pid := range s.pids {
		if i%yieldEvery == yieldEvery-1 {
			runtime.Gosched()
		}
		out.Samples = append(out.Samples, memory.Sample{})
		sample := &out.Samples[len(out.Samples)-1]
		if errno := s.sample(pid, now, sample); errno != 0 {
			out.Samples = out.Samples[:len(out.Samples)-1]
			if errno == unix.EACCES || errno == unix.EPERM {
				out.Denied++
			}
		}
	}
	s.pop.end()
	return out, nil
}

// yieldEvery is after how many processes, about 3 ms, a scan gives way to other
// goroutines. That is cheaper than not to: after 10 ms without (forcePreemptNS of Go's
// runtime/proc.go) the runtime takes the processor away in the next system call and then
// looks every 20 µs whether to do it again, 80 context switches and 7 % of the scan's cost
// at 1,000 processes.
const yieldEvery = 128

// sinceBoot is the clock start times are counted on. Suspended time counts.
func sinceBoot() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		panic("BUG: CLOCK_BOOTTIME is missing: " + err.Error()) // every kernel since 2.6.39 has it
	}
	return time.Duration(t.Nano())
}

// errRace says that a process changed under the reader's hands.
const errRace = unix.ESRCH

// sample reads one process. Its two files are opened one after the other, so the PID
// may change hands between them; the parent stands in both and gives that away.
func (s *procfsScanner) sample(pid int32, now time.Duration, out *memory.Sample) syscall.Errno {
	for range 2 {
		text, errno := s.files.read(pid, "stat")
		if errno != 0 {
			return errno
		}
		if !parseStat(text, &s.stat) {
			return errRace
		}
		s.describeStat(pid, now, out)
		if out.Kernel {
			s.meet(out)
			return 0
		}
		if text, errno = s.files.read(pid, "status"); errno != 0 {
			return errno
		}
		if !parseStatus(text, &s.stats) {
			return errRace
		}
		if s.stats.parent != out.Parent {
			*out = memory.Sample{}
			continue
		}
		out.UID = s.stats.uid
		s.stats.fill(out)
		if !leaderless(out) || !s.askThread(pid, out) {
			s.countDescriptors(pid, "fd", out)
		}
		s.meet(out)
		return 0
	}
	return errRace
}

func (s *procfsScanner) describeStat(pid int32, now time.Duration, out *memory.Sample) {
	out.ID = process.ID{PID: pid, Start: s.stat.start}
	out.Parent = s.stat.parent
	out.State = memory.State(s.stat.state)
	out.Kernel = s.stat.flags&kernelThread != 0
	out.Age = max(0, now-ticks(s.stat.start))
	s.comm = append(s.comm[:0], shortName(s.stat.comm, out.Kernel)...)
	out.Set(memory.CPUTime, uint64(ticks(s.stat.cpuTicks)))
	out.Set(memory.MinorFaults, s.stat.minFaults)
	out.Set(memory.MajorFaults, s.stat.majFaults)
}

// meet names a process that was read whole; one that ended before is not remembered.
func (s *procfsScanner) meet(out *memory.Sample) {
	out.Name = s.pop.meet(out.ID, s.comm, out.Age).name
}

// commBytes is how long a name the kernel keeps in the task itself (TASK_COMM_LEN - 1).
const commBytes = 15

// shortName cuts what a kernel worker is busy with right now from its name, which would
// make it another one at every scan: "kworker/u8:1-ext4-rsv" is "kworker/u8:1". A kernel
// thread's longer name, which procfs alone shows since Linux 5.17, is cut as well, so that
// every scanner gives the same.
func shortName(comm []byte, kernel bool) []byte {
	if !kernel {
		return comm
	}
	comm = comm[:min(len(comm), commBytes)]
	for i, c := range comm {
		if i > 0 && (c == '-' || c == '+') {
			return comm[:i]
		}
	}
	return comm
}

func ticks(n uint64) time.Duration { return time.Duration(n) * (time.Second / ticksPerSecond) }

// leaderless reports whether a process has threads but no memory: the first thread has
// ended (pthread_exit in main) and let go of its memory and descriptors. Procfs and the
// task iterator describe a process by that thread, and so show a zombie without memory,
// although the others still hold all of it.
func leaderless(x *memory.Sample) bool {
	threads, _ := x.Get(memory.Threads)
	return threads > 1 && !x.Kernel && !x.Has(memory.RSS)
}

// maxAsked bounds how many threads of a leaderless process are asked for its memory. One
// is enough, unless the whole process is ending: its threads, maybe thousands, lose their
// memory first and vanish afterwards.
const maxAsked = 16

// askThread completes the sample of a leaderless process by what one of its living threads
// says: memory, descriptors and state. CPU time and faults are those of all threads anyway.
// It reports false where no thread has any memory, or none may be read.
func (s *procfsScanner) askThread(pid int32, out *memory.Sample) bool {
	var asked [maxAsked]int32
	for _, tid := range asked[:s.files.threads(pid, &asked)] {
		if s.sampleThread(pid, tid, out) {
			return true
		}
	}
	return false
}

// sampleThread takes from one thread what is its whole process's. It reports false when
// the thread has no memory: it has ended, too.
func (s *procfsScanner) sampleThread(pid, tid int32, out *memory.Sample) bool {
	var path [len("task/4194304/status")]byte
	directory := strconv.AppendInt(append(path[:0], "task/"...), int64(tid), 10)
	text, errno := s.files.read(pid, string(append(directory, "/stat"...)))
	if errno != 0 || !parseStat(text, &s.stat) {
		return false
	}
	text, errno = s.files.read(pid, string(append(directory, "/status"...)))
	// As in sample, another parent gives away that the PID has changed hands.
	if errno != 0 || !parseStatus(text, &s.stats) || !s.stats.has(memory.RSS) || s.stats.parent != out.Parent {
		return false
	}
	out.State = memory.State(s.stat.state)
	s.stats.fill(out)
	s.countDescriptors(pid, string(append(directory, "/fd"...)), out)
	return true
}

// countDescriptors counts a directory of descriptors. It leaves the figure absent where
// the system refuses it or where there is none (a zombie has no table of descriptors any
// more).
func (s *procfsScanner) countDescriptors(pid int32, directory string, out *memory.Sample) {
	if out.State == 'Z' || out.State == 'X' {
		return
	}
	if s.fdSize {
		if n, errno := s.files.size(pid, directory); errno == 0 {
			out.Set(memory.FDs, uint64(n))
		}
		return
	}
	if n, errno := s.files.countEntries(pid, directory); errno == 0 {
		out.Set(memory.FDs, uint64(n))
	}
}
