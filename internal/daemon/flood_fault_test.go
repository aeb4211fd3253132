package daemon

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/zol0/zol0/internal/store"
)

// heapInUse is what is alive on the heap.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestHeapUnderAFloodOfProcesses has 100,000 processes come and go, each with another PID
// and every third with another name, on a machine of 500.
func TestHeapUnderAFloodOfProcesses(t *testing.T) {
	const alive, fresh, beats = 500, 200, 500
	m := newMachine()
	base := len(m.procs)
	next := int32(10_000)
	begin := func() proc {
		next++
		name := fmt.Sprintf("worker%d", next%50)
		if next%3 == 0 {
			name = fmt.Sprintf("job%d", next)
		}
		return proc{next, name, m.Elapsed(), leaking(uint64(next%100)<<20, 1<<30)}
	}
	for range alive {
		m.procs = append(m.procs, begin())
	}
	d, _ := start(t, m, t.TempDir(), nil)
	run(t, d, m, 30)
	before := heapInUse()
	largest := uint64(0)
	for i := range beats {
		m.procs = append(m.procs[:base:base], m.procs[base+fresh:]...)
		for range fresh {
			m.procs = append(m.procs, begin())
		}
		run(t, d, m, 1)
		if i%100 == 99 {
			largest = max(largest, heapInUse())
		}
	}
	m.procs = m.procs[:base]
	run(t, d, m, 800) // an hour and more later nothing of it is left in memory
	after := heapInUse()
	owners, err := d.store.OwnersAfter(t.Context(), 0, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	kinds, open := map[store.Kind]int{}, 0
	for i := range owners {
		kinds[owners[i].Kind]++
		if owners[i].Open() {
			open++
		}
	}
	t.Logf("%d processes; heap %d → at most %d → %d KB; owners in the store: %d services, %d processes, %d open; counts %+v; late %d",
		beats*fresh+alive, before/1000, largest/1000, after/1000, kinds[store.Service], kinds[store.Process], open, d.store.Counts(), d.beats.late)
	if largest > before+8<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, largest)
	}
	if after > before+4<<20 {
		t.Errorf("an hour later the heap has %d bytes, and had %d before", after, before)
	}
	// 500 beats are 42 minutes; one hour's bounds of package record hold, twice at most.
	if kinds[store.Process] > 2*240+40 || kinds[store.Service] > 2*300+10 {
		t.Errorf("the store has %d services and %d processes", kinds[store.Service], kinds[store.Process])
	}
	if c := d.store.Counts(); c.Failed > 0 || c.Refused > 0 {
		t.Errorf("the store says %+v", c)
	}
	if got := events(t, d, "fault"); len(got) > 0 {
		t.Errorf("faults: %q", got)
	}
}
