package store

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// nobody is a user without rights.
const nobody = 65534

// asNobody runs f with the rights of nobody to files, in a directory of nobody's.
func asNobody(t *testing.T, f func(dir string)) {
	t.Helper()
	dir, err := os.MkdirTemp("", "zol0-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // below the system's directory for such
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Skip("NOT RUN: acting for another user needs root: " + err.Error())
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	identity := func(uid int) {
		t.Helper()
		if _, err := unix.SetfsuidRetUid(uid); err != nil {
			t.Fatal(err)
		}
	}
	identity(nobody)
	defer identity(0)
	f(dir)
}

// TestFilesThatMayNotBeWritten opens stores of which a user without rights may not write
// the file, its log, or the directory.
func TestFilesThatMayNotBeWritten(t *testing.T) {
	prepared := func(dir string) map[Series][]Point {
		s, err := Open(Options{Dir: dir, Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		o := ownerOf(t, s, Service, noon, "service", "a")
		want := walk(t, s, noon, 10*time.Second, 100, []OwnerID{o}, 41)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return want
	}
	for _, mode := range []os.FileMode{0o400, 0} {
		asNobody(t, func(dir string) {
			prepared(dir)
			path := filepath.Join(dir, FileName)
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			s, err := Open(Options{Dir: dir, Now: noon})
			if err != nil {
				t.Errorf("mode %v: %v", mode, err)
				return
			}
			defer s.Close() //nolint:errcheck // goesOn looks at it
			if got := asides(t, dir); len(got) != 1 {
				t.Errorf("mode %v: set aside: %v", mode, got)
			}
			if err := beat(s, noon, 1, ownerOf(t, s, Service, noon, "service", "b")); err != nil {
				t.Error(err)
			}
			t.Logf("mode %v: %v", mode, s.Asides())
		})
	}
	asNobody(t, func(dir string) { // a log of another user's, as after a visit of root's
		want := prepared(dir)
		path := filepath.Join(dir, FileName)
		if err := os.WriteFile(path+"-wal", nil, 0o400); err != nil {
			t.Fatal(err)
		}
		s, err := Open(Options{Dir: dir, Now: noon})
		if err != nil {
			t.Error(err)
			return
		}
		defer s.Close()                           //nolint:errcheck // only read
		if got := asides(t, dir); len(got) != 2 { // the file and its log
			t.Errorf("set aside: %v; %d series were in it", got, len(want))
		}
	})
	asNobody(t, func(dir string) {
		prepared(dir)
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		refusedWithHint(t, dir)
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if got := asides(t, dir); len(got) > 0 {
			t.Errorf("a sound file was set aside: %v", got)
		}
	})
	asNobody(t, func(dir string) {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		refusedWithHint(t, dir)
		refusedWithHint(t, filepath.Join(dir, "below"))
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	})
}
