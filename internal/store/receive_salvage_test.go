package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/remote"
)

// TestWhatWasReceivedIsSalvaged takes what waits in the log of a store into another, with
// a row of it damaged; opening the damaged one goes on as well.
func TestWhatWasReceivedIsSalvaged(t *testing.T) {
	from := open(t, t.TempDir())
	var want []Point
	for i := range 60 {
		at := noon.Add(time.Duration(i) * time.Minute)
		x := sent("a", "zol0_service_private_bytes", "service", "bot")
		x.Samples = []remote.Sample{{T: at.UnixMilli(), V: float64(i)}}
		receive(t, from, at, x)
		if i != 30 {
			want = append(want, Point{at.UnixMilli(), float64(i)})
		}
	}
	if err := from.w.db.Exec("UPDATE received SET data=x'0107ff' WHERE id=31"); err != nil {
		t.Fatal(err)
	}
	problems := 0
	verified, err := Verify(t.Context(), from.path, Verification{Problem: func(p Problem) {
		if problems++; p.Table != "received" {
			t.Error(p)
		}
	}})
	if err != nil || problems != 1 || verified.Samples != 59 {
		t.Errorf("%d problems, %d samples: %v", problems, verified.Samples, err)
	}
	to := open(t, t.TempDir())
	out, err := to.Salvage(t.Context(), from.path, noon.Add(time.Hour), func(Problem) {})
	if err != nil || out.Unreadable != 1 || out.Points != 59 {
		t.Fatalf("%+v, %v", out, err)
	}
	same(t, keptOf(t, to, Service, 0, ofHost("a")), want)
	again := killed(t, from)
	if len(again.Asides()) != 1 {
		t.Errorf("what was set aside: %v", again.Asides())
	}
	same(t, keptOf(t, again, Service, 0, ofHost("a")), want)
	// A damaged file is set aside while it is open: what is in memory goes into the new one.
	for i := range 3 {
		x := sent(fmt.Sprint("b", i), "zol0_service_private_bytes", "service", "bot")
		x.Samples = []remote.Sample{{T: noon.Add(time.Hour).UnixMilli(), V: 1}}
		receive(t, again, noon.Add(time.Hour), x)
	}
	again.writing.Lock()
	err = again.replace(errChunk)
	again.writing.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	ownerOf(t, again, Service, noon.Add(time.Hour), "service", "own") // gets a number that no other has
	x := sent("c", "zol0_service_private_bytes", "service", "bot")
	x.Samples = []remote.Sample{{T: noon.Add(time.Hour).UnixMilli(), V: 2}}
	receive(t, again, noon.Add(time.Hour), x)
	for _, host := range []string{"b0", "b1", "b2", "c"} {
		if got := keptOf(t, again, Service, 0, ofHost(host)); len(got) != 1 {
			t.Errorf("of %s there is %v", host, got)
		}
	}
	same(t, keptOf(t, again, Service, 0, ofHost("a")), want)
}
