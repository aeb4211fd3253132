//go:build gopsutil

package probe

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gopsutilnet "github.com/shirou/gopsutil/v4/net"
	gopsutil "github.com/shirou/gopsutil/v4/process"
	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// linuxTable is a table of real processes, read through gopsutil, so that the code above
// tables and gopsutil's answers meet procfs's own.
type linuxTable struct {
	gopsutilProcesses
	pids []int32
}

func (t *linuxTable) list() (n int, err error) {
	t.pids, err = gopsutil.Pids()
	return len(t.pids), err
}

func (t *linuxTable) now() uint64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_REALTIME, &now); err != nil {
		panic(err)
	}
	return uint64(now.Nano()) / 1e6
}

func (t *linuxTable) source() string { return "gopsutil" }

func (t *linuxTable) sample(i int, out *memory.Sample) ([]byte, error) {
	pid := t.pids[i]
	ended := func(err error) error { return fmt.Errorf("%w: %w", fs.ErrNotExist, err) }
	start, err := t.start(pid)
	if err != nil {
		return nil, ended(err)
	}
	p := &gopsutil.Process{Pid: pid}
	name, err := p.Name()
	if err != nil {
		return nil, ended(err)
	}
	out.ID = process.ID{PID: pid, Start: start}
	if out.Parent, err = p.Ppid(); err != nil {
		return nil, ended(err)
	}
	users, err := p.Uids()
	if err != nil {
		return nil, ended(err)
	}
	out.UID = int64(users[0])
	memoryInfo, err := p.MemoryInfo()
	if err != nil {
		return nil, ended(err)
	}
	out.Set(memory.RSS, memoryInfo.RSS)
	out.Set(memory.Virtual, memoryInfo.VMS)
	cpu, err := p.Times()
	if err != nil {
		return nil, ended(err)
	}
	out.Set(memory.CPUTime, uint64((cpu.User+cpu.System)*1e9))
	threads, err := p.NumThreads()
	if err != nil {
		return nil, ended(err)
	}
	out.Set(memory.Threads, uint64(threads))
	t.fillDescriptors(pid, out)
	return []byte(name), nil
}

func (t *linuxTable) start(pid int32) (uint64, error) {
	millis, err := (&gopsutil.Process{Pid: pid}).CreateTime()
	return uint64(millis), err
}

func (t *linuxTable) arguments(pid int32) ([]byte, error) {
	args, err := (&gopsutil.Process{Pid: pid}).CmdlineSlice()
	return []byte(strings.Join(args, "\x00")), err
}

func (t *linuxTable) ports(pid int32) ([]uint16, error) {
	connections, err := gopsutilnet.ConnectionsPid("tcp", pid)
	return listeners(connections), err
}

func find(t *testing.T, r *Reader, pid int32) memory.Sample {
	t.Helper()
	scan, err := r.Scan()
	if err != nil {
		t.Fatal(err)
	}
	for i := range scan.Samples {
		if scan.Samples[i].ID.PID == pid {
			return scan.Samples[i]
		}
	}
	t.Fatalf("no sample of %d among %d from %s", pid, len(scan.Samples), r.Source())
	return memory.Sample{}
}

func TestGopsutilAgreesWithProcfs(t *testing.T) {
	if os.Getenv(holderEnv) != "" {
		holdMemory(t)
		return
	}
	h := startHolder(t)
	h.hold(t, "private")
	pop := newPopulation()
	table := &linuxTable{}
	foreign := &Reader{scanner: newTableScanner(table, pop), describer: &tableFacts{table: table}, pop: pop}
	native := openLight(t, "")
	want, got := find(t, native, h.id.PID), find(t, foreign, h.id.PID)

	if got.Name != want.Name && !strings.HasPrefix(got.Name, want.Name) { // the kernel cuts at 15 bytes
		t.Errorf("name %q, procfs says %q", got.Name, want.Name)
	}
	if got.Parent != want.Parent || got.UID != want.UID {
		t.Errorf("parent %d of user %d, procfs says %d and %d", got.Parent, got.UID, want.Parent, want.UID)
	}
	if d := got.Age - want.Age; d < -2*time.Second || d > 2*time.Second { // gopsutil rounds the boot to seconds
		t.Errorf("age %v, procfs says %v", got.Age, want.Age)
	}
	for metric, tolerance := range map[memory.Metric]uint64{
		memory.RSS: noise, memory.Virtual: noise, memory.Threads: 2, memory.FDs: 0, memory.CPUTime: 100e6,
	} {
		a, gotIt := got.Get(metric)
		b, wantIt := want.Get(metric)
		if !gotIt || !wantIt || max(a, b)-min(a, b) > tolerance {
			t.Errorf("%v is %d (given %v), procfs says %d (given %v)", metric, a, gotIt, b, wantIt)
		}
	}
	if rss, _ := got.Get(memory.RSS); rss < holdBytes {
		t.Errorf("RSS %d, but %d are held", rss, holdBytes)
	}
	sameFacts(t, foreign, native, got.ID, want.ID)
}

func TestGopsutilAgreesOnPorts(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing to lose
	pop := newPopulation()
	table := &linuxTable{}
	foreign := &Reader{scanner: newTableScanner(table, pop), describer: &tableFacts{table: table}, pop: pop}
	native := openLight(t, "")
	pid := int32(os.Getpid())
	ports := sameFacts(t, foreign, native, find(t, foreign, pid).ID, find(t, native, pid).ID).Ports
	if port := uint16(listener.Addr().(*net.TCPAddr).Port); !slices.Contains(ports, port) {
		t.Errorf("ports %v lack %d", ports, port)
	}
}

// sameFacts compares what the two say of one process.
func sameFacts(t *testing.T, foreign, native *Reader, foreignID, nativeID process.ID) process.Facts {
	t.Helper()
	const need = process.NeedCmdline | process.NeedExecutable | process.NeedCwd | process.NeedPorts
	got, err := foreign.Describe(foreignID, need)
	if err != nil {
		t.Fatal(err)
	}
	want, err := native.Describe(nativeID, need)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Has(need) || !slices.Equal(got.Cmdline, want.Cmdline) || got.Executable != want.Executable || got.Cwd != want.Cwd || !slices.Equal(got.Ports, want.Ports) {
		t.Errorf("facts %+v, procfs says %+v", got, want)
	}
	return got
}

func BenchmarkGopsutilScan(b *testing.B) {
	scanner := newTableScanner(&linuxTable{}, newPopulation())
	b.ReportAllocs()
	var scan Scan
	for b.Loop() {
		var err error
		if scan, err = scanner.scan(scan.Samples); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(scan.Samples)), "processes")
}
