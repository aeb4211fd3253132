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
		found := programMappings(text, path)
		if len(found) > strings.Count(string(text), "Anonymous:") {
			t.Fatalf("%d mappings", len(found))
		}
		for _, m := range found {
			if m.to <= m.from || !strings.Contains(string(text), "r-xp") && !strings.Contains(string(text), "r--p") {
				t.Fatalf("%x-%x is let go", m.from, m.to)
			}
		}
	})
}

// TestOwnPagesAreLetGo reads the program's own mappings and goes on running.
func TestOwnPagesAreLetGo(t *testing.T) {
	for range 3 {
		if err := releaseProgram(); err != nil {
			t.Fatal(err)
		}
	}
}
