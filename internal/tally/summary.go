package tally

import (
	"cmp"
	"math"
	"slices"

	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/trend"
)

// Summary is one service in the end.
type Summary struct {
	*Account
	// Growth is what its instances gained in their own lives, ended ones included. An
	// instance that came or went is no growth.
	Growth float64
	// Rate is the sum of its living instances' slopes in bytes per hour, their intervals
	// added end to end, which errs on the wide side. Rated counts the instances in it
	// and Living those alive; with none rated it is NaN.
	Rate          trend.Slope
	Rated, Living int
	// State is the worst of its instances'.
	State trend.State
	// Instances are the living and the ended ones that carried a trend, worst first.
	Instances []Instance
}

// Summaries returns every service, the worst verdict first, then the fastest growing.
func (t *Tally) Summaries() []Summary {
	byName := make(map[string]*Summary, len(t.services))
	out := make([]Summary, 0, len(t.services))
	for _, a := range t.services {
		out = append(out, Summary{Account: a, Growth: a.Growth, Rate: trend.Slope{PerHour: math.NaN(), Low: math.NaN(), High: math.NaN()}})
	}
	for i := range out {
		byName[out[i].Name] = &out[i]
	}
	for _, l := range t.lives {
		s := byName[l.service.Name]
		s.Living++
		s.Growth += l.last - l.first
		s.take(l.instance())
	}
	for _, x := range t.ended {
		if s := byName[x.Service]; s != nil { // its service may be forgotten
			s.take(x)
		}
	}
	for i := range out {
		slices.SortFunc(out[i].Instances, func(a, b Instance) int {
			return cmp.Or(cmp.Compare(b.Reading.State, a.Reading.State), cmp.Compare(b.End-b.Start, a.End-a.Start), compareID(a.ID, b.ID))
		})
	}
	slices.SortFunc(out, func(a, b Summary) int {
		return cmp.Or(cmp.Compare(b.State, a.State), cmp.Compare(b.Growth, a.Growth), cmp.Compare(b.End, a.End), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func (s *Summary) take(x Instance) {
	if !x.Judged {
		return
	}
	s.Instances = append(s.Instances, x)
	s.State = max(s.State, x.Reading.State)
	if x.Ended || x.Reading.State == trend.Learning {
		return
	}
	if s.Rated == 0 {
		s.Rate = trend.Slope{}
	}
	s.Rated++
	s.Rate.PerHour += x.Reading.Slope.PerHour
	s.Rate.Low += x.Reading.Slope.Low
	s.Rate.High += x.Reading.Slope.High
}

// Change is what one instance did since the previous Observe.
type Change struct {
	Service string
	ID      process.ID
	Private float64
	Delta   float64
}

// Changes returns the living instances that grew since the previous Observe, the one
// that grew most first, at most limit of them.
func (t *Tally) Changes(limit int) []Change {
	var out []Change
	for _, l := range t.lives {
		if l.seen > 1 && l.last > l.previous {
			out = append(out, Change{l.service.Name, l.id, l.last, l.last - l.previous})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Or(cmp.Compare(b.Delta, a.Delta), compareID(a.ID, b.ID)) })
	return out[:min(limit, len(out))]
}

// Growth is what a living instance gained since it was first met; ok is false for one that
// the account does not have.
func (t *Tally) Growth(id process.ID) (growth float64, ok bool) {
	l := t.lives[id]
	if l == nil {
		return 0, false
	}
	return l.last - l.first, true
}

// Total is the private memory of everything watched at the last Observe.
func (t *Tally) Total() float64 {
	sum := 0.0
	for _, l := range t.lives {
		sum += l.last
	}
	return sum
}

// Counts says how many instances are alive and how many came and went since the start.
func (t *Tally) Counts() (living, begun, ended int) {
	for _, a := range t.services {
		begun += a.Begun
		ended += a.Ended
	}
	return len(t.lives), begun, ended
}

// Detectors is how many instances carry a trend now.
func (t *Tally) Detectors() int { return t.detectors }
