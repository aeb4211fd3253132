package spool

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestDiskFull fills the disk of a spool: what it took is there, what it refused it said.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("zol0-test", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("NOT RUN: a small disk needs the right to mount one (root): " + err.Error())
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	at := filepath.Join(dir, "spool")
	s := open(t, at, 1<<30)
	var kept []string
	refused := 0
	for i := range 400 {
		record := strings.Repeat(string(rune('a'+i%26)), 5000+i)
		switch err := s.Put([]byte(record)); {
		case err == nil:
			kept = append(kept, record)
		case errors.Is(err, syscall.ENOSPC):
			refused++
		default:
			t.Fatal(err)
		}
	}
	if refused == 0 || len(kept) == 0 {
		t.Fatalf("%d kept, %d refused", len(kept), refused)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, at, 1<<30)
	for i, want := range kept {
		if got, ok := next(t, s); !ok || got != want {
			t.Fatalf("record %d of %d is %.10q", i, len(kept), got)
		}
	}
	if _, ok := next(t, s); ok || s.Counts().Damaged != 0 {
		t.Errorf("more than was kept: %+v", s.Counts())
	}
	if err := errors.Join(s.Put([]byte("room again")), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestFilesAreThoseOfTheirOwner: samples name services and programs.
func TestFilesAreThoseOfTheirOwner(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	s := open(t, dir, 1<<20)
	if err := errors.Join(s.Put([]byte("x")), s.Close()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory is %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 2 {
		t.Fatalf("%d files, %v", len(entries), err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v, %v", e.Name(), info.Mode(), err)
		}
	}
}

// TestDoneAfterNewSegments: while a record is on its way, others are put.
func TestDoneAfterNewSegments(t *testing.T) {
	s := open(t, t.TempDir(), 8<<20)
	if err := s.Put([]byte("first")); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := s.Next(nil); err != nil || !ok || string(got) != "first" {
		t.Fatalf("%q, %t, %v", got, ok, err)
	}
	for range 100 {
		if err := s.Put(make([]byte, 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.all) < 3 {
		t.Fatalf("%d segments", len(s.all))
	}
	if err := s.Done(); err != nil {
		t.Fatal(err)
	}
	if got, ok := next(t, s); !ok || len(got) != 10_000 {
		t.Errorf("%.20q comes again", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
