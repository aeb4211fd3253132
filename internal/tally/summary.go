package tally

import (
	"cmp"
	"math"
	"slices"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/leak"
)

// Summary is one service in the end.
type Summary struct {
	*Account
	// Growth is what its instances gained in their own lives, ended ones included. An
	// instance that came or went is no growth.
	Growth float64
	// Rate is the sum of its living instances' growth of private memory in bytes per hour,
	// their intervals added end to end, which errs on the wide side. Smallest is the sum
	// of the smallest growth that would have been seen in each. Rated counts the instances
	// in them and Living those alive; with none rated they are NaN.
	Rate          leak.Interval
	Smallest      float64
	Rated, Living int
	// State is the worst of its instances' and Worst the metric that it is of: a service
	// can leak descriptors while its memory is steady.
	State leak.State
	Worst memory.Metric
	// Instances are the living and the ended ones that were judged, worst first.
	Instances []Instance
}

// Memory is the verdict on private memory; that of nothing seen where there is none.
func (x *Instance) Memory() leak.Verdict {
	if len(x.Verdicts) > 0 {
		return x.Verdicts[0].Verdict
	}
	return unseen
}

// unseen is the verdict on a series of which nothing was seen.
var unseen = leak.New(leak.Memory()).Verdict()

// Worst is the verdict with the worst state, that on memory where others are no worse;
// nil where the instance was not judged.
func (x *Instance) Worst() *Judgement {
	var worst *Judgement
	for i := range x.Verdicts {
		if v := &x.Verdicts[i]; worst == nil || v.State > worst.State {
			worst = v
		}
	}
	return worst
}

// state is that of the worst verdict.
func (x *Instance) state() leak.State {
	if v := x.Worst(); v != nil {
		return v.State
	}
	return leak.Learning
}

// Summaries returns every service, the worst verdict first, then the fastest growing.
func (t *Tally) Summaries() []Summary {
	byName := make(map[string]*Summary, len(t.services))
	out := make([]Summary, 0, len(t.services))
	for _, a := range t.services {
		out = append(out, Summary{Account: a, Growth: a.Growth, Rate: leak.Unknown(), Smallest: math.NaN()})
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
			return cmp.Or(cmp.Compare(b.state(), a.state()), cmp.Compare(b.End-b.Start, a.End-a.Start), compareID(a.ID, b.ID))
		})
	}
	slices.SortFunc(out, func(a, b Summary) int {
		return cmp.Or(cmp.Compare(b.State, a.State), cmp.Compare(b.Growth, a.Growth), cmp.Compare(b.End, a.End), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func (s *Summary) take(x Instance) {
	worst := x.Worst()
	if worst == nil {
		return
	}
	s.Instances = append(s.Instances, x)
	if worst.State > s.State || worst.State == s.State && rankOf(worst.Metric) < rankOf(s.Worst) {
		s.State, s.Worst = worst.State, worst.Metric
	}
	v := x.Memory()
	if x.Ended || !v.Rate.Known() {
		return
	}
	if s.Rated == 0 {
		s.Rate, s.Smallest = leak.Interval{}, 0
	}
	s.Rated++
	s.Rate.Value += v.Rate.Value
	s.Rate.Low += v.Rate.Low
	s.Rate.High += v.Rate.High
	s.Smallest += v.Smallest
}

// Change is what one instance gained since the last Mark, or since it was first met.
type Change struct {
	Service string
	ID      process.ID
	Private float64
	Delta   float64
}

// Changes returns the living instances that grew since the last Mark, the one that grew
// most first, at most limit of them.
func (t *Tally) Changes(limit int) []Change {
	var out []Change
	for _, l := range t.lives {
		if l.last > l.marked {
			out = append(out, Change{l.service.Name, l.id, l.last, l.last - l.marked})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Or(cmp.Compare(b.Delta, a.Delta), compareID(a.ID, b.ID)) })
	return out[:min(limit, len(out))]
}

// Mark makes now the instant that Changes are counted from.
func (t *Tally) Mark() {
	for _, l := range t.lives {
		l.marked = l.last
	}
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

// Judged is how many instances are judged now.
func (t *Tally) Judged() int { return len(t.holders) }
