package record

import (
	"math"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/leak"
)

func TestVerdictsAreStoredOnceAMinute(t *testing.T) {
	k := newKept()
	r := New(k)
	asked, state := 0, leak.Learning
	r.SetVerdicts(func(v *sampler.Service) (Verdict, bool) {
		if v.Name != "judged" {
			return Verdict{}, false
		}
		asked++
		if state == leak.Learning {
			return Verdict{Score: math.NaN(), Growth: math.NaN(), Low: math.NaN(), High: math.NaN(), LimitReached: math.NaN()}, true
		}
		return Verdict{state, 7.3, 1.0 / 3, -.25, math.Inf(1), 3600.4}, true
	})
	owned := func(name string, c store.Code) (float64, bool) {
		v, ok := k.last[store.SeriesOf(r.services[name].owner, c)]
		return v, ok
	}
	stored := 0
	for i := range 25 {
		if i == 12 {
			state = leak.Leaking
		}
		record(t, r, noon.Add(time.Duration(i)*5*time.Second), []proc{{1, "judged", 1 << 20, 0, time.Hour, false}, {2, "other one", 1, 0, time.Hour, false}})
		v, ok := owned("judged", store.VerdictState)
		if ok {
			stored++
		}
		if ok != k.minute || ok && v != float64(state) {
			t.Fatalf("beat %d: verdict %v, %v", i, v, ok)
		}
		if _, ok := owned("other one", store.VerdictState); ok {
			t.Fatal("a service that nobody judges has a verdict")
		}
		if _, ok := owned("judged", store.VerdictScore); ok && state == leak.Learning {
			t.Fatal("a score is stored while nothing is known")
		}
	}
	if stored != 3 || asked != 3 {
		t.Errorf("stored %d verdicts of %d asked for, want 3 in two minutes", stored, asked)
	}
	for c, want := range map[store.Code]float64{store.VerdictScore: 7475.0 / 1024, store.VerdictGrowth: 341.0 / 1024, store.VerdictGrowthLow: -.25, store.VerdictLimitIn: 3600} {
		if v, ok := owned("judged", c); !ok || v != want {
			t.Errorf("code %d is %v, want %v", c, v, want)
		}
	}
	if _, ok := owned("judged", store.VerdictGrowthHigh); ok {
		t.Error("what is no number is stored")
	}
	// What is shown is there between the minutes too.
	record(t, r, noon.Add(125*time.Second), []proc{{1, "judged", 5 << 20, 0, time.Hour, true}})
	if k.minute {
		t.Fatal("this beat should not store the minute's metrics")
	}
	seen := map[store.Kind]int{}
	for _, f := range r.Present(true) {
		seen[f.Kind]++
		name := ""
		for _, l := range f.Labels {
			if l.Name == "service" {
				name = l.Value
			}
		}
		if f.Kind == store.Service && name == "judged" && (f.Values[store.VerdictState] != 4 || f.Values[0] != 5<<20 || !math.IsNaN(f.Values[store.VerdictGrowthHigh]) || f.Values[store.Instances] != 1) {
			t.Errorf("%+v", f)
		}
		if f.Kind == store.Process && (len(f.Labels) != 3 || f.Values[0] != 5<<20) {
			t.Errorf("%+v", f)
		}
	}
	if seen[store.Host] != 1 || seen[store.Service] != 2 || seen[store.Process] != 1 || len(r.Present(false)) != 3 {
		t.Errorf("present are %v", seen)
	}
}
