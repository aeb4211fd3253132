package probe

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/zol0/zol0/internal/memory"
)

func TestProcessorTimesOfDifferentKernels(t *testing.T) {
	for _, c := range []struct {
		name string
		text string
		want cpuTimes
		ok   bool
	}{
		{"a virtual machine", "cpu  2045605 101442 438880 2228353 8333 0 2803 1878 0 0\ncpu0 1 2 3\n", cpuTimes{busy: 2590608, total: 4827294}, true},
		{"a host of virtual machines, whose time is in user and nice", "cpu  500 100 10 1000 50 1 2 0 400 90\n", cpuTimes{busy: 613, total: 1663}, true},
		{"a kernel before 2.6.24 has no guests", "cpu  5 1 10 100 50 1 2 3\n", cpuTimes{busy: 22, total: 172}, true},
		{"a kernel of the future", "cpu  5 1 10 100 50 1 2 3 4 5 6 7\n", cpuTimes{busy: 22, total: 172}, true},
		{"a sandbox that keeps no account", "cpu  0 0 0 0 0 0 0 0 0 0\n", cpuTimes{}, true},
		{name: "cut off within a number", text: "cpu  5 1 10 100 50 1 2 3"},
		{name: "without stolen time", text: "cpu  5 1 10 100 50 1 2\n"},
		{name: "one processor only", text: "cpu0 5 1 10 100 50 1 2 3 0 0\n"},
		{name: "negative", text: "cpu  5 1 10 -100 50 1 2 3 0 0\n"},
		{name: "sums that do not fit", text: "cpu  18446744073709551615 1 0 0 0 0 0 0 0 0\n"},
		{name: "empty"},
	} {
		if got, ok := parseCPUTimes([]byte(c.text)); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestSwappedPages(t *testing.T) {
	given := memory.Present[uint64]
	for _, c := range []struct {
		name string
		text string
		want swapPages
		ok   bool
	}{
		{"with neighbours of like names", "nr_free_pages 12\npswpin 5\npswpout 229\npswpinner 7\nzswpin 8\n", swapPages{given(5), given(229)}, true},
		{"never swapped", "pswpin 0\npswpout 0\n", swapPages{given(0), given(0)}, true},
		{"a kernel built without swap", "nr_free_pages 12\npgpgin 5\n", swapPages{}, true},
		{"no number", "pswpin five\npswpout 2 3\n", swapPages{}, true},
		{name: "cut off within a number", text: "pswpin 5\npswpout 2"},
		{"empty", "", swapPages{}, true},
	} {
		if got, ok := parseVmstat([]byte(c.text)); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

// TestScaledNeverWraps: a counter that wrapped around would pass for a restart.
func TestScaledNeverWraps(t *testing.T) {
	if v, ok := scaled(1<<55, 512).Get(); ok {
		t.Errorf("2^55 sectors are %d bytes", v)
	}
	if v, ok := scaled(1<<55-1, 512).Get(); !ok || v != ^uint64(0)-511 {
		t.Errorf("2^55-1 sectors are %d bytes, given %v", v, ok)
	}
}

func FuzzParseCPUTimes(f *testing.F) {
	f.Add([]byte("cpu  2045605 101442 438880 2228353 8333 0 2803 1878 0 0\n"))
	f.Add([]byte("cpu  18446744073709551615 18446744073709551615 0 0 0 0 0 0\n"))
	f.Add([]byte("cpu \n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		times, ok := parseCPUTimes(b)
		if times.busy > times.total || !ok && times.total > 0 {
			t.Errorf("busy %d of %d (%v) from %q", times.busy, times.total, ok, b)
		}
		if ok && !bytes.Contains(b, []byte("\n")) {
			t.Errorf("a cut-off line was believed: %q", b)
		}
	})
}

func FuzzParseVmstat(f *testing.F) {
	f.Add([]byte("pgpgin 1"), uint64(5), uint64(229))
	f.Add([]byte("pswpin \n\n"), ^uint64(0), uint64(0))
	f.Fuzz(func(t *testing.T, before []byte, in, out uint64) {
		if _, ok := parseVmstat(before); ok && len(before) > 0 && before[len(before)-1] != '\n' {
			t.Errorf("a cut-off file was believed: %q", before)
		}
		text := fmt.Appendf(nil, "%s\npswpin %d\npswpout %d\n", before, in, out)
		got, ok := parseVmstat(text)
		// digits saturates just below the largest number.
		if in, out = min(in, maxExact), min(out, maxExact); in == maxExact || out == maxExact {
			return
		}
		if !ok || got.in != memory.Present(in) || got.out != memory.Present(out) {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	})
}

// maxExact is above every number that digits reads exactly.
const maxExact = ^uint64(0)/10*10 - 10
