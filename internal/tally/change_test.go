package tally

import (
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/leak"
)

// The changes of a series lead from learning to the state that it is in, one by one.
func TestChangesOfMind(t *testing.T) {
	tally := New()
	type series struct {
		id     process.ID
		metric memory.Metric
	}
	state := map[series]leak.State{}
	changes := 0
	for i := range 300 {
		leaker := worker(1, "bot", 50e6+1e6*float64(i), 20+float64(i/4), 8, time.Duration(i)*time.Second)
		calm := worker(2, "bot", 50e6, 20, 8, time.Duration(i)*time.Second)
		observed(tally, noon.Add(time.Duration(i)*10*time.Minute), "bot", leaker, calm)
		for _, c := range tally.Changed() {
			k := series{c.ID, c.Metric}
			if c.From != state[k] || c.To == c.From || c.Cause != DetectorJudged || c.Service != "bot" || c.Name != "bot" || c.Verdict.State != c.To || c.Verdict.Evidence != nil || c.Verdict.At != 600*float64(i) {
				t.Fatalf("round %d: %+v, which was %v", i, c, state[k])
			}
			state[k] = c.To
			changes++
		}
		if x, ok := tally.Instance(leaker.ID); !ok || len(x.Verdicts) > 0 && x.Verdicts[0].State != state[series{leaker.ID, memory.Private}] {
			t.Fatalf("round %d: the verdict given is %v, the state %v", i, x.Verdicts[0].State, state)
		}
		s, ok := tally.Standing("bot")
		if worst := max(state[series{leaker.ID, memory.Private}], state[series{leaker.ID, memory.FDs}]); !ok || s.State != worst || s.Judged != 2 || s.Living != 2 || worst > leak.Steady && s.ID != leaker.ID {
			t.Fatalf("round %d: the service stands %+v, its worst is %v", i, s, worst)
		}
	}
	for _, x := range summaryOf(t, tally.Summaries(), "bot").Instances {
		for _, v := range x.Verdicts {
			if state[series{x.ID, v.Metric}] != v.State {
				t.Errorf("PID %d, %s: %v, its changes end at %v", x.ID.PID, v.Metric, v.State, state[series{x.ID, v.Metric}])
			}
		}
	}
	if s, _ := tally.Standing("bot"); s.State != leak.Leaking || changes < 4 {
		t.Errorf("the service is %v after %d changes: the test shows no leak", s.State, changes)
	}

	// The process ends, and with it the alarm; its successor has none yet.
	next := worker(3, "bot", 50e6, 20, 8, 0)
	observed(tally, noon.Add(3001*time.Minute), "bot", next)
	if c := tally.Changed(); len(c) != 2 || c[0].ID.PID != 1 || c[0].From != leak.Leaking || c[0].To != leak.Learning || c[0].Cause != ProcessEnded || c[0].Verdict.State != leak.Leaking {
		t.Errorf("after its end: %+v", c)
	}
	observed(tally, noon.Add(3002*time.Minute), "bot", next)
	if c := tally.Changed(); len(c) != 0 {
		t.Errorf("afterwards: %+v", c)
	}
	if _, ok := tally.Standing("cat"); ok {
		t.Error("an unknown service has a standing")
	}
	if _, ok := tally.Instance(process.ID{PID: 1}); ok {
		t.Error("an ended process is an instance")
	}
}

// An alarm whose detectors were dropped is said to have ended, once.
func TestDroppedDetectorsAreTold(t *testing.T) {
	tally := New()
	show := func(i int) {
		observed(tally, noon.Add(time.Duration(i)*time.Minute), "bot", worker(1, "bot", 50e6+1e6*float64(i), 20, 8, time.Duration(i)*time.Second))
	}
	for i := range 60 {
		show(i)
	}
	told := len(tally.Changed())
	tally.SetMaxJudged(0)
	if len(tally.Changed()) != told {
		t.Error("the changes of the last Observe are not what they were")
	}
	for i, want := range []int{1, 0} {
		show(60 + i)
		c := tally.Changed()
		if len(c) != want || want == 1 && (c[0].From < leak.Suspect || c[0].To != leak.Learning || c[0].Cause.String() != "detectors dropped") {
			t.Errorf("%d rounds later: %+v", i+1, c)
		}
	}
	if s, ok := tally.Standing("bot"); !ok || s.State != leak.Learning || s.Judged != 0 || s.Living != 1 {
		t.Errorf("the service stands %+v", s)
	}
}

// What a rule names is judged before what is larger.
func TestRulesOutrankSize(t *testing.T) {
	rule := service.Rule{}
	for _, c := range []struct{ ruled, limit, want int }{{5, 100, 5}, {5, 25, 5}, {60, 25, 25}, {300, 100, 100}, {0, 100, 0}} {
		tally := New()
		tally.SetMaxJudged(c.limit)
		crowd := newCrowd(300, 1)
		n := 0
		for k := range crowd.services {
			for i := range crowd.services[k].Instances {
				x := &crowd.services[k].Instances[i]
				x.Identity = &service.Identity{Watched: true}
				if int(x.Sample.ID.PID) <= c.ruled { // the smallest
					x.Identity.Rule = &rule
				}
			}
		}
		for range 3 {
			crowd.show(tally)
		}
		for _, l := range tally.holders {
			if l.ruled {
				n++
			}
		}
		if n != c.want || tally.Judged() != c.limit {
			t.Errorf("%+v: %d of %d that are judged have rules", c, n, tally.Judged())
		}
	}
}

// A verdict that is asked for again at once is not made anew, and none is of another state
// than that of now.
func TestVerdictsAreKeptForAMoment(t *testing.T) {
	tally, c := New(), newCrowd(1, 1)
	made, given := 0, 0
	var was *Judgement
	for range 800 {
		c.show(tally)
		x, _ := tally.Instance(c.samples[0].ID)
		again, _ := tally.Instance(c.samples[0].ID)
		if &x.Verdicts[0] != &again.Verdicts[0] {
			t.Fatal("made anew within one round")
		}
		given++
		if &x.Verdicts[0] != was {
			made++
			was = &x.Verdicts[0]
		}
		for k := range x.Verdicts {
			if state := tally.lives[x.ID].judges.detectors[rankOf(x.Verdicts[k].Metric)].State(); x.Verdicts[k].State != state {
				t.Fatalf("%s is given as %v, it is %v", x.Verdicts[k].Metric, x.Verdicts[k].State, state)
			}
		}
		if age := tally.clock.elapsed - time.Duration(x.Verdicts[0].At)*time.Second; age >= maxCached {
			t.Fatalf("a verdict of %s ago", age)
		}
	}
	if made*3 > given {
		t.Errorf("%d of %d were made anew", made, given)
	}
}
