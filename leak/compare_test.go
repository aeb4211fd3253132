package leak

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/shapes"
)

// heard is a detector that observed a synthetic series, without judging it: comparisons
// ask the history only.
func heard(t *testing.T, shape string, seed uint64, span, interval float64) *Detector {
	t.Helper()
	series, err := shapes.Make(shapes.Setting{Shape: shape, Seed: seed, Span: span, Interval: interval, Noise: 1})
	if err != nil {
		t.Fatal(err)
	}
	d := New(Memory())
	for _, p := range series.Points {
		d.history.add(At(p.T, p.Value))
	}
	return d
}

func TestCompareWithItself(t *testing.T) {
	for _, shape := range shapes.Shapes() {
		d := heard(t, shape, 3, day, 120)
		if c := Compare(d, d); c.Word != Same || c.P != 1 || c.Rate.Value != 0 {
			t.Errorf("%s against itself: %+v", shape, c)
		}
	}
}

// TestCompareHealthy counts how often one of two healthy series is called better or worse.
// Most of them are seasons of one day, the second half of which sees but other hours.
func TestCompareHealthy(t *testing.T) {
	const seeds, most = 10, .05
	wrong, all := 0, 0
	for _, shape := range []string{
		"flat", "noisy", "drift", "warmup", "cache-exponential", "fragmentation", "step", "load-levels", "gc-sawtooth",
		"gc-generations", "page-cache", "batch", "season-daily", "season-weekly", "spike-plateau",
	} {
		for _, s := range []struct{ span, interval float64 }{{day, 120}, {3 * day, 300}} {
			for seed := range uint64(seeds) {
				a, b := heard(t, shape, 9000+seed, s.span, s.interval), heard(t, shape, 9500+seed, s.span, s.interval)
				c := Compare(a, b)
				all++
				if c.Word != Same {
					wrong++
					t.Logf("%s %d of %v: %s", shape, seed, span(s.span), c.Sentence(megabytes))
				}
				back := Compare(b, a)
				if c.Word == Worse && back.Word != Better || math.Abs(back.Rate.Value+c.Rate.Value) > 1e-6*math.Abs(c.Rate.Value) {
					t.Errorf("%s %d: %v one way, %v the other", shape, seed, c, back)
				}
			}
		}
	}
	t.Logf("%d of %d healthy pairs are not the same", wrong, all)
	if float64(wrong) > most*float64(all) {
		t.Errorf("%d of %d healthy pairs are not the same, want %.0f %% at most", wrong, all, 100*most)
	}
}

func TestCompareLeakWithItsFix(t *testing.T) {
	const seeds = 10
	for _, test := range []struct {
		leak, fixed string
		least       int // of so many seeds
	}{
		{"leak-linear-fast", "flat", 10}, {"leak-linear-slow", "flat", 8}, {"leak-linear-noisy", "flat", 5}, {"leak-warmup", "warmup", 10},
		{"leak-stairs-frequent", "flat", 9}, {"leak-sawtooth", "flat", 8}, {"leak-late", "flat", 4},
	} {
		worse, better := 0, 0
		for seed := range uint64(seeds) {
			leak, fixed := heard(t, test.leak, 40+seed, day, 120), heard(t, test.fixed, 70+seed, day, 120)
			if Compare(fixed, leak).Word == Worse {
				worse++
			}
			if Compare(leak, fixed).Word == Better {
				better++
			}
		}
		if worse < test.least || better != worse {
			t.Errorf("%s is worse than %s for %d of %d seeds, which is better for %d: want %d", test.leak, test.fixed, worse, seeds, better, test.least)
		}
	}
}

// TestCompareAtEqualUptime: a warm-up in both is no difference, however much longer the
// one was watched.
func TestCompareAtEqualUptime(t *testing.T) {
	grow := func(hours, rate float64) *Detector {
		d := New(Memory())
		random := rand.New(rand.NewPCG(1, uint64(hours)))
		for t := 0.0; t < hours*3600; t += 60 {
			d.history.add(At(t, 300e6-200e6*math.Exp(-t/7200)+rate*t/3600+1e5*random.NormFloat64()))
		}
		return d
	}
	if c := Compare(grow(14, 0), grow(6, 0)); c.Word != Same || math.Abs(c.Age-6*3600) > 61 {
		t.Errorf("two of the same: %+v", c)
	}
	c := Compare(grow(14, 0), grow(6, 5e6))
	if c.Word != Worse || c.Rate.Low > 5e6 || c.Rate.High < 5e6 || c.Rate.High > 8e6 {
		t.Errorf("5 MB/h more: %+v", c)
	}
	if more := c.CandidateGrowth - c.BaselineGrowth; math.Abs(more-30e6) > 3e6 {
		t.Errorf("grew %v more in 6 h, want 30 MB", more)
	}
	if c := Compare(grow(24*14, 0), grow(6, 0)); c.Word != Incomparable || !strings.Contains(c.Caveats[0], "the baseline does not hold its first 6.0 h in detail") {
		t.Errorf("two weeks against six hours: %+v", c)
	}
}

func TestCompareUnknown(t *testing.T) {
	long, short := heard(t, "flat", 1, day, 120), New(Memory())
	for i := range 5 {
		short.Observe(float64(i)*60, 1e8)
	}
	for _, test := range []struct {
		baseline, candidate *Detector
		want                string
	}{
		{long, short, "Unknown: the candidate is too short: 5 samples over 4 min."},
		{short, long, "Unknown: the baseline is too short: 5 samples over 4 min."},
		{long, New(Memory()), "Unknown: the candidate is too short: 0 samples over 0 s."},
		{long, New(Threads()), "Unknown: the baseline is of kind private, the candidate of kind count."},
	} {
		c := Compare(test.baseline, test.candidate)
		if got := c.Sentence(nil); c.Word != Incomparable || got != test.want || !math.IsNaN(c.P) || c.Rate.Known() {
			t.Errorf("%v, %q, want %q", c.Word, got, test.want)
		}
	}
}

func TestDifferenceSentence(t *testing.T) {
	d := Difference{Word: Worse, Age: 6 * 3600, Rate: Interval{12e6, 10.9e6, 13.1e6}, BaselineGrowth: 2e6, CandidateGrowth: 88e6, P: 1e-9}
	better, same, none := d, d, Difference{}
	better.Word, better.Rate, better.P = Better, negative(d.Rate), .0123
	same.Word, same.Rate, same.P = Same, Interval{.1e6, -.4e6, .6e6}, .62
	for said, want := range map[string]string{
		d.Sentence(megabytes):      "Worse: grows by 12.0 MB/h (10.9 to 13.1) more at the same age (6.0 h); 88.0 MB so far against 2.0 MB (p < 0.001).",
		better.Sentence(megabytes): "Better: grows by 12.0 MB/h (10.9 to 13.1) less at the same age (6.0 h); 88.0 MB so far against 2.0 MB (p = 0.0123).",
		same.Sentence(megabytes):   "Same: the growth differs by 0.1 MB/h (-0.4 to 0.6) at the same age (6.0 h), which is chance or too little (p = 0.62).",
		none.Sentence(nil):         "Unknown: nothing was compared.",
	} {
		if said != want {
			t.Errorf("said  %q\nwant %q", said, want)
		}
	}
}
