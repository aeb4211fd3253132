package leak

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestEveryTermHasPhrase(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for k := range termCount {
		if phrases[k] == nil {
			t.Errorf("%v has no phrase", k)
			continue
		}
		for range 200 {
			var all terms
			for i := range all {
				all[i] = random.NormFloat64() * 4
				if random.IntN(3) == 0 {
					all[i] = 0
				}
			}
			said := phrases[k](all[k], &all)
			if said == "" && !silent(k, &all) || strings.ContainsAny(said, "\n!") || strings.Contains(said, "NaN") {
				t.Errorf("%v of %v: %q", k, all[k], said)
			}
		}
	}
}

// silent reports a term that says only that something is known or that there is none.
func silent(k term, all *terms) bool {
	switch k {
	case noWork, noFaults, limitKnown, earlierLives, sharedKind, countKind:
		return all[k] == 0
	case noWorkDuration:
		return all[noWork] == 0
	case roomUsed, roomAtStart, overLimit, straight, straightRoom:
		return all[limitKnown] == 0
	}
	return false
}

func TestPhrases(t *testing.T) {
	informed := func(v float64) float64 { return math.Copysign(math.Log1p(math.Abs(v)), v) }
	var none terms
	known := terms{limitKnown: 1}
	for _, test := range []struct {
		term  term
		value float64
		all   *terms
		want  string
	}{
		{ratchet, 1, &none, "the floor rose in 7 of 7 steps"},
		{ratchet, 3.0 / 7, &none, "the floor rose in 3 of 7 steps"},
		{relativeGrowth, math.Log2(.12), &none, "it grew by 12 % of its level"},
		{relativeGrowth, -9, &none, "it grew by at most 0.20 % of its level"},
		{recentRatchet, 1, &none, "in the last half, the floor rose in 7 of 7 steps"},
		{overStep, -9, &none, "one step fits worse than a line (by 100 or more of information)"},
		{trendTest, 4.13, &none, "the floor rises more than chance allows (Mann-Kendall, z = 4.1)"},
		{overCapped, informed(12.3), &none, "a line that meets a cap fits better than a line that goes on (by 12 of information)"},
		{overCapped, informed(-5), &none, "a line that meets a cap fits worse than a line that goes on (by 5.0 of information)"},
		{overCapped, informed(.5), &none, "a line that meets a cap fits as well as a line that goes on"},
		{longDuration, 0, &terms{duration: math.Log2(6.24)}, "it has grown for 6.2 h"},
		{roomUsed, .6, &known, "60 % of the limit is used"},
		{roomUsed, 0, &none, ""},
		{limitKnown, 0, &none, ""},
		{limitKnown, 1, &known, "a limit is known"},
		{noFaults, 0, &none, ""},
		{noWork, 0, &none, ""},
		{noWorkDuration, 0, &none, ""},
		{earlierLives, 0, &none, ""},
		{sharedKind, 0, &none, ""},
		{countKind, 0, &none, ""},
		{lateSlope, -.2, &none, "in the last third it did not grow, it fell"},
		{lateSlope, .93, &none, "in the last third it grew 0.93 × as fast as in all"},
		{earlierLives, 2, &none, "2 earlier lives in a row grew without levelling off"},
		{retained, math.Log2(.25), &none, "25 % of the memory touched anew was kept"},
		{retained, 0, &terms{noFaults: 1}, "the page faults are unknown"},
	} {
		if got := phrases[test.term](test.value, test.all); got != test.want {
			t.Errorf("%v of %v: %q, want %q", test.term, test.value, got, test.want)
		}
	}
}

func TestExplain(t *testing.T) {
	v := Verdict{
		State: Leaking, Shape: Linear, At: 36000, Rate: Interval{14.2e6, 13.1e6, 15.3e6}, PerWork: Interval{2e6, 1e6, 3e6},
		Onset: Interval{13680, 12000, 14000}, Horizon: 22320, Growth: 88e6, Score: 3.1,
		Evidence: []Term{
			{"line to a cap", math.Log1p(20), -1.2}, {"ratchet", 1, .8}, {"duration", math.Log2(6.2), .7}, {"swing", 0, .6},
			{"one step", -3, .5}, {"long duration", 1, -.2}, {"a test of tomorrow", 7, .4}, {"load unknown", 1, -.3}, {"counted things", 0, -.04},
			{"faults unknown", 0, -.9}, {"shared memory", 0, .9}, {"limit known", 0, .9}, {"earlier lives", 0, -.9},
			{"retreat", .1, .2}, {"relative growth", 0, .1},
		},
		Caveats:  []string{"load unknown", "restarted twice"},
		Forecast: Forecast{In: Unknown(), Near: Unknown()},
	}
	want := `Leaking: growing by 14.2 MB/h (13.1 to 15.3) for 6.2 h, 88.0 MB so far.
Score +3.1: a leak with a probability of 96 %. From +2.0 on it is called one, if the score stays there
(unless another threshold was set); 0 is even. The tests overlap: one alone proves nothing.
For a leak:
   +0.8  the floor rose in 7 of 7 steps
   +0.6  the floor moved over 1.0 × what it grew
   +0.5  one step fits worse than a line (by 19 of information)
   +0.5  it has grown for 6.2 h
   +0.4  a test of tomorrow: 7
   +0.2  the floor fell back by up to 10 % of its range
Against a leak:
   -1.2  a line that meets a cap fits better than a line that goes on (by 20 of information)
   -0.3  the load is unknown
Judged on the last 6.2 h; the shape is linear: it moves steadily.
Growth per unit of work: 2.0 MB (1.0 to 3.0).
Bear in mind:
  - load unknown
  - restarted twice`
	want = strings.Replace(want, "From +2.0", fmt.Sprintf("From %+.1f", DefaultThreshold), 1)
	if got := Explain(v, megabytes); got != want {
		t.Errorf("explained\n%s\nwant\n%s", got, want)
	}
}

// TestExplainConstant: the score of what did not grow is no sum of the terms, and none of
// them is said to speak for a leak.
func TestExplainConstant(t *testing.T) {
	for name, grows := range map[string]float64{"constant": 0, "falling": -40e6} {
		var points []Point
		for i := range 600 {
			points = append(points, Point{float64(i) * 60, 120e6 + grows*float64(i)/600})
		}
		v := Judge(points, Memory())
		said := Explain(v, megabytes)
		if strings.Contains(said, "a leak:") || strings.Contains(said, "grew by at most") {
			t.Errorf("%s: terms are listed:\n%s", name, said)
		}
		want := fmt.Sprintf("\nScore %+.1f: a line through it rises by less than is worth a word; without such growth the score is -4.0 at most.\nJudged on", v.Score)
		if !strings.Contains(said, want) {
			t.Errorf("%s: explained\n%s\nwant in it%s", name, said, want)
		}
	}
}

// TestExplainDespite: a state that its score alone does not give is explained.
func TestExplainDespite(t *testing.T) {
	rising := []Term{{"trend test", 5, .3}, {"signal to noise", 3, .2}, {"late slope", 1, .1}, {"ratchet", 1, .1}, {"absolute growth", 4, .1}}
	const (
		earlier = "The leak was confirmed earlier, at a higher score, and is not yet taken back: that takes a score under -0.1 for a while."
		goesOn  = "Suspect all the same: the growth stands out of the noise and goes on, and it was watched too briefly to tell it from a cache that fills."
		near    = "Suspect because the score is close to that."
		before  = "Suspect from before: the growth has not ended, and nothing has cleared it yet."
	)
	for _, test := range []struct {
		state    State
		score    float64
		evidence []Term
		want     string
	}{
		{Leaking, DefaultThreshold, rising, ""},
		{Leaking, DefaultThreshold - .1, rising, earlier},
		{Leaking, noGrowth, rising, earlier},
		{Suspect, DefaultThreshold + 1, rising, ""},
		{Suspect, -2, rising, goesOn},
		{Suspect, 1, rising[:2], near},
		{Suspect, -2, rising[:2], before},
		{Steady, -2, rising, ""},
		{Filling, -2, rising, ""},
	} {
		v := Verdict{State: test.state, Score: test.score, Evidence: test.evidence, Rate: Unknown(), Onset: Unknown(), PerWork: Unknown(),
			Forecast: Forecast{In: Unknown(), Near: Unknown()}}
		said := Explain(v, nil)
		for _, reason := range []string{earlier, goesOn, near, before} {
			if strings.Contains(said, "\n"+reason) != (reason == test.want) {
				t.Errorf("%v at %v: explained\n%s\nwant the reason %q", test.state, test.score, said, test.want)
			}
		}
	}
}

func TestShares(t *testing.T) {
	for share, want := range map[float64]string{0: "0 %", .0004: "0.04 %", .034: "3.4 %", .5: "50 %", 1: "100 %", 2: "200 %"} {
		if got := percent(share); got != want {
			t.Errorf("percent(%v) = %q, want %q", share, got, want)
		}
	}
	for p, want := range map[float64]string{0: "under 1 %", .004: "under 1 %", .5: "50 %", .984: "98 %", 1: "over 99 %"} {
		if got := probability(p); got != want {
			t.Errorf("probability(%v) = %q, want %q", p, got, want)
		}
	}
}
