package trace

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// seen is when a process was seen first and last.
type seen struct{ first, last float64 }

// linked gives the lanes of processes of one name, as indexes into processes.
func linked(processes []seen) [][]int {
	r := newRecord(&source{}, "")
	for i, p := range processes {
		r.lives = append(r.lives, &life{order: i, first: p.first, last: p.last})
	}
	var out [][]int
	for _, l := range r.lanes() {
		var one []int
		for _, x := range l.lives {
			one = append(one, x.order)
		}
		out = append(out, one)
	}
	return out
}

func TestWhoseRestartAProcessIs(t *testing.T) {
	for _, c := range []struct {
		name      string
		processes []seen
		want      [][]int
	}{
		{"one after the other", []seen{{0, 9}, {10, 19}, {20, 29}}, [][]int{{0, 1, 2}}},
		{"side by side", []seen{{0, 9}, {0, 9}}, [][]int{{0}, {1}}},
		{"at the same moment", []seen{{0, 9}, {9, 19}}, [][]int{{0}, {1}}},
		{"one worker of two", []seen{{0, 9}, {0, 29}, {10, 29}}, [][]int{{0, 2}, {1}}},
		{"both at once: whose restart is each?", []seen{{0, 9}, {0, 9}, {10, 19}, {10, 19}}, [][]int{{0}, {1}, {2}, {3}}},
		{"the one that ended last", []seen{{0, 5}, {0, 9}, {10, 19}}, [][]int{{0}, {1, 2}}},
		{"one that had been doubtful", []seen{{0, 9}, {0, 9}, {10, 19}, {20, 29}}, [][]int{{0}, {1}, {2, 3}}},
		{"later rows of the file are earlier", []seen{{10, 19}, {0, 9}}, [][]int{{1, 0}}},
	} {
		if got := linked(c.processes); !slices.EqualFunc(got, c.want, slices.Equal[[]int]) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestLanesHoldEveryLifeOnce: whatever comes and goes, no life is lost or told twice, and
// no lane holds two at a time.
func TestLanesHoldEveryLifeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		processes := rapid.SliceOf(rapid.Custom(func(t *rapid.T) seen {
			first := rapid.IntRange(0, 30).Draw(t, "first")
			return seen{float64(first), float64(first + rapid.IntRange(0, 9).Draw(t, "length"))}
		})).Draw(t, "processes")
		var told []int
		for _, one := range linked(processes) {
			for i, at := range one {
				if i > 0 && processes[at].first <= processes[one[i-1]].last {
					t.Fatalf("%v runs beside %v in one lane", processes[at], processes[one[i-1]])
				}
			}
			told = append(told, one...)
		}
		slices.Sort(told)
		for i := range processes {
			if i >= len(told) || told[i] != i {
				t.Fatalf("lives %v are told of %d", told, len(processes))
			}
		}
		if len(told) != len(processes) {
			t.Fatalf("%d lives are told of %d", len(told), len(processes))
		}
	})
}
