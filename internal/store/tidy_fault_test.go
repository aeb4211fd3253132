package store

import (
	"testing"
	"time"
)

// TestADayIsReadWhileItIsPacked stops after every step of Tidy, as a program does that is
// ended there, and reads all.
func TestADayIsReadWhileItIsPacked(t *testing.T) {
	s := open(t, t.TempDir())
	owners := []OwnerID{ownerOf(t, s, Service, noon, "service", "a"), ownerOf(t, s, Service, noon, "service", "b"), ownerOf(t, s, Service, noon, "service", "c")}
	want := walk(t, s, noon, 2*time.Minute, 3*720, owners, 31)
	end := noon.Add(DefaultMinutes + 80*time.Hour)
	steps := 0
	for {
		did, err := s.Tidy(end)
		if err != nil {
			t.Fatal(err)
		}
		if steps++; did.Days == 0 && did.Thinned == 0 {
			break
		}
		if did.Days == 0 {
			continue
		}
		for x, all := range want {
			var n int64
			if err := s.Buckets(t.Context(), x, noon.UnixMilli(), end.UnixMilli(), hourMillis, func(b Bucket) bool { n += b.N; return true }); err != nil {
				t.Fatal(err)
			}
			if n != int64(len(all)) {
				t.Fatalf("after step %d %d samples of %d can be read", steps, n, len(all))
			}
		}
	}
	if steps < 10 {
		t.Fatalf("%d steps: the test tests nothing", steps)
	}
}
