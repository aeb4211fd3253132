package probe

import (
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/memory"
)

// rollup is the file of a kernel 6.18.
const rollup = `55fab6c5d000-7ffd92827000 ---p 00000000 00:00 0                          [rollup]
Rss:                1672 kB
Pss:                 418 kB
Pss_Dirty:           112 kB
Pss_Anon:            112 kB
Pss_File:            306 kB
Pss_Shmem:             0 kB
Shared_Clean:       1492 kB
Shared_Dirty:          0 kB
Private_Clean:        68 kB
Private_Dirty:       104 kB
Referenced:         1672 kB
Anonymous:           112 kB
LazyFree:              0 kB
Private_Hugetlb:    2048 kB
Swap:                 16 kB
SwapPss:               8 kB
Locked:                0 kB
`

func TestRollupOfDifferentKernels(t *testing.T) {
	whole := PSS{RSSBytes: 1672 << 10, PSSBytes: 418 << 10, USSBytes: 172 << 10,
		AnonBytes: memory.Present[uint64](112 << 10), SwapBytes: memory.Present[uint64](8 << 10)}
	without := func(keys ...string) string {
		var lines []string
		for line := range strings.Lines(rollup) {
			kept := true
			for _, key := range keys {
				kept = kept && !strings.HasPrefix(line, key+":")
			}
			if kept {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "")
	}
	old := whole
	old.AnonBytes, old.SwapBytes = memory.Optional[uint64]{}, memory.Optional[uint64]{}
	for _, c := range []struct {
		name, text string
		want       PSS
		ok         bool
	}{
		{"kernel 6.18", rollup, whole, true},
		{"a kernel that does not split the sum", without("Pss_Anon", "Pss_File", "Pss_Shmem", "Pss_Dirty", "SwapPss"), old, true},
		{"cut off within a number", strings.TrimSuffix(rollup, "0 kB\n"), PSS{}, false},
		{"without private clean pages", without("Private_Clean"), PSS{}, false},
		{"without private dirty pages", without("Private_Dirty"), PSS{}, false},
		{"without Pss", without("Pss"), PSS{}, false},
		{"without Rss", without("Rss"), PSS{}, false},
		{"empty", "", PSS{}, false},
		{"more than an address space", strings.Replace(rollup, "Pss:                 418", "Pss: 140737488355329", 1), PSS{}, false},
	} {
		got, ok := parseSmapsRollup([]byte(c.text))
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func FuzzParseSmapsRollup(f *testing.F) {
	f.Add([]byte(rollup))
	f.Add([]byte("Rss: 1 kB\nPss: 2 kB\nPrivate_Clean: 3 kB\nPrivate_Dirty: 4 kB\n"))
	f.Add([]byte("Rss:\nPss: -1 kB\nPrivate_Clean: 18446744073709551615 kB\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		pss, ok := parseSmapsRollup(b)
		if ok && (b[len(b)-1] != '\n' || pss.PSSBytes > maxRollup || pss.RSSBytes > maxRollup) {
			t.Errorf("%+v from %q", pss, b)
		}
		if pss.Stall != 0 {
			t.Errorf("a stall of %v without reading", pss.Stall)
		}
	})
}
