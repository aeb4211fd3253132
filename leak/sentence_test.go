package leak

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// megabytes is a format as a command line has one.
func megabytes(v float64) string { return fmt.Sprintf("%.1f MB", v/1e6) }

func TestSentence(t *testing.T) {
	inf, hour := math.Inf(1), 3600.0
	none := Verdict{Rate: Unknown(), Onset: Unknown(), Smallest: math.NaN(), Forecast: Forecast{In: Unknown(), Near: Unknown()}}
	with := func(change func(v *Verdict)) Verdict {
		v := none
		change(&v)
		return v
	}
	leaking := with(func(v *Verdict) {
		v.State, v.Shape, v.At = Leaking, Linear, 10*hour
		v.Rate = Interval{14.2e6, 13.1e6, 15.3e6}
		v.Onset = Interval{3.8 * hour, 3 * hour, 4 * hour}
		v.Growth, v.Smallest = 88e6, 1e6
		v.Forecast = Forecast{Outlook: Reaches, In: Interval{3.6 * hour, 3.1 * hour, 4.2 * hour}, Near: Unknown()}
	})
	steady := with(func(v *Verdict) {
		v.State, v.Shape, v.Horizon, v.Growth = Steady, Flat, 300, 1e6
		v.Rate, v.Smallest = Interval{.1e6, -.3e6, .5e6}, .8e6
	})
	change := func(v Verdict, f func(v *Verdict)) Verdict {
		f(&v)
		return v
	}
	for _, test := range []struct {
		v    Verdict
		want string
	}{
		{leaking, "Leaking: growing by 14.2 MB/h (13.1 to 15.3) for 6.2 h, 88.0 MB so far; reaches its limit in 3.1 to 4.2 h."},
		{change(leaking, func(v *Verdict) { v.State, v.Forecast = Suspect, none.Forecast }),
			"Suspect: growing by 14.2 MB/h (13.1 to 15.3) for 6.2 h, 88.0 MB so far, but a cache that fills looks the same."},
		{change(leaking, func(v *Verdict) { v.Onset = Interval{0, -inf, 300}; v.Forecast.In.High = inf }),
			"Leaking: growing by 14.2 MB/h (13.1 to 15.3) for at least 10 h, 88.0 MB so far; reaches its limit in 3.1 h or later."},
		{change(leaking, func(v *Verdict) { v.Forecast.In = Interval{0, 0, 0} }),
			"Leaking: growing by 14.2 MB/h (13.1 to 15.3) for 6.2 h, 88.0 MB so far; its limit is reached."},
		{change(leaking, func(v *Verdict) { v.Forecast.In = Interval{4 * hour, hour, 90 * hour} }),
			"Leaking: growing by 14.2 MB/h (13.1 to 15.3) for 6.2 h, 88.0 MB so far; reaches its limit in 60 min to 3.8 days."},
		{change(leaking, func(v *Verdict) { v.Rate = Unknown(); v.Onset = Unknown(); v.Forecast = none.Forecast }),
			"Leaking: grew by 88.0 MB."},
		{change(leaking, func(v *Verdict) { v.Rate.Low, v.Rate.High = -inf, inf; v.Forecast = none.Forecast }),
			"Leaking: growing by 14.2 MB/h for 6.2 h, 88.0 MB so far."},
		{change(leaking, func(v *Verdict) { v.Rate = Interval{.2e6, -.3e6, .9e6} }),
			"Leaking: grew by 88.0 MB for 6.2 h, not growing now (-0.3 to 0.9 MB/h)."},
		{change(leaking, func(v *Verdict) { v.Rate = Interval{-2e6, -3e6, -1e6}; v.Growth = 0; v.Forecast.In = Interval{} }),
			"Leaking: not growing now (-3.0 to -1.0 MB/h); its limit is reached."},
		{change(leaking, func(v *Verdict) { v.State, v.Rate, v.Forecast = Suspect, Interval{.2e6, -.3e6, .9e6}, none.Forecast }),
			"Suspect: growing by 0.2 MB/h (-0.3 to 0.9) for 6.2 h, 88.0 MB so far, but a cache that fills looks the same."},
		{steady, "Steady: no growth above 0.8 MB/h over 5 min."},
		{change(steady, func(v *Verdict) { v.Shape = Sawtooth }), "Steady: rises and falls back; no growth above 0.8 MB/h over 5 min."},
		{change(steady, func(v *Verdict) { v.Shape, v.Rate.Value = Step, 2e6 }), "Steady: one step of 1.0 MB, level since."},
		{change(steady, func(v *Verdict) { v.Shape, v.Rate.Value = Linear, 2e6 }), "Steady: grew by 1.0 MB over 5 min, not in the way of a leak."},
		{change(steady, func(v *Verdict) { v.Rate = Interval{-3e6, -4e6, -2e6} }), "Steady: falling by 3.0 MB/h (2.0 to 4.0) over 5 min."},
		{with(func(v *Verdict) {
			v.State, v.Growth = Filling, 88e6
			v.Forecast = Forecast{Outlook: Settles, In: Unknown(), Near: Interval{512e6, 510e6, 530e6}}
		}), "Filling: levels off near 512.0 MB, 88.0 MB so far."},
		{with(func(v *Verdict) { v.Samples, v.Horizon = 7, 120 }), "Learning: too short (7 samples over 2 min)."},
		{with(func(v *Verdict) { v.Samples, v.Horizon, v.Restarts = 7, 30, 1 }), "Learning: too short (30 s since the restart)."},
		{none, "Learning: no samples yet."},
	} {
		if got := test.v.Sentence(megabytes); got != test.want {
			t.Errorf("said  %q\nwant %q", got, test.want)
		}
	}
	want := "Leaking: growing by 14200000/h (13100000 to 15300000) for 6.2 h, 88000000 so far; reaches its limit in 3.1 to 4.2 h."
	if got := leaking.Sentence(nil); got != want {
		t.Errorf("without a format said  %q\nwant %q", got, want)
	}
}

// TestIntervalUnits: a bound without a unit is read in that of the value, so it has one
// unless all three share it.
func TestIntervalUnits(t *testing.T) {
	w := wording{func(v float64) string {
		if math.Abs(v) >= 1e6 {
			return fmt.Sprintf("%.2f MB", v/1e6)
		}
		return fmt.Sprintf("%.0f KB", v/1e3)
	}}
	for _, test := range []struct {
		rate         Interval
		want, bounds string
	}{
		{Interval{975e3, -263e3, 2.21e6}, "975 KB/h (-263 KB to 2.21 MB)", "-263 KB/h to 2.21 MB/h"},
		{Interval{1.1e6, 975e3, 1.25e6}, "1.10 MB/h (975 KB to 1.25 MB)", "975 KB/h to 1.25 MB/h"},
		{Interval{1.5e6, 1.2e6, 1.8e6}, "1.50 MB/h (1.20 to 1.80)", "1.20 to 1.80 MB/h"},
		{Interval{50e3, -20e3, 120e3}, "50 KB/h (-20 to 120)", "-20 to 120 KB/h"},
	} {
		if got := w.interval(test.rate, "/h"); got != test.want {
			t.Errorf("wrote %q, want %q", got, test.want)
		}
		if got := w.bounds(test.rate, "/h"); got != test.bounds {
			t.Errorf("wrote the bounds %q, want %q", got, test.bounds)
		}
	}
	if got, want := (wording{}).interval(Interval{5, -2, 12}, "/h"), "5/h (-2 to 12)"; got != want {
		t.Errorf("without a unit wrote %q, want %q", got, want)
	}
}

// TestSentenceOfAnyVerdict: whatever is unknown, the sentence is one, and no figure that
// is none gets into it.
func TestSentenceOfAnyVerdict(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	odd := func() float64 {
		return [...]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, -5, 1e-9, 3600, 7e5, 1e15}[random.IntN(9)]
	}
	interval := func() Interval { return Interval{odd(), odd(), odd()} }
	for range 20000 {
		v := Verdict{
			State: State(random.IntN(5)), Shape: Shape(random.IntN(9)), At: odd(), Rate: interval(), PerWork: interval(), Onset: interval(),
			Horizon: odd(), Growth: odd(), Smallest: odd(), Score: odd(), Samples: random.IntN(3), Restarts: random.IntN(2),
			Forecast: Forecast{Outlook: Outlook(random.IntN(3)), In: interval(), Near: interval()},
		}
		said := v.Sentence(nil)
		if strings.Count(said, "\n") > 0 || !strings.HasSuffix(said, ".") || strings.Contains(said, "NaN") || strings.Contains(said, "Inf") {
			t.Fatalf("said %q of %+v", said, v)
		}
		if all := Explain(v, nil); strings.Contains(all, "NaN") || strings.Contains(all, "Inf") {
			t.Fatalf("explained %q of %+v", all, v)
		}
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 14.16: "14.2", 999.6: "1000", -3: "-3", 1234567: "1230000", .00123456: "0.00123",
		1e15: "1e+15", 1.5e-7: "1.5e-07", math.NaN(): "unknown", math.Inf(1): "without bound",
	} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %q, want %q", v, got, want)
		}
	}
}
