package daemon

import (
	"errors"
	"fmt"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/store"
)

// beat is the whole product in one function: sample, store, judge, alert, record, tell. Data moves
// down this page and never back up it. Only a machine that cannot be read at all ends the
// daemon, at its first beat; whatever else fails is said, counted and tried again.
func (d *Daemon) beat(m moment) error {
	d.present.Lock()
	defer d.present.Unlock()
	stop := d.costs.begin(d.clock)
	snapshot, err := d.sampler.Take(m.wall)
	if err == nil {
		d.load, err = d.machine.Load(d.config.Daemon.Data)
		d.fault("read the load of the machine", err) // the figures that could be read come along
		err = nil
	}
	stop("sample", err)
	if d.fault("read the processes", err); err != nil {
		if d.beats.number == 0 {
			return err
		}
		d.beats.failed++
		d.alarmInTheDark(m)
		return nil
	}
	d.course.add(m.elapsed, snapshot.Host.BootID, d.load)
	d.jumped(m, snapshot)
	err = d.recorder.Record(m.at, snapshot, &d.load)
	stop("store", err)
	d.stored(err)
	d.sent()

	d.chosen = d.choose(snapshot, d.chosen[:0])
	d.tally.ObserveAt(m.elapsed, m.wall, d.chosen)
	d.snapshot = snapshot
	d.bind(m)
	d.press(m.wall)
	d.restarted(snapshot)
	d.journal()
	stop("judge", nil)
	d.alarm(m)
	stop("alert", nil)
	err = errors.Join(d.saveNext(m), d.store.Flush())
	if err == nil {
		_, err = d.store.Tidy(m.at)
	}
	stop("record", err)
	d.fault("record what it found", err)

	d.beats.number++
	d.beats.last, d.beats.uptime = m, snapshot.Host.Uptime
	d.sweep(m.wall)
	d.tell(m)
	stop("tell", nil)
	d.beats.lastly = d.costs.sum()
	d.beats.took.add(d.beats.lastly)
	if d.beats.number == settledBeats || m.elapsed-d.released >= releaseEvery {
		d.released = m.elapsed
		d.fault("give back pages of the program", d.pages.release())
	}
	return nil
}

const (
	// settledBeats is after how many beats most of what is called at all has been called.
	settledBeats = 3
	// releaseEvery is how often pages of the program are given back that a request or an
	// hour's end took. It takes a millisecond; without it they add up to 5 MB.
	releaseEvery = time.Minute
)

// choose returns what is judged: the services that are watched, and the monitor itself.
func (d *Daemon) choose(s *sampler.Snapshot, out []sampler.Service) []sampler.Service {
	for k := range s.Services {
		v := &s.Services[k]
		switch {
		case v.Kernel():
		case v.Watched:
			out = append(out, v.OnlyWatched())
		case d.owns(v):
			out = append(out, *v)
		}
	}
	return out
}

// owns reports whether the monitor is an instance of the service.
func (d *Daemon) owns(v *sampler.Service) bool {
	for i := range v.Instances {
		if int(v.Instances[i].Sample.ID.PID) == d.options.PID {
			return true
		}
	}
	return false
}

// clockSlack is the smallest step of the clock worth a word: NTP moves it by less.
const clockSlack = 2 * time.Second

// jumped says what the clock did since the last beat. The judges do not mind: they are told
// the time that nobody sets.
func (d *Daemon) jumped(m moment, s *sampler.Snapshot) {
	d.boot = s.Host.BootID
	if _, own := s.Find(int32(d.options.PID)); own != nil && d.self != own.ID() {
		d.self = own.ID()
		d.tally.Pin(d.self)
	}
	if d.beats.number == 0 {
		return
	}
	elapsed := m.elapsed - d.beats.last.elapsed
	interval := d.options.Config.Daemon.Interval
	if missed := int64((elapsed+interval/2)/interval) - 1 - d.beats.failed; missed > 0 {
		d.late(m, uint64(missed))
	}
	d.beats.failed = 0
	asleep := s.Host.Uptime - d.beats.uptime - elapsed
	set := m.wall.Round(0).Sub(d.beats.last.wall.Round(0)) - elapsed - max(0, asleep)
	if asleep > clockSlack {
		d.event("clock", "host", fmt.Sprintf("The machine slept for %s; nothing was seen meanwhile.", asleep.Round(time.Second)), map[string]any{"asleep_seconds": asleep.Seconds()})
	}
	switch {
	case set > clockSlack:
		d.event("clock", "host", fmt.Sprintf("The clock was set forward by %s.", set.Round(time.Second)), map[string]any{"set_seconds": set.Seconds()})
	case set < -clockSlack:
		d.event("clock", "host", fmt.Sprintf("The clock was set back by %s; samples of both passes are kept.", (-set).Round(time.Second)), map[string]any{"set_seconds": set.Seconds()})
	}
}

// stored says how storing went.
func (d *Daemon) stored(err error) {
	if errors.Is(err, store.ErrFull) {
		err = fmt.Errorf("samples are lost until there is room: %w", err)
	}
	d.fault("store", err)
	for _, a := range d.store.Asides()[d.noticed.asides:] {
		d.noticed.asides++
		d.log.Warn("set aside what cannot be read", "path", a.Path, "why", a.Why)
		d.event("store", a.Path, fmt.Sprintf("What could not be read was set aside: %v", a.Why), nil)
	}
}

// own is the figures of the monitor itself in the last snapshot; nil where it is not seen,
// as in another PID namespace.
func (d *Daemon) own() *sampler.Instance {
	if d.snapshot == nil {
		return nil
	}
	_, x := d.snapshot.Find(int32(d.options.PID))
	return x
}

func figure(x *sampler.Instance, m memory.Metric) *uint64 {
	if x == nil {
		return nil
	}
	if v, ok := x.Sample.Get(m); ok {
		return &v
	}
	return nil
}
