package memory

import (
	"time"

	"github.com/zol0/zol0/internal/process"
)

// Sample is what the kernel said about one process instance at one instant. A figure
// the system did not give is absent, never 0: ask with Get.
type Sample struct {
	ID     process.ID
	Parent int32 // PID of the parent at that instant; 0 has none
	// UID is the real user id; -1 where it is unknown or where users have no number.
	UID int64
	// Age is how long the instance had lived at that instant.
	Age    time.Duration
	State  State
	Kernel bool // a kernel thread: it has no memory of its own
	// Name is the short name the kernel keeps (comm), made printable.
	Name string

	present uint16
	values  [Count]uint64
}

// State is the scheduler's word for what a process is doing, as Linux prints it
// (proc_pid_stat(5), field 3): 'R' running, 'S' sleeping, 'D' waiting for a disk, 'T'
// stopped, 't' traced, 'Z' zombie, 'I' idle kernel thread; 0 where it is unknown.
type State byte

// Get returns the value of m in its base unit and whether the system gave it.
func (s *Sample) Get(m Metric) (uint64, bool) {
	return s.values[m], s.present&(1<<m) != 0
}

// Set records the value of m.
func (s *Sample) Set(m Metric, v uint64) {
	s.values[m] = v
	s.present |= 1 << m
}

// Has reports whether the system gave a value for m.
func (s *Sample) Has(m Metric) bool { return s.present&(1<<m) != 0 }
