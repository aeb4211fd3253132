// Package tally keeps account of what services did while somebody watched: how much
// memory each had from start to end, what its processes gained in their own lives, and
// what the trend of each process says. It judges process instances, never the sum of
// several: two constant processes of 50 and 500 MB under one name are no growth, in
// whatever order they are met.
//
// Its memory is bounded by MaxServices, MaxDetectors, MaxEnded and the living processes
// (about 100 bytes each), however long it watches.
package tally

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/trend"
)

// Bounds of what is kept.
const (
	// MaxDetectors is how many instances carry a trend at a time, 3 KB each: the largest
	// and the fastest growing. What leaks is soon among one of them.
	MaxDetectors = 100
	// MaxServices bounds the accounts. For one more, the ended service with the fewest
	// samples is forgotten; while all are alive, the new one is left out.
	MaxServices = 1000
	// MaxEnded is how many ended instances keep their last reading for the summary.
	MaxEnded = 100
)

// Tally is the account. Make it with New; feed it with Observe.
type Tally struct {
	services  map[string]*Account
	lives     map[process.ID]*life
	detectors int
	ended     []Instance
	round     int

	// Unjudged counts instances that ended without ever carrying a trend, Forgotten ended
	// instances whose reading was dropped because MaxEnded were kept already.
	Unjudged, Forgotten int

	forgotten int // services that gave way to others
	leftOut   int // the most services that found no room at one time

	ranking []*life
}

// Account is what is known of one service.
type Account struct {
	Name string
	// Start, End, Min and Max are of the private memory of all its instances together,
	// in bytes; Mean and deviation are running figures (Welford 1962).
	Start, End, Min, Max float64
	Samples              int
	First, Last          time.Time
	Growth               float64 // what ended instances gained in their own lives
	Begun, Ended         int     // instances that came and went while watched
	mean, squares        float64
	current              float64
	round                int
	alive                int // living instances
}

// life is one living instance.
type life struct {
	id       process.ID
	name     string
	service  *Account
	first    float64
	last     float64
	previous float64
	seen     int // samples
	since    time.Time
	round    int
	series   *trend.Series
	// arrived says that it began after the first Observe.
	arrived bool
	wanted  bool
}

// Instance is one process instance in the summary.
type Instance struct {
	ID      process.ID
	Name    string
	Service string
	Start   float64 // private memory when first seen
	End     float64 // and when last seen
	Ended   bool
	// Reading is what its trend says; Judged is false where it carried none.
	Reading trend.Reading
	Judged  bool
}

// New returns an empty account.
func New() *Tally {
	return &Tally{services: make(map[string]*Account), lives: make(map[process.ID]*life)}
}

// Observe takes in one snapshot of which chosen are the services to watch.
func (t *Tally) Observe(at time.Time, chosen []sampler.Service) {
	t.round++
	left := 0
	for k := range chosen {
		v := &chosen[k]
		if !v.Total.Has(memory.Private) {
			continue // kernel threads, zombies: there is nothing to account for
		}
		a := t.account(v.Name, at)
		if a == nil {
			left++
			continue
		}
		for i := range v.Instances {
			t.meet(a, v.Instances[i].Sample, at)
		}
		a.add(a.current, at)
	}
	t.leftOut = max(t.leftOut, left)
	t.bury()
	t.assign()
	for _, l := range t.lives {
		if l.series != nil {
			l.series.Observe(at, l.last)
		}
	}
}

func (t *Tally) account(name string, at time.Time) *Account {
	a := t.services[name]
	if a == nil {
		if len(t.services) >= MaxServices && !t.makeRoom() {
			return nil
		}
		a = &Account{Name: name, First: at, Min: math.Inf(1), Max: math.Inf(-1)}
		t.services[name] = a
	}
	a.current = 0
	return a
}

// Untracked is how many services the bound left out of the account: those that gave way
// to others, and the most that found no room at one time.
func (t *Tally) Untracked() int { return t.forgotten + t.leftOut }

// makeRoom forgets the ended service that was seen least.
func (t *Tally) makeRoom() bool {
	var victim *Account
	for _, a := range t.services {
		if a.alive == 0 && a.round < t.round && (victim == nil || a.Samples < victim.Samples) {
			victim = a
		}
	}
	if victim == nil {
		return false
	}
	delete(t.services, victim.Name)
	t.forgotten++
	return true
}

// meet takes in one instance. Without a figure for private memory there is nothing to
// account for.
func (t *Tally) meet(a *Account, x *memory.Sample, at time.Time) {
	v, ok := x.Get(memory.Private)
	if !ok {
		return
	}
	private := float64(v)
	l := t.lives[x.ID]
	if l != nil && l.service != a {
		// It is another program now (exec), or another name was found for it: what it was
		// before belongs to the other service, and the step between them is no growth.
		t.close(l)
		l = nil
	}
	if l == nil {
		l = &life{id: x.ID, name: x.Name, service: a, first: private, last: private, since: at, arrived: t.round > 1}
		t.lives[x.ID] = l
		a.alive++
		if l.arrived {
			a.Begun++
		}
	}
	l.previous, l.last = l.last, private
	l.seen++
	l.round = t.round
	a.round = t.round
	a.current += private
}

// bury closes the lives that were not met in this round.
func (t *Tally) bury() {
	for _, l := range t.lives {
		if l.round == t.round {
			continue
		}
		t.close(l)
	}
}

// close ends the account of one instance under its service.
func (t *Tally) close(l *life) {
	delete(t.lives, l.id)
	l.service.Ended++
	l.service.alive--
	l.service.Growth += l.last - l.first
	if l.series == nil {
		t.Unjudged++
		return
	}
	t.detectors--
	if len(t.ended) == MaxEnded {
		t.Forgotten++
		return
	}
	ended := l.instance()
	ended.Ended = true
	t.ended = append(t.ended, ended)
}

// assign gives the trends to the largest and the fastest growing instances. One that has
// a trend keeps it while there is room, so that no history is thrown away for a rank.
func (t *Tally) assign() {
	if len(t.lives) <= MaxDetectors {
		for _, l := range t.lives {
			t.give(l)
		}
		return
	}
	t.ranking = t.ranking[:0]
	for _, l := range t.lives {
		l.wanted = false
		t.ranking = append(t.ranking, l)
	}
	bySize := func(a, b *life) int { return cmp.Or(cmp.Compare(b.last, a.last), compareID(a.id, b.id)) }
	byGrowth := func(a, b *life) int { return cmp.Or(cmp.Compare(b.last-b.first, a.last-a.first), bySize(a, b)) }
	slices.SortFunc(t.ranking, bySize)
	want(t.ranking, MaxDetectors/2)
	slices.SortFunc(t.ranking, byGrowth)
	want(t.ranking, MaxDetectors/2)
	for i := len(t.ranking) - 1; i >= 0; i-- { // the slowest growing give way first
		if t.missing() <= MaxDetectors-t.detectors {
			break
		}
		if l := t.ranking[i]; l.series != nil && !l.wanted {
			l.series = nil
			t.detectors--
		}
	}
	for _, l := range t.ranking {
		if l.wanted {
			t.give(l)
		}
	}
}

// want marks the first n that are not marked yet.
func want(lives []*life, n int) {
	for _, l := range lives {
		if n == 0 {
			return
		}
		if !l.wanted {
			l.wanted = true
			n--
		}
	}
}

// missing counts the wanted instances without a trend.
func (t *Tally) missing() int {
	n := 0
	for _, l := range t.ranking {
		if l.wanted && l.series == nil {
			n++
		}
	}
	return n
}

func (t *Tally) give(l *life) {
	if l.series == nil {
		l.series = new(trend.Series)
		t.detectors++
	}
}

func compareID(a, b process.ID) int {
	return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.Start, b.Start))
}

func (l *life) instance() Instance {
	out := Instance{ID: l.id, Name: l.name, Service: l.service.Name, Start: l.first, End: l.last}
	if l.series != nil {
		out.Reading, out.Judged = l.series.Read(), true
	}
	return out
}

// add takes in the total of the service at one instant.
func (a *Account) add(v float64, at time.Time) {
	if a.Samples == 0 {
		a.Start = v
	}
	a.Samples++
	a.End, a.Last = v, at
	a.Min, a.Max = min(a.Min, v), max(a.Max, v)
	delta := v - a.mean
	a.mean += delta / float64(a.Samples)
	a.squares += delta * (v - a.mean)
}

// Mean is the mean of the service's total.
func (a *Account) Mean() float64 { return a.mean }

// Deviation is the standard deviation of the service's total; 0 for one sample.
func (a *Account) Deviation() float64 {
	if a.Samples < 2 {
		return 0
	}
	return math.Sqrt(a.squares / float64(a.Samples-1))
}
