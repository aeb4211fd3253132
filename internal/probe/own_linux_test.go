package probe

import (
	"os"
	"testing"

	"github.com/zol0/zol0/internal/memory"
)

// TestOwnMemoryIsThatOfTheScan compares the two ways to see oneself.
func TestOwnMemoryIsThatOfTheScan(t *testing.T) {
	own, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(Options{Light: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // nothing was written
	scan, err := r.Scan()
	if err != nil {
		t.Fatal(err)
	}
	for i := range scan.Samples {
		x := &scan.Samples[i]
		if int(x.ID.PID) != os.Getpid() {
			continue
		}
		for _, m := range []memory.Metric{memory.Private, memory.RSS} {
			a, ok := own.Get(m)
			b, _ := x.Get(m)
			if !ok || max(a, b)-min(a, b) > 8<<20 { // the scan itself takes some
				t.Errorf("%s is %d (%v) read alone and %d in a scan", m, a, ok, b)
			}
		}
		return
	}
	t.Fatal("the scan has no such process")
}

func TestOwnPIDIsThatOfTheProcfs(t *testing.T) {
	if got := OwnPID(""); got != os.Getpid() {
		t.Errorf("the own PID is %d, want %d", got, os.Getpid())
	}
	root := t.TempDir()
	if got := OwnPID(root); got != 0 {
		t.Errorf("where this process is not shown its PID is %d, want 0", got)
	}
	if err := os.Symlink("4711", root+"/self"); err != nil {
		t.Fatal(err)
	}
	if got := OwnPID(root); got != 4711 {
		t.Errorf("in another namespace the own PID is %d, want 4711", got)
	}
}

func TestOwnWritesAreCounted(t *testing.T) {
	before, ok := OwnWritten()
	if !ok {
		t.Skip("NOT RUN: this kernel does not count what a process writes")
	}
	f, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it is removed
	if _, err := f.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	after, _ := OwnWritten()
	if after < before+1<<20 {
		t.Skipf("NOT RUN: %d bytes are counted after a megabyte was written: this file system is not on a disk", after-before)
	}
}
