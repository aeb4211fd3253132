package leak

import (
	"math"
	"testing"

	"github.com/zol0/zol0/internal/shapes"
)

// around is the mean of the series about a time.
func around(s shapes.Series, at float64) float64 {
	var sum, n float64
	for _, p := range s.Points {
		if math.Abs(p.T-at) < .02*newest(s) {
			sum, n = sum+p.Value, n+1
		}
	}
	return sum / n
}

// reached is when the series itself first reaches a level, teeth and noise and all.
func reached(s shapes.Series, level float64) float64 {
	for _, p := range s.Points {
		if p.Value >= level {
			return p.T
		}
	}
	return math.Inf(1)
}

// TestForecastReaches: verdicts on leaks with the limit where the series will be later
// are compared with when it was there.
func TestForecastReaches(t *testing.T) {
	var all, steady record
	silent := 0
	for _, shape := range []string{"leak-linear-slow", "leak-linear-fast", "leak-linear-noisy", "leak-late", "leak-warmup",
		"leak-sawtooth", "leak-drift", "leak-partial-cleanup", "leak-stairs-frequent", "leak-stairs-rare"} {
		var r record
		synthetic(t, shape, 5, false, func(s shapes.Series) {
			for _, when := range [][2]float64{{.4, .6}, {.4, .95}, {.6, .8}} {
				o, now := Memory(), grown(s, when[0])
				o.Limit = around(s, grown(s, when[1]))
				at := reached(s, o.Limit)
				if at <= now || math.IsInf(at, 1) {
					continue // a tooth was there before
				}
				v := judgedAt(s, o, now)
				if v.Forecast.Outlook != Reaches {
					silent++
					continue
				}
				r.add(at-v.At, v.Forecast.In)
				all.add(at-v.At, v.Forecast.In)
				if s.Truth.Linear {
					steady.add(at-v.At, v.Forecast.In)
				}
			}
		})
		t.Logf("%-21s %v", shape, &r)
		wantShare(t, shape+" covered", r.share(r.covered), .8, 1)
	}
	t.Logf("linear %v", &steady)
	t.Logf("all    %v; %d times nothing foreseen", &all, silent)
	wantShare(t, "covered", all.share(all.covered), .9, .99)
	wantShare(t, "linear covered", steady.share(steady.covered), .9, .99)
	wantShare(t, "linear within 25 %", steady.share(steady.near), .8, 1)
	wantShare(t, "silent", float64(silent)/float64(silent+all.n), 0, .2)
}

// TestForecastOfOwnLimit: the limits that operators set, where a leak reaches them.
func TestForecastOfOwnLimit(t *testing.T) {
	var r record
	for _, shape := range []string{"leak-linear-fast", "leak-linear-noisy", "leak-late", "leak-warmup", "leak-sawtooth", "leak-drift"} {
		synthetic(t, shape, 5, false, func(s shapes.Series) {
			at := reached(s, s.Limit)
			now := s.Truth.Onset + .6*(at-s.Truth.Onset)
			if math.IsInf(at, 1) || now < s.Truth.Onset+.2*newest(s) {
				return
			}
			o := Memory()
			o.Limit = s.Limit
			if v := judgedAt(s, o, now); v.Forecast.Outlook == Reaches {
				r.add(at-v.At, v.Forecast.In)
			}
		})
	}
	t.Logf("%v", &r)
	wantShare(t, "covered", r.share(r.covered), .85, 1)
}

// TestForecastSettles: whenever a bounded series is said to fill, the level is compared
// with its cap. Figures are relative to how far it rises.
func TestForecastSettles(t *testing.T) {
	var all record
	open := 0
	for _, shape := range []string{"warmup", "cache-exponential", "cache-linear", "load-ramp", "fragmentation"} {
		var r record
		synthetic(t, shape, 3, false, func(s shapes.Series) {
			rise := s.Truth.Cap - s.Points[0].Value
			for _, share := range []float64{.1, .15, .2, .3, .4, .5, .7, 1} {
				v := judgedAt(s, Memory(), share*newest(s))
				if v.State != Filling {
					continue
				}
				if v.Forecast.Outlook != Settles {
					open++
					continue
				}
				near := v.Forecast.Near
				above := func(level float64) float64 { return (level - s.Points[0].Value) / rise }
				i := Interval{above(near.Value), above(near.Low), above(near.High)}
				r.add(1, i)
				all.add(1, i)
			}
		})
		t.Logf("%-18s %v", shape, &r)
		wantShare(t, shape+" covered", r.share(r.covered), .8, 1)
		wantShare(t, shape+" within 25 %", r.share(r.near), .95, 1)
	}
	t.Logf("all %v; %d times no level foreseen", &all, open)
	wantShare(t, "covered", all.share(all.covered), .88, 1)
	wantShare(t, "half width", all.halfWidth(), 0, .15)
}

// TestForecastOfWhatGoesOn: what still rises in a line is given no level under its cap.
func TestForecastOfWhatGoesOn(t *testing.T) {
	synthetic(t, "cache-unfilled", 2, false, func(s shapes.Series) {
		d := New(Memory())
		for _, p := range s.Points {
			d.next = math.Inf(1)
			d.Observe(p.T, p.Value)
		}
		var w window
		d.history.cut(&w, 0)
		m := on(&w, d.circumstances(newest(s)))
		if !m.measure() {
			t.Fatal("too little to measure")
		}
		if f := m.forecast(Filling, m.estimate(0)); f.Outlook == Settles && f.Near.High < s.Truth.Cap {
			t.Errorf("settles at %v, the cap is %v", f.Near, s.Truth.Cap)
		}
	})
}

// TestForecastIsSilent where what reaches the limit first was not seen.
func TestForecastIsSilent(t *testing.T) {
	spiky := func(o Options) *Detector {
		d := New(o)
		for i := range 3000 {
			v := 1e8 + 2e4*float64(i)
			if i%211 == 0 { // one sample, seen in the mean of a bin only
				v += 3e8
			}
			d.Observe(60*float64(i), v)
		}
		return d
	}
	limited := Memory()
	limited.Limit = 1e9
	v := spiky(limited).Verdict()
	if !(v.Rate.Low > 0) {
		t.Fatalf("rate %v: the spikes hide the growth", v.Rate)
	}
	if v.State < Suspect {
		t.Fatalf("%v: there is nothing to forecast", v.State)
	}
	if v.Forecast.Outlook != NoOutlook {
		t.Errorf("under spikes of unknown height it foresees %+v", v.Forecast)
	}
}

// TestForecastIsSilentUnderALoad of which a part of the day was seen.
func TestForecastIsSilentUnderALoad(t *testing.T) {
	seen := map[bool]int{}
	synthetic(t, "leak-load", 3, true, func(s shapes.Series) {
		o := Memory()
		o.Limit = 4 * s.Limit
		d := New(o)
		for _, p := range s.Points {
			x := At(p.T, p.Value)
			x.Work = p.Work
			d.next = math.Inf(1)
			d.ObserveSample(x)
		}
		var w window
		d.history.cut(&w, 0)
		m := on(&w, d.circumstances(newest(s)))
		if !m.measure() {
			t.Fatal("too little to measure")
		}
		e := m.estimate(0)
		if !e.held || !(e.rate.Value > 0) || e.spiky {
			return
		}
		seen[m.age < wholeLoad]++
		want := Reaches
		if m.age < wholeLoad {
			want = NoOutlook
		}
		if f := m.forecast(Leaking, e); f.Outlook != want {
			t.Errorf("after %v s: %+v, want outlook %v", m.age, f, want)
		}
	})
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("the load was held in %d short and %d long series", seen[true], seen[false])
	}
}

// TestForecastOfALine: without noise the limit is reached when it is reached, what else
// counts towards it included.
func TestForecastOfALine(t *testing.T) {
	const perHour, start, limit, beside = 3e6, 1e8, 4e8, 2e7
	for _, c := range []struct{ beside, left float64 }{{0, limit - start}, {beside, limit - start - beside}} {
		d := New(Memory())
		d.SetLimit(limit)
		for i := range 2000 {
			s := At(60*float64(i), start+perHour/60*float64(i))
			s.Beside = c.beside
			d.ObserveSample(s)
		}
		v := d.Verdict()
		want := c.left/perHour*3600 - v.At
		in := v.Forecast.In
		if v.Forecast.Outlook != Reaches || math.Abs(in.Value/want-1) > .02 || in.Low > want || in.High < want {
			t.Errorf("beside %v: %+v, want %v s", c.beside, v.Forecast, want)
		}
		d.SetLimit(start)
		if in := d.Verdict().Forecast.In; in.Value != 0 || in.Low != 0 {
			t.Errorf("beyond the limit: %v", in)
		}
		d.SetLimit(0)
		if f := d.Verdict().Forecast; f.Outlook != NoOutlook {
			t.Errorf("without a limit: %+v", f)
		}
	}
}

// TestForecastByFieller: the bounds of when a line reaches a level are where the level
// leaves the interval of the line.
func TestForecastByFieller(t *testing.T) {
	line := trend{slope: 2, level: 10, varSlope: .04, varLevel: 1.5, cov: .12, freedom: 20}
	early, late := line.reaches(60)
	for i, at := range []float64{early, late} {
		half := student(20) * math.Sqrt(line.varLevel+2*at*line.cov+at*at*line.varSlope)
		bound := []float64{1, -1}[i]*half + line.level + line.slope*at
		if math.Abs(bound-60) > 1e-9 {
			t.Errorf("bound %d at %v: the line is at %v there, want 60", i, at, bound)
		}
	}
	line.varSlope = 2
	if early, late := line.reaches(60); !(early > 0) || !math.IsInf(late, 1) {
		t.Errorf("a slope that may be none: %v to %v, want no end", early, late)
	}
}

func TestForecastAllocatesNothing(t *testing.T) {
	for _, shape := range []string{"leak-late", "cache-exponential"} {
		synthetic(t, shape, 1, true, func(s shapes.Series) {
			o := Memory()
			o.Limit = s.Limit
			d := New(o)
			for _, p := range s.Points {
				d.next = math.Inf(1)
				d.Observe(p.T, p.Value)
			}
			var w window
			d.history.cut(&w, 0)
			m := on(&w, d.circumstances(newest(s)))
			if !m.measure() {
				t.Fatal("too little to measure")
			}
			if n := testing.AllocsPerRun(1, func() {
				for _, state := range []State{Filling, Leaking} {
					foreseen = m.forecast(state, m.estimate(0))
				}
			}); n > 0 {
				t.Errorf("%s: %v allocations", shape, n)
			}
		})
	}
}

var foreseen Forecast

func BenchmarkForecast(b *testing.B) {
	for _, state := range []State{Filling, Leaking} {
		b.Run(state.String(), func(b *testing.B) {
			s, err := shapes.Make(shapes.Setting{Shape: "cache-exponential", Seed: 1, Span: 2 * day, Interval: 120, Noise: 1})
			if err != nil {
				b.Fatal(err)
			}
			d := New(Options{Kind: Private, Limit: s.Limit})
			for _, p := range s.Points {
				d.Observe(p.T, p.Value)
			}
			var w window
			d.history.cut(&w, 0)
			m := on(&w, d.circumstances(newest(s)))
			if !m.measure() {
				b.Fatal("too little to measure")
			}
			e := m.estimate(0)
			b.ReportAllocs()
			for b.Loop() {
				foreseen = m.forecast(state, e)
			}
		})
	}
}
