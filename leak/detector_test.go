package leak

import (
	"math"
	"strings"
	"testing"
)

func TestNewDetectorKnowsNothing(t *testing.T) {
	d := New(Memory())
	v := d.Verdict()
	if v.State != Learning || v.Shape != Unshaped || v.Samples != 0 || !math.IsNaN(v.At) || !math.IsNaN(v.Value) || !math.IsNaN(v.Level) || !math.IsNaN(v.Score) || v.Rate.Known() || v.Onset.Known() || v.Forecast.Outlook != NoOutlook {
		t.Errorf("without a sample: %+v", v)
	}
	for i := range firstSamples - 1 {
		d.Observe(float64(i)*60, 1e6*float64(i))
	}
	if v := d.Verdict(); v.State != Learning || v.Value != 1e6*(firstSamples-2) || v.At != 60*(firstSamples-2) {
		t.Errorf("after %d samples: %v at %v with %v", firstSamples-1, v.State, v.At, v.Value)
	}
}

// What tells nothing is counted and changes nothing.
func TestSamplesThatTellNothing(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	clean, dirty := New(Memory()), New(Memory())
	ignored := 0
	for i, s := range served(1500, 60, 4) {
		clean.ObserveSample(s)
		dirty.ObserveSample(s)
		for _, junk := range []Sample{
			At(s.T, s.Value), At(s.T-1, s.Value), At(s.T-1e9, 1e12), At(nan, 1), At(inf, 1), At(-inf, 1), At(1e16, 1),
			At(s.T+1, nan), At(s.T+1, inf), At(s.T+1, -inf), At(s.T+1, 1.1e30), At(s.T+1, -math.MaxFloat64),
		}[:1+i%12] {
			dirty.ObserveSample(junk)
			ignored++
		}
	}
	if dirty.ignored != ignored {
		t.Errorf("%d samples were ignored, want %d", dirty.ignored, ignored)
	}
	a, b := clean.Verdict(), dirty.Verdict()
	if len(b.Caveats) != len(a.Caveats)+1 {
		t.Errorf("caveats %q, want %q and one on what was ignored", b.Caveats, a.Caveats)
	}
	if b.Caveats = a.Caveats; !same(a, b) {
		t.Errorf("with junk between\n%+v, want\n%+v", b, a)
	}
}

// Figures beside the value that are no numbers are as if unknown, and spoil no score.
func TestFiguresThatAreNoNumbers(t *testing.T) {
	samples := served(1500, 60, 5)
	want := watched(changed(samples, forgetful), Memory()).Verdict()
	for _, v := range []float64{math.Inf(1), math.Inf(-1), 1e300, math.NaN()} {
		got := watched(changed(samples, func(s *Sample) { s.Work, s.Faults, s.Beside = v, v, v }), Memory()).Verdict()
		if !same(got, want) {
			t.Errorf("work, faults and beside of %v:\n%+v, want\n%+v", v, got, want)
		}
	}
}

// busy is a sample of a process that works steadily.
func busy(t, value float64) Sample {
	s := At(t, value)
	s.Work = t / 100
	return s
}

// Without a load a rise may be that of the day: it is suspect until it has lasted one.
func TestRiseOfADayIsNoLeak(t *testing.T) {
	for _, phase := range []float64{0, .1, .25, .4} {
		d := New(Memory())
		for i := range 21 * 1440 {
			at := float64(i) * 60
			d.Observe(at, 1e8-1e7*math.Cos(2*math.Pi*(at/86400+phase))+1e5*math.Sin(at/700))
			if d.State() == Leaking {
				t.Errorf("phase %v: leaking after %.1f h of days alike", phase, at/3600)
				break
			}
		}
	}
	d := New(Memory())
	for i := range 2 * 1440 {
		d.Observe(float64(i)*60, 1e8+2e4*float64(i))
	}
	if d.State() != Leaking {
		t.Errorf("%v after two days of growth, want leaking", d.State())
	}
}

// Memory that was freed is no leak any more, however long it had grown.
func TestFreedMemoryEndsALeak(t *testing.T) {
	d := New(Memory())
	for i := range 2 * 1440 {
		d.ObserveSample(busy(float64(i)*60, 1e8+2e4*float64(i)))
	}
	if d.State() != Leaking {
		t.Fatalf("%v after two days of growth, want leaking", d.State())
	}
	for i := 2 * 1440; i < 2*1440+240; i++ {
		d.ObserveSample(busy(float64(i)*60, 1e8))
	}
	if d.State() == Leaking {
		t.Error("leaking four hours after all was freed")
	}
}

// A stretch without samples is said, and is no growth; what came before stays known.
func TestGapIsSaid(t *testing.T) {
	d := New(Memory())
	d.SetModel(eager())
	grow := func(from, to int) {
		for i := from; i < to; i++ {
			d.ObserveSample(busy(float64(i)*60, 1e8+1e5*float64(i)))
		}
	}
	grow(0, 1000)
	if v := d.Verdict(); v.State != Leaking || len(said(v, "gap")) != 0 {
		t.Fatalf("before the gap: %v, %q", v.State, v.Caveats)
	}
	grow(1300, 1600)
	v := d.Verdict()
	if v.State != Leaking || len(said(v, "gap of 5.0 h")) != 1 {
		t.Errorf("after the gap: %v, %q; want leaking, with the gap said", v.State, v.Caveats)
	}
	if math.Abs(v.Rate.Value-6e6) > 1e4 {
		t.Errorf("rate %v an hour, want 6e6", v.Rate.Value)
	}
}

// said are the caveats that contain a word.
func said(v Verdict, word string) (found []string) {
	for _, c := range v.Caveats {
		if strings.Contains(c, word) {
			found = append(found, c)
		}
	}
	return found
}

// A clock that jumps ahead makes a gap; the detector goes on from there. One that jumps
// back makes samples that are ignored until it has caught up.
func TestClockThatJumps(t *testing.T) {
	d := New(Memory())
	d.SetModel(eager())
	at := func(i int) float64 { return float64(i) * 60 }
	value := func(i int) float64 { return 1e8 + 1e5*float64(i) }
	for i := range 600 {
		d.Observe(at(i), value(i))
	}
	for i := 600; i < 2000; i++ {
		d.Observe(at(i)+6*3600, value(i))
	}
	v := d.Verdict()
	if v.State != Leaking || d.ignored != 0 || len(said(v, "gap of 6.")) != 1 {
		t.Errorf("ahead: %v, %d ignored, %q; want leaking, none ignored, the gap said", v.State, d.ignored, v.Caveats)
	}
	for i := 2000; i < 2400; i++ {
		d.Observe(at(i), value(i)) // six hours back
	}
	if d.ignored != 360 {
		t.Errorf("back: %d ignored, want the 360 of six hours", d.ignored)
	}
	if v := d.Verdict(); v.State != Leaking || v.Samples != 2040 {
		t.Errorf("after having caught up: %v, %d samples; want leaking, 2040", v.State, v.Samples)
	}
}

// Restarts begin another life; before the first sample there is none to end.
func TestRestarts(t *testing.T) {
	d := New(Memory())
	d.SetModel(eager())
	fresh := pretty(d)
	d.Restart(5)
	d.Restart(math.NaN())
	if pretty(d) != fresh {
		t.Error("a restart before the first sample changed something")
	}
	for i := range 1000 {
		d.ObserveSample(busy(float64(i)*60, 1e8+1e5*float64(i)))
	}
	if v := d.Verdict(); v.State != Leaking || v.Restarts != 0 {
		t.Fatalf("%v after %d restarts", v.State, v.Restarts)
	}
	d.Restart(60_000)
	d.Restart(60_001) // of a life that has seen nothing: the same restart
	v := d.Verdict()
	if v.State != Learning || v.Restarts != 1 || v.Samples != 1000 || !math.IsNaN(v.Value) {
		t.Errorf("after a restart: %v, restarts %d, samples %d, value %v", v.State, v.Restarts, v.Samples, v.Value)
	}
	if d.lives.n != 1 || d.lives.growing != 1 || !d.lives.kept[0].Grew || math.Abs(d.lives.kept[0].Rate-6e6) > 1e4 {
		t.Errorf("the life is remembered as %+v", d.lives)
	}
	// The clock of another life may begin anew.
	for i := range 1000 {
		d.ObserveSample(busy(float64(i), 1e8))
	}
	if v := d.Verdict(); v.State != Steady || d.ignored != 0 {
		t.Errorf("another life: %v, %d ignored; want steady, none", v.State, d.ignored)
	}
}

// However many lives, what is remembered of them is bounded, and the row of those that
// grew ends with one that did not; lives too short to tell do not break it.
func TestLivesAreRemembered(t *testing.T) {
	d := New(Memory())
	live := func(minutes int, slope float64) {
		for i := range minutes {
			d.Observe(float64(i)*60, 1e8+slope*float64(i))
		}
		d.Restart(0)
	}
	for i := range 20 {
		live(300, 1e5)
		if want := min(i+1, keptLives); d.lives.growing != want || d.lives.n != want {
			t.Fatalf("after %d lives: %d kept, %d growing; want %d", i+1, d.lives.n, d.lives.growing, want)
		}
	}
	live(10, 0)
	if d.lives.growing != keptLives {
		t.Errorf("ten minutes broke the row: %d", d.lives.growing)
	}
	live(300, 0)
	if d.lives.growing != 0 {
		t.Errorf("five quiet hours did not break the row: %d", d.lives.growing)
	}
	live(300, 3e3) // 0.9 MB: more than the floor of memory
	if d.lives.growing != 1 {
		t.Errorf("growth over the floor of its kind begins no row: %d", d.lives.growing)
	}
	d.Observe(0, 1)
	if v := d.Verdict(); v.Restarts != 23 || len(said(v, "restarted 23 times")) != 1 {
		t.Errorf("%d restarts, %q", v.Restarts, v.Caveats)
	}
}

// A leak ends when growth has ended for a while, and is called again when it goes on.
func TestLeakEndsAndGoesOn(t *testing.T) {
	d := New(Memory())
	d.SetModel(eager())
	now, value := 0.0, 1e8
	alarms, before := 0, Learning
	pass := func(samples int, slope float64) {
		for range samples {
			now += 60
			value += slope
			d.ObserveSample(busy(now, value))
			if d.State() == Leaking && before != Leaking {
				alarms++
			}
			before = d.State()
		}
	}
	pass(500, 1e5)
	if alarms != 1 || d.State() != Leaking {
		t.Fatalf("%d alarms, %v after growth; want 1, leaking", alarms, d.State())
	}
	pass(20_000, 0)
	if alarms != 1 || d.State() == Leaking {
		t.Fatalf("%d alarms, %v after forty times as long without growth, score %v; want 1, no longer leaking", alarms, d.State(), d.Verdict().Score)
	}
	pass(40_000, 1e5)
	if alarms != 2 || d.State() != Leaking {
		t.Errorf("%d alarms, %v after more growth; want 2, leaking", alarms, d.State())
	}
}

// The way from one state to the next, judgement by judgement, at an age of 1000 s. It
// takes the score to stay over the threshold to call a leak, to stay far under it to end
// one, and half as much growth again to call another.
func TestStatesFromJudgementToJudgement(t *testing.T) {
	d := New(Options{Kind: Private, Threshold: 2})
	const age, hold, clear, far = 1000, holdShare * 1000, clearShare * 1000, 2 - clearMargin
	const climb, again = 40e6, againShare * 40e6
	for i, c := range []struct {
		at, score, floor float64
		want             State
		why              string
	}{
		{1000, 2 - suspectMargin + .1, 90e6, Suspect, "near the threshold"},
		{1010, 2.5, 90e6, Suspect, "over it for the first time"},
		{1010 + hold - 1, 2.5, 90e6, Suspect, "over it, not yet for long enough"},
		{1010 + hold, 1.9, 90e6, Suspect, "under it: the time begins anew"},
		{1100, 2.5, 90e6, Suspect, "over it again"},
		{1100 + hold + 1, 2.5, 100e6, Leaking, "over it for long enough"},
		{1200, far + .1, 100e6, Leaking, "near the threshold: a leak stays one"},
		{1300, far - .1, 100e6, Leaking, "far under it for the first time"},
		{1400, far + .1, 100e6, Leaking, "near it: the time begins anew"},
		{1500, far - .1, 100e6, Leaking, "far under it again"},
		{1500 + clear, far - .1, 100e6, Leaking, "far under it, not yet for long enough"},
		{1500 + clear + 1, 2 - suspectMargin - .1, 100e6, Steady, "for long enough"},
		{2000, 2.5, 100e6, Suspect, "over it"},
		{2500, 2.5, 100e6 + again - 1, Suspect, "over it for long, but not half as much again as at the alarm"},
		{2600, 2.5, 100e6 + again, Leaking, "half as much again"},
	} {
		d.history.last = c.at
		w := window{n: 1}
		m := on(&w, circumstances{Options: d.options})
		m.floor, m.growth, m.climb = 1e6, climb, climb
		m.terms[signalToNoise], m.terms[recentSignal] = 3, 3
		m.envelope[0], m.certain = c.floor, true
		d.move(&m, c.score, age)
		if d.state != c.want {
			t.Fatalf("judgement %d at %v s, %s: %v, want %v", i, c.at, c.why, d.state, c.want)
		}
	}
}

// The score may be as good as it will: growth under the noise floor, or that does not
// stand out of the scatter, is no leak.
func TestScoreAloneIsNoLeak(t *testing.T) {
	for _, c := range []struct {
		name                   string
		growth, signal, recent float64
		leaks                  bool
	}{
		{"growth that stands out", 1.1e6, leastSignal, leastRecentSignal, true},
		{"growth under the floor", .9e6, 3, 3, false},
		{"growth in its scatter", 1.1e6, leastSignal - .1, 3, false},
		{"growth in its scatter of late", 1.1e6, 3, leastRecentSignal - .1, false},
	} {
		d := New(Memory())
		for at := range 100 {
			w := window{n: 1}
			m := on(&w, circumstances{Options: d.options})
			m.floor, m.growth, m.climb = 1e6, c.growth, c.growth
			m.terms[signalToNoise], m.terms[recentSignal], m.certain = c.signal, c.recent, true
			d.history.last = float64(at) * 100
			d.move(&m, 50, 1000)
		}
		if leaks := d.state == Leaking; leaks != c.leaks {
			t.Errorf("%s: %v", c.name, d.state)
		}
	}
}

// The threshold is the budget of false alarms: a higher one never alarms sooner.
func TestThresholdDecides(t *testing.T) {
	first := func(threshold float64) int {
		d := New(Options{Kind: Private, Threshold: threshold})
		for i, s := range served(4000, 60, 6) {
			d.ObserveSample(s)
			if d.State() == Leaking {
				return i
			}
		}
		return math.MaxInt
	}
	before := 0
	alarms := 0
	for _, threshold := range []float64{-6, -3, -1, 1, 3, 50} {
		at := first(threshold)
		if at < before {
			t.Errorf("threshold %v alarms at sample %d, a lower one at %d", threshold, at, before)
		}
		if before = at; at < math.MaxInt {
			alarms++
		}
	}
	if alarms == 0 || before < math.MaxInt {
		t.Errorf("%d alarms, the last at %d: want some at the lowest and none at the highest threshold", alarms, before)
	}
}

func TestModelsThatDoNotFit(t *testing.T) {
	d := New(Memory())
	if d.SetModel(&Model{Weights: make([]Weight, 3)}) || d.model != nil {
		t.Error("a model of three weights was taken")
	}
	if !d.SetModel(eager()) || d.model == nil {
		t.Error("a model that fits was refused")
	}
	if !d.SetModel(nil) || d.model != nil {
		t.Error("the built-in model was not taken back")
	}
}

// A clock that is set back, or one sample from a far future, must not deafen a detector.
func TestClockThatIsSetBack(t *testing.T) {
	d := New(Memory())
	for i := range 100 {
		d.Observe(1e9+float64(60*i), 1e8)
	}
	d.Observe(4e9, 1e8) // a glitch: years ahead
	for i := 100; i < 300; i++ {
		d.Observe(1e9+float64(60*i), 1e8+1e5*float64(i))
	}
	v := d.Verdict()
	if v.At != 1e9+60*299 {
		t.Errorf("the newest sample is at %v, want that of the clock that was set back", v.At)
	}
	if v.State == Learning || !(v.Rate.Low > 0) {
		t.Errorf("%v, rate %v: want growth to be seen after the glitch", v.State, v.Rate)
	}
	if d.ignored != firstSamples-1 {
		t.Errorf("%d samples were ignored, want %d", d.ignored, firstSamples-1)
	}
}
