package sampler

import (
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/units"
)

// Snapshot is one moment of the machine: every process instance under the service it
// belongs to. It is valid until the next Take of the Sampler that made it.
type Snapshot struct {
	Time time.Time
	Host memory.Host
	// Services holds every service with at least one instance, largest private memory
	// first.
	Services []Service
	// Watched is the private memory of all watched services together, and WatchedLimit
	// what it is compared with.
	Watched      units.Bytes
	WatchedLimit units.Bytes
	// Processes counts all instances, Denied those that were there but could not be
	// read, and Hidden says that there may be more that this user is not shown.
	Processes int
	Denied    int
	Hidden    bool

	instances []Instance
}

// OverWatched reports whether the watched services together are above their limit.
func (s *Snapshot) OverWatched() bool { return s.WatchedLimit > 0 && s.Watched > s.WatchedLimit }

// Service is what its live instances amount to.
type Service struct {
	Name    string
	Kind    string
	Watched bool
	// Status is the worst of the instances'; Passed is the threshold that one passed.
	Status Status
	Passed units.Bytes
	// Instances are ordered by private memory, largest first.
	Instances []Instance
	Total     memory.Sum
	// CPU is the sum of the instances' percentages; NaN when none is known.
	CPU float64
	// Age is that of the oldest instance.
	Age time.Duration
}

// OnlyWatched is the service without its processes that are not watched: a rule may fit
// some processes of a name that discovery gives to others too.
func (v *Service) OnlyWatched() Service {
	unwatched := func(x Instance) bool { return !x.Identity.Watched }
	if !slices.ContainsFunc(v.Instances, unwatched) {
		return *v
	}
	out := Service{Name: v.Name, Kind: v.Kind, Instances: slices.DeleteFunc(slices.Clone(v.Instances), unwatched)}
	out.addUp()
	for i := range out.Instances {
		out.Total.Add(out.Instances[i].Sample)
	}
	return out
}

// Kernel reports whether the service is the kernel's own threads.
func (s *Service) Kernel() bool { return len(s.Instances) > 0 && s.Instances[0].Sample.Kernel }

// Instance is one process instance of a service.
type Instance struct {
	Sample   *memory.Sample
	Identity *service.Identity
	Status   Status
	Passed   units.Bytes
	// CPU is the percentage of one core: since the Sampler's previous Take, or since
	// the process began at the first one that sees it; NaN when unknown.
	CPU float64
}

// ID names the instance.
func (i *Instance) ID() process.ID { return i.Sample.ID }

// Started is when the instance began, by the wall clock of the snapshot, to the second: the
// two clocks are not read at the same instant.
func (s *Snapshot) Started(i *Instance) time.Time {
	return s.Time.Add(-i.Sample.Age).Truncate(time.Second).UTC()
}
