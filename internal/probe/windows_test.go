package probe

import (
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
)

// memoryCounters is PROCESS_MEMORY_COUNTERS_EX of psapi.h in a 64-bit process.
type memoryCounters struct {
	Size, PageFaultCount                             uint32
	PeakWorkingSetSize, WorkingSetSize               uint64
	QuotaPeakPagedPoolUsage, QuotaPagedPoolUsage     uint64
	QuotaPeakNonPagedPoolUsage, QuotaNonPagedPoolUse uint64
	PagefileUsage, PeakPagefileUsage, PrivateUsage   uint64
}

func TestMemoryOfAWindowsProcess(t *testing.T) {
	b := [countersBytes]byte(layout(t, memoryCounters{Size: countersBytes, PageFaultCount: 3, PeakWorkingSetSize: 70 << 20,
		WorkingSetSize: 50 << 20, QuotaPagedPoolUsage: 4, PagefileUsage: 29 << 20, PeakPagefileUsage: 80 << 20, PrivateUsage: 30 << 20}, countersBytes))
	var s memory.Sample
	fillMemoryCounters(&b, &s)
	for m := range memory.Count {
		want, given := map[memory.Metric]uint64{memory.Private: 30 << 20, memory.RSS: 50 << 20, memory.PeakRSS: 70 << 20}[m]
		if v, ok := s.Get(m); v != want || ok != given {
			t.Errorf("%v is %d (given %v), want %d (%v)", m, v, ok, want, given)
		}
	}
}

func TestCommitChargeOfAWindowsThatFillsOneOfTwoFields(t *testing.T) {
	for _, c := range []struct {
		name     string
		counters memoryCounters
		want     uint64
	}{
		{"Windows Vista", memoryCounters{PrivateUsage: 7}, 7},
		{"Wine", memoryCounters{PagefileUsage: 8}, 8},
		{"neither", memoryCounters{WorkingSetSize: 9}, 0},
	} {
		b := [countersBytes]byte(layout(t, c.counters, countersBytes))
		var s memory.Sample
		fillMemoryCounters(&b, &s)
		if v, ok := s.Get(memory.Private); v != c.want || ok != (c.want > 0) {
			t.Errorf("%s: private %d (given %v), want %d", c.name, v, ok, c.want)
		}
	}
}

func TestFileTimes(t *testing.T) {
	for _, c := range []struct {
		high, low uint32
		want      uint64
	}{
		{0x019db1de, 0xd53e8000, 0}, // 1970
		{0, 0, 0},                   // 1601: a process without a start
		// 2026-03-01 12:00:00.25 UTC: 11,644,473,600 s from 1601 to 1970, then Unix time.
		{uint32((1772366400250 + 11644473600000) * 10000 >> 32), uint32((1772366400250 + 11644473600000) * 10000 & 0xffffffff), 1772366400250},
	} {
		if got := filetimeMillis(c.high, c.low); got != c.want {
			t.Errorf("%x:%x is %d ms since 1970, want %d", c.high, c.low, got, c.want)
		}
	}
	if want := uint64(time.Date(2026, 3, 1, 12, 0, 0, 250e6, time.UTC).UnixMilli()); want != 1772366400250 {
		t.Errorf("the example is %d", want)
	}
	if got := filetimeDuration(1, 5); got != (1<<32+5)*100*time.Nanosecond {
		t.Errorf("a duration of %v", got)
	}
}
