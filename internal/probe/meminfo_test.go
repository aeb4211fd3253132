package probe

import (
	"testing"

	"github.com/zol0/zol0/internal/memory"
)

func TestMeminfoOfDifferentKernels(t *testing.T) {
	given := memory.Present[uint64]
	for _, c := range []struct {
		name string
		text string
		want meminfo
		ok   bool
	}{
		{
			name: "a server with swap",
			text: "MemTotal:       16303428 kB\nMemFree:          512340 kB\nMemAvailable:    9876543 kB\nBuffers:          123456 kB\nActive(anon):    2345678 kB\nSwapTotal:       2097148 kB\nSwapFree:        1048574 kB\nHugePages_Total:       0\n",
			want: meminfo{totalBytes: 16303428 << 10, availableBytes: given(9876543 << 10), swapTotalBytes: given(2097148 << 10), swapFreeBytes: given(1048574 << 10)},
			ok:   true,
		},
		{
			name: "a kernel before 3.14 does not estimate what is available",
			text: "MemTotal:        1000000 kB\nMemFree:          100000 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n",
			want: meminfo{totalBytes: 1000000 << 10, swapTotalBytes: given(0), swapFreeBytes: given(0)},
			ok:   true,
		},
		{
			name: "a kernel built without swap",
			text: "MemTotal:        1000000 kB\nMemAvailable:     900000 kB\n",
			want: meminfo{totalBytes: 1000000 << 10, availableBytes: given(900000 << 10)},
			ok:   true,
		},
		{name: "cut off within a number, which would be a tenth of it", text: "MemTotal:        1000000 kB\nMemAvailable:     90000"},
		{name: "without a total", text: "MemFree: 1 kB\n"},
		{name: "empty"},
		{name: "a number that no machine has", text: "MemTotal: 99999999999999999999 kB\n"},
	} {
		got, ok := parseMeminfo([]byte(c.text))
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func FuzzParseMeminfo(f *testing.F) {
	f.Add([]byte("MemTotal:       16303428 kB\nMemAvailable:    9876543 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"))
	f.Add([]byte("MemTotal:\n:::\n\nMemTotal 5\n"))
	f.Add([]byte("MemTotal: 18446744073709551615 kB\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, ok := parseMeminfo(b)
		if ok && (info.totalBytes == 0 || info.totalBytes%kib != 0) {
			t.Errorf("a total of %d bytes from %q", info.totalBytes, b)
		}
		if ok && b[len(b)-1] != '\n' {
			t.Errorf("a cut-off file was believed: %q", b)
		}
	})
}
