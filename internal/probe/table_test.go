package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
)

// fakeTable is a table of processes that are made up.
type fakeTable struct {
	clock     uint64
	processes []fakeProcess
	broken    error
}

type fakeProcess struct {
	pid, parent int32
	start       uint64
	name        string
	rss         uint64
	err         error
	refused     bool // the owner's rights are needed for its facts
	args        string
	listens     []uint16
}

var errRefused = fmt.Errorf("refused: %w", fs.ErrPermission)

func (t *fakeTable) list() (int, error) { return len(t.processes), t.broken }
func (t *fakeTable) now() uint64        { return t.clock }
func (t *fakeTable) source() string     { return "fake" }

func (t *fakeTable) sample(i int, out *memory.Sample) ([]byte, error) {
	p := &t.processes[i]
	out.ID = process.ID{PID: p.pid, Start: p.start}
	out.Parent = p.parent
	if p.rss > 0 {
		out.Set(memory.RSS, p.rss)
	}
	return []byte(p.name), p.err
}

func (t *fakeTable) find(pid int32) (*fakeProcess, error) {
	for i := range t.processes {
		if p := &t.processes[i]; p.pid == pid {
			if p.refused {
				return p, errRefused
			}
			return p, nil
		}
	}
	return &fakeProcess{}, fs.ErrNotExist
}

func (t *fakeTable) start(pid int32) (uint64, error) {
	p, err := t.find(pid)
	if errors.Is(err, fs.ErrPermission) {
		err = nil
	}
	return p.start, err
}

func (t *fakeTable) arguments(pid int32) ([]byte, error) {
	p, err := t.find(pid)
	return []byte(p.args), err
}

func (t *fakeTable) executable(pid int32) (string, error) {
	_, err := t.find(pid)
	return "/opt/server\x1b[31m", err
}

// cwd is empty where it is refused, as gopsutil does it on Windows.
func (t *fakeTable) cwd(pid int32) (string, error) {
	if _, err := t.find(pid); err != nil {
		return "", nil //nolint:nilerr // refused, as the comment says
	}
	return "/srv", nil
}

func (t *fakeTable) ports(pid int32) ([]uint16, error) {
	p, err := t.find(pid)
	return slices.Clone(p.listens), err
}

func tableReader(table *fakeTable) *Reader {
	pop := newPopulation()
	return &Reader{scanner: newTableScanner(table, pop), describer: &tableFacts{table: table}, pop: pop}
}

func TestScanOfATable(t *testing.T) {
	table := &fakeTable{clock: 100_000, processes: []fakeProcess{
		{pid: 1, start: 40_000, name: "launchd", rss: 5000},
		{pid: 7, parent: 1, start: 99_000, name: "evil\x1b[2J"}, // figures refused
		{pid: 8, err: fmt.Errorf("ended: %w", fs.ErrNotExist)},
		{pid: 9, err: errRefused},
		{pid: 10, parent: 7, start: 100_500, name: "young", rss: 1}, // began after the clock was read
	}}
	r := tableReader(table)
	scan, err := r.Scan()
	if err != nil {
		t.Fatal(err)
	}
	if scan.Denied != 1 {
		t.Errorf("%d denied, want the one that could not even be identified", scan.Denied)
	}
	if len(scan.Samples) != 3 {
		t.Fatalf("%d samples, want 3: %+v", len(scan.Samples), scan.Samples)
	}
	for i, want := range []struct {
		name   string
		age    time.Duration
		parent int32
		rss    bool
	}{
		{"launchd", time.Minute, 0, true},
		{"evil?[2J", time.Second, 1, false},
		{"young", 0, 7, true},
	} {
		got := &scan.Samples[i]
		if got.Name != want.name || got.Age != want.age || got.Parent != want.parent || got.Has(memory.RSS) != want.rss || got.UID != -1 {
			t.Errorf("sample %d: %+v, want %+v", i, got, want)
		}
	}
	if r.Source() != "fake" {
		t.Errorf("source %q", r.Source())
	}

	// A figure of one scan must not shine through in the next one, which reuses the memory.
	table.processes = []fakeProcess{{pid: 7, parent: 1, start: 99_000, name: "evil"}}
	if scan, err = r.Scan(); err != nil || len(scan.Samples) != 1 || scan.Samples[0].Has(memory.RSS) || scan.Denied != 0 {
		t.Errorf("second scan: %+v, %v", scan, err)
	}
	table.broken = errors.New("no table today")
	if scan, err = r.Scan(); !errors.Is(err, table.broken) || len(scan.Samples) != 0 {
		t.Errorf("broken table: %+v, %v", scan, err)
	}
}

func TestAParentThatIsYoungerThanItsChildIsAStranger(t *testing.T) {
	table := &fakeTable{clock: 100, processes: []fakeProcess{
		{pid: 20, parent: 10, start: 50, name: "orphan"}, // its parent has ended and left its PID
		{pid: 10, parent: 30, start: 60, name: "stranger"},
		{pid: 30, start: 60, name: "same instant"},
		{pid: 40, parent: 99, start: 60, name: "parent not seen"},
	}}
	parents := func(deadParents bool) (out []int32) {
		scanner := newTableScanner(table, newPopulation())
		scanner.deadParents = deadParents
		scan, err := scanner.scan(nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range scan.Samples {
			out = append(out, scan.Samples[i].Parent)
		}
		return out
	}
	if got, want := parents(true), []int32{0, 30, 0, 99}; !slices.Equal(got, want) {
		t.Errorf("on Windows: parents %v, want %v", got, want)
	}
	if got, want := parents(false), []int32{10, 30, 0, 99}; !slices.Equal(got, want) {
		t.Errorf("elsewhere: parents %v, want %v", got, want)
	}
}

func TestFactsOfATable(t *testing.T) {
	const all = process.NeedCmdline | process.NeedExecutable | process.NeedCwd | process.NeedCgroup | process.NeedPorts
	table := &fakeTable{clock: 10_000, processes: []fakeProcess{
		{pid: 1, start: 5, name: "server", args: "server\x00" + strings.Repeat("x", 10_000), listens: []uint16{8509, 80, 8509}},
		{pid: 2, start: 6, name: "other's", refused: true},
		{pid: 3, start: 7, name: "busy", listens: func() (ports []uint16) {
			for port := uint16(2000); port > 1000; port-- {
				ports = append(ports, port)
			}
			return ports
		}()},
	}}
	r := tableReader(table)
	if _, err := r.Scan(); err != nil {
		t.Fatal(err)
	}
	facts, err := r.Describe(process.ID{PID: 1, Start: 5}, all)
	if err != nil {
		t.Fatal(err)
	}
	if !facts.Has(all) || facts.Cgroup != "" {
		t.Errorf("known %b, cgroup %q; want everything known and no cgroup", facts.Known, facts.Cgroup)
	}
	if len(facts.Cmdline) != 2 || facts.Cmdline[0] != "server" || len(facts.Cmdline[1]) > process.MaxArgBytes {
		t.Errorf("command line of %d arguments: %.60q", len(facts.Cmdline), facts.Cmdline)
	}
	if facts.Executable != "/opt/server?[31m" || facts.Cwd != "/srv" {
		t.Errorf("executable %q, directory %q", facts.Executable, facts.Cwd)
	}
	if want := []uint16{80, 8509}; !slices.Equal(facts.Ports, want) {
		t.Errorf("ports %v, want %v", facts.Ports, want)
	}

	facts, err = r.Describe(process.ID{PID: 2, Start: 6}, all)
	if err != nil || facts.Known != process.NeedCgroup || len(facts.Cmdline) > 0 || facts.Executable != "" || len(facts.Ports) > 0 {
		t.Errorf("withheld: %+v, %v", facts, err)
	}
	facts, err = r.Describe(process.ID{PID: 3, Start: 7}, process.NeedPorts)
	if err != nil || len(facts.Ports) != process.MaxPorts || facts.Ports[0] != 1001 || facts.Known != process.NeedPorts {
		t.Errorf("a thousand ports: %+v, %v", facts, err)
	}

	table.processes[0].start = 9_000 // the PID went to another one after the scan
	table.processes[0].args = "not the server"
	if facts, err = (&tableFacts{table: table}).describe(process.ID{PID: 1, Start: 5}, all); !errors.Is(err, fs.ErrNotExist) || len(facts.Cmdline) > 0 {
		t.Errorf("a reused PID: %+v, %v", facts, err)
	}
}
