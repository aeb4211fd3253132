package detect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/leak"
)

const recordings = "../backtest/testdata/leakbench/dev/traces"

// recorded is the series of one metric of a leakbench trace.
func recorded(t *testing.T, id, metric string) trace.Series {
	t.Helper()
	all, err := trace.Open(filepath.Join(recordings, id+".csv.gz"), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s trace.Series) bool { return s.Metric == metric })
	return all[i]
}

// line is a change with everything that an event says.
func line(c Change) string {
	v := c.Verdict
	return fmt.Sprintf("%v %v %v %v %v %v", c.T, c.State, v.State, v.Rate, v.Onset, v.Score)
}

func changes(s trace.Series, o leak.Options) []Change {
	var out []Change
	Replay(s, leak.New(o), func(c Change) { out = append(out, c) })
	return out
}

func TestLeakIsFoundAndItsRestartsForgetIt(t *testing.T) {
	s := recorded(t, "d_py_restart_leak", "private")
	if len(s.Restarts) != 4 {
		t.Fatalf("restarts %v", s.Restarts)
	}
	got := changes(s, Options(s.Metric, s.Unit))
	if !slices.ContainsFunc(got, func(c Change) bool { return c.State == leak.Leaking }) {
		t.Errorf("a leak that was restarted four times is never called one: %v", got)
	}
	state, k := leak.Learning, 0
	for i, p := range s.Points {
		before := state
		for ; k < len(got) && got[k].T == p.T; k++ {
			state = got[k].State
		}
		if slices.Contains(s.Restarts, i) && (state != leak.Learning || before == leak.Learning) {
			t.Errorf("restart at %g s: from %v to %v", p.T, before, state)
		}
	}
	if k != len(got) {
		t.Errorf("change %d of %d is at no point of the series", k+1, len(got))
	}
}

func TestChangesAreThoseOfADetectorThatSeesItLive(t *testing.T) {
	for _, id := range []string{"d_py_restart_leak", "d_py_fd"} {
		for _, metric := range []string{"private", "shmem", "fds", "threads"} {
			s := recorded(t, id, metric)
			o := Options(s.Metric, s.Unit)
			o.Limit = 64 << 20
			live := leak.New(o)
			var want []string
			state := leak.Learning
			for i, p := range s.Points {
				if slices.Contains(s.Restarts, i) {
					live.Restart(p.T)
				}
				live.ObserveSample(leak.Sample{T: p.T, Value: p.Value, Work: p.Work, Faults: p.Faults, Beside: p.Beside})
				if now := live.State(); now != state {
					state = now
					want = append(want, line(Change{p.T, now, live.Verdict()}))
				}
			}
			var got []string
			d := leak.New(o)
			Replay(s, d, func(c Change) { got = append(got, line(c)) })
			if !slices.Equal(got, want) {
				t.Errorf("%s %s:\n%q, want\n%q", id, metric, got, want)
			}
			if fmt.Sprint(d.Verdict()) != fmt.Sprint(live.Verdict()) {
				t.Errorf("%s %s ends with %v, want %v", id, metric, d.Verdict(), live.Verdict())
			}
			d = leak.New(o)
			if Replay(s, d, nil); d.State() != state {
				t.Errorf("%s %s: %v without a listener, want %v", id, metric, d.State(), state)
			}
		}
	}
}

// TestReplayNeverLooksAhead cuts series short: what was said until then stays.
func TestReplayNeverLooksAhead(t *testing.T) {
	for _, id := range []string{"d_py_restart_leak", "d_go_lru"} {
		s := recorded(t, id, "private")
		o := Options(s.Metric, s.Unit)
		whole := changes(s, o)
		if len(whole) < 2 {
			t.Fatalf("%s: %d changes prove nothing", id, len(whole))
		}
		for cut := 1; cut <= len(s.Points); cut += 1 + len(s.Points)/9 {
			short := s
			short.Points = s.Points[:cut]
			short.Restarts = slices.DeleteFunc(slices.Clone(s.Restarts), func(at int) bool { return at >= cut })
			got := changes(short, o)
			known := 0
			for known < len(whole) && whole[known].T <= short.Points[cut-1].T {
				known++
			}
			same := func(a, b Change) bool { return line(a) == line(b) }
			if !slices.EqualFunc(got, whole[:known], same) {
				t.Errorf("%s cut after %d points: %v, want %v", id, cut, got, whole[:known])
			}
		}
	}
}

// TestChangesComeInOrder whatever a file holds: times that jump, figures that are none,
// lives that begin in the past.
func TestChangesComeInOrder(t *testing.T) {
	said, back := 0, 0
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 0))
		var s trace.Series
		at, v := 0.0, 0.0
		for i := range 300 {
			at += []float64{0, -120, 7200, 60}[min(3, random.IntN(40))]
			v += 1e6 * random.Float64()
			if i > 0 && random.IntN(80) == 0 {
				s.Restarts = append(s.Restarts, i)
				at -= 3600 * float64(random.IntN(3))
				v = 0
			}
			p := trace.Point{T: at, Value: v, Work: math.NaN(), Faults: math.NaN(), Beside: math.NaN()}
			if random.IntN(20) == 0 {
				p.Value = math.NaN()
			}
			s.Points = append(s.Points, p)
		}
		state, before := leak.Learning, math.Inf(-1)
		d := leak.New(Options("private", Bytes))
		Replay(s, d, func(c Change) {
			if c.State == state || c.State != c.Verdict.State || !(c.T >= before) {
				t.Fatalf("seed %d: from %v at %g to %v at %g (verdict %v)", seed, state, before, c.State, c.T, c.Verdict.State)
			}
			state, before = c.State, c.T
			said++
		})
		if d.State() != state {
			t.Fatalf("seed %d ends %v, but %v was said last", seed, d.State(), state)
		}
		for _, i := range s.Restarts {
			if s.Points[i].T < s.Points[i-1].T {
				back++
			}
		}
	}
	if said < 30 || back < 30 {
		t.Errorf("%d changes and %d lives that begin in the past prove nothing", said, back)
	}
}
