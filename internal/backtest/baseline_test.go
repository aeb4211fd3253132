package backtest

import (
	"math"
	"testing"
)

// series is a set of one trace with a sample a minute over the given hours.
func series(hours float64, limit float64, rss func(t float64) float64) (Labelled, *Set) {
	trace := Labelled{ID: "x", Limit: limit}
	var samples []Sample
	for t := 0.0; t <= hours*hour; t += 60 {
		samples = append(samples, Sample{T: t, PID: 1, RSS: rss(t)})
	}
	return trace, &Set{Traces: []Labelled{trace}, recordings: map[string]recording{"x": {samples: samples}}}
}

func judge(t *testing.T, name string, trace Labelled, set *Set) []Event {
	t.Helper()
	for _, d := range Baselines() {
		if d.Name() == name {
			events, err := d.Judge(trace, set)
			if err != nil {
				t.Fatal(err)
			}
			return events
		}
	}
	t.Fatalf("there is no baseline %q", name)
	return nil
}

// percentAnHour grows by a share of 100 MB, steadily.
func percentAnHour(percent float64) func(float64) float64 {
	return func(t float64) float64 { return 100e6 * (1 + percent/100*t/hour) }
}

func TestCorootsRule(t *testing.T) {
	const name = "Coroot's, 1 h"
	for _, c := range []struct {
		story string
		limit float64
		rss   func(float64) float64
		first float64 // time of the first alarm; NaN is none
	}{
		// 80 % of an hour must be there (48 samples, the last at 47 min), then 15 min pass.
		{"20 % an hour", 200e6, percentAnHour(20), 62 * 60},
		{"8 % an hour", 100e6, percentAnHour(8), none},
		{"20 % an hour, but 5 % of the limit are more", 500e6, percentAnHour(20), none},
		{"20 % an hour without a limit: below 50 MiB", 0, percentAnHour(20), none},
		{"60 % an hour without a limit", 0, percentAnHour(60), 62 * 60},
		{"falling", 200e6, percentAnHour(-9), none},
		{"flat", 200e6, percentAnHour(0), none},
		{"rose, and is flat for 15 minutes at every look", 200e6, func(t float64) float64 {
			return 100e6 + 30e6*math.Min(t, 1500)/1500
		}, none},
	} {
		trace, set := series(2, c.limit, c.rss)
		first := math.NaN()
		for _, e := range judge(t, name, trace, set) {
			if e.Alarm {
				first = e.T
				break
			}
		}
		if !near(first, c.first) {
			t.Errorf("%s: first alarm at %g min, want %g", c.story, first/60, c.first/60)
		}
	}
}

func TestCorootsRuleAcrossFalls(t *testing.T) {
	points := func(values ...float64) (out []point) {
		for i, v := range values {
			out = append(out, point{float64(i), v})
		}
		return out
	}
	for _, c := range []struct {
		points      []point
		begin, size int
	}{
		{points(1, 2, 3), 0, 3},
		{points(4, 2, 3), 0, 3},             // half is no fall by more than half
		{points(4, 1.9, 3, 4), 1, 3},        // the longer one
		{points(1, 2, 0.5, 1), 0, 2},        // the first of equals
		{points(9, 1, 2, 3, 1, 1, 1), 1, 3}, // 3 to 1 is a fall
	} {
		got := longestRun(c.points)
		if len(got) != c.size || got[0].t != float64(c.begin) {
			t.Errorf("longest run of %v is %v, want %d from %d", c.points, got, c.size, c.begin)
		}
	}
	// A fall splits the hour; the leak is seen in the longer run, over a restart of the process.
	trace, set := series(3, 200e6, percentAnHour(20))
	samples := set.recordings["x"].samples
	for i := range samples {
		if samples[i].T < 600 {
			samples[i].RSS, samples[i].PID = 500e6, 2
		}
	}
	if events := judge(t, "Coroot's, 1 h", trace, set); len(events) != 1 || !events[0].Alarm || !near(events[0].Rate, 20e6/hour) {
		t.Errorf("a leak beside a fall: %v", events)
	}
}

func TestPredictionNeedsALimit(t *testing.T) {
	for _, name := range []string{"predict_linear 1 h → 4 h", "predict_linear 4 h → 4 h"} {
		trace, set := series(6, 0, percentAnHour(50))
		if events := judge(t, name, trace, set); len(events) != 0 {
			t.Errorf("%s without a limit: %v", name, events)
		}
		trace, set = series(6, 250e6, percentAnHour(50))
		if events := judge(t, name, trace, set); len(events) != 1 || !near(events[0].Rate, 50e6/hour) {
			t.Errorf("%s with a limit that is 3 h away: %v", name, events)
		}
	}
}

func TestRestartsBeginAgain(t *testing.T) {
	trace, set := series(8, 0, percentAnHour(20))
	samples := set.recordings["x"].samples
	for i := range samples {
		if samples[i].T >= 4*hour {
			samples[i].PID, samples[i].RSS = 2, 50e6
		}
	}
	for _, name := range []string{"first and last three, live", "least squares 6 h, R² > 0.8", "Mann–Kendall and Sen, 6 h"} {
		events := judge(t, name, trace, set)
		if len(events) != 2 || !events[0].Alarm || events[1].Alarm || events[1].T != 4*hour {
			t.Errorf("%s: %v, want an alarm that ends with the process at 4 h", name, events)
		}
	}
	if events := judge(t, "first and last three, at the end", trace, set); len(events) != 0 {
		t.Errorf("the rule at the end judges the last process only, which is flat: %v", events)
	}
}

func TestSamplesThatWereNotMeasured(t *testing.T) {
	trace, set := series(6, 200e6, percentAnHour(20))
	samples := set.recordings["x"].samples
	for i := range samples {
		if i%3 == 1 || i == len(samples)-1 {
			samples[i].RSS = none
		}
	}
	for _, d := range Baselines() {
		events, err := d.Judge(trace, set)
		if err != nil {
			t.Fatal(err)
		}
		if want := d.Name() != "RSS > 500 MB"; (len(events) == 1 && events[0].Alarm) != want {
			t.Errorf("%s: %v", d.Name(), events)
		}
	}
}

func TestKendallAndSen(t *testing.T) {
	m := &mannKendall{}
	for i, v := range []float64{23, 24, 29, 6, 29, 24, 24, 29, 23} { // ties of 2, 3 and 3
		m.medians = append(m.medians, binned{float64(i), v})
	}
	// 16 pairs rise, 13 fall; (9·8·23 − 2·1·9 − 2·(3·2·11)) / 18.
	if s, variance := m.kendall(); s != 3 || !near(variance, 1506./18) {
		t.Errorf("S = %g, variance %g", s, variance)
	}
	m.medians = m.medians[:0]
	for i := range 20 {
		m.medians = append(m.medians, binned{float64(i), 1000 + 7*binSeconds*float64(i)})
	}
	m.medians[5].median = 1e9 // an outlier
	if got := m.sen(); !near(got, 7) {
		t.Errorf("Sen's slope of a line with an outlier is %g, want 7", got)
	}
}

func TestLineThroughOneInstant(t *testing.T) {
	if l := fit([]point{{5, 1}, {5, 3}}); l.slope != 0 || l.r2 != 0 || l.value(100) != 2 {
		t.Errorf("%+v", l)
	}
	if l := fit([]point{{0, 4}, {1, 4}, {2, 4}}); l.slope != 0 || l.r2 != 0 {
		t.Errorf("flat: %+v", l)
	}
	if l := fit([]point{{1, 3}, {2, 5}, {3, 7}}); !near(l.slope, 2) || !near(l.r2, 1) || !near(l.value(10), 21) {
		t.Errorf("line: %+v", l)
	}
}
