// Package record decides what of a snapshot is stored: which series there are, of whom,
// and how often. Its bounds are what keeps the store small however many processes come
// and go.
//
// Every service has its series, and so have the instances that matter: all that a rule
// names, and the largest and fastest growing of the others. What is left is summed up as
// "other", with the label rest="true", so that totals add up.
package record

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/store"
)

// Bounds of what is stored of one moment.
const (
	// MaxServices is how many services have series of their own. A place is free again an
	// hour after its service was last seen, and at once for one that a rule names.
	MaxServices = 300
	// MaxRuled is how many instances have series because a rule names their service.
	MaxRuled = 200
	// MaxRanked is how many instances have series for their size or growth.
	MaxRanked = 40
	// MaxNewPerHour is how many instances begin series within an hour. A machine that
	// restarts all it has does not reach it; a program that restarts all the time does.
	MaxNewPerHour = 240
	// settled is how old an instance is before it has series of its own: what lives shorter
	// leaks nothing that is worth a name.
	settled = time.Minute
	// rankEvery is how often the ranking is made anew, and minutely how often the metrics
	// are stored that move slowly or matter less.
	rankEvery = time.Minute
	minutely  = time.Minute
	// forgotten is how long after it was last seen a service gives up its place.
	forgotten = time.Hour
)

// everyBeat are the metrics of services and processes that are stored with every sample;
// the others of the table are stored every minute.
var everyBeat = [memory.Count]bool{
	memory.Private: true, memory.RSS: true, memory.Shmem: true, memory.Swap: true,
	memory.CPUTime: true, memory.Threads: true, memory.FDs: true, memory.MajorFaults: true,
}

// Store is what a Recorder writes to; *store.Store is one.
type Store interface {
	OwnerOf(k store.Kind, labels store.Labels, now int64) (store.OwnerID, error)
	Append(at time.Time, beat, minute []store.Sample) error
}

// Recorder writes snapshots to a store. It is not safe for use by several goroutines.
type Recorder struct {
	store Store
	// servicesOnly leaves out instances that no rule names, to save memory.
	servicesOnly bool

	services  map[string]*account
	instances map[process.ID]*instance
	rest      total // instances without series
	others    total // services without series
	host      store.OwnerID
	verdicts  func(*sampler.Service) (Verdict, bool)
	gauges    func(func(Gauge))

	// everything says that this round stores the metrics of the minute too.
	everything bool

	round     uint64
	last      time.Time
	ranked    time.Time
	minute    time.Time
	began     time.Time // of the hour that fresh counts in
	fresh     int
	ranking   []*instance
	beat, min []store.Sample
	counts    Counts
}

// Counts say how full the bounds are.
type Counts struct {
	Services  int `json:"services"`  // with series of their own
	Instances int `json:"instances"` // with series of their own
	// Rest are the instances summed up at the last moment, OtherServices the services.
	Rest          int `json:"rest_instances"`
	OtherServices int `json:"rest_services"`
	// Refused counts instances that had to wait because too many began within an hour.
	Refused int `json:"refused_instances"`
	// Gauges were stored at the last minute, and LeftGauges had no room.
	Gauges     int `json:"gauges"`
	LeftGauges int `json:"left_gauges"`
}

// total is what some instances add up to. Counters keep what those did that have ended.
type total struct {
	owner    store.OwnerID
	gauges   [memory.Count]uint64
	given    [memory.Count]bool
	counters [memory.Count]uint64
	count    int
}

// account is a service that has series of its own.
type account struct {
	total
	seen  time.Time
	ruled bool // a rule names one of its instances
	// verdict is that of the last minute, where judged.
	verdict Verdict
	judged  bool
}

// instance is one living process instance.
type instance struct {
	id     process.ID
	sample *memory.Sample // of this round
	round  uint64
	owner  store.OwnerID // 0 while it has no series
	// service is the one that its series stand under.
	service string
	ruled   bool
	first   uint64 // private memory when first seen
	size    uint64
	before  [memory.Count]uint64 // counters at the last round
	known   bool                 // before is set
}

// New returns a Recorder that writes to s.
func New(s Store) *Recorder {
	return &Recorder{store: s, services: make(map[string]*account), instances: make(map[process.ID]*instance)}
}

// SetServicesOnly says whether instances are left out that no rule names, which halves what
// is kept in memory. They are part of the rest then.
func (r *Recorder) SetServicesOnly(on bool) {
	if r.servicesOnly != on {
		r.servicesOnly, r.ranked = on, time.Time{}
	}
}

// Tracked reports whether an instance has series of its own.
func (r *Recorder) Tracked(id process.ID) bool {
	x := r.instances[id]
	return x != nil && x.owner != 0
}

// Counts say how full the bounds are.
func (r *Recorder) Counts() Counts { return r.counts }

// Record stores one moment.
func (r *Recorder) Record(at time.Time, s *sampler.Snapshot, load *memory.Load) error {
	r.round++
	r.beat, r.min = r.beat[:0], r.min[:0]
	r.everything = r.minute.IsZero() || at.Sub(r.minute) >= minutely || at.Before(r.minute)
	if r.everything {
		r.minute = at.Truncate(minutely)
	}
	now := at.UnixMilli()
	if r.host == 0 {
		id, err := r.store.OwnerOf(store.Host, nil, now)
		if err != nil {
			return err
		}
		r.host = id
	}
	r.meet(s)
	if err := r.choose(at, s, now); err != nil {
		return err
	}
	if err := r.sum(at, s, now); err != nil {
		return err
	}
	r.emitHost(s, load)
	if err := r.emitGauges(now); err != nil {
		return err
	}
	r.last = at
	min := r.min
	if !r.everything {
		min = nil
	}
	return r.store.Append(at, r.beat, min)
}

// meet takes in which instances there are.
func (r *Recorder) meet(s *sampler.Snapshot) {
	for k := range s.Services {
		for i := range s.Services[k].Instances {
			v := &s.Services[k].Instances[i]
			private, ok := v.Sample.Get(memory.Private)
			if !ok {
				continue // kernel threads, zombies: there is nothing to store
			}
			x := r.instances[v.Sample.ID]
			if x == nil {
				x = &instance{id: v.Sample.ID, first: private}
				r.instances[v.Sample.ID] = x
			}
			x.sample, x.round, x.size = v.Sample, r.round, private
			x.ruled = v.Identity.Watched && v.Identity.Rule != nil
			if x.owner != 0 && x.service != v.Identity.Service {
				// It is another program now (exec), or another rule names it: what comes is no
				// part of the series that stand under its old name.
				x.owner = 0
			}
		}
	}
	for id, x := range r.instances {
		if x.round != r.round {
			delete(r.instances, id)
		}
	}
}

// holdersShare is how much more an instance counts that has series already: two neighbours
// in the ranking that change places must not begin new ones every minute.
const holdersShare = 4

// rank orders by size, or by growth.
func (x *instance) rank(byGrowth bool) uint64 {
	v := x.size
	if byGrowth {
		v -= min(v, x.first)
	}
	if x.owner != 0 {
		v += v / holdersShare
	}
	return v
}

// choose decides which instances have series of their own.
func (r *Recorder) choose(at time.Time, s *sampler.Snapshot, now int64) error {
	if !r.ranked.IsZero() && at.Sub(r.ranked) < rankEvery && !at.Before(r.ranked) {
		return nil
	}
	r.ranked = at
	if r.began.IsZero() || at.Sub(r.began) >= time.Hour || at.Before(r.began) {
		r.began, r.fresh = at, 0
	}
	r.ranking = r.ranking[:0]
	var ruled []*instance
	for _, x := range r.instances {
		switch {
		case x.sample.Age < settled:
		case x.ruled:
			ruled = append(ruled, x)
		case r.servicesOnly:
		default:
			r.ranking = append(r.ranking, x)
		}
	}
	wanted := make(map[*instance]bool, MaxRuled+MaxRanked)
	pick(ruled, MaxRuled, false, wanted)
	pick(r.ranking, MaxRanked/2, false, wanted)
	pick(r.ranking, MaxRanked/2, true, wanted)
	clear(r.ranking)
	for _, x := range r.instances {
		if !wanted[x] {
			x.owner = 0
		}
	}
	for k := range s.Services {
		for i := range s.Services[k].Instances {
			v := &s.Services[k].Instances[i]
			x := r.instances[v.Sample.ID]
			if x == nil || x.owner != 0 || !wanted[x] {
				continue
			}
			if r.fresh >= MaxNewPerHour {
				r.counts.Refused++
				continue
			}
			r.fresh++
			err := r.begin(x, v, &s.Host, now)
			if errors.Is(err, store.ErrCrowded) {
				r.counts.Refused++ // it is part of the rest, until the store has room
				continue
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// pick marks the first n of a ranking that are not marked yet.
func pick(all []*instance, n int, byGrowth bool, wanted map[*instance]bool) {
	slices.SortFunc(all, func(a, b *instance) int {
		return cmp.Or(cmp.Compare(b.rank(byGrowth), a.rank(byGrowth)), cmp.Compare(a.id.PID, b.id.PID))
	})
	for _, x := range all {
		if n == 0 || byGrowth && x.rank(true) == 0 {
			return
		}
		if !wanted[x] {
			wanted[x] = true
			n--
		}
	}
}

// begin gives an instance series of its own. Its labels are the same after a restart of
// the monitor, so that its series goes on.
func (r *Recorder) begin(x *instance, v *sampler.Instance, host *memory.Host, now int64) error {
	pairs := []string{"service", v.Identity.Service, "name", v.Sample.Name,
		"pid", strconv.Itoa(int(x.id.PID)), "start", strconv.FormatUint(x.id.Start, 10)}
	if host.BootID != "" {
		pairs = append(pairs, "boot", host.BootID[:min(8, len(host.BootID))])
	}
	labels, err := store.NewLabels(pairs...)
	if err != nil {
		return err
	}
	x.service = v.Identity.Service
	x.owner, err = r.store.OwnerOf(store.Process, labels, now)
	return err
}
