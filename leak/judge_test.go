package leak

import "testing"

// Judging a recorded series must say what a monitor would have said that watched it.
func TestJudgeIsStreaming(t *testing.T) {
	states := map[State]int{}
	for seed := range uint64(30) {
		o := Options{Kind: Kind(seed % 4), Limit: float64(seed%2) * 1e9}
		plain, full := New(o), New(o)
		var points []Point
		var samples []Sample
		for _, e := range story(seed, 600) {
			points = append(points, Point{e.sample.T, e.sample.Value})
			samples = append(samples, e.sample)
			plain.Observe(e.sample.T, e.sample.Value)
			full.ObserveSample(e.sample)
		}
		if a, b := Judge(points, o), plain.Verdict(); !same(a, b) {
			t.Errorf("seed %d: points at once\n%+v\none by one\n%+v", seed, a, b)
		}
		v := JudgeSamples(samples, o)
		if b := full.Verdict(); !same(v, b) {
			t.Errorf("seed %d: samples at once\n%+v\none by one\n%+v", seed, v, b)
		}
		states[v.State]++
	}
	if len(states) < 3 {
		t.Errorf("the series are all alike: %v", states)
	}
}

func TestJudgeOfNothing(t *testing.T) {
	for _, points := range [][]Point{nil, {{1, 2}}, {{1, 2}, {1, 3}}} {
		if v := Judge(points, Memory()); v.State != Learning || v.Samples != min(len(points), 1) {
			t.Errorf("%v: %v after %d samples, want learning after %d", points, v.State, v.Samples, min(len(points), 1))
		}
	}
}
