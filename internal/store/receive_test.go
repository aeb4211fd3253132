package store

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/value"

	"github.com/zol0/zol0/internal/remote"
)

// sent is a series as a host sends it; pairs are its name and further labels.
func sent(host string, pairs ...string) remote.Series {
	x := remote.Series{Labels: []remote.Label{{Name: "__name__", Value: pairs[0]}, {Name: "host", Value: host}, {Name: "instance", Value: host + ":8509"}}}
	for i := 1; i+1 < len(pairs); i += 2 {
		x.Labels = append(x.Labels, remote.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	slices.SortFunc(x.Labels, func(a, b remote.Label) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return x
}

func receive(t *testing.T, s *Store, now time.Time, all ...remote.Series) Receipt {
	t.Helper()
	for i := range all { // Receive may change them
		all[i].Samples = slices.Clone(all[i].Samples)
	}
	out, err := s.Receive(now, slices.Clone(all))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// keptOf are the samples of a received series in a store.
func keptOf(t *testing.T, s *Store, k Kind, c Code, fits func(Labels) bool) []Point {
	t.Helper()
	owners, err := s.Owners(t.Context(), k, 0, stillOpen, fits)
	if err != nil {
		t.Fatal(err)
	}
	if len(owners) != 1 {
		t.Fatalf("%d owners fit, want 1", len(owners))
	}
	o := &owners[0]
	var out []Point
	err = s.Points(t.Context(), SeriesOf(o.ID, c), o.First, o.Last, func(p Point) bool { out = append(out, p); return true })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ofHost(host string) func(Labels) bool {
	return func(l Labels) bool { return l.Get("host") == host }
}

// asPoints are the samples of a series as points, in order.
func asPoints(x remote.Series) []Point {
	var out []Point
	for _, y := range x.Samples {
		out = append(out, Point{y.T, y.V})
	}
	slices.SortFunc(out, func(a, b Point) int { return int(a.T - b.T) })
	return out
}

func TestNamesBecomeKinds(t *testing.T) {
	s := open(t, t.TempDir())
	at := noon.UnixMilli()
	one := []remote.Sample{{T: at, V: 1.5}}
	all := []remote.Series{
		sent("a", "zol0_service_private_bytes", "service", "bot"), sent("a", "zol0_service_cpu_seconds_total", "service", "bot"), sent("b", "zol0_service_private_bytes", "service", "bot"),
		sent("a", "zol0_process_threads", "service", "bot", "pid", "12"), sent("a", "zol0_host_load1"), sent("a", "go_goroutines", "job", "x"), sent("a", "zol0_service_of_a_newer_version", "service", "bot"),
	}
	for i := range all {
		all[i].Samples = one
	}
	got := receive(t, s, noon, all...)
	if got.Samples != 7 || got.Refused() != 0 {
		t.Fatalf("%+v", got)
	}
	for _, c := range []struct {
		kind  Kind
		name  string
		host  string
		owner string
	}{
		{Service, "zol0_service_private_bytes", "a", "bot"}, {Service, "zol0_service_cpu_seconds_total", "a", "bot"}, {Service, "zol0_service_private_bytes", "b", "bot"},
		{Process, "zol0_process_threads", "a", "bot"}, {Host, "zol0_host_load1", "a", ""}, {Gauge, "go_goroutines", "a", ""}, {Gauge, "zol0_service_of_a_newer_version", "a", "bot"},
	} {
		_, m, _ := MetricNamed(c.name)
		points := keptOf(t, s, c.kind, m.Code, func(l Labels) bool {
			return l.Get("host") == c.host && l.Get("instance") == c.host+":8509" && l.Get("service") == c.owner && (c.kind != Gauge || l.Get("__name__") == c.name)
		})
		if !slices.Equal(points, []Point{{at, 1.5}}) {
			t.Errorf("%s of %s: %v", c.name, c.host, points)
		}
	}
	top, _, err := s.Top(t.Context(), Service, 0, at-1, at+1, 10)
	if err != nil || len(top) != 0 {
		t.Errorf("the list of this machine's services has those of others: %v, %v", top, err)
	}
}

// TestWhatIsReceivedIsThere sends the samples of three hosts in any order, some twice, over
// hours, with the store opened anew and killed now and then, and compares every one.
func TestWhatIsReceivedIsThere(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	r := rand.New(rand.NewPCG(1, 2))
	own := ownerOf(t, s, Service, noon, "service", "bot")
	var all []remote.Series
	for h := range 3 {
		for i := range 6 {
			all = append(all, sent(fmt.Sprint("host", h), "zol0_service_private_bytes", "service", fmt.Sprint("s", i)))
		}
	}
	var waiting []remote.Series // requests that come late
	type sending struct {
		at int
		x  []remote.Series
	}
	var later []sending
	now := noon.Add(50 * time.Minute)
	var ownWant []Point
	late, duplicates := int64(0), int64(0)
	deliver := func(x []remote.Series) {
		got := receive(t, s, now, x...)
		if got.Refused() > 0 {
			t.Fatalf("%s: %v", now, got.Why)
		}
		late += got.Late
		duplicates += got.Duplicates
	}
	for i := range 3 * 240 {
		now = now.Add(15 * time.Second)
		v := float64(i)
		if err := s.Append(now, []Sample{{SeriesOf(own, 0), v}}, nil); err != nil {
			t.Fatal(err)
		}
		ownWant = append(ownWant, Point{now.UnixMilli(), v})
		var request []remote.Series
		for k := range all {
			host := k / 6
			at := now.Add(time.Duration(host-1) * 90 * time.Second).UnixMilli() // their clocks differ
			y := remote.Sample{T: at, V: float64(r.IntN(1 << 30))}
			all[k].Samples = append(all[k].Samples, y)
			request = append(request, remote.Series{Labels: all[k].Labels, Samples: []remote.Sample{y}})
		}
		switch r.IntN(8) {
		case 0: // it waits for up to an hour and a half
			later = append(later, sending{i + r.IntN(360), request})
		case 1:
			deliver(request)
			deliver(request)
		default:
			deliver(request)
		}
		later = slices.DeleteFunc(later, func(x sending) bool {
			if x.at <= i {
				waiting = append(waiting, x.x...)
			}
			return x.at <= i
		})
		if len(waiting) > 0 {
			deliver(waiting)
			waiting = nil
		}
		if _, err := s.Tidy(now); err != nil {
			t.Fatal(err)
		}
		switch {
		case i%97 == 96:
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir)
		case i%61 == 60:
			check := killed(t, s)
			if got := keptOf(t, check, Service, 0, func(l Labels) bool { return l.Get("host") == "host0" && l.Get("service") == "s0" }); len(got) < 20 {
				t.Fatalf("after a kill %d samples are there", len(got))
			}
		}
	}
	for _, x := range later {
		deliver(x.x)
	}
	if late == 0 || duplicates == 0 {
		t.Fatalf("%d samples came late and %d twice: the test does not test that", late, duplicates)
	}
	compare := func(s *Store) {
		t.Helper()
		for k := range all {
			x := Labels{}
			for _, l := range all[k].Labels[1:] {
				x = append(x, Label{l.Name, l.Value})
			}
			same(t, keptOf(t, s, Service, 0, func(l Labels) bool { return slices.Equal(l, x) }), asPoints(all[k]))
		}
		same(t, points(t, s, SeriesOf(own, 0), noon, now.Add(time.Hour)), ownWant)
	}
	compare(s)
	compare(killed(t, s))
	for range 200 { // everything is written and the log is gone
		if _, err := s.Tidy(now.Add(70 * time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Received(); got.Hours != 0 || got.LogBytes != 0 || len(s.inflow.rows) != 0 {
		t.Errorf("an hour later something still waits: %+v", got)
	}
	compare(s)
	whole(t, s)
	// And when nothing comes for an hour, the series are known no more, and begin again.
	for range 3 {
		if _, err := s.Tidy(now.Add(5 * time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Received(); got.Series != 0 || got.Owners != 0 {
		t.Errorf("after hours %d series of %d owners are known", got.Series, got.Owners)
	}
	compare(s)
	again := sent("host1", "zol0_service_private_bytes", "service", "s2")
	again.Samples = []remote.Sample{{T: now.Add(5 * time.Hour).UnixMilli(), V: 7}}
	receive(t, s, now.Add(5*time.Hour), again)
	all[8].Samples = append(all[8].Samples, again.Samples...)
	compare(s)
}

func TestWhatCannotBeKeptIsRefused(t *testing.T) {
	s := open(t, t.TempDir())
	at := noon.UnixMilli()
	sample := func(t int64, v float64) []remote.Sample { return []remote.Sample{{T: t, V: v}} }
	with := func(x remote.Series, y []remote.Sample) remote.Series { x.Samples = y; return x }
	good := func() remote.Series { return sent("a", "zol0_host_load1") }
	unnamed := remote.Series{Labels: []remote.Label{{Name: "__name__", Value: "up"}}}
	nameless := remote.Series{Labels: []remote.Label{{Name: "host", Value: "a"}}}
	twice := remote.Series{Labels: []remote.Label{{Name: "__name__", Value: "up"}, {Name: "host", Value: "a"}, {Name: "host", Value: "b"}}}
	var many []string
	for i := range 16 {
		many = append(many, fmt.Sprint("l", i), "x")
	}
	for _, c := range []struct {
		what  string
		x     remote.Series
		count func(*Receipt) int64
		why   error
	}{
		{"NaN", with(good(), sample(at, math.NaN())), func(r *Receipt) int64 { return r.NoValue }, ErrNoValue},
		{"infinite", with(good(), sample(at, math.Inf(1))), func(r *Receipt) int64 { return r.NoValue }, ErrNoValue},
		{"ahead", with(good(), sample(at+11*minuteMillis, 1)), func(r *Receipt) int64 { return r.Ahead }, ErrFarAhead},
		{"old", with(good(), sample(at-8*24*hourMillis, 1)), func(r *Receipt) int64 { return r.TooOld }, ErrTooLate},
		{"before 1970", with(good(), sample(-1, 1)), func(r *Receipt) int64 { return r.TooOld }, ErrTooLate},
		{"no host", with(unnamed, sample(at, 1)), func(r *Receipt) int64 { return r.Labels }, ErrUnnamed},
		{"no name", with(nameless, sample(at, 1)), func(r *Receipt) int64 { return r.Labels }, ErrLabels},
		{"a label twice", with(twice, sample(at, 1)), func(r *Receipt) int64 { return r.Labels }, ErrLabels},
		{"many labels", with(sent("a", append([]string{"up"}, many...)...), sample(at, 1)), func(r *Receipt) int64 { return r.Labels }, ErrLabels},
		{"no UTF-8", with(sent("a", "up", "x", "\xff"), sample(at, 1)), func(r *Receipt) int64 { return r.Labels }, ErrLabels},
	} {
		kept := with(good(), sample(at, 3))
		got := receive(t, s, noon, c.x, kept)
		if c.count(&got) != 1 || got.Refused() != 1 || !errors.Is(got.Why, c.why) || got.Samples+got.Duplicates != 1 {
			t.Errorf("%s: %+v", c.what, got)
		}
	}
	if got := keptOf(t, s, Host, HostLoad1, ofHost("a")); !slices.Equal(got, []Point{{at, 3}}) {
		t.Errorf("beside what was refused there is %v", got)
	}
	instance := remote.Series{Labels: []remote.Label{{Name: "__name__", Value: "up"}, {Name: "instance", Value: "10.0.0.7:9100"}}, Samples: sample(at, 1)}
	if got := receive(t, s, noon, instance); got.Samples != 1 {
		t.Errorf("a series with an instance alone: %+v", got)
	}
	if got := keptOf(t, s, Gauge, 0, ofHost("10.0.0.7")); len(got) != 1 {
		t.Errorf("it has no host: %v", got)
	}
}

func TestStaleMarkersEndSeries(t *testing.T) {
	s := open(t, t.TempDir())
	x := sent("a", "zol0_service_private_bytes", "service", "bot")
	at := noon.UnixMilli()
	x.Samples = []remote.Sample{{T: at, V: 1}, {T: at + 5000, V: math.Float64frombits(value.StaleNaN)}, {T: at + 10_000, V: 2}}
	if got := receive(t, s, noon.Add(time.Minute), x); got.Ends != 1 || got.Samples != 2 || got.Refused() != 0 {
		t.Fatalf("%+v", got)
	}
	receive(t, s, noon.Add(time.Minute), x) // again
	owners, err := s.Owners(t.Context(), Service, 0, stillOpen, ofHost("a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Store{s, killed(t, s)} {
		ends, err := s.Ends(t.Context(), SeriesOf(owners[0].ID, 0), at, at+60_000)
		if err != nil || !slices.Equal(ends, []int64{at + 5000}) {
			t.Errorf("it ended at %v, %v", ends, err)
		}
		same(t, keptOf(t, s, Service, 0, ofHost("a")), []Point{{at, 1}, {at + 10_000, 2}})
	}
}

func TestReceivedSeriesAreBounded(t *testing.T) {
	s := open(t, t.TempDir())
	at := noon.UnixMilli()
	total := int64(0)
	for from := 0; from < MaxReceived+100; from += 4096 {
		var all []remote.Series
		for i := from; i < min(from+4096, MaxReceived+100); i++ {
			x := sent("a", "zol0_service_private_bytes", "service", fmt.Sprint(i/2))
			if i%2 == 1 {
				x = sent("a", "zol0_service_rss_bytes", "service", fmt.Sprint(i/2))
			}
			x.Samples = []remote.Sample{{T: at, V: float64(i)}}
			all = append(all, x)
		}
		got := receive(t, s, noon, all...)
		total += got.Samples
		if from+4096 > MaxReceived && (got.Crowded != 100 || !errors.Is(got.Why, ErrCrowded)) {
			t.Errorf("beyond the bound: %+v", got)
		}
	}
	if total != MaxReceived || s.Received().Series != MaxReceived {
		t.Errorf("%d samples of %d series", total, s.Received().Series)
	}
	// The bound of this machine's own owners is another.
	ownerOf(t, s, Service, noon, "service", "mine")
	// Hours that wait in memory are bounded as well: whoever sends waits instead.
	for h := range 4 {
		now := noon.Add(time.Duration(h) * time.Hour)
		var all []remote.Series
		for i := range 12_000 {
			x := sent("a", "zol0_service_private_bytes", "service", fmt.Sprint(i/2))
			if i%2 == 1 {
				x = sent("a", "zol0_service_rss_bytes", "service", fmt.Sprint(i/2))
			}
			x.Samples = []remote.Sample{{T: now.UnixMilli(), V: float64(i)}}
			all = append(all, x)
		}
		receive(t, s, now, all...)
		if n := len(s.inflow.pieces); n > maxInflows+12_000 {
			t.Fatalf("%d hours are in memory", n)
		}
	}
}
