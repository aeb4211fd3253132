package store

import (
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
)

// TestCountersThatBeginAnewAreAddedUp counts ten seconds an hour and begins anew twice,
// once within an hour and once between two.
func TestCountersThatBeginAnewAreAddedUp(t *testing.T) {
	s := open(t, t.TempDir())
	busy := ownerOf(t, s, Service, noon, "service", "busy")
	idle := ownerOf(t, s, Service, noon, "service", "idle")
	cpu := Code(memory.CPUTime)
	counter := 0.0
	for i := range 6 * 60 {
		at := noon.Add(time.Duration(i) * time.Minute)
		if i == 90 || i == 180 {
			counter = 0
		}
		counter += 10
		if err := s.Append(at, []Sample{{SeriesOf(busy, cpu), counter}, {SeriesOf(idle, cpu), 1}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	end := noon.Add(6 * time.Hour)
	top, of, err := s.Top(t.Context(), Service, cpu, noon.UnixMilli(), end.UnixMilli(), 1)
	if err != nil || of != 2 || len(top) != 1 {
		t.Fatalf("%+v of %d, %v", top, of, err)
	}
	// The first sample is where counting begins; each new beginning counts from 0.
	if g := top[0]; g.Owner.ID != busy || g.Delta != 359*10 {
		t.Errorf("%+v, want %d s", g, 359*10)
	}
	top, _, err = s.Top(t.Context(), Service, cpu, noon.Add(80*time.Minute).UnixMilli(), noon.Add(100*time.Minute).UnixMilli(), 9)
	if err != nil || top[0].Delta != 20*10 || top[1].Delta != 0 {
		t.Errorf("%+v, %v", top, err)
	}
}
