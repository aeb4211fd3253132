package store

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// importing begins an import that ends with the test.
func importing(t *testing.T, s *Store, now time.Time) *Import {
	t.Helper()
	m, err := s.Import(now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func imported(t *testing.T, m *Import, k Kind, c Code, points []Point, pairs ...string) Series {
	t.Helper()
	id, err := m.Owner(k, labels(t, pairs...))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if err := m.Add(SeriesOf(id, c), p); err != nil {
			t.Fatalf("%v: %v", p, err)
		}
	}
	return SeriesOf(id, c)
}

func closed(t *testing.T, m *Import) Imported {
	t.Helper()
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return m.Counts()
}

// made are n points of a series that rises and falls.
func made(from time.Time, step time.Duration, n int, seed uint64) []Point {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([]Point, n)
	v := 1e6
	for i := range out {
		v += float64(r.IntN(9)-4) * 4096
		out[i] = Point{from.Add(time.Duration(i) * step).UnixMilli(), v}
	}
	return out
}

func sound_(t *testing.T, s *Store) {
	t.Helper()
	_, err := Verify(context.Background(), s.Path(), Verification{Problem: func(p Problem) { t.Error(p) }})
	if err != nil {
		t.Error(err)
	}
}

// buckets are what the file says of a series, of all tiers.
func buckets(t *testing.T, s *Store, x Series, from, to time.Time, step time.Duration) []Bucket {
	t.Helper()
	var out []Bucket
	err := s.Buckets(context.Background(), x, from.UnixMilli(), to.UnixMilli(), step.Milliseconds(), func(b Bucket) bool { out = append(out, b); return true })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestImportedSamplesAreInTheTierOfTheirAge(t *testing.T) {
	s := open(t, t.TempDir())
	raw := made(noon.Add(-3*24*time.Hour), 5*time.Second, 3000, 1)
	minutes := made(noon.Add(-9*24*time.Hour), 5*time.Second, 3000, 2)
	hours := made(noon.Add(-60*24*time.Hour), 5*time.Second, 3000, 3)
	all := append(append(append([]Point(nil), hours...), minutes...), raw...)
	var x Series
	for round := range 2 {
		m := importing(t, s, noon)
		x = imported(t, m, Service, 0, all, "service", "bot")
		c := closed(t, m)
		if c.Points != 9000 || round == 0 && (c.New != 9000 || c.Owners != 1) || round == 1 && (c.New != 0 || c.Owners != 0) {
			t.Errorf("round %d: %+v", round, c)
		}
		same(t, points(t, s, x, noon.Add(-4*24*time.Hour), noon), raw)
		if got := points(t, s, x, noon.Add(-10*24*time.Hour), noon.Add(-8*24*time.Hour)); len(got) != 250 {
			t.Errorf("%d minutes, want 250", len(got))
		}
		if got := points(t, s, x, noon.Add(-61*24*time.Hour), noon.Add(-59*24*time.Hour)); len(got) != 5 {
			t.Errorf("%d hours, want 5", len(got))
		}
		var n int64
		low, high := math.Inf(1), math.Inf(-1)
		for _, b := range buckets(t, s, x, noon.Add(-70*24*time.Hour), noon, time.Hour) {
			n += b.N
			low, high = min(low, b.Min), max(high, b.Max)
		}
		var want summary
		for _, p := range all {
			want.add(p.T, p.Value)
		}
		if n != 9000 || low != want.min || high != want.max {
			t.Errorf("%d samples from %v to %v, want %d from %v to %v", n, low, high, want.n, want.min, want.max)
		}
	}
	owners, err := s.Owners(context.Background(), Service, 0, noon.UnixMilli(), nil)
	if err != nil || len(owners) != 1 || owners[0].First != all[0].T || owners[0].Last != all[len(all)-1].T {
		t.Errorf("the owners are %+v (%v)", owners, err)
	}
	sound_(t, s)
}

// The order of samples makes no difference, neither within an hour nor between hours.
func TestImportTakesSamplesInAnyOrder(t *testing.T) {
	want := made(noon.Add(-20*time.Hour), 10*time.Second, 2000, 4)
	for name, order := range map[string]func([]Point){
		"backwards": func(p []Point) {
			for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
				p[i], p[j] = p[j], p[i]
			}
		},
		"shuffled": func(p []Point) {
			rand.New(rand.NewPCG(1, 1)).Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
		},
	} {
		s := open(t, t.TempDir())
		mixed := append([]Point(nil), want...)
		order(mixed)
		m := importing(t, s, noon)
		x := imported(t, m, Gauge, 0, mixed, "__name__", "x")
		closed(t, m)
		t.Log(name)
		same(t, points(t, s, x, noon.Add(-99*time.Hour), noon), want)
		sound_(t, s)
	}
}

// Frames of the open hour, its chunk and what is imported into it are one hour afterwards.
func TestImportIntoTheOpenHour(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	o := ownerOf(t, s, Service, noon, "service", "bot")
	x := SeriesOf(o, 0)
	live := walk(t, s, noon.Add(10*time.Minute), 5*time.Second, 100, []OwnerID{o}, 8)[x]
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	past := made(noon.Add(time.Minute), 7*time.Second, 120, 9)
	m := importing(t, s, noon.Add(30*time.Minute))
	if got := imported(t, m, Service, 0, past, "service", "bot"); got != x {
		t.Fatalf("the import went to series %d, want %d", got, x)
	}
	closed(t, m)
	want := joinSorted(past, live, func(p Point) int64 { return p.T })
	same(t, points(t, s, x, noon, noon.Add(time.Hour)), want)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	same(t, points(t, s, x, noon, noon.Add(time.Hour)), want)
	later := walk(t, s, noon.Add(40*time.Minute), 5*time.Second, 400, []OwnerID{o}, 10)[x] // into the next hour
	want = append(want, later...)
	same(t, points(t, s, x, noon, noon.Add(2*time.Hour)), want)
	var n int64
	for _, b := range buckets(t, s, x, noon, noon.Add(2*time.Hour), time.Hour) {
		n += b.N
	}
	if n != int64(len(want)) {
		t.Errorf("the hours have %d samples, want %d", n, len(want))
	}
	sound_(t, s)
}

func TestWhatAnImportRefuses(t *testing.T) {
	s := open(t, t.TempDir())
	m := importing(t, s, noon)
	id, err := m.Owner(Gauge, labels(t, "__name__", "x"))
	if err != nil {
		t.Fatal(err)
	}
	x := SeriesOf(id, 0)
	for want, p := range map[error]Point{
		ErrTooOld:  {noon.Add(-366 * 24 * time.Hour).UnixMilli(), 1},
		ErrAhead:   {noon.Add(25 * time.Hour).UnixMilli(), 1},
		ErrNoValue: {noon.UnixMilli(), math.NaN()},
	} {
		if err := m.Add(x, p); !errors.Is(err, want) {
			t.Errorf("%v gives %v, want %v", p, err, want)
		}
	}
	if err := m.Add(x, Point{-5, 1}); !errors.Is(err, ErrTooOld) {
		t.Errorf("1969 gives %v", err)
	}
	hour := noon.Add(-time.Hour).UnixMilli()
	for i := range maxDense {
		if err := m.Add(x, Point{hour + int64(i)*50, 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Add(x, Point{hour + 3_599_999, 1}); !errors.Is(err, ErrDense) {
		t.Errorf("one sample more than an hour may have gives %v", err)
	}
	old := noon.Add(-10 * 24 * time.Hour).UnixMilli()
	if err := m.Add(x, Point{old, 1}); err != nil {
		t.Fatal(err)
	}
	if err := m.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := m.Add(x, Point{old + 1, 1}); !errors.Is(err, ErrLate) {
		t.Errorf("an hour of minutes that is written already gives %v", err)
	}
	if err := m.Add(x, Point{hour + 1, 2}); err != nil {
		t.Errorf("an hour of samples that is written already gives %v", err)
	}
	if c := closed(t, m); c.Points != maxDense+2 || c.Lost != 1 {
		t.Errorf("%+v: a sample more than an hour holds must be counted", c)
	}
	sound_(t, s)
}

// An owner without a single good sample leaves no row, and what comes of it later has one.
func TestOwnersBeginWithASample(t *testing.T) {
	s := open(t, t.TempDir())
	m := importing(t, s, noon)
	a, err := m.Owner(Gauge, labels(t, "__name__", "a"))
	if err != nil {
		t.Fatal(err)
	}
	imported(t, m, Gauge, 0, made(noon.Add(-time.Hour), time.Minute, 3, 1), "__name__", "b")
	if err := m.Flush(); err != nil {
		t.Fatal(err)
	}
	all, err := s.OwnersAfter(context.Background(), 0, 10)
	if err != nil || len(all) != 1 {
		t.Fatalf("%v (%v)", all, err)
	}
	if err := m.Add(SeriesOf(a, 0), Point{noon.UnixMilli(), 1}); err != nil {
		t.Fatal(err)
	}
	closed(t, m)
	if all, err = s.OwnersAfter(context.Background(), 0, 10); err != nil || len(all) != 2 || all[0].First != noon.UnixMilli() {
		t.Fatalf("%v (%v)", all, err)
	}
}

// More series than may be open at a time come one after the other, and each is whole.
func TestImportOfMoreSeriesThanAreOpen(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: 9,000 series take two seconds")
	}
	s := open(t, t.TempDir())
	m := importing(t, s, noon)
	var all []Series
	data := made(noon.Add(-9*24*time.Hour), 10*time.Second, 20, 5)
	for i := range MaxSeries + 800 {
		all = append(all, imported(t, m, Gauge, 0, data, "__name__", "x", "n", string(rune(i+0x100))))
		if len(m.open) > MaxSeries {
			t.Fatalf("%d hours are open", len(m.open))
		}
	}
	if c := closed(t, m); c.New != int64(len(all)*len(data)) {
		t.Errorf("%+v", c)
	}
	for _, x := range []Series{all[0], all[len(all)/2], all[len(all)-1]} {
		var n int64
		for _, b := range buckets(t, s, x, noon.Add(-10*24*time.Hour), noon, time.Minute) {
			n += b.N
		}
		if n != int64(len(data)) {
			t.Errorf("series %d has %d samples", x, n)
		}
	}
}
