package record

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/store"
)

// restLabel marks the sums of what has no series of its own.
const restLabel = "rest"

// otherName is the service under which they stand.
const otherName = "other"

// sum adds up services and makes the samples of all of them.
func (r *Recorder) sum(at time.Time, s *sampler.Snapshot, now int64) error {
	r.rest.begin()
	r.others.begin()
	r.counts.Instances, r.counts.OtherServices = 0, 0
	for k := range s.Services {
		v := &s.Services[k]
		if !v.Total.Has(memory.Private) {
			continue
		}
		own, err := r.serviceOf(v, at, now)
		if err != nil {
			return err
		}
		to := &r.others
		if own == nil {
			r.counts.OtherServices++
		} else {
			to = &own.total
			to.begin()
		}
		for i := range v.Instances {
			x := r.instances[v.Instances[i].Sample.ID]
			if x == nil || x.round != r.round {
				continue
			}
			delta := r.deltas(x, at)
			to.add(x.sample, &delta)
			if x.owner == 0 {
				r.rest.add(x.sample, &delta)
				continue
			}
			r.counts.Instances++
			r.emitSample(x.owner, x.sample)
		}
		if own != nil {
			r.emit(to, true)
			r.judge(own, v)
		}
	}
	r.counts.Rest, r.counts.Services = r.rest.count, len(r.services)
	for _, x := range r.instances {
		x.sample = nil // it is the sampler's
	}
	return r.emitRest(now)
}

// serviceOf is the account of a service; nil where there is no room for another, and while
// no instance of it has settled: a compiler that runs for a second is no service.
func (r *Recorder) serviceOf(v *sampler.Service, at time.Time, now int64) (*account, error) {
	x, byRule := r.services[v.Name], ruled(v)
	if x == nil {
		if v.Age < settled && !byRule || len(r.services) >= MaxServices && !r.makeRoom(at, byRule) {
			return nil, nil
		}
		labels, err := store.NewLabels("service", v.Name)
		if err != nil {
			return nil, err
		}
		x = new(account)
		x.owner, err = r.store.OwnerOf(store.Service, labels, now)
		if errors.Is(err, store.ErrCrowded) {
			return nil, nil // it is one of the others, until the store has room
		}
		if err != nil {
			return nil, err
		}
		r.services[v.Name] = x
	}
	x.seen, x.ruled = at, byRule
	return x, nil
}

// ruled reports whether a rule names an instance of a service.
func ruled(v *sampler.Service) bool {
	return slices.ContainsFunc(v.Instances, func(x sampler.Instance) bool { return x.Identity.Watched && x.Identity.Rule != nil })
}

// makeRoom forgets the services that were not seen for long. Where that is not enough, one
// that no rule names gives way to one that a rule does: that longest unseen, then the
// smallest.
func (r *Recorder) makeRoom(at time.Time, byRule bool) bool {
	for name, x := range r.services {
		if at.Sub(x.seen) >= forgotten {
			delete(r.services, name)
		}
	}
	if len(r.services) < MaxServices || !byRule {
		return len(r.services) < MaxServices
	}
	victim := ""
	for name, x := range r.services {
		if y := r.services[victim]; !x.ruled && (y == nil || cmp.Or(x.seen.Compare(y.seen), cmp.Compare(x.gauges[memory.Private], y.gauges[memory.Private]), cmp.Compare(name, victim)) < 0) {
			victim = name
		}
	}
	delete(r.services, victim)
	return len(r.services) < MaxServices
}

// deltas is what the counters of an instance gained since the last round.
func (r *Recorder) deltas(x *instance, at time.Time) (delta [memory.Count]uint64) {
	for _, d := range memory.Metrics {
		if !d.Cumulative {
			continue
		}
		v, ok := x.sample.Get(d.Metric)
		if !ok {
			continue
		}
		before := x.before[d.Metric]
		x.before[d.Metric] = max(v, before)
		// What an instance did before it was first seen is part of the service's counter only
		// when it began since the last round.
		if x.known || !r.last.IsZero() && x.sample.Age <= at.Sub(r.last) {
			delta[d.Metric] = v - min(v, before)
		}
	}
	x.known = true
	return delta
}

// begin forgets the gauges of the last round.
func (t *total) begin() {
	t.gauges, t.given, t.count = [memory.Count]uint64{}, [memory.Count]bool{}, 0
}

func (t *total) add(x *memory.Sample, delta *[memory.Count]uint64) {
	t.count++
	for _, d := range memory.Metrics {
		v, ok := x.Get(d.Metric)
		if !ok {
			continue
		}
		t.given[d.Metric] = true
		if d.Cumulative {
			t.counters[d.Metric] += delta[d.Metric]
		} else {
			t.gauges[d.Metric] += v
		}
	}
}

// put makes a sample of one metric.
func (r *Recorder) put(owner store.OwnerID, m memory.Metric, v uint64) {
	value := float64(v)
	if memory.Metrics[m].Unit == memory.Nanoseconds {
		value /= float64(time.Second)
	}
	x := store.Sample{Series: store.SeriesOf(owner, store.Code(m)), Value: value}
	if everyBeat[m] {
		r.beat = append(r.beat, x)
	} else {
		r.min = append(r.min, x)
	}
}

func (r *Recorder) emitSample(owner store.OwnerID, x *memory.Sample) {
	for m := range memory.Count {
		if v, ok := x.Get(m); ok {
			r.put(owner, m, v)
		}
	}
}

// emit makes the samples of a sum.
func (r *Recorder) emit(t *total, instances bool) {
	for _, d := range memory.Metrics {
		switch m := d.Metric; {
		case !t.given[m]:
		case d.Cumulative:
			r.put(t.owner, m, t.counters[m])
		default:
			r.put(t.owner, m, t.gauges[m])
		}
	}
	if instances {
		r.beat = append(r.beat, store.Sample{Series: store.SeriesOf(t.owner, store.Instances), Value: float64(t.count)})
	}
}

// emitRest makes the samples of what has no series of its own.
func (r *Recorder) emitRest(now int64) error {
	for _, x := range []struct {
		*total
		kind store.Kind
	}{{&r.rest, store.Process}, {&r.others, store.Service}} {
		if x.count == 0 {
			continue
		}
		if x.owner == 0 {
			labels, err := store.NewLabels("service", otherName, restLabel, "true")
			if err != nil {
				return err
			}
			x.owner, err = r.store.OwnerOf(x.kind, labels, now)
			if errors.Is(err, store.ErrCrowded) {
				r.counts.Refused++
				continue
			}
			if err != nil {
				return err
			}
		}
		r.emit(x.total, x.kind == store.Service)
	}
	return nil
}
