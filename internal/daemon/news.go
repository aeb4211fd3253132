package daemon

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

// maxChanged is how many services live clients are told of at a beat.
const maxChanged = 20

// told is a service as live clients know it.
type told struct {
	state     leak.State
	private   uint64
	instances int
}

// tell passes the beat on to live clients, without waiting for any.
func (d *Daemon) tell(m moment) {
	events := d.news.events
	d.news.events = nil
	if d.server == nil || d.server.Clients() == 0 {
		return
	}
	var failed error
	for i := range events {
		failed = errors.Join(failed, d.server.Publish(events[i].Kind, &events[i]))
	}
	s := d.snapshot
	host := s.Wire(nil).Host
	out := wire.BeatNews{
		Beat: d.beats.number, Time: m.at.UTC(), Late: d.beats.late, Step: int(d.budget.Step()), MemoryUsedPercent: host.MemoryUsedPercent,
		SelfRSSBytes: figure(d.own(), memory.RSS), SelfPrivateBytes: figure(d.own(), memory.Private),
		WatchedPrivateBytes: uint64(s.Watched), Processes: s.Processes, Services: len(d.chosen), States: map[string]int{}, Changed: d.changed(),
	}
	for _, x := range d.told {
		out.States[x.state.String()]++
	}
	err := d.server.Publish("beat", &out)
	for err != nil && len(out.Changed) > 0 { // long names make a message that is too long
		out.Changed = out.Changed[:len(out.Changed)/2]
		err = d.server.Publish("beat", &out)
	}
	d.fault("tell live clients", errors.Join(failed, err))
}

// change is what became of a service since live clients were told of it.
type change struct {
	name     string
	service  *sampler.Service // nil: it is gone
	now      told
	turned   bool // its state or its instances are others
	distance uint64
}

// changed lists the services that changed most, and notes that they are told.
func (d *Daemon) changed() []wire.ServiceNews {
	var changes []change
	current := make(map[string]told, len(d.chosen))
	for k := range d.chosen {
		v := &d.chosen[k]
		standing, _ := d.tally.Standing(v.Name)
		private, _ := v.Total.Get(memory.Private)
		now, before := told{standing.State, private, len(v.Instances)}, d.told[v.Name]
		current[v.Name] = now
		if now != before {
			changes = append(changes, change{v.Name, v, now, now.state != before.state || now.instances != before.instances, max(private, before.private) - min(private, before.private)})
		}
	}
	for name, before := range d.told {
		if _, there := current[name]; !there {
			changes = append(changes, change{name: name, turned: true, distance: before.private})
		}
	}
	d.told = current
	slices.SortFunc(changes, func(a, b change) int {
		if a.turned != b.turned {
			if a.turned {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.distance, a.distance), cmp.Compare(a.name, b.name))
	})
	out := make([]wire.ServiceNews, 0, min(maxChanged, len(changes)))
	for _, c := range changes[:min(maxChanged, len(changes))] {
		x := wire.ServiceNews{Name: c.name, State: c.now.state.String(), Instances: c.now.instances}
		if c.service != nil {
			if private, ok := c.service.Total.Get(memory.Private); ok {
				x.PrivateBytes = &private
			}
			x.CPUPercent = pointer(math.Round(c.service.CPU*100) / 100)
		}
		out = append(out, x)
	}
	return out
}
