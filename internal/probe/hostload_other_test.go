//go:build darwin || windows

package probe

import "testing"

func TestLoadOfThisSystem(t *testing.T) {
	r := openHere(t)
	load, err := r.Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	busy, ok := load.CPUBusyNanoseconds.Get()
	total, known := load.CPUTotalNanoseconds.Get()
	if !ok || !known || busy == 0 || busy >= total {
		t.Errorf("processors were busy for %d ns (given %v) of %d (given %v)", busy, ok, total, known)
	}
	available, ok := load.DiskAvailableBytes.Get()
	size, known := load.DiskTotalBytes.Get()
	if !ok || !known || available == 0 || available > size {
		t.Errorf("%d bytes (given %v) of %d (given %v) are available", available, ok, size, known)
	}
	if _, ok := load.MemoryPressure.Some.Get(); ok {
		t.Errorf("pressure out of nothing: %+v", load.MemoryPressure)
	}
	if _, err := r.Load(t.TempDir() + "/gone"); err == nil {
		t.Error("a directory that is not there has space")
	}
	t.Logf("%+v", load)
}
