// Package process reads what a running program costs: its processor time, its memory,
// what it writes. Linux only.
package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPU is the processor time a process has used, all its threads, ended ones too. It is the
// kernel's own count in nanoseconds (clock_getcpuclockid(3)), not that in ticks of
// /proc/PID/stat.
func CPU(pid int) (time.Duration, error) {
	const scheduler = 2 // CPUCLOCK_SCHED of the kernel's posix-timers.h
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduler), &t); err != nil {
		return 0, fmt.Errorf("cannot read the processor time of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// Memory is what /proc/PID/status says, in bytes (proc_pid_status(5)).
type Memory struct {
	RSS, Anon, File, Shmem, Swap, Peak uint64
}

// Private is memory that only this process can give back.
func (m *Memory) Private() uint64 { return m.Anon + m.Swap }

// MemoryOf reads the memory of a process.
func MemoryOf(pid int) (m Memory, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m, fmt.Errorf("cannot read the memory of process %d: %w", pid, err)
	}
	for _, f := range []struct {
		name string
		to   *uint64
	}{{"VmRSS", &m.RSS}, {"RssAnon", &m.Anon}, {"RssFile", &m.File}, {"RssShmem", &m.Shmem}, {"VmSwap", &m.Swap}, {"VmHWM", &m.Peak}} {
		kib, err := number(string(text), "\n"+f.name+":")
		if err != nil {
			return m, fmt.Errorf("process %d: %w", pid, err)
		}
		*f.to = kib * 1024
	}
	return m, nil
}

// IO is what a process wrote since it began (proc_pid_io(5)).
type IO struct {
	Handed  uint64 // bytes handed to write(2) and its like
	Written uint64 // bytes of pages made dirty on a file system with a disk
}

// IOOf reads what a process wrote.
func IOOf(pid int) (IO, error) { return ioOf(strconv.Itoa(pid)) }

// OwnIO reads what this process wrote.
func OwnIO() (IO, error) { return ioOf("self") }

func ioOf(pid string) (x IO, err error) {
	text, err := os.ReadFile("/proc/" + pid + "/io")
	if err != nil {
		return x, fmt.Errorf("cannot read what process %s wrote: %w", pid, err)
	}
	if x.Handed, err = number(string(text), "\nwchar:"); err == nil {
		x.Written, err = number(string(text), "\nwrite_bytes:")
	}
	return x, err
}

// number is the number after a name.
func number(text, name string) (uint64, error) {
	_, rest, found := strings.Cut("\n"+text, name)
	if !found {
		return 0, fmt.Errorf("there is no %s", strings.Trim(name, "\n:"))
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, fmt.Errorf("%s is empty", strings.Trim(name, "\n:"))
	}
	n, err := strconv.ParseUint(fields[0], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("cannot understand %s: %w", strings.Trim(name, "\n:"), err)
	}
	return n, nil
}

// ResetPeak lets the highest resident set begin anew (proc_pid_clear_refs(5)).
func ResetPeak(pid int) error {
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		return fmt.Errorf("cannot reset the peak of process %d: %w", pid, err)
	}
	return nil
}
