package probe

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe/bpf"
)

// loadSpec reads the committed object; that needs no rights and no kernel.
func loadSpec(t *testing.T) *ebpf.CollectionSpec {
	t.Helper()
	spec, err := bpf.LoadScan()
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func TestRecordHasTheSameLayoutInCAndGo(t *testing.T) {
	var c *btf.Struct
	if err := loadSpec(t).Types.TypeByName("process", &c); err != nil {
		t.Fatal(err)
	}
	record := reflect.TypeFor[bpf.ScanProcess]()
	if size := unsafe.Sizeof(bpf.ScanProcess{}); uintptr(c.Size) != size || batch*size != 32<<10 {
		t.Errorf("a record has %d bytes in C and %d in Go; a batch %d", c.Size, size, batch*size)
	}
	fields := reflect.VisibleFields(record)[1:] // the first is bpf2go's mark structs.HostLayout
	if len(fields) != len(c.Members) {
		t.Fatalf("%d members in C and %d in Go", len(c.Members), len(fields))
	}
	sum := uintptr(0)
	for i, member := range c.Members {
		f := fields[i]
		if name := strings.ReplaceAll(member.Name, "_", ""); !strings.EqualFold(name, f.Name) || uintptr(member.Offset.Bytes()) != f.Offset {
			t.Errorf("%s at %d in C is %s at %d in Go", member.Name, member.Offset.Bytes(), f.Name, f.Offset)
		}
		sum += f.Type.Size()
	}
	if sum != record.Size() {
		t.Errorf("%d bytes of a record are gaps, which would carry kernel memory", record.Size()-sum)
	}
}

func TestCPUBoundIsTheSameInCAndGo(t *testing.T) {
	if size := loadSpec(t).Variables[bpf.ScanVarCpuOffset].Size(); size != maxCPUs*8 {
		t.Errorf("the program keeps %d offsets of CPUs, want %d", size/8, maxCPUs)
	}
}

func TestTaskState(t *testing.T) {
	for _, c := range []struct {
		state, exit uint32
		want        memory.State
	}{
		{0, 0, 'R'},
		{0x2000 | 1, 0, 'S'}, // TASK_INTERRUPTIBLE | TASK_FREEZABLE
		{2, 0, 'D'},
		{0x102, 0, 'D'}, // TASK_KILLABLE
		{0x104, 0, 'T'},
		{0x108, 0, 't'},
		{0x80, 0x10, 'X'},
		{0x80, 0x20, 'Z'}, // TASK_DEAD, EXIT_ZOMBIE
		{0x80, 0x30, 'Z'}, // EXIT_TRACE
		{0x40, 0, 'P'},
		{0x402, 0, 'I'},
		{0x1000, 0, 'D'},
		{0x8000, 0, 'D'},
		{0x200, 0, 'R'}, // TASK_WAKING
		{0x800, 0, 'R'}, // TASK_NEW
	} {
		if got := taskState(c.state, c.exit); got != c.want {
			t.Errorf("state %#x, exit state %#x = %c, want %c", c.state, c.exit, got, c.want)
		}
	}
}

// stream writes b into a pipe in pieces and returns what comes out as records.
func stream(t testing.TB, b []byte, piece int) ([]bpf.ScanProcess, error) {
	t.Helper()
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ends[0]) //nolint:errcheck // only read
	go func() {
		defer unix.Close(ends[1]) //nolint:errcheck // the reader sees what is missing
		for chunk := range slices.Chunk(b, piece) {
			if _, err := unix.Write(ends[1], chunk); err != nil {
				t.Error(err)
			}
		}
	}()
	s := newRecordStream()
	var all []bpf.ScanProcess
	for {
		records, err := s.next(ends[0])
		if err != nil {
			return all, err
		}
		all = append(all, records...)
	}
}

func manyRecords(n int) ([]bpf.ScanProcess, []byte) {
	records := make([]bpf.ScanProcess, n)
	for i := range records {
		records[i] = bpf.ScanProcess{Pid: uint32(i + 1), StartNs: uint64(i) << 32, Comm: [16]byte{byte(i), 15: byte(i)}}
	}
	size := int(unsafe.Sizeof(bpf.ScanProcess{}))
	return records, unsafe.Slice((*byte)(unsafe.Pointer(&records[0])), n*size)
}

func TestRecordsSurviveShortReads(t *testing.T) {
	want, b := manyRecords(3*batch + 7)
	for _, piece := range []int{33, 127, 128, 129, 4096, len(b)} {
		got, err := stream(t, b, piece)
		if !errors.Is(err, io.EOF) || !slices.Equal(got, want) {
			t.Errorf("pieces of %d: %d records (%v), want the %d that were written", piece, len(got), err, len(want))
		}
	}
}

func TestHalfARecordIsAnError(t *testing.T) {
	_, b := manyRecords(2)
	got, err := stream(t, b[:len(b)-1], 1000)
	if len(got) != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d records and %v, want 1 and %v", len(got), err, io.ErrUnexpectedEOF)
	}
}

func TestAnIteratorThatOnlySaysTryAgainIsAnError(t *testing.T) {
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ends[0]) //nolint:errcheck // only read
	defer unix.Close(ends[1]) //nolint:errcheck // never written
	s := newRecordStream()
	if _, err := s.next(ends[0]); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("%v, want %v", err, unix.EAGAIN)
	}
}

func FuzzRecordStream(f *testing.F) {
	_, b := manyRecords(3)
	f.Add(b, 100)
	f.Add(b[:200], 7)
	f.Add([]byte{}, 1)
	f.Fuzz(func(t *testing.T, b []byte, piece int) {
		if piece < 1 {
			piece = 1
		}
		got, err := stream(t, b, min(piece, 64<<10))
		size := int(unsafe.Sizeof(bpf.ScanProcess{}))
		if len(got) != len(b)/size || errors.Is(err, io.EOF) != (len(b)%size == 0) {
			t.Errorf("%d bytes gave %d records and %v", len(b), len(got), err)
		}
		for i := range got {
			if one := unsafe.Slice((*byte)(unsafe.Pointer(&got[i])), size); !bytes.Equal(one, b[i*size:(i+1)*size]) {
				t.Errorf("record %d is not what was written", i)
			}
		}
	})
}

func TestAProcessThatChangedWhileReadGoesToProcfs(t *testing.T) {
	s, procfs := loadBPF(t)
	pid := sleeper(t, nil)
	var got, want memory.Sample
	now := sinceBoot()
	if errno := procfs.sample(pid, now, &want); errno != 0 {
		t.Fatal(errno)
	}
	record := bpf.ScanProcess{Pid: uint32(pid), Flags: bpf.ScanProcessFlagUNSETTLED, AnonPages: 1 << 40}
	if !s.sample(&record, now, &got) || got != want {
		t.Errorf("the sample is %s, want %s", printSample(&got), printSample(&want))
	}
	record.Pid = maxPID + 1
	if s.sample(&record, now, &got) {
		t.Error("there is a sample of a process that has ended")
	}
}

func TestAFailingIteratorIsReplacedByProcfsAndTold(t *testing.T) {
	s, _ := loadBPF(t)
	var log bytes.Buffer
	s.log = slog.New(slog.NewTextHandler(&log, nil))
	pid := sleeper(t, nil)
	if err := s.link.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		scan, err := s.scan(nil)
		if err != nil {
			t.Fatal(err)
		}
		found(t, scan, pid)
	}
	if s.source() != "procfs" {
		t.Errorf("source = %s, want procfs", s.source())
	}
	if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "cannot open the eBPF iterator") {
		t.Errorf("the log has %d lines: %s", lines, log.String())
	}
	again, _ := loadBPF(t)
	s.link = again.link
	if _, err := s.scan(nil); err != nil || s.source() != "ebpf" {
		t.Errorf("with a working iterator: source %s, %v", s.source(), err)
	}
}

func TestSteadyBPFScansAllocateNothing(t *testing.T) {
	s, _ := loadBPF(t)
	var samples []memory.Sample
	scan := func() {
		out, err := s.scan(samples)
		if err != nil {
			t.Fatal(err)
		}
		samples = out.Samples
	}
	for range 50 {
		sleeper(t, nil)
	}
	scan()
	samples = slices.Grow(samples, 10_000)
	// AllocsPerRun rounds down: what others start meanwhile costs a life or two each.
	if n := testing.AllocsPerRun(100, scan); n > 0 {
		t.Errorf("%.0f allocations a scan of %d processes, want 0", n, len(samples))
	}
}
