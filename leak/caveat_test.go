package leak

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// climbing observes a rise of 20 MB an hour, minute by minute, with a ripple.
func climbing(o Options, from, to float64, change func(s *Sample)) *Detector {
	d := New(o)
	climbOn(d, from, to, change)
	return d
}

func climbOn(d *Detector, from, to float64, change func(s *Sample)) {
	for t := from; t <= to; t += 60 {
		s := At(t, 100e6+t*20e6/3600+1e5*math.Sin(t))
		change(&s)
		d.ObserveSample(s)
	}
}

func TestCaveats(t *testing.T) {
	const hour = 3600
	loaded := func(s *Sample) { s.Work = s.T }
	unknown := func(*Sample) {}
	limited := Memory()
	limited.Limit = 1e9
	for _, test := range []struct {
		name        string
		detector    func() *Detector
		want, never []string
	}{
		{"learning", func() *Detector { return climbing(Memory(), 0, 600, loaded) },
			[]string{"too short: 11 samples over 10 min"}, nil},
		{"an hour", func() *Detector { return climbing(Memory(), 0, hour, unknown) },
			[]string{"too short: 60 min cannot tell a leak from a warm-up", "bound unknown: a cache that fills looks the same", "load unknown"},
			[]string{"a day"}},
		{"six hours", func() *Detector { return climbing(limited, 0, 6*hour, unknown) },
			[]string{"load unknown", "a day not seen yet: the rise may be that of the day"}, []string{"bound", "short"}},
		{"two days", func() *Detector { return climbing(limited, 0, 48*hour, unknown) },
			[]string{"load unknown"}, []string{"a day"}},
		{"load known", func() *Detector { return climbing(limited, 0, 6*hour, loaded) }, nil, []string{"load", "a day", "gap"}},
		{"a gap", func() *Detector {
			d := climbing(limited, 0, 6*hour, loaded)
			climbOn(d, 10*hour, 16*hour, loaded)
			return d
		}, []string{"gap of 4.0 h"}, nil},
		{"asleep", func() *Detector {
			d := climbing(limited, 0, 6*hour, loaded)
			climbOn(d, 10*hour, 16*hour, func(s *Sample) { s.Work = s.T - 4*hour })
			return d
		}, []string{"gap of 4.0 h: the machine slept or its clock jumped"}, nil},
		{"restarted", func() *Detector {
			d := climbing(limited, 0, 6*hour, loaded)
			d.Restart(6 * hour)
			climbOn(d, 6*hour, 12*hour, loaded)
			d.Restart(12 * hour)
			climbOn(d, 12*hour, 18*hour, loaded)
			return d
		}, []string{"restarted twice"}, nil},
		{"ignored", func() *Detector {
			return climbing(limited, 0, 6*hour, func(s *Sample) {
				if s.T > 5*hour && s.T <= 5*hour+600 {
					s.Value = math.NaN()
				}
			})
		}, []string{"judged on 351 of 361 samples: the others were no number or not later than the one before"}, nil},
		{"level", func() *Detector { return climbing(Memory(), 0, 6*hour, func(s *Sample) { s.Value = 100e6 }) }, nil, []string{""}},
		{"follows its load", func() *Detector {
			work := 0.0
			return climbing(limited, 0, 6*hour, func(s *Sample) {
				load := 1 + s.T/(3*hour) + math.Sin(s.T/1000)
				work += load
				s.Work, s.Value = work, 100e6+40e6*load
			})
		}, []string{"correlated with load"}, []string{"load unknown"}},
	} {
		v := test.detector().Verdict()
		for _, want := range test.want {
			if !slices.Contains(v.Caveats, want) {
				t.Errorf("%s (%v): %q lack %q", test.name, v.State, v.Caveats, want)
			}
		}
		for _, never := range test.never {
			if slices.ContainsFunc(v.Caveats, func(c string) bool { return strings.HasPrefix(c, never) }) {
				t.Errorf("%s (%v): %q say %q", test.name, v.State, v.Caveats, never)
			}
		}
	}
}

func TestSpan(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "0 s", 119: "119 s", 300: "5 min", 7199: "120 min", 7200: "2.0 h", 6.24 * 3600: "6.2 h", 36 * 3600: "36 h",
		3.5 * 86400: "3.5 days", 150 * 86400: "150 days", math.Inf(1): "more than a year", math.NaN(): "an unknown time",
	} {
		if got := span(seconds); got != want {
			t.Errorf("span(%v) = %q, want %q", seconds, got, want)
		}
	}
}
