package shapes

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden hashes anew")

// fiveDays at a minute: 7,200 samples.
var fiveDays = Setting{Span: 5 * day, Interval: minute, Noise: 1, Work: true}

func made(t *testing.T, s Setting) Series {
	t.Helper()
	out, err := Make(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// each runs f on the named shapes, or on all, with a few seeds.
func each(t *testing.T, setting Setting, f func(t *testing.T, s Series), names ...string) {
	if len(names) == 0 {
		names = Shapes()
	}
	for _, name := range names {
		for seed := range uint64(6) {
			setting.Shape, setting.Seed = name, seed
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) { f(t, made(t, setting)) })
		}
	}
}

// hash is of every bit of the series.
func hash(s Series) string {
	h := sha256.New()
	number := func(x float64) {
		h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)))
	}
	h.Write([]byte(fmt.Sprint(s.Shape, s.Truth.Label, s.Truth.Linear, s.Restarts)))
	for _, x := range []float64{s.Limit, s.Truth.Onset, s.Truth.Rate, s.Truth.Cap} {
		number(x)
	}
	for _, p := range s.Points {
		number(p.T)
		number(p.Value)
		number(p.Work)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// TestGolden holds every series to the byte, on every platform that runs it. After a
// deliberate change of a shape: go test ./internal/shapes -run Golden -update.
func TestGolden(t *testing.T) {
	const path = "testdata/golden.txt"
	var b strings.Builder
	for _, name := range Shapes() {
		s := fiveDays
		s.Shape, s.Seed = name, 1
		fmt.Fprintf(&b, "%s %s\n", name, hash(made(t, s)))
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("series differ from %s; now:\n%s", path, b.String())
	}
}

func TestSameSettingSameSeries(t *testing.T) {
	for _, name := range Shapes() {
		s := fiveDays
		s.Shape, s.Seed = name, 7
		first := hash(made(t, s))
		if first != hash(made(t, s)) {
			t.Errorf("%s: made twice, two series", name)
		}
		s.Seed++
		if first == hash(made(t, s)) {
			t.Errorf("%s: two seeds, one series", name)
		}
	}
}

// TestNoiseAndWorkLeaveTheShape: comparisons across noise must compare the same leak.
func TestNoiseAndWorkLeaveTheShape(t *testing.T) {
	for _, name := range Shapes() {
		s := fiveDays
		s.Shape, s.Seed = name, 3
		with := made(t, s)
		s.Work = false
		without := made(t, s)
		for i, p := range without.Points {
			if !math.IsNaN(p.Work) {
				t.Fatalf("%s: a work counter that nobody asked for", name)
			}
			if p.Value != with.Points[i].Value || p.T != with.Points[i].T {
				t.Fatalf("%s: point %d changes with the work counter", name, i)
			}
		}
		s.Noise = 0
		quiet := made(t, s)
		if !near(quiet.Truth.Rate, with.Truth.Rate, 0.1) || !near(quiet.Truth.Cap, with.Truth.Cap, 1e-9) || len(quiet.Points) != len(with.Points) {
			t.Errorf("%s: without noise the truth is %+v, with noise %+v", name, quiet.Truth, with.Truth)
		}
	}
}

// near also holds for two NaN.
func near(a, b, share float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= share*math.Abs(b)
}

func TestSeriesAreWellFormed(t *testing.T) {
	each(t, fiveDays, func(t *testing.T, s Series) {
		unit := page
		if s.Shape == "leak-descriptors" || s.Shape == "leak-threads" {
			unit = 1
		}
		if n := len(s.Points); n < 4000 || n > 7201 {
			t.Errorf("%d points", n)
		}
		for i, p := range s.Points {
			if math.Mod(p.Value, unit) != 0 || p.Value < unit {
				t.Fatalf("point %d has value %v in units of %v", i, p.Value, unit)
			}
			if i == 0 {
				continue
			}
			before := s.Points[i-1]
			if p.T <= before.T || p.T > 5*day+minute {
				t.Fatalf("point %d at %v follows %v", i, p.T, before.T)
			}
			if math.IsNaN(p.Work) || p.Work < before.Work != slices.Contains(s.Restarts, i) {
				t.Fatalf("point %d: work %v after %v, restarts at %v", i, p.Work, before.Work, s.Restarts)
			}
		}
		if lives := strings.HasSuffix(s.Shape, "restarts"); lives != (len(s.Restarts) > 0) {
			t.Errorf("restarts %v", s.Restarts)
		}
		if !slices.IsSorted(s.Restarts) || len(s.Restarts) > 0 && (s.Restarts[0] < 1 || s.Restarts[len(s.Restarts)-1] >= len(s.Points)) {
			t.Errorf("restarts %v of %d points", s.Restarts, len(s.Points))
		}
	})
}

func TestGapOfSleep(t *testing.T) {
	for name, gaps := range map[string]bool{"suspend-jump": true, "suspend-still": false} {
		s := fiveDays
		s.Shape = name
		longest, worked := 0.0, 0.0
		points := made(t, s).Points
		for i := range points[1:] {
			if gap := points[i+1].T - points[i].T; gap > longest {
				longest, worked = gap, points[i+1].Work-points[i].Work
			}
		}
		if (longest > hour) != gaps {
			t.Errorf("%s: the longest gap is %v s", name, longest)
		}
		if mean := points[len(points)-1].Work / points[len(points)-1].T; gaps && worked > 0.1*mean*longest {
			t.Errorf("%s: %v CPU seconds in a sleep of %v s", name, worked, longest)
		}
	}
}

func TestSettingsThatCannotBeMade(t *testing.T) {
	good := Setting{Shape: "flat", Span: day, Interval: minute, Noise: 1}
	for _, c := range []struct {
		name string
		edit func(*Setting)
		says []string
	}{
		{"unknown shape", func(s *Setting) { s.Shape = "spiral" }, append(Shapes(), `"spiral"`)},
		{"no span", func(s *Setting) { s.Span = 0 }, []string{"span of 0 s"}},
		{"negative span", func(s *Setting) { s.Span = -5 }, []string{"span of -5 s"}},
		{"endless span", func(s *Setting) { s.Span = math.Inf(1) }, []string{"span of +Inf s"}},
		{"span that is none", func(s *Setting) { s.Span = math.NaN() }, []string{"span of NaN s"}},
		{"no interval", func(s *Setting) { s.Interval = 0 }, []string{"interval of 0 s"}},
		{"negative both", func(s *Setting) { s.Interval, s.Span = -1, -1 }, []string{"interval of -1 s", "span of -1 s"}},
		{"negative noise", func(s *Setting) { s.Noise = -1 }, []string{"noise of -1"}},
		{"too few", func(s *Setting) { s.Span = 60 * minute }, []string{"60 intervals", "use 64 to"}},
		{"too many", func(s *Setting) { s.Interval, s.Span = 1e-3, 1e9 }, []string{"1000000000000 intervals", "4000000"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := good
			c.edit(&s)
			_, err := Make(s)
			if err == nil {
				t.Fatal("was made")
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
	if _, err := Make(good); err != nil {
		t.Error(err)
	}
}

// TestShortAndLongSpans: every shape fits into few samples and into weeks.
func TestShortAndLongSpans(t *testing.T) {
	for _, c := range []struct{ span, interval float64 }{{64, 1}, {2 * hour, 10}, {6 * week, 10 * minute}} {
		for _, name := range Shapes() {
			s := made(t, Setting{Shape: name, Seed: 5, Span: c.span, Interval: c.interval, Noise: 3, Work: true})
			for i, p := range s.Points {
				if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) || i > 0 && p.T <= s.Points[i-1].T {
					t.Fatalf("%s over %v s: point %d is %+v", name, c.span, i, p)
				}
			}
			if s.Truth.Label == Leak && !(s.Truth.Rate > 0) {
				t.Errorf("%s over %v s: rate %v", name, c.span, s.Truth.Rate)
			}
		}
	}
}
