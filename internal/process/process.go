// Package process holds the words for one process of the operating system: which
// instance it is and what is known about it. It reads nothing; package probe does.
package process

import "fmt"

// ID names one process instance: one life of one process. The kernel reuses PIDs,
// so a PID alone names nothing; with its start it is unique until the next boot.
type ID struct {
	PID int32
	// Start is the start time in the system's own clock, which does not move when
	// somebody sets the wall clock: Linux: ticks of 1/100 s since boot (field 22 of
	// /proc/PID/stat, proc_pid_stat(5)); macOS and Windows: milliseconds since 1970.
	Start uint64
}

// String is "PID@START", for logs and error messages.
func (id ID) String() string { return fmt.Sprintf("%d@%d", id.PID, id.Start) }

// Need says which facts a caller wants read. Every fact costs the system something,
// so nobody asks for more than the decision at hand takes.
type Need uint8

// The facts that can be asked for.
const (
	NeedCmdline    Need = 1 << iota // Facts.Cmdline
	NeedExecutable                  // Facts.Executable
	NeedCwd                         // Facts.Cwd
	NeedCgroup                      // Facts.Cgroup
	NeedPorts                       // Facts.Ports
)

// Facts is what does not change from scan to scan in one life of a process: it is
// read once per instance and again only when the process replaced its image (exec).
// A fact that was not asked for, or that the system withheld, is empty, and its bit
// is missing in Known.
type Facts struct {
	Known Need
	// Cmdline is the argument list with secrets redacted. At most MaxArgs arguments
	// of MaxArgBytes bytes each are kept; a longer one ends with "…".
	Cmdline []string
	// Executable is the path of the image, without the kernel's " (deleted)" mark.
	Executable string
	// Cwd is the working directory.
	Cwd string
	// Cgroup is the path below the cgroup root: of the v2 hierarchy where the process
	// is in one, else of the v1 hierarchy named systemd, memory or cpu, in that order.
	Cgroup string
	// Ports are the TCP ports the process listens on, ascending, at most MaxPorts.
	Ports []uint16
}

// Bounds of what is kept per instance, whatever the length of a command line (a
// kernel accepts 2 MB): at most MaxCmdlineBytes and one argument more.
const (
	// MaxArgs leaves room for a JVM's options before its main class.
	MaxArgs = 128
	// MaxArgBytes holds any path (PATH_MAX is 4096, but real ones stay far below).
	MaxArgBytes = 512
	// MaxCmdlineBytes bounds the whole list.
	MaxCmdlineBytes = 4096
	// MaxPorts is more than any identity needs; the first few tell services apart.
	MaxPorts = 16
)

// Has reports whether every fact of need was read.
func (f *Facts) Has(need Need) bool { return f.Known&need == need }
