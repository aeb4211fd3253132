package probe

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"time"

	"github.com/zol0/zol0/internal/memory"
)

// What the macOS kernel writes is decoded here, in code that runs on every system, so
// that it is tested on every system. Both processors of macOS are little-endian.

// rusageBytes is the size of struct rusage_info_v4 of <sys/resource.h>.
const rusageBytes = 296

// Offsets in rusage_info_v4. The times are in ticks of the machine's clock, not in
// nanoseconds: on Apple silicon a tick is 41.7 ns.
const (
	rusageUserTime   = 16
	rusageSystemTime = 24
	rusageResident   = 64
	rusageFootprint  = 72
	rusageStart      = 80
)

// fillRusage sets the figures of a rusage_info_v4. ticksPerSecond is 0 where it is not
// known; then processor time stays absent. It returns when the process began, in ticks.
func fillRusage(b *[rusageBytes]byte, ticksPerSecond uint64, out *memory.Sample) (start uint64) {
	at := func(offset int) uint64 { return binary.LittleEndian.Uint64(b[offset:]) }
	out.Set(memory.Private, at(rusageFootprint))
	out.Set(memory.RSS, at(rusageResident))
	if ticksPerSecond > 0 {
		out.Set(memory.CPUTime, uint64(machDuration(at(rusageUserTime)+at(rusageSystemTime), ticksPerSecond)))
	}
	return at(rusageStart)
}

// machDuration converts ticks of the machine's clock. A product of the two can have more
// than 64 bits; a duration of more than 292 years saturates.
func machDuration(ticks, ticksPerSecond uint64) time.Duration {
	const longest = uint64(1<<63 - 1)
	high, low := bits.Mul64(ticks, uint64(time.Second))
	if high >= ticksPerSecond {
		return time.Duration(longest)
	}
	ns, _ := bits.Div64(high, low, ticksPerSecond)
	return time.Duration(min(ns, longest))
}

// taskBytes is the size of struct proc_taskinfo of <sys/proc_info.h>.
const taskBytes = 96

// Offsets in proc_taskinfo.
const (
	taskVirtual = 0
	taskThreads = 84
)

func fillTask(b *[taskBytes]byte, out *memory.Sample) {
	out.Set(memory.Virtual, binary.LittleEndian.Uint64(b[taskVirtual:]))
	out.Set(memory.Threads, uint64(binary.LittleEndian.Uint32(b[taskThreads:])))
}

// darwinState translates p_stat of struct extern_proc (<sys/proc.h>). The kernel keeps
// nearly every process at "running", whatever its threads do, so that only the two states
// that mean what they say are passed on.
func darwinState(stat int8) memory.State {
	const stopped, zombie = 4, 5
	switch stat {
	case stopped:
		return 'T'
	case zombie:
		return 'Z'
	}
	return 0
}

// socketBytes is the size of struct socket_fdinfo of <sys/proc_info.h>.
const socketBytes = 792

// Offsets in socket_fdinfo, which begins with a proc_fileinfo of 24 bytes.
const (
	socketKind      = 24 + 232 // soi_kind
	socketLocalPort = 24 + 244 // soi_proto.pri_tcp.tcpsi_ini.insi_lport, in network byte order
	socketTCPState  = 24 + 320 // soi_proto.pri_tcp.tcpsi_state
)

// parseListener returns the port of a TCP socket that listens.
func parseListener(b *[socketBytes]byte) (port uint16, ok bool) {
	const tcp, listen = 2, 1 // SOCKINFO_TCP, TSI_S_LISTEN
	if binary.LittleEndian.Uint32(b[socketKind:]) != tcp || binary.LittleEndian.Uint32(b[socketTCPState:]) != listen {
		return 0, false
	}
	port = binary.BigEndian.Uint16(b[socketLocalPort:])
	return port, port > 0
}

// parseProcArgs takes the arguments, separated by NUL, out of what the sysctl
// kern.procargs2 gives: their number in four bytes, the path of the image, NULs up to an
// alignment, the arguments, the environment. An empty first argument cannot be told from
// the alignment; then the first variable of the environment is taken for the last
// argument.
func parseProcArgs(b []byte) []byte {
	if len(b) < 4 {
		return nil
	}
	count := binary.LittleEndian.Uint32(b)
	b = b[4:]
	end := bytes.IndexByte(b, 0)
	if end < 0 {
		return nil
	}
	b = bytes.TrimLeft(b[end:], "\x00")
	size := 0
	for ; count > 0 && size < len(b); count-- {
		end := bytes.IndexByte(b[size:], 0)
		if end < 0 {
			return b
		}
		size += end + 1
	}
	return b[:size]
}
