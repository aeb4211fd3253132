package tail

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// all reads what there is.
func all(t *testing.T, f *File) (out []string) {
	t.Helper()
	for range 1000 {
		_, more, err := f.Step(1<<20, func(b []byte) { out = append(out, string(b)) })
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if !more {
			return out
		}
	}
	t.Fatal("it does not end")
	return nil
}

func write(t *testing.T, path, text string, flags int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func follow(t *testing.T, o Options) (f *File, path string) {
	t.Helper()
	if o.Path == "" {
		o.Path = filepath.Join(t.TempDir(), "app.log")
	}
	f = NewFile(o)
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, o.Path
}

func want(t *testing.T, f *File, lines ...string) {
	t.Helper()
	if got := all(t, f); !slices.Equal(got, lines) {
		t.Errorf("%q, want %q", got, lines)
	}
}

// notOnWindows: an open file cannot be renamed there.
func notOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("NOT RUN: an open file cannot be renamed or removed on Windows")
	}
}

func TestWhatIsAppended(t *testing.T) {
	f, path := follow(t, Options{FromStart: true})
	if _, _, err := f.Step(100, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there yet: %v", err)
	}
	write(t, path, "one\r\ntwo\n\nthr", os.O_APPEND)
	want(t, f, "one", "two", "")
	write(t, path, "ee\n", os.O_APPEND)
	want(t, f, "three")
	want(t, f)
	if c := f.Counts(); c.Lines != 4 || c.Bytes != 16 {
		t.Errorf("%+v", c)
	}
	if n := testing.AllocsPerRun(100, func() { _, _, _ = f.Step(100, nil) }); n > 20 {
		t.Errorf("%v allocations to see that nothing is new", n)
	}
}

func TestOnlyWhatIsNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	write(t, path, "old 1\nold 2\nold 3\n", 0)
	f, _ := follow(t, Options{Path: path})
	want(t, f)
	write(t, path, "new\n", os.O_APPEND)
	want(t, f, "new")
	g, _ := follow(t, Options{Path: path, Backlog: 12}) // in the midst of "old 3"
	want(t, g, "old 3", "new")
	h, _ := follow(t, Options{Path: path, Backlog: 10}) // where "old 3" begins
	want(t, h, "old 3", "new")
}

func TestRotations(t *testing.T) {
	notOnWindows(t)
	f, path := follow(t, Options{FromStart: true})
	write(t, path, "1\n2\n", 0)
	want(t, f, "1", "2")
	write(t, path, "3\nlast", os.O_APPEND)
	rename(t, path, path+".1")
	write(t, path+".1.gz", "\x1f\x8bnever read", 0)
	write(t, path, "4\n", 0)
	want(t, f, "3", "last", "4")
	remove(t, path)
	want(t, f)
	write(t, path, "5\n", 0)
	want(t, f, "5")
	// Truncated and shorter, then truncated and grown beyond where it was.
	write(t, path, "a line that is longer\n", os.O_APPEND)
	want(t, f, "a line that is longer")
	write(t, path, "6\n", os.O_TRUNC)
	want(t, f, "6")
	write(t, path, "7 and much more than was there before it was truncated\n8\n", os.O_TRUNC)
	want(t, f, "7 and much more than was there before it was truncated", "8")
	if c := f.Counts(); c.Rotations != 2 || c.Truncations != 2 {
		t.Errorf("%+v", c)
	}
	// A link that leads to another file.
	dir := t.TempDir()
	write(t, dir+"/a", "a\n", 0)
	write(t, dir+"/b", "b\n", 0)
	if err := os.Symlink("a", dir+"/now"); err != nil {
		t.Fatal(err)
	}
	g, _ := follow(t, Options{Path: dir + "/now", FromStart: true})
	want(t, g, "a")
	remove(t, dir+"/now")
	if err := os.Symlink("b", dir+"/now"); err != nil {
		t.Fatal(err)
	}
	want(t, g, "b")
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestLongLinesAndGarbage(t *testing.T) {
	f, path := follow(t, Options{FromStart: true, MaxLine: 1000})
	write(t, path, strings.Repeat("x", 10<<20)+"\nshort\n\x00\xff\x1b[31m\n", 0)
	got := all(t, f)
	if len(got) != 3 || len(got[0]) != 1000 || got[1] != "short" || got[2] != "\x00\xff\x1b[31m" {
		t.Errorf("%d lines, the first of %d bytes", len(got), len(got[0]))
	}
	if c := f.Counts(); c.Cut != 1 || cap(f.line) > 2*DefaultLine {
		t.Errorf("%+v; %d bytes are held", c, cap(f.line))
	}
}

func TestSkip(t *testing.T) {
	f, path := follow(t, Options{FromStart: true})
	write(t, path, "first\n", 0)
	want(t, f, "first")
	write(t, path, strings.Repeat("0123456789\n", 1000), os.O_APPEND)
	dropped, err := f.Skip(30)
	if err != nil || dropped != 11000-30 {
		t.Errorf("%d, %v", dropped, err)
	}
	want(t, f, "0123456789", "0123456789")
	if dropped, err = f.Skip(30); err != nil || dropped != 0 || f.Counts().Dropped != 10970 {
		t.Errorf("%d, %v", dropped, err)
	}
}

func TestNoFile(t *testing.T) {
	f, _ := follow(t, Options{Path: t.TempDir()})
	if _, _, err := f.Step(10, nil); err == nil || runtime.GOOS != "windows" && !strings.Contains(err.Error(), "is no file and no pipe") {
		t.Errorf("a directory: %v", err)
	}
}

// TestNoLineIsLostOrDoubled rotates by renaming at random while lines are written and read.
func TestNoLineIsLostOrDoubled(t *testing.T) {
	notOnWindows(t)
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		f, path := follow(t, Options{FromStart: true})
		var got []string
		n, rotated := 0, 0
		for range 500 {
			switch r.IntN(10) {
			case 0:
				if n > 0 && os.Rename(path, fmt.Sprintf("%s.%d", path, rotated)) == nil {
					rotated++
					// A writer goes on in the old file until it opens the new one.
					write(t, fmt.Sprintf("%s.%d", path, rotated-1), fmt.Sprintf("line %d\n", n), os.O_APPEND)
					n++
					write(t, path, "", 0)
				}
			case 1, 2, 3:
				_, _, err := f.Step(1+r.IntN(200), func(b []byte) { got = append(got, string(b)) })
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
				if rotated > 0 { // one that is renamed twice between two looks cannot be found again
					got = append(got, all(t, f)...)
				}
			default:
				write(t, path, fmt.Sprintf("line %d\n", n), os.O_APPEND)
				n++
			}
			if r.IntN(10) > 0 {
				continue
			}
			got = append(got, all(t, f)...)
		}
		got = append(got, all(t, f)...)
		seen := map[string]int{}
		for _, line := range got {
			seen[line]++
		}
		for line, times := range seen {
			if times != 1 {
				t.Errorf("seed %d: %q %d times", seed, line, times)
			}
		}
		if lost := n - len(seen); lost > 0 && uint64(rotated) == f.Counts().Rotations {
			t.Errorf("seed %d: %d of %d lines are lost, %d rotations of which %d were seen", seed, lost, n, rotated, f.Counts().Rotations)
		}
	}
}

func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	makePipe(t, path)
	f, _ := follow(t, Options{Path: path})
	want(t, f)
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	want(t, f)
	if _, err := w.WriteString("one\ntw"); err != nil {
		t.Fatal(err)
	}
	want(t, f, "one")
	if _, err := w.WriteString("o\n"); err != nil {
		t.Fatal(err)
	}
	want(t, f, "two")
	if time.Since(began) > 5*time.Second {
		t.Error("it waited for the pipe")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, f)
}

// FuzzFileLines: whatever is in a file, in whatever pieces, are the lines that it is cut into.
func FuzzFileLines(f *testing.F) {
	f.Add([]byte("a\nb\r\n\n\x00c"), uint8(3))
	f.Add(bytes.Repeat([]byte("x"), 100), uint8(1))
	f.Fuzz(func(t *testing.T, text []byte, piece uint8) {
		x, path := follow(t, Options{FromStart: true, MaxLine: 16})
		write(t, path, "", 0)
		var got []string
		for i := 0; i < len(text); i += int(piece) + 1 {
			write(t, path, string(text[i:min(len(text), i+int(piece)+1)]), os.O_APPEND)
			got = append(got, all(t, x)...)
		}
		parts := strings.Split(string(text), "\n")
		var want []string
		for _, p := range parts[:len(parts)-1] {
			if len(p) > 16 {
				p = p[:16]
			} else {
				p = strings.TrimSuffix(p, "\r")
			}
			want = append(want, p)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}
