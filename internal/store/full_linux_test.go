package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// smallDisk mounts a file system of a size at a new directory.
func smallDisk(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("zol0-test", dir, "tmpfs", 0, options); err != nil {
		t.Skip("NOT RUN: a small disk needs the right to mount one (root): " + err.Error())
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// fill writes a file until the disk is full.
func fill(t *testing.T, dir string) (ballast string) {
	t.Helper()
	ballast = filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it is ballast
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return ballast
}

// TestDiskFull fills the disk for hours of beats, makes room, and looks for every sample
// that was not refused.
func TestDiskFull(t *testing.T) {
	for _, c := range []struct {
		hours, owners int
		step          time.Duration
		refuses       bool
	}{{1, 8, 15 * time.Second, false}, {5, 8, time.Minute, false}, {12, 8, 15 * time.Minute, true}} {
		t.Run(fmt.Sprintf("%d hours", c.hours), func(t *testing.T) {
			dir := smallDisk(t, "size=16m")
			s := open(t, dir)
			var owners []OwnerID
			for i := range c.owners {
				owners = append(owners, ownerOf(t, s, Service, noon, "service", fmt.Sprint(i)))
			}
			want := make(map[Series][]Point)
			i, refused, failed, held := 0, 0, 0, 0
			beats := func(n int) {
				for range n {
					at := noon.Add(time.Duration(i) * c.step)
					i++
					var samples []Sample
					here := append([]OwnerID{ownerOf(t, s, Process, at, "pid", fmt.Sprint(i/100))}, owners...)
					for _, o := range here {
						for c := range Code(6) {
							samples = append(samples, Sample{SeriesOf(o, c), float64((i*int(o+1)*7919 + int(c)) % 100_003)})
						}
					}
					for range 10 {
						if c.refuses { // what else waits fills the bound sooner
							text := strings.Repeat("x", maxEventBytes)
							s.Record(Event{At: at.UnixMilli(), Kind: "test", Subject: "disk", Text: text, Detail: `"` + text[2:] + `"`})
						}
					}
					err := s.Append(at, samples, nil)
					held = max(held, s.pending.bytes)
					if errors.Is(err, ErrFull) {
						refused++
						continue
					}
					if err != nil {
						failed++
					}
					for _, x := range samples {
						want[x.Series] = append(want[x.Series], Point{at.UnixMilli(), x.Value})
					}
				}
			}
			beats(int(75 * time.Minute / c.step))
			if failed > 0 {
				t.Fatal("the disk is too small for the test")
			}
			ballast := fill(t, dir)
			beats(int(time.Duration(c.hours) * time.Hour / c.step))
			held1 := failed
			// What waits is read as well.
			for x, all := range want {
				same(t, points(t, s, x, noon, noon.Add(1000*time.Hour)), all)
			}
			remove(t, ballast)
			beats(5)
			if got := failed - held1; got > 0 {
				t.Errorf("%d beats failed after there was room", got)
			}
			if held1 == 0 {
				t.Error("no beat failed: the disk was not full")
			}
			if (refused > 0) != c.refuses {
				t.Errorf("%d beats were refused", refused)
			}
			if held > 2*maxPending {
				t.Errorf("%d bytes waited", held)
			}
			if s.pending.bytes > 0 {
				t.Errorf("%d bytes still wait", s.pending.bytes)
			}
			s = killed(t, s)
			whole(t, s)
			n := 0
			for x, all := range want {
				same(t, points(t, s, x, noon, noon.Add(1000*time.Hour)), all)
				n += len(all)
			}
			t.Logf("%d beats: %d failed and were kept, %d refused, %d KB waited at most; %d samples compared", i, failed, refused, held/1000, n)
		})
	}
}

// TestDiskFullWhenItBegins opens stores on a full disk. A new one cannot begin; one that is
// there is neither set aside nor changed.
func TestDiskFullWhenItBegins(t *testing.T) {
	for _, c := range []struct {
		name, options string
		exhaust       func(t *testing.T, dir string) func()
	}{
		{"no room", "size=2m", func(t *testing.T, dir string) func() {
			ballast := fill(t, dir)
			return func() { remove(t, ballast) }
		}},
		{"no names", "size=2m,nr_inodes=12", func(t *testing.T, dir string) func() {
			var all []string
			for i := 0; ; i++ {
				name := filepath.Join(dir, fmt.Sprint(i))
				if err := os.WriteFile(name, nil, 0o600); err != nil {
					break
				}
				all = append(all, name)
			}
			return func() {
				for _, name := range all {
					remove(t, name)
				}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := smallDisk(t, c.options)
			free := c.exhaust(t, dir)
			refusedWithHint(t, dir)
			free()
			s := open(t, dir)
			o := ownerOf(t, s, Service, noon, "service", "a")
			want := walk(t, s, noon, 10*time.Second, 200, []OwnerID{o}, 21)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			free = c.exhaust(t, dir)
			if s, err := Open(Options{Dir: dir, Now: noon}); err == nil { // there was just enough
				t.Log("it opens all the same")
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			} else {
				hinted(t, err)
			}
			if got := asides(t, dir); len(got) > 0 {
				t.Errorf("a sound file was set aside: %v", got)
			}
			free()
			s = open(t, dir)
			whole(t, s)
			for x, all := range want {
				same(t, points(t, s, x, noon, noon.Add(time.Hour)), all)
			}
		})
	}
}

// refusedWithHint fails unless nothing can be opened in dir, and the error says what to do.
func refusedWithHint(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(Options{Dir: dir, Now: noon})
	if err == nil {
		t.Error("it opens")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		return
	}
	hinted(t, err)
}

func hinted(t *testing.T, err error) {
	t.Helper()
	var known *Error
	if !errors.As(err, &known) || known.Hint == "" || strings.Contains(err.Error(), "BUG") {
		t.Errorf("%v has no hint", err)
		return
	}
	t.Logf("%v; hint: %s", err, known.Hint)
}

// TestDirectoriesAndFilesForReadingAlone opens what may not be written: a file system that
// is mounted so, and one that becomes so for a while.
func TestDirectoriesAndFilesForReadingAlone(t *testing.T) {
	dir := smallDisk(t, "size=8m")
	s := open(t, dir)
	o := ownerOf(t, s, Service, noon, "service", "a")
	want := walk(t, s, noon, 10*time.Second, 200, []OwnerID{o}, 22)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("zol0-test", dir, "tmpfs", unix.MS_REMOUNT|flags, "size=8m"); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)
	refusedWithHint(t, dir)
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatalf("reading a file system for reading alone: %v", err)
	}
	for x, all := range want {
		same(t, points(t, r, x, noon, noon.Add(time.Hour)), all)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	remount(0)
	s = open(t, dir)
	// A damaged file that cannot be set aside is set aside as soon as that is possible.
	if err := s.w.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	flip(t, s.path, (pagesOf(t, s.path)["frame"][0]-1)*pageSize, pageSize)
	if err := s.w.db.ReleaseMemory(); err != nil {
		t.Fatal(err)
	}
	immutable(t, s.path, true)
	for i := range 5 {
		if err := beat(s, noon.Add(time.Hour+time.Duration(i)*time.Second), float64(i), o); err == nil {
			t.Errorf("beat %d was written to a damaged file", i)
		}
	}
	immutable(t, s.path, false)
	if err := beat(s, noon.Add(time.Hour+time.Minute), 9, o); err != nil {
		t.Fatal(err)
	}
	if got := asides(t, dir); len(got) == 0 {
		t.Error("nothing was set aside")
	}
	got := points(t, s, SeriesOf(o, 0), noon.Add(time.Hour), noon.Add(2*time.Hour))
	t.Logf("of 6 samples %d are there; refused: %d", len(got), s.Counts().Refused)
	if len(got)+int(s.Counts().Refused) < 6 {
		t.Errorf("%d samples are there, and %d appends were refused", len(got), s.Counts().Refused)
	}
}

// immutable forbids, or allows, to change and to rename a file (chattr +i); tmpfs knows it
// since Linux 6.6.
func immutable(t *testing.T, path string, on bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()            //nolint:errcheck // only asked
	const immutableFlag = 0x10 // FS_IMMUTABLE_FL of linux/fs.h
	flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err == nil {
		if flags &^= immutableFlag; on {
			flags |= immutableFlag
		}
		err = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, int(flags))
	}
	if err != nil {
		t.Skip("NOT RUN: this file system knows no immutable files (chattr +i): " + err.Error())
	}
}
