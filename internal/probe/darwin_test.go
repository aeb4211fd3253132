package probe

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zol0/zol0/internal/memory"
)

// rusageInfo is struct rusage_info_v4 of <sys/resource.h>, field by field.
type rusageInfo struct {
	UUID                                                            [16]byte
	UserTime, SystemTime, PkgIdleWkups, InterruptWkups, Pageins     uint64
	WiredSize, ResidentSize, PhysFootprint                          uint64
	ProcStartAbstime, ProcExitAbstime                               uint64
	ChildUserTime, ChildSystemTime, ChildPkgIdleWkups               uint64
	ChildInterruptWkups, ChildPageins, ChildElapsedAbstime          uint64
	DiskioBytesread, DiskioByteswritten                             uint64
	QosDefault, QosMaintenance, QosBackground, QosUtility           uint64
	QosLegacy, QosUserInitiated, QosUserInteractive                 uint64
	BilledSystemTime, ServicedSystemTime                            uint64
	LogicalWrites, LifetimeMaxPhysFootprint, Instructions, Cycles   uint64
	BilledEnergy, ServicedEnergy, IntervalMaxFootprint, RunnableSum uint64
}

// taskInfo is struct proc_taskinfo of <sys/proc_info.h>, field by field.
type taskInfo struct {
	VirtualSize, ResidentSize, TotalUser, TotalSystem, ThreadsUser, ThreadsSystem uint64
	Policy, Faults, Pageins, CowFaults, MessagesSent, MessagesReceived            int32
	SyscallsMach, SyscallsUnix, Csw, Threadnum, Numrunning, Priority              int32
}

// socketInfo is struct socket_fdinfo of <sys/proc_info.h> for a TCP socket, with the
// padding a C compiler adds written out.
type socketInfo struct {
	OpenFlags, Status          uint32 // proc_fileinfo
	Offset                     int64
	Type                       int32
	GuardFlags                 uint32
	Stat                       [136]byte // socket_info
	So, PCB                    uint64
	SoType, Protocol, Family   int32
	Options, Linger, State     int16
	Qlen, Incqlen, Qlimit      int16
	Timeo                      int16
	Error                      uint16
	Oobmark                    uint32
	Rcv, Snd                   [24]byte
	Kind                       int32
	_                          uint32
	Fport                      [4]byte // in_sockinfo
	Lport                      [4]byte
	Gencnt                     uint64
	Flags, Flow                uint32
	Vflag, TTL                 uint8
	_                          [2]byte
	_                          uint32
	Faddr, Laddr               [16]byte
	V4                         uint8
	_                          [3]byte
	V6                         [12]byte
	TCPState                   int32 // tcp_sockinfo
	Timer                      [4]int32
	Mss                        int32
	TCPFlags                   uint32
	_                          uint32
	TCB                        uint64
	RestOfTheUnionOfFamilySize [528 - 120]byte
}

// layout lays v out as the kernel does and checks the size.
func layout(t *testing.T, v any, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
		t.Fatal(err)
	}
	if b.Len() != size {
		t.Fatalf("%T takes %d bytes, want %d", v, b.Len(), size)
	}
	return b.Bytes()
}

func TestUsageOfAMacProcess(t *testing.T) {
	info := rusageInfo{UserTime: 36e6, SystemTime: 12e6, ResidentSize: 50 << 20, PhysFootprint: 30 << 20, WiredSize: 1,
		ProcStartAbstime: 777, ProcExitAbstime: 888, LifetimeMaxPhysFootprint: 99 << 20, ChildUserTime: 5}
	b := [rusageBytes]byte(layout(t, info, rusageBytes))
	var s memory.Sample
	if start := fillRusage(&b, 24e6, &s); start != 777 {
		t.Errorf("start %d, want 777", start)
	}
	for metric, want := range map[memory.Metric]uint64{
		memory.Private: 30 << 20,
		memory.RSS:     50 << 20,
		memory.CPUTime: uint64(2 * time.Second), // 48 million ticks of a clock of 24 MHz
	} {
		if v, ok := s.Get(metric); !ok || v != want {
			t.Errorf("%v is %d (given %v), want %d", metric, v, ok, want)
		}
	}
	var blind memory.Sample
	fillRusage(&b, 0, &blind)
	if blind.Has(memory.CPUTime) || !blind.Has(memory.Private) {
		t.Error("without the rate of the clock only processor time is absent")
	}
}

func TestTaskOfAMacProcess(t *testing.T) {
	b := [taskBytes]byte(layout(t, taskInfo{VirtualSize: 400 << 30, ResidentSize: 1, Threadnum: 17, Numrunning: 3, Csw: 5}, taskBytes))
	var s memory.Sample
	fillTask(&b, &s)
	if v, ok := s.Get(memory.Virtual); !ok || v != 400<<30 {
		t.Errorf("virtual %d (given %v)", v, ok)
	}
	if v, ok := s.Get(memory.Threads); !ok || v != 17 {
		t.Errorf("threads %d (given %v)", v, ok)
	}
}

func TestTicksOfTheMachinesClock(t *testing.T) {
	for _, c := range []struct {
		ticks, rate uint64
		want        time.Duration
	}{
		{0, 24e6, 0},
		{24e6, 24e6, time.Second},    // Apple silicon
		{3, 24e6, 125},               // mach_timebase_info says 125/3 there
		{123456789, 1e9, 123456789},  // Intel: a tick is a nanosecond
		{1 << 60, 24e6, 1<<63 - 1},   // 1500 years
		{^uint64(0), 1, 1<<63 - 1},   // the product has more than 64 bits
		{^uint64(0), 1e9, 1<<63 - 1}, // the quotient has 64 bits
		{24e6 * 3600 * 24 * 365, 24e6, 365 * 24 * time.Hour},
	} {
		if got := machDuration(c.ticks, c.rate); got != c.want {
			t.Errorf("%d ticks at %d Hz are %v, want %v", c.ticks, c.rate, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		ticks, rate := rapid.Uint64().Draw(t, "ticks"), rapid.Uint64Range(1, 1e10).Draw(t, "rate")
		want := new(big.Int).SetUint64(ticks)
		want.Mul(want, big.NewInt(int64(time.Second))).Div(want, new(big.Int).SetUint64(rate))
		if !want.IsInt64() {
			want.SetInt64(1<<63 - 1)
		}
		if got := machDuration(ticks, rate); int64(got) != want.Int64() {
			t.Fatalf("%d, want %v", got, want)
		}
	})
}

func TestListeningSocketsOfAMac(t *testing.T) {
	listening := socketInfo{Kind: 2, TCPState: 1, Lport: [4]byte{0x21, 0x3d}, Fport: [4]byte{9, 9}}
	for _, c := range []struct {
		name   string
		change func(*socketInfo)
		want   uint16
	}{
		{"listens on 8509", func(*socketInfo) {}, 8509},
		{"connected", func(s *socketInfo) { s.TCPState = 4 }, 0},
		{"UDP", func(s *socketInfo) { s.Kind = 1 }, 0},
		{"Unix socket", func(s *socketInfo) { s.Kind = 3 }, 0},
		{"not bound yet", func(s *socketInfo) { s.Lport = [4]byte{} }, 0},
	} {
		info := listening
		c.change(&info)
		b := [socketBytes]byte(layout(t, info, socketBytes))
		if port, ok := parseListener(&b); port != c.want || ok != (c.want > 0) {
			t.Errorf("%s: port %d, %v; want %d", c.name, port, ok, c.want)
		}
	}
}

func TestOnlyTwoStatesOfAMacMeanWhatTheySay(t *testing.T) {
	want := map[int8]memory.State{4: 'T', 5: 'Z'}
	for stat := int8(-1); stat < 10; stat++ {
		if got := darwinState(stat); got != want[stat] {
			t.Errorf("p_stat %d is %q, want %q", stat, got, want[stat])
		}
	}
}

// procArgs lays out what kern.procargs2 gives.
func procArgs(path string, padding int, args, environment []string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(args)))
	b = append(b, path...)
	b = append(b, bytes.Repeat([]byte{0}, 1+padding)...)
	for _, s := range append(slices.Clone(args), environment...) {
		b = append(append(b, s...), 0)
	}
	return b
}

func TestArgumentsOfAMacProcess(t *testing.T) {
	secrets := []string{"AWS_SECRET_ACCESS_KEY=abc", "PATH=/bin"}
	server := []string{"python3", "-m", "server", "", "--port=8509"}
	for _, c := range []struct {
		name string
		b    []byte
		want []string
	}{
		{"with an empty argument in the middle", procArgs("/usr/bin/python3", 7, server, secrets), server},
		{"without padding", procArgs("/bin/ls", 0, []string{"ls"}, secrets), []string{"ls"}},
		{"without environment", procArgs("/bin/ls", 3, []string{"ls", "-l"}, nil), []string{"ls", "-l"}},
		{"no arguments at all", procArgs("/bin/ls", 3, nil, secrets), nil},
		{"a number that is too large", append(binary.LittleEndian.AppendUint32(nil, 1<<31), "/bin/ls\x00ls\x00"...), []string{"ls"}},
		{"cut off", procArgs("/bin/ls", 0, []string{"ls", "--colour"}, nil)[:17], []string{"ls", "--"}},
		{"only a path", procArgs("/bin/ls", 0, nil, nil)[:8], nil},
		{"three bytes", []byte{1, 0, 0}, nil},
		{"nothing", nil, nil},
	} {
		if got := parseCmdline(parseProcArgs(c.b)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzParseProcArgs(f *testing.F) {
	f.Add(procArgs("/usr/bin/python3", 7, []string{"python3", "", "x"}, []string{"A=b"}))
	f.Add([]byte{255, 255, 255, 255, 'a', 0})
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		got := parseProcArgs(b)
		if !bytes.Contains(b, got) {
			t.Errorf("%q is not in %q", got, b)
		}
		if len(b) < 4 {
			return
		}
		// No more strings than the count, whatever follows: the rest is the environment.
		if n := bytes.Count(got, []byte{0}); uint64(n) > uint64(binary.LittleEndian.Uint32(b)) {
			t.Errorf("%d strings, the count says %d", n, binary.LittleEndian.Uint32(b))
		}
	})
}

func TestArgumentsNeverShowTheEnvironment(t *testing.T) {
	text := rapid.StringMatching(`[a-z=/ ]{1,8}`)
	rapid.Check(t, func(t *rapid.T) {
		args := append([]string{text.Draw(t, "first")}, rapid.SliceOfN(rapid.StringMatching(`[a-z=/ ]{0,8}`), 0, 5).Draw(t, "args")...)
		var environment []string
		for i := range rapid.IntRange(0, 5).Draw(t, "variables") {
			environment = append(environment, fmt.Sprintf("SECRET%d=x", i))
		}
		b := procArgs("/bin/"+text.Draw(t, "path"), rapid.IntRange(0, 9).Draw(t, "padding"), args, environment)
		if got := strings.Split(strings.TrimSuffix(string(parseProcArgs(b)), "\x00"), "\x00"); !slices.Equal(got, args) {
			t.Fatalf("%q, want %q", got, args)
		}
	})
}
