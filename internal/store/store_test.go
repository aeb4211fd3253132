package store

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// noon is the time most tests begin at.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(Options{Dir: dir, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func labels(t *testing.T, pairs ...string) Labels {
	t.Helper()
	l, err := NewLabels(pairs...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func ownerOf(t *testing.T, s *Store, k Kind, at time.Time, pairs ...string) OwnerID {
	t.Helper()
	id, err := s.OwnerOf(k, labels(t, pairs...), at.UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func points(t *testing.T, s *Store, x Series, from, to time.Time) []Point {
	t.Helper()
	var out []Point
	err := s.Points(context.Background(), x, from.UnixMilli(), to.UnixMilli(), func(p Point) bool { out = append(out, p); return true })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// walk feeds n beats of some owners with values that change as real ones do, and returns
// what it appended to each series.
func walk(t *testing.T, s *Store, from time.Time, step time.Duration, n int, owners []OwnerID, seed uint64) map[Series][]Point {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	want := make(map[Series][]Point)
	value := make(map[Series]float64)
	for i := range n {
		at := from.Add(time.Duration(i) * step)
		var beat, minute []Sample
		for _, o := range owners {
			for c := range Code(4) {
				x := SeriesOf(o, c)
				if r.IntN(3) > 0 {
					value[x] += float64(r.IntN(64)-20) * 4096
				}
				beat = append(beat, Sample{x, value[x]})
				want[x] = append(want[x], Point{at.UnixMilli(), value[x]})
			}
			if i%12 == 0 {
				x := SeriesOf(o, 7)
				minute = append(minute, Sample{x, float64(i)})
				want[x] = append(want[x], Point{at.UnixMilli(), float64(i)})
			}
		}
		if err := s.Append(at, beat, minute); err != nil {
			t.Fatal(err)
		}
	}
	return want
}

func same(t *testing.T, got, want []Point) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d points, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("point %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestWhatIsAppendedIsReadAcrossHoursAndReopening(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	a := ownerOf(t, s, Service, noon, "service", "bot")
	b := ownerOf(t, s, Process, noon, "service", "bot", "pid", "812")
	want := walk(t, s, noon, 5*time.Second, 3*720+100, []OwnerID{a, b}, 1)
	end := noon.Add(100 * time.Hour)
	for x, points_ := range want {
		same(t, points(t, s, x, noon, end), points_)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	for x, points_ := range want {
		same(t, points(t, s, x, noon, end), points_)
		same(t, points(t, s, x, noon.Add(time.Hour), noon.Add(2*time.Hour)), between(points_, noon.Add(time.Hour), noon.Add(2*time.Hour)))
	}
	if id := ownerOf(t, s, Service, noon, "service", "bot"); id != a {
		t.Errorf("the owner has number %d after reopening, want %d", id, a)
	}
}

func between(all []Point, from, to time.Time) []Point {
	var out []Point
	for _, p := range all {
		if p.T >= from.UnixMilli() && p.T <= to.UnixMilli() {
			out = append(out, p)
		}
	}
	return out
}

func TestBucketsAgreeWithSamples(t *testing.T) {
	s := open(t, t.TempDir())
	o := ownerOf(t, s, Service, noon, "service", "bot")
	want := walk(t, s, noon.Add(17*time.Minute), 5*time.Second, 3*720, []OwnerID{o}, 2)
	for _, step := range []time.Duration{7 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 2 * time.Hour} {
		for x, all := range want {
			var got []Bucket
			err := s.Buckets(context.Background(), x, noon.UnixMilli(), noon.Add(9*time.Hour).UnixMilli(), step.Milliseconds(), func(b Bucket) bool { got = append(got, b); return true })
			if err != nil {
				t.Fatal(err)
			}
			i := 0
			for len(all) > 0 {
				var sum summary
				at := all[0].T - mod(all[0].T, step.Milliseconds())
				for len(all) > 0 && all[0].T-mod(all[0].T, step.Milliseconds()) == at {
					sum.add(all[0].T, all[0].Value)
					all = all[1:]
				}
				b := got[i]
				if b.T != at || b.N != sum.n || b.Min != sum.min || b.Max != sum.max || b.Last != sum.last || math.Abs(b.Mean-sum.sum/float64(sum.n)) > 1e-6*math.Abs(b.Mean)+1e-9 {
					t.Fatalf("step %v: bucket %d is %+v, want %+v at %d", step, i, b, sum, at)
				}
				i++
			}
			if i != len(got) {
				t.Fatalf("step %v: %d buckets, want %d", step, len(got), i)
			}
		}
	}
}

// TestSeriesBeyondTheBoundAreLeftOut appends more series than an hour may have.
func TestSeriesBeyondTheBoundAreLeftOut(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	var beat []Sample
	for i := range 300 {
		o := ownerOf(t, s, Service, noon, "service", strconv.Itoa(i))
		for c := range Code(30) {
			beat = append(beat, Sample{SeriesOf(o, c), float64(i)})
		}
	}
	for i := range 3 {
		if err := s.Append(noon.Add(time.Duration(i)*time.Second), slices.Clone(beat), nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.head) != MaxSeries {
		t.Errorf("%d series are open, want %d", len(s.head), MaxSeries)
	}
	if got, want := s.Counts().Crowded, int64(3*(len(beat)-MaxSeries)); got != want {
		t.Errorf("%d samples were left out, want %d", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if got := points(t, s, beat[0].Series, noon, noon.Add(time.Hour)); len(got) != 3 {
		t.Errorf("%d points of a series that found room", len(got))
	}
	if got := points(t, s, beat[len(beat)-1].Series, noon, noon.Add(time.Hour)); len(got) != 0 {
		t.Errorf("%d points of a series that found none", len(got))
	}
}

func TestClockSetBackJoinsTheHours(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	o := ownerOf(t, s, Service, noon, "service", "bot")
	x := SeriesOf(o, 0)
	first := walk(t, s, noon, 5*time.Second, 800, []OwnerID{o}, 3)[x]
	second := walk(t, s, noon.Add(2*time.Second), 5*time.Second, 1600, []OwnerID{o}, 4)[x]
	want := joinSorted(first, second, func(p Point) int64 { return p.T })
	same(t, points(t, s, x, noon, noon.Add(9*time.Hour)), want)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	same(t, points(t, s, x, noon, noon.Add(9*time.Hour)), want)
	// A day ahead, and back again.
	third := walk(t, s, noon.Add(26*time.Hour), 5*time.Second, 10, []OwnerID{o}, 5)[x]
	fourth := walk(t, s, noon.Add(3*time.Hour), 5*time.Second, 10, []OwnerID{o}, 6)[x]
	want = append(append(want, fourth...), third...)
	same(t, points(t, s, x, noon, noon.Add(90*time.Hour)), want)
}

func TestOldSamplesAreThinnedInSteps(t *testing.T) {
	s := open(t, t.TempDir())
	o := ownerOf(t, s, Service, noon, "service", "bot")
	x := SeriesOf(o, 0)
	all := walk(t, s, noon, time.Minute/12, 50*720, []OwnerID{o}, 7)[x]
	tidy := func(at time.Time) {
		t.Helper()
		for range 5000 {
			did, err := s.Tidy(at)
			if err != nil {
				t.Fatal(err)
			}
			if did.Thinned > thinStep || did.Days > dayStep {
				t.Fatalf("a step did too much at once: %+v", did)
			}
			if did.Thinned+did.Days+did.Dropped == 0 {
				return
			}
		}
		t.Fatal("there is always more to do")
	}
	end := noon.Add(90 * 24 * time.Hour)
	// A week later all but the last hours are minutes.
	tidy(noon.Add(DefaultRaw + 40*time.Hour))
	got := points(t, s, x, noon, noon.Add(39*time.Hour))
	if len(got) != 39*60 {
		t.Fatalf("%d points after thinning, want one a minute: %d", len(got), 39*60)
	}
	if want := all[11].Value; got[0].Value != want {
		t.Errorf("the first minute ends at %v, want its last sample %v", got[0].Value, want)
	}
	same(t, points(t, s, x, noon.Add(42*time.Hour), end), between(all, noon.Add(42*time.Hour), end))
	check := func(step time.Duration, until time.Time) {
		t.Helper()
		var n int64
		low, high := math.Inf(1), math.Inf(-1)
		err := s.Buckets(context.Background(), x, noon.UnixMilli(), until.UnixMilli()-1, step.Milliseconds(), func(b Bucket) bool {
			n += b.N
			low, high = min(low, b.Min), max(high, b.Max)
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		var want summary
		for _, p := range between(all, noon, until.Add(-time.Millisecond)) {
			want.add(p.T, p.Value)
		}
		if n != want.n || low != want.min || high != want.max {
			t.Errorf("step %v until %v: %d samples from %v to %v, want %d from %v to %v", step, until, n, low, high, want.n, want.min, want.max)
		}
	}
	check(time.Minute, end)
	check(time.Hour, end)
	check(24*time.Hour, end)
	finest := func(from time.Time, want string) {
		t.Helper()
		if got, err := s.Finest(context.Background(), from.UnixMilli()); err != nil || got != want {
			t.Errorf("from %v on the finest is %s, %v; want %s", from, got, err, want)
		}
	}
	finest(noon, "minutes")
	finest(noon.Add(48*time.Hour), "raw")
	// A month later the days that are over are hours.
	tidy(noon.Add(DefaultMinutes + 72*time.Hour))
	check(time.Hour, end)
	finest(noon, "hours")
	if got := points(t, s, x, noon, noon.Add(24*time.Hour-time.Millisecond)); len(got) != 24 {
		t.Errorf("%d points in a day of hours", len(got))
	}
	// A year later nothing is left but the hour that is open.
	tidy(noon.Add(DefaultHours + 30*24*time.Hour))
	same(t, points(t, s, x, noon, end), all[49*720:])
}
