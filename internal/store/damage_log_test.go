package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// unfinished makes a store whose log was not moved into the file: that of a program that
// was killed. It returns its directory and what was appended.
func unfinished(t *testing.T) (dir string, want map[Series][]Point) {
	t.Helper()
	s := open(t, t.TempDir())
	a, b := ownerOf(t, s, Service, noon, "service", "a"), ownerOf(t, s, Service, noon, "service", "b")
	want = walk(t, s, noon, 20*time.Second, 500, []OwnerID{a, b}, 12)
	dir = t.TempDir()
	for _, part := range fileParts {
		copyFile(t, s.path+part, filepath.Join(dir, FileName+part))
	}
	return dir, want
}

// TestDamagedLogs opens stores whose log was damaged. What came before the damage is there.
func TestDamagedLogs(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, path string)
		some bool // samples are lost with the log
		bare bool // all are
	}{
		{name: "untouched", do: func(*testing.T, string) {}},
		{name: "index is missing", do: func(t *testing.T, path string) { remove(t, path+"-shm") }},
		{name: "index of garbage", do: func(t *testing.T, path string) { write(t, path+"-shm", bytes.Repeat([]byte{0xa5}, 32<<10)) }},
		{name: "log cut at half", do: func(t *testing.T, path string) { truncate(t, path+"-wal", 2) }, some: true},
		{name: "log cut within its header", do: func(t *testing.T, path string) { truncate(t, path+"-wal", 1<<40) }, some: true, bare: true},
		{name: "byte in the middle of the log", do: func(t *testing.T, path string) {
			info, err := os.Stat(path + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			flip(t, path+"-wal", info.Size()/2, 1)
		}, some: true},
		{name: "log of garbage", do: func(t *testing.T, path string) { write(t, path+"-wal", bytes.Repeat([]byte{0x5a}, 100_000)) }, some: true, bare: true},
		{name: "log of another store", do: func(t *testing.T, path string) {
			other, _ := unfinished(t)
			s := open(t, other)
			if err := beat(s, noon.Add(9*time.Hour), 1, ownerOf(t, s, Service, noon, "service", "z")); err != nil {
				t.Fatal(err)
			}
			copyFile(t, s.path+"-wal", path+"-wal")
		}, some: true, bare: true},
		{name: "log without its file", do: func(t *testing.T, path string) { remove(t, path) }, some: true, bare: true},
		{name: "log and an empty file", do: func(t *testing.T, path string) { write(t, path, nil) }, some: true, bare: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, want := unfinished(t)
			path := filepath.Join(dir, FileName)
			log, err := os.ReadFile(path + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			c.do(t, path)
			_, err = os.Stat(path)
			stray := errors.Is(err, fs.ErrNotExist) || size(t, path) == 0
			s := open(t, dir)
			n, wrong, failed := everything(t, s, want)
			all := 0
			for _, p := range want {
				all += len(p)
			}
			if wrong > 0 || failed > 0 || !c.some && n != all {
				t.Errorf("%d of %d samples, %d wrong, %d series broken off", n, all, wrong, failed)
			}
			if c.some && !c.bare && n == 0 {
				t.Error("nothing is left of what came before the damage")
			}
			if stray {
				found := false
				for _, name := range asides(t, dir) {
					b, err := os.ReadFile(filepath.Join(dir, name))
					found = found || err == nil && bytes.Equal(b, log)
				}
				if !found {
					t.Errorf("the log was deleted: %v", asides(t, dir))
				}
			}
			t.Logf("%d of %d samples; aside: %v", n, all, s.Asides())
			goesOn(t, s)
		})
	}
}
