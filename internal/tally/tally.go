// Package tally keeps account of what services did while somebody watched: how much
// memory each had from start to end, what its processes gained in their own lives, and
// what package leak says of each process's private and shared memory, descriptors and
// threads. It judges process instances, never the sum of several: two constant processes
// of 50 and 500 MB under one name are no growth, in whatever order they are met.
//
// Its memory is bounded, however long it watches:
//
//	detectors            MaxJudged + MaxWaiting + MaxCounting = 340, under 4 MB with all they carry
//	services             MaxServices
//	ended with verdicts  MaxEnded
//	living processes     about 200 bytes each
//	changes of an Observe  those of the detectors there are
//	steps of the clock   maxTurns
//	a saved instance     MaxRecord bytes
//
// A Tally is not safe for concurrent use.
package tally

import (
	"cmp"
	"math"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
)

// Bounds of what is kept.
const (
	// MaxJudged is how many instances are judged at a time: those that a rule names
	// first, the largest and the fastest growing among them. What leaks is soon among one
	// of them.
	MaxJudged = 100
	// MaxCounting is how many detectors there are, in all, for what is judged from its
	// first change on: shared memory, descriptors and threads, those of ended instances
	// that wait for a successor included.
	//
	// A detector takes 10,240 bytes of the heap (10,120 and the rounding of its size
	// class). 4,000,000 bytes for all are 390 of them; MaxJudged + MaxWaiting = 120 are
	// for private memory, so that 270 are left. 220 of these make 340 × 10,240 = 3,481,600
	// bytes and leave 518,400 for what is kept beside them: verdicts that were asked for
	// (0.6 KB each), those of MaxEnded ended instances, first values, names, accounts.
	MaxCounting = 220
	// MaxServices bounds the accounts. For one more, the ended service with the fewest
	// samples is forgotten; while all are alive, the new one is left out.
	MaxServices = 1000
	// MaxEnded is how many ended instances keep their last verdicts for the summary.
	MaxEnded = 100
)

// Tally is the account. Make it with New; feed it with Observe or ObserveAt.
type Tally struct {
	services map[string]*Account
	work     func(service string) (float64, bool) // nil: nobody counts it
	lives    map[process.ID]*life
	holders  []*life // those that have detectors: the pinned one, those of rules, by ID
	ended    []Instance
	waiting  []waiting
	round    int
	clock    clock

	limit  int        // of instances judged at a time
	pinned process.ID // judged whatever its rank; zero is none

	// Unjudged counts instances that ended without being judged, Forgotten ended
	// instances whose verdicts were dropped because MaxEnded were kept already.
	Unjudged, Forgotten int
	// Crowded is the most series of shared memory, descriptors and threads at one time
	// that changed and found no detector.
	Crowded int

	forgotten int // services that gave way to others
	leftOut   int // the most services that found no room at one time

	ranking          []*life
	rankedAt         time.Duration // by the clock of the watch
	renaming         bool          // services may have other names now
	arrivals, buried []*life       // of this round

	changes []StateChange // the first told were said by the last Observe
	told    int

	saving   saving
	restored map[process.ID]*restored // until the first Observe
	gone     []*restored              // those of them whose processes ended while nobody watched
}

// life is one living instance.
type life struct {
	id      process.ID
	name    string
	service *Account
	first   float64
	last    float64
	marked  float64 // last at the last Mark
	begun   float64 // when the process began, in seconds of the watch
	round   int
	judges  *judges        // nil where it is not judged
	sample  *memory.Sample // of this round; nil between rounds
	// arrived says that it began after the first Observe.
	arrived bool
	wanted  bool
	ruled   bool // a rule of the configuration names it
}

// Instance is one process instance in the summary.
type Instance struct {
	ID      process.ID
	Name    string
	Service string
	Start   float64 // private memory when first seen
	End     float64 // and when last seen
	Ended   bool
	// Verdicts are what its series say, that of private memory first; empty where it was
	// not judged. They rest on Samples samples over Span, those of this life.
	Verdicts []Judgement
	Samples  int
	Span     time.Duration
}

// New returns an empty account.
func New() *Tally {
	return &Tally{services: make(map[string]*Account), lives: make(map[process.ID]*life), limit: MaxJudged}
}

// Observe takes in one snapshot of which chosen are the services to watch. The seconds of
// the watch count from the first: as the monotonic clock has them where at carries its
// reading, and then without the time that the machine slept.
func (t *Tally) Observe(at time.Time, chosen []sampler.Service) {
	t.ObserveAt(t.clock.since(at), at, chosen)
}

// SetWork says who knows how much work services did: a counter, no number where it is not
// known now; counted is false for services whose work nobody counts.
func (t *Tally) SetWork(of func(service string) (work float64, counted bool)) { t.work = of }

// ObserveAt is Observe for a caller that has a better clock. The detectors see elapsed
// alone: it must only grow, must not jump when somebody sets the wall clock, and should not
// count the time that the machine slept, in which no process grows. Where it counts from
// is the caller's choice; verdicts count their seconds from there. wall is what the wall
// clock says; Wall uses it to translate them.
func (t *Tally) ObserveAt(elapsed time.Duration, wall time.Time, chosen []sampler.Service) {
	t.clock.read(elapsed, wall)
	t.round++
	t.forgetChanges()
	now := elapsed.Seconds()
	left := 0
	for k := range chosen {
		v := &chosen[k]
		if !v.Total.Has(memory.Private) {
			continue // kernel threads, zombies: there is nothing to account for
		}
		a := t.account(v.Name, wall)
		if a == nil {
			left++
			continue
		}
		for i := range v.Instances {
			t.meet(a, &v.Instances[i], now)
		}
		a.add(a.current, wall)
	}
	t.leftOut = max(t.leftOut, left)
	t.renaming = false
	t.bury()
	t.settle(now)
	t.succeed(now)
	t.assign()
	r := room{left: MaxCounting - t.counting()}
	for _, l := range t.holders {
		work, counted := math.NaN(), false
		if t.work != nil {
			work, counted = t.work(l.service.Name)
		}
		l.judges.observe(now, l.sample, &r, work, counted)
		t.weigh(l)
	}
	for _, l := range t.lives {
		l.sample = nil // it is the caller's
	}
	t.Crowded = max(t.Crowded, r.refused)
	t.told = len(t.changes)
}

// counting is how many detectors there are for what is judged from its first change on.
func (t *Tally) counting() int {
	n := 0
	for _, l := range t.lives {
		if l.judges != nil {
			n += l.judges.counting()
		}
	}
	for _, w := range t.waiting {
		n += w.judges.counting()
	}
	return n
}

// meet takes in one instance. Without a figure for private memory there is nothing to
// account for.
func (t *Tally) meet(a *Account, instance *sampler.Instance, now float64) {
	x := instance.Sample
	v, ok := x.Get(memory.Private)
	if !ok {
		return
	}
	private := float64(v)
	l := t.lives[x.ID]
	if l != nil && l.service != a && t.renaming && l.name == x.Name {
		t.move(l, a)
	}
	if l != nil && l.service != a {
		// It is another program now (exec), or another name was found for it: what it was
		// before belongs to the other service, and the step between them is no growth.
		t.close(l)
		l = nil
	}
	if l == nil {
		l = &life{id: x.ID, service: a, first: private, marked: private, begun: now - x.Age.Seconds(), arrived: t.round > 1}
		t.lives[x.ID] = l
		a.alive++
		if l.arrived {
			a.Begun++
		}
		if !t.resume(l) {
			t.arrivals = append(t.arrivals, l)
		}
	}
	l.name, l.sample = x.Name, x
	l.ruled = instance.Identity != nil && instance.Identity.Watched && instance.Identity.Rule != nil
	l.last = private
	l.round = t.round
	a.round = t.round
	a.current += private
}

// Rename says that services may have other names at the next Observe, as after new rules: a
// process that has another then is the same process, and what was learnt of it stays.
func (t *Tally) Rename() { t.renaming = true }

// move makes a life one of another service, with all that it gained.
func (t *Tally) move(l *life, to *Account) {
	l.service.alive--
	l.service = to
	to.alive++
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
	t.buried = append(t.buried, l)
	if l.judges == nil {
		t.Unjudged++
		return
	}
	t.silence(l, ProcessEnded)
	if len(t.ended) == MaxEnded {
		t.Forgotten++
		return
	}
	ended := l.instance()
	ended.Ended = true
	t.ended = append(t.ended, ended)
}

func compareID(a, b process.ID) int {
	return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.Start, b.Start))
}

func (l *life) instance() Instance {
	out := Instance{ID: l.id, Name: l.name, Service: l.service.Name, Start: l.first, End: l.last}
	if j := l.judges; j != nil {
		out.Verdicts, out.Samples, out.Span = j.judgements(), j.samples, j.span()
	}
	return out
}
