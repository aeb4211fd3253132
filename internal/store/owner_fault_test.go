package store

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// TestAnOwnerReturnsWithTheHour kills the program after something that was away for more
// than an hour, as a job of every second hour is, came back in the first beat of an hour.
func TestAnOwnerReturnsWithTheHour(t *testing.T) {
	s := open(t, t.TempDir())
	always := ownerOf(t, s, Service, noon, "service", "always")
	job := ownerOf(t, s, Service, noon, "service", "job")
	if err := beat(s, noon, 1, always, job); err != nil {
		t.Fatal(err)
	}
	for at := noon.Add(time.Minute); at.Before(noon.Add(2 * time.Hour)); at = at.Add(time.Minute) {
		if err := beat(s, at, 2, always); err != nil {
			t.Fatal(err)
		}
	}
	back := noon.Add(2 * time.Hour)
	if id := ownerOf(t, s, Service, back, "service", "job"); id != job {
		t.Fatalf("it has number %d now, and had %d", id, job)
	}
	for i := range 5 {
		if err := beat(s, back.Add(time.Duration(i)*time.Minute), 3, always, job); err != nil {
			t.Fatal(err)
		}
	}
	s = killed(t, s)
	whole(t, s)
	if got := points(t, s, SeriesOf(job, 0), noon, back.Add(time.Hour)); len(got) != 6 {
		t.Errorf("the job has %d samples, want 6: %v", len(got), got)
	}
}

// TestOwnersComeAndGoWhileNothingCanBeWritten lets a process begin and end while the disk
// is full, for longer than the hour after which it is forgotten.
func TestOwnersComeAndGoWhileNothingCanBeWritten(t *testing.T) {
	s := open(t, t.TempDir())
	always := ownerOf(t, s, Service, noon, "service", "always")
	if err := beat(s, noon, 1, always); err != nil {
		t.Fatal(err)
	}
	refuse(t, s, true)
	want := make(map[OwnerID]int)
	var guest OwnerID
	for i := 1; i < 6*60; i++ {
		at := noon.Add(time.Duration(i) * time.Minute)
		if i%150 == 1 {
			guest = ownerOf(t, s, Process, at, "pid", fmt.Sprint(i))
			if want[guest] > 0 {
				t.Fatalf("number %d is given twice", guest)
			}
		}
		here := []OwnerID{always}
		if i%150 < 20 {
			here = append(here, guest)
			want[guest]++
		}
		if err := beat(s, at, float64(i), here...); err == nil {
			t.Fatal("the disk is not full")
		}
	}
	// One that was forgotten meanwhile and comes back is the same.
	first := ownerOf(t, s, Process, noon.Add(6*time.Hour), "pid", "1")
	want[first]++
	refuse(t, s, false)
	if err := beat(s, noon.Add(6*time.Hour), 7, always, first); err != nil {
		t.Fatal(err)
	}
	if got := s.Counts(); got.Refused != 0 {
		t.Errorf("%d appends were refused", got.Refused)
	}
	s = killed(t, s)
	whole(t, s)
	if len(want) != 3 {
		t.Fatalf("%d guests, want 3: the test tests nothing", len(want))
	}
	want[always] = 6*60 + 1
	for id, n := range want {
		if got := points(t, s, SeriesOf(id, 0), noon, noon.Add(9*time.Hour)); len(got) != n {
			t.Errorf("owner %d has %d samples, want %d", id, len(got), n)
		}
	}
}

// TestClockSetBackWhileNothingCanBeWritten has two passes of one hour wait for the disk.
func TestClockSetBackWhileNothingCanBeWritten(t *testing.T) {
	s := open(t, t.TempDir())
	o := ownerOf(t, s, Service, noon, "service", "bot")
	if err := beat(s, noon, 1, o); err != nil {
		t.Fatal(err)
	}
	refuse(t, s, true)
	hour := noon.Add(time.Hour)
	for _, from := range []time.Time{hour, hour.Add(2 * time.Second), hour.Add(3 * time.Second), hour.Add(time.Hour)} {
		for i := range 10 {
			if err := beat(s, from.Add(time.Duration(i)*time.Minute), float64(i), o); err == nil {
				t.Fatal("the disk is not full")
			}
		}
	}
	if got := points(t, s, SeriesOf(o, 0), noon, noon.Add(9*time.Hour)); len(got) != 41 {
		t.Errorf("%d samples can be read before they are written, want 41", len(got))
	}
	refuse(t, s, false)
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	s = killed(t, s)
	whole(t, s)
	if got := points(t, s, SeriesOf(o, 0), noon, noon.Add(9*time.Hour)); len(got) != 41 {
		t.Errorf("%d samples of three passes, want 41", len(got))
	}
}

// TestOwnersAreBoundedAndNeverStuck begins new owners without end while nothing can be
// written, until no more are taken: it goes on when there is room.
func TestOwnersAreBoundedAndNeverStuck(t *testing.T) {
	s := open(t, t.TempDir())
	always := ownerOf(t, s, Service, noon, "service", "always")
	if err := beat(s, noon, 1, always); err != nil {
		t.Fatal(err)
	}
	refuse(t, s, true)
	at := noon
	crowded := 0
	for i := range MaxOwners + 500 {
		at = noon.Add(time.Duration(i) * 10 * time.Second)
		l := labels(t, "pid", fmt.Sprint(i))
		id, err := s.OwnerOf(Process, l, at.UnixMilli())
		if errors.Is(err, ErrCrowded) {
			crowded++
			id = always
		} else if err != nil {
			t.Fatal(err)
		}
		if err := beat(s, at, 1, id); err == nil {
			t.Fatal("the disk is not full")
		}
		if len(s.owners) > MaxOwners {
			t.Fatalf("%d owners are open", len(s.owners))
		}
		if s.pending.bytes > maxPending+1<<20 {
			t.Fatalf("%d bytes wait", s.pending.bytes)
		}
	}
	t.Logf("%d owners were refused, %d appends; %d bytes wait", crowded, s.Counts().Refused, s.pending.bytes)
	refuse(t, s, false)
	at = at.Add(3 * time.Hour)
	o := ownerOf(t, s, Process, at, "pid", "after")
	if err := beat(s, at, 2, o, always); err != nil {
		t.Fatal(err)
	}
	s = killed(t, s)
	whole(t, s)
	if got := points(t, s, SeriesOf(o, 0), noon, at); len(got) != 1 {
		t.Errorf("the new one has %d samples", len(got))
	}
}

// TestOwnersStayBoundedWhereAppendsAreRefused is a long time of a full disk: what Append
// refuses ends no owners, and still they must not fill up for ever.
func TestOwnersStayBoundedWhereAppendsAreRefused(t *testing.T) {
	s := open(t, t.TempDir())
	for i := range MaxOwners + 500 {
		// Nothing is appended at all: the recorder gives up where it finds no owner.
		at := noon.Add(time.Duration(i) * 10 * time.Second)
		if _, err := s.OwnerOf(Process, labels(t, "pid", fmt.Sprint(i)), at.UnixMilli()); err != nil {
			t.Fatalf("owner %d of one every ten seconds: %v", i, err)
		}
	}
	if len(s.owners) > MaxOwners {
		t.Errorf("%d owners are open, want at most %d", len(s.owners), MaxOwners)
	}
	whole(t, killed(t, s))
}

// TestWhatWaitsIsBounded fills every kind of thing that waits for the disk.
func TestWhatWaitsIsBounded(t *testing.T) {
	s := open(t, t.TempDir())
	o := ownerOf(t, s, Service, noon, "service", "bot")
	if err := beat(s, noon, 1, o); err != nil {
		t.Fatal(err)
	}
	refuse(t, s, true)
	text := string(make([]byte, 3*maxEventBytes))
	for i := range 3000 {
		s.Record(Event{At: noon.UnixMilli(), Kind: "test", Subject: text, Text: text, Detail: text})
		s.SaveDetector(Detector{Owner: fmt.Sprint(i), At: 1, Data: make([]byte, 50<<10)})
		beat(s, noon.Add(time.Duration(i)*5*time.Second), float64(i), o) //nolint:errcheck // it cannot
	}
	held := 0
	for _, e := range s.pending.events {
		held += len(e.Subject) + len(e.Text) + len(e.Detail)
	}
	for _, d := range s.pending.detectors {
		held += len(d.Data)
	}
	for _, f := range s.pending.frames {
		held += len(f.data)
	}
	for _, c := range s.pending.chunks {
		held += len(c.data)
	}
	if held > 2*maxPending {
		t.Errorf("%d MB wait for the disk", held/1e6)
	}
	t.Logf("%d KB wait: %d events, %d detectors, %d frames, %d chunks", held/1000, len(s.pending.events), len(s.pending.detectors), len(s.pending.frames), len(s.pending.chunks))
	refuse(t, s, false)
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	if s.pending.bytes != 0 {
		t.Errorf("%d bytes still wait", s.pending.bytes)
	}
	whole(t, killed(t, s))
}
