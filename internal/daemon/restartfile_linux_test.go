package daemon

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/zol0/zol0/internal/process"
)

// TestFilesOfThisProcess looks at the test program itself and at scripts beside it.
func TestFilesOfThisProcess(t *testing.T) {
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(own)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "app.py")
	if err := os.WriteFile(script, []byte("pass\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(script, filepath.Join(dir, "current.py")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.py"), 0o600); err != nil {
		t.Fatal(err)
	}
	look := looker("/proc")
	id := process.ID{PID: int32(os.Getpid())}
	for _, test := range []struct {
		program, cwd string
		seen         bool
	}{
		{script, "", true},
		{"app.py", dir, true},
		{"../" + filepath.Base(dir) + "/current.py", dir, true},
		{"app.py", "", false}, // where is not known
		{"pipe.py", dir, false},
		{"gone.py", dir, false},
		{".", dir, false},
		{"", dir, false},
	} {
		got := look(&question{id: id, executable: own, cwd: test.cwd, program: test.program, interpreted: true})
		if x := got.executable; !got.looked || x.path != own || x.size != info.Size() || !x.modified.Equal(info.ModTime()) || x.inode != info.Sys().(*syscall.Stat_t).Ino {
			t.Fatalf("the executable is %+v", x)
		}
		if x := got.program; (x.path != "") != test.seen || test.seen && (x.size != 5 || x.inode == 0) {
			t.Errorf("%q from %q is %+v", test.program, test.cwd, x)
		}
	}
	if got := look(&question{id: process.ID{PID: 1<<22 + 1}, executable: "/bin/true"}); got.executable.path != "" {
		t.Errorf("a process that is not there runs %+v", got.executable)
	}
}
