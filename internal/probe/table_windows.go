package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unsafe"

	"github.com/shirou/gopsutil/v4/net"
	gopsutil "github.com/shirou/gopsutil/v4/process"
	"golang.org/x/sys/windows"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// windowsTable takes the list of processes from one snapshot and reads their figures
// through one handle each, so that they are of one process even where a PID is reused.
// Processes of other users need an administrator; gopsutil claims the privilege for it.
type windowsTable struct {
	gopsutilProcesses
	entries    []entry
	memoryInfo *windows.LazyProc
	counters   [countersBytes]byte
}

// entry is what the snapshot says of a process.
type entry struct {
	pid, parent int32
	threads     uint32
	name        string
}

// The layout of the memory counters is that of 64-bit programs.
const _ = uint(unsafe.Sizeof(uintptr(0)) - 8)

// systemPID is the process that holds the kernel's threads.
const systemPID = 4

func openTable() (processTable, error) {
	t := &windowsTable{memoryInfo: windows.NewLazySystemDLL("kernel32.dll").NewProc("K32GetProcessMemoryInfo")}
	if err := t.memoryInfo.Find(); err != nil {
		return nil, fmt.Errorf("cannot find K32GetProcessMemoryInfo (Windows 7 and later have it): %w", err)
	}
	return t, nil
}

func (t *windowsTable) source() string { return "toolhelp" }

func (t *windowsTable) now() uint64 {
	var now windows.Filetime
	windows.GetSystemTimeAsFileTime(&now)
	return filetimeMillis(now.HighDateTime, now.LowDateTime)
}

func (t *windowsTable) list() (int, error) {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return 0, fmt.Errorf("cannot list processes (CreateToolhelp32Snapshot): %w", err)
	}
	defer windows.CloseHandle(snapshot) //nolint:errcheck // only read
	t.entries = t.entries[:0]
	var e windows.ProcessEntry32
	e.Size = uint32(unsafe.Sizeof(e))
	for err = windows.Process32First(snapshot, &e); err == nil; err = windows.Process32Next(snapshot, &e) {
		if e.ProcessID == 0 {
			continue // idle time is no process
		}
		t.entries = append(t.entries, entry{
			pid:     int32(e.ProcessID),
			parent:  int32(e.ParentProcessID),
			threads: e.Threads,
			name:    windows.UTF16ToString(e.ExeFile[:]),
		})
	}
	if !errors.Is(err, windows.ERROR_NO_MORE_FILES) {
		return 0, fmt.Errorf("cannot list processes (Process32Next): %w", err)
	}
	return len(t.entries), nil
}

func (t *windowsTable) sample(i int, out *memory.Sample) ([]byte, error) {
	e := &t.entries[i]
	handle, err := open(e.pid)
	if err != nil {
		return nil, err
	}
	defer windows.CloseHandle(handle) //nolint:errcheck // only read
	times, err := timesOf(handle, e.pid)
	if err != nil {
		return nil, err
	}
	out.ID = process.ID{PID: e.pid, Start: times.start()}
	out.Parent = e.parent
	out.Kernel = e.pid == systemPID
	out.Set(memory.Threads, uint64(e.threads))
	out.Set(memory.CPUTime, uint64(filetimeDuration(times.kernel.HighDateTime, times.kernel.LowDateTime)+
		filetimeDuration(times.user.HighDateTime, times.user.LowDateTime)))
	if ok, _, _ := t.memoryInfo.Call(uintptr(handle), uintptr(unsafe.Pointer(&t.counters)), countersBytes); ok != 0 {
		fillMemoryCounters(&t.counters, out)
	}
	t.fillDescriptors(e.pid, out)
	return []byte(e.name), nil
}

// open opens a process with the least right that shows its figures.
func open(pid int32) (windows.Handle, error) {
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if errors.Is(err, windows.ERROR_INVALID_PARAMETER) { // how Windows says that there is none
		return 0, fmt.Errorf("process %d has ended: %w", pid, fs.ErrNotExist)
	}
	if err != nil {
		return 0, fmt.Errorf("cannot open process %d: %w", pid, err)
	}
	return handle, nil
}

// times are what GetProcessTimes gives: two instants and two durations.
type times struct{ created, exited, kernel, user windows.Filetime }

func (t *times) start() uint64 {
	return filetimeMillis(t.created.HighDateTime, t.created.LowDateTime)
}

func timesOf(handle windows.Handle, pid int32) (times, error) {
	var t times
	if err := windows.GetProcessTimes(handle, &t.created, &t.exited, &t.kernel, &t.user); err != nil {
		return times{}, fmt.Errorf("cannot read the times of process %d: %w", pid, err)
	}
	return t, nil
}

func (t *windowsTable) start(pid int32) (uint64, error) {
	handle, err := open(pid)
	if err != nil {
		return 0, err
	}
	defer windows.CloseHandle(handle) //nolint:errcheck // only read
	times, err := timesOf(handle, pid)
	return times.start(), err
}

// arguments splits the one line that Windows keeps as the C runtime would. An empty line
// is what gopsutil gives where the system refused.
func (t *windowsTable) arguments(pid int32) ([]byte, error) {
	line, err := (&gopsutil.Process{Pid: pid}).Cmdline()
	if err != nil {
		return nil, fmt.Errorf("cannot read the command line of process %d: %w", pid, err)
	}
	if line == "" {
		return nil, fmt.Errorf("cannot read the command line of process %d: %w", pid, fs.ErrPermission)
	}
	args, err := windows.DecomposeCommandLine(line)
	if err != nil {
		return nil, fmt.Errorf("cannot split the command line of process %d: %w", pid, err)
	}
	return []byte(strings.Join(args, "\x00")), nil
}

func (t *windowsTable) ports(pid int32) ([]uint16, error) {
	connections, err := net.ConnectionsPid("tcp", pid)
	if err != nil {
		return nil, fmt.Errorf("cannot list the connections of process %d: %w", pid, err)
	}
	return listeners(connections), nil
}
