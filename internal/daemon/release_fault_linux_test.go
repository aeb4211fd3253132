package daemon

import (
	"os"
	"strings"
	"testing"
)

// FuzzProgramMappings reads any text as smaps: what is let go is in the text, belongs to the
// program and holds no page that was changed.
func FuzzProgramMappings(f *testing.F) {
	own, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		f.Fatal(err)
	}
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(own[:min(2000, len(own))], path)
	f.Add([]byte("00400000-00452000 r-xp 00000000 08:02 173521 /usr/bin/zol0\nAnonymous:            0 kB\n"), "/usr/bin/zol0")
	f.Add([]byte("00400000-00452000 r-xp 00000000 08:02 173521 /usr/bin/zol0\nAnonymous:            4 kB\n"), "/usr/bin/zol0")
	f.Add([]byte("00400000-00452000 rw-p 00000000 08:02 173521 /usr/bin/zol0\nAnonymous:            0 kB\n"), "/usr/bin/zol0")
	f.Add([]byte("00452000-00400000 r-xp 0 0 0 a b\nAnonymous: 0 kB\n"), "a b")
	f.Add([]byte("-r r-xp 0 0 0 a\nAnonymous: 0\nAnonymous: 0\n"), "a")
	f.Fuzz(func(t *testing.T, text []byte, path string) {
		found := 0
		programMappings(text, path, func(from, to uintptr) {
			found++
			if to <= from || !strings.Contains(string(text), "r-xp") && !strings.Contains(string(text), "r--p") {
				t.Fatalf("%x-%x is let go", from, to)
			}
		})
		if found > strings.Count(string(text), "Anonymous:") {
			t.Fatalf("%d mappings", found)
		}
	})
}

// TestOwnPagesAreLetGoWithoutHeap reads the program's own mappings and goes on running.
func TestOwnPagesAreLetGoWithoutHeap(t *testing.T) {
	var p programPages
	if err := p.release(); err != nil {
		t.Fatal(err)
	}
	found := 0
	programMappings(p.text, p.path, func(uintptr, uintptr) { found++ })
	if found == 0 {
		t.Error("the program has no mapping that can be let go")
	}
	if n := testing.AllocsPerRun(3, func() {
		if err := p.release(); err != nil {
			t.Fatal(err)
		}
	}); n > 20 {
		t.Errorf("%v allocations", n)
	}
}
