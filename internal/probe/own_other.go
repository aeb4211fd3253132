//go:build !linux

package probe

import (
	"os"

	"github.com/zol0/zol0/internal/memory"
)

// Own is what the system says of this process's memory at this moment, apart from any
// scan: nothing, on this system. The scans have it.
func Own() (memory.Sample, error) { return memory.Sample{}, nil }

// OwnPID is this process's PID; there is one way to count them here.
func OwnPID(string) int { return os.Getpid() }

// OwnWritten is how many bytes this process sent towards disks: nobody says, on this system.
func OwnWritten() (n uint64, ok bool) { return 0, false }
