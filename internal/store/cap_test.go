package store

import (
	"context"
	"testing"
	"time"
)

// TestOverTheCapDetailGoesBeforeReach feeds twelve days, ever under a cap that they exceed.
func TestOverTheCapDetailGoesBeforeReach(t *testing.T) {
	const size = 1 << 20
	s, err := Open(Options{Dir: t.TempDir(), Now: noon, Size: size})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the test has failed or is over
	var owners []OwnerID
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		owners = append(owners, ownerOf(t, s, Service, noon, "service", name))
	}
	largest, capped := int64(0), 0
	for hour := range 12 * 24 {
		from := noon.Add(time.Duration(hour) * time.Hour)
		walk(t, s, from, time.Minute, 60, owners, uint64(hour))
		for range 200 {
			did, err := s.Tidy(from.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if did.Capped {
				capped++
			}
			if did.Thinned+did.Days+did.Dropped == 0 {
				break
			}
		}
		used, err := s.used()
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, used)
	}
	if capped == 0 {
		t.Fatal("the cap never asked for anything: the test is too small")
	}
	if largest > size+size/8 {
		t.Errorf("the store held %d bytes, the cap is %d", largest, size)
	}
	end := noon.Add(12 * 24 * time.Hour)
	x := SeriesOf(owners[0], 0)
	count := func(from, to time.Time) (n int) {
		if err := s.Points(context.Background(), x, from.UnixMilli(), to.UnixMilli()-1, func(Point) bool { n++; return true }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if got := count(end.Add(-6*time.Hour), end); got != 6*60 {
		t.Errorf("%d points in the last six hours, want every sample: %d", got, 6*60)
	}
	if got := count(noon, noon.Add(24*time.Hour)); got == 0 || got > 24*60 {
		t.Errorf("%d points in the first day, want some: its hours at least", got)
	}
	t.Logf("largest %d of %d bytes; first day %d points, fifth %d", largest, size, count(noon, noon.Add(24*time.Hour)), count(noon.Add(96*time.Hour), noon.Add(120*time.Hour)))
}

// TestATinyCapHolds feeds more in an hour than the cap allows for all.
func TestATinyCapHolds(t *testing.T) {
	const size = 256 << 10
	s, err := Open(Options{Dir: t.TempDir(), Now: noon, Size: size})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the test has failed or is over
	var owners []OwnerID
	for i := range 40 {
		owners = append(owners, ownerOf(t, s, Service, noon, "service", string(rune('a'+i))))
	}
	for hour := range 72 {
		from := noon.Add(time.Duration(hour) * time.Hour)
		walk(t, s, from, time.Minute, 60, owners, uint64(hour))
		for range 400 {
			did, err := s.Tidy(from.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if did.Thinned+did.Days+did.Dropped == 0 {
				break
			}
		}
	}
	used, err := s.used()
	if err != nil {
		t.Fatal(err)
	}
	if used > 2*size { // the open hour's frames, and the tables' own pages
		t.Errorf("the store holds %d bytes, the cap is %d", used, size)
	}
	if got := points(t, s, SeriesOf(owners[0], 0), noon.Add(71*time.Hour), noon.Add(73*time.Hour)); len(got) != 60 {
		t.Errorf("%d points in the open hour, want 60", len(got))
	}
}
