package store

import (
	"path/filepath"
	"testing"
	"time"
)

// TestThinningMeetsDamage has a leaf of the chunks broken that nobody reads until its
// samples are old enough to be thinned.
func TestThinningMeetsDamage(t *testing.T) {
	dir := t.TempDir()
	want := stocked(t, dir)
	path := filepath.Join(dir, FileName)
	flip(t, path, (pagesOf(t, path)["chunk"][2]-1)*pageSize, 8)
	s := open(t, dir)
	later := noon.Add(DefaultRaw + 12*time.Hour)
	if err := beat(s, later, 1, ownerOf(t, s, Service, later, "service", "a")); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := s.Tidy(later); err != nil {
			t.Fatal(err)
		}
		if len(asides(t, dir)) > 0 {
			break
		}
	}
	if len(asides(t, dir)) == 0 {
		t.Fatal("the damage was never met")
	}
	out, err := s.Salvage(t.Context(), s.Asides()[0].Path, later, func(Problem) {})
	if err != nil || out.Unreadable == 0 || out.Chunks < 200 {
		t.Errorf("salvaged: %+v, %v", out, err)
	}
	if got := points(t, s, SeriesOf(ownerOf(t, s, Service, later, "service", "a"), 0), later, later); len(got) != 1 {
		t.Errorf("%d samples of the beat before", len(got))
	}
	t.Logf("%d series: %+v", len(want), out)
}

// TestRowsThatMakeNoSense joins and packs rows whose bytes are garbage, though SQLite can
// read them: they are put out of the way, and what is new is kept.
func TestRowsThatMakeNoSense(t *testing.T) {
	s := open(t, t.TempDir())
	o := ownerOf(t, s, Service, noon, "service", "a")
	x := SeriesOf(o, 0)
	walk(t, s, noon, time.Minute, 90, []OwnerID{o}, 51)
	if err := s.w.db.Exec("UPDATE chunk SET data=x'0005ffffff'"); err != nil {
		t.Fatal(err)
	}
	// The clock is set back into the hour that is garbage, and goes on.
	for i := range 100 {
		if err := beat(s, noon.Add(time.Duration(i)*time.Minute), float64(i), o); err != nil {
			t.Fatal(err)
		}
	}
	if got := points(t, s, x, noon, noon.Add(time.Hour-1)); len(got) != 60 {
		t.Errorf("%d samples of the hour that was run through again, want 60", len(got))
	}
	if len(s.Asides()) != 1 {
		t.Errorf("set aside: %v", s.Asides())
	}
	// A day of hours that is garbage, to which hours come.
	pack := func() {
		t.Helper()
		for range 200 {
			if _, err := s.Tidy(noon.Add(DefaultMinutes + 48*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := beat(s, noon.Add(72*time.Hour), 1, o); err != nil {
		t.Fatal(err)
	}
	pack()
	if err := s.w.db.Exec("UPDATE day SET data=x'0005ffffff'"); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := beat(s, noon.Add(3*time.Hour+time.Duration(i)*time.Minute), float64(i), o); err != nil {
			t.Fatal(err)
		}
	}
	if err := beat(s, noon.Add(73*time.Hour), 1, o); err != nil {
		t.Fatal(err)
	}
	pack()
	if got := points(t, s, x, noon, noon.Add(24*time.Hour)); len(got) != 1 || got[0].Value != 9 {
		t.Errorf("the day has %v, want the hour that came later", got)
	}
	if len(s.Asides()) < 2 {
		t.Errorf("set aside: %v", s.Asides())
	}
	n, err := s.w.number("SELECT count(*) FROM aside WHERE length(data)=5")
	if err != nil || n < 2 {
		t.Errorf("%d rows are kept, %v", n, err)
	}
}

// TestAsidesAreBounded sets more aside than is listed.
func TestAsidesAreBounded(t *testing.T) {
	s := open(t, t.TempDir())
	for range 10 * maxAsides {
		s.noteAside(Aside{Path: s.Path(), Why: errUnreadable})
	}
	if got := len(s.Asides()); got != maxAsides || s.Counts().Asides != 10*maxAsides {
		t.Errorf("%d are listed and %d counted, want %d and %d", got, s.Counts().Asides, maxAsides, 10*maxAsides)
	}
}
