// Package sampler takes snapshots of a machine: it reads every process, names the
// service of each, and adds up. It keeps nothing but the last reading.
package sampler

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/units"
)

// Reader reads the machine; *probe.Reader is one.
type Reader interface {
	Scan() (probe.Scan, error)
	Host() (memory.Host, error)
	service.Describer
}

// Sampler takes snapshots. Its memory grows with the number of living processes alone. It is not safe for use by several goroutines at once.
type Sampler struct {
	reader   Reader
	resolver *service.Resolver
	limits   Limits

	snapshot  Snapshot
	index     map[string]int
	processor map[int32]usage
	round     uint32
}

// usage is the processor time of an instance at the previous snapshot.
type usage struct {
	start uint64
	round uint32
	cpu   uint64
	age   time.Duration
}

// New returns a sampler that reads through reader and names through resolver.
func New(reader Reader, resolver *service.Resolver, limits Limits) *Sampler {
	return &Sampler{reader: reader, resolver: resolver, limits: limits, index: make(map[string]int), processor: make(map[int32]usage)}
}

// Configure names and judges by other rules from the next snapshot on, which goes on where
// the last one was: shares of the processor count from there.
func (s *Sampler) Configure(resolver *service.Resolver, limits Limits) {
	s.resolver, s.limits = resolver, limits
}

// Take reads the machine. now is the wall clock, for display: ages and rates come from
// the system's own clock.
func (s *Sampler) Take(now time.Time) (*Snapshot, error) {
	host, err := s.reader.Host()
	if err != nil {
		return nil, err
	}
	scan, err := s.reader.Scan()
	if err != nil {
		return nil, err
	}
	identities := s.resolver.Resolve(scan.Samples, s.reader)
	out := &s.snapshot
	out.Time, out.Host = now, host
	out.Processes, out.Denied, out.Hidden = len(scan.Samples), scan.Denied, scan.Hidden
	out.WatchedLimit = s.limits.Watched
	s.group(scan.Samples, identities)
	s.addUp()
	return out, nil
}

// Explain says how the service of a process of the last Take was found. The error wraps
// fs.ErrNotExist where there was no such process.
func (s *Sampler) Explain(pid int32) (service.Explanation, error) {
	return s.resolver.Explain(pid, s.reader)
}

// Thresholds are those that hold for an instance: above elevated it is ELEVATED, above high
// HIGH, and above limit, where that is not 0, it is to be investigated.
func (s *Sampler) Thresholds(x *Instance) (elevated, high, limit units.Bytes) {
	return s.limits.of(x.Identity)
}

// group sorts the instances by service without allocating: it counts, then places.
func (s *Sampler) group(samples []memory.Sample, identities []service.Identity) {
	out := &s.snapshot
	clear(s.index)
	out.Services = out.Services[:0]
	s.round++
	for i := range samples {
		id := &identities[i]
		k, ok := s.index[id.Service]
		if !ok {
			k = len(out.Services)
			s.index[id.Service] = k
			out.Services = append(out.Services, Service{Name: id.Service, Kind: id.Kind})
		}
		v := &out.Services[k]
		v.Total.Add(&samples[i])
	}
	out.instances = slices.Grow(out.instances[:0], len(samples))[:len(samples)]
	from := 0
	for k := range out.Services {
		v := &out.Services[k]
		n := v.Total.Samples()
		v.Instances = out.instances[from : from : from+n]
		from += n
	}
	for i := range samples {
		v := &out.Services[s.index[identities[i].Service]]
		v.Instances = append(v.Instances, s.instance(&samples[i], &identities[i]))
	}
	s.forget(len(samples))
}

func (s *Sampler) instance(x *memory.Sample, id *service.Identity) Instance {
	status, passed := s.limits.judge(x, id)
	return Instance{Sample: x, Identity: id, Status: status, Passed: passed, CPU: s.cpu(x)}
}

// cpu is the share of one core in percent since the previous snapshot, or since the
// start of an instance that was not there then.
func (s *Sampler) cpu(x *memory.Sample) float64 {
	used, ok := x.Get(memory.CPUTime)
	if !ok {
		return math.NaN()
	}
	before := s.processor[x.ID.PID]
	s.processor[x.ID.PID] = usage{start: x.ID.Start, round: s.round, cpu: used, age: x.Age}
	if before.start != x.ID.Start || before.round != s.round-1 {
		before = usage{}
	}
	// Two scanners round to ticks differently: a step back by one is no negative use.
	used = max(used, before.cpu)
	span := x.Age - before.age
	if span <= 0 {
		return math.NaN()
	}
	return 100 * float64(used-before.cpu) / float64(span)
}

// forget drops the processor times of instances that are gone.
func (s *Sampler) forget(alive int) {
	if len(s.processor) <= alive {
		return
	}
	for pid, u := range s.processor {
		if u.round != s.round {
			delete(s.processor, pid)
		}
	}
}

// addUp makes the figures of each service and orders everything.
func (s *Sampler) addUp() {
	out := &s.snapshot
	out.Watched = 0
	for k := range out.Services {
		v := &out.Services[k]
		v.addUp()
		for i := range v.Instances {
			if x := &v.Instances[i]; x.Identity.Watched {
				private, _ := x.Sample.Get(memory.Private)
				out.Watched += units.Bytes(private)
			}
		}
		slices.SortFunc(v.Instances, func(a, b Instance) int {
			return cmp.Or(bySize(a.Sample, b.Sample), cmp.Compare(a.Sample.ID.PID, b.Sample.ID.PID))
		})
	}
	slices.SortFunc(out.Services, func(a, b Service) int {
		x, _ := a.Total.Get(memory.Private)
		y, _ := b.Total.Get(memory.Private)
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(a.Name, b.Name))
	})
}

// addUp makes the figures that are no sums of metrics.
func (v *Service) addUp() {
	v.CPU = math.NaN()
	for i := range v.Instances {
		x := &v.Instances[i]
		v.Age = max(v.Age, x.Sample.Age)
		v.Watched = v.Watched || x.Identity.Watched
		if x.Status > v.Status {
			v.Status, v.Passed = x.Status, x.Passed
		}
		if math.IsNaN(x.CPU) {
			continue
		}
		if math.IsNaN(v.CPU) {
			v.CPU = 0
		}
		v.CPU += x.CPU
	}
}

// bySize orders larger private memory first.
func bySize(a, b *memory.Sample) int {
	x, _ := a.Get(memory.Private)
	y, _ := b.Get(memory.Private)
	return cmp.Compare(y, x)
}

// Find returns the instance with this PID.
func (s *Snapshot) Find(pid int32) (*Service, *Instance) {
	for k := range s.Services {
		for i := range s.Services[k].Instances {
			if x := &s.Services[k].Instances[i]; x.Sample.ID.PID == pid {
				return &s.Services[k], x
			}
		}
	}
	return nil, nil
}
