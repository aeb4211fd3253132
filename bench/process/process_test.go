package process

import (
	"os"
	"testing"
	"time"
)

func TestAProcessCostsWhatItDoes(t *testing.T) {
	pid := os.Getpid()
	before, err := CPU(pid)
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < 20*time.Millisecond; {
	}
	after, err := CPU(pid)
	if err != nil || after <= before {
		t.Errorf("a busy loop took %s, %v", after-before, err)
	}
	m, err := MemoryOf(pid)
	if err != nil || m.RSS == 0 || m.Peak < m.RSS || m.Private() == 0 || m.RSS != m.Anon+m.File+m.Shmem {
		t.Errorf("%+v, %v", m, err)
	}
	was, err := OwnIO()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(t.TempDir()+"/file", make([]byte, 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	now, err := IOOf(pid)
	if err != nil || now.Handed < was.Handed+100_000 {
		t.Errorf("100,000 bytes counted as %d, %v", now.Handed-was.Handed, err)
	}
	if _, err := number("wchar: x\n", "\nwchar:"); err == nil {
		t.Error("a number that is none")
	}
	if _, err := CPU(1 << 22); err == nil {
		t.Error("a process that cannot be has processor time")
	}
}
