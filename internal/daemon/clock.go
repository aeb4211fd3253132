package daemon

import (
	"context"
	"time"
)

// Clock is what time it is.
type Clock interface {
	// Now is the wall clock, which people set and which jumps when a machine wakes.
	Now() time.Time
	// Elapsed is a clock that nobody sets and that stands still while the machine sleeps.
	Elapsed() time.Duration
}

// moment is one instant by all clocks.
type moment struct {
	// at is the time on the grid of the interval under which samples are stored: in step,
	// they take a bit each.
	at      time.Time
	wall    time.Time
	elapsed time.Duration
}

func (d *Daemon) moment() moment {
	now := d.clock.Now()
	return moment{at: now.Round(0).Truncate(d.options.Config.Daemon.Interval), wall: now, elapsed: d.clock.Elapsed()}
}

// beats count how the beats went.
type beats struct {
	number uint64 // of those that were finished
	late   uint64 // that were skipped
	last   moment
	// uptime of the machine at the last one, which counts sleep.
	uptime time.Duration
	took   histogram
	lastly time.Duration
}

// watchdogSlice bounds how long the loop sleeps at a time, so that a watchdog with a
// shorter time than the interval is told that it lives.
const watchdogSlice = 10 * time.Second

// pulse lets one beat follow the other, each at a multiple of the interval.
func (d *Daemon) pulse(ctx context.Context, serving <-chan error) error {
	interval := d.options.Config.Daemon.Interval
	if d.server == nil {
		serving = nil
	}
	for {
		m := d.moment()
		if last, ok := d.store.Last(); !ok || m.at.UnixMilli() != last { // a restart within one interval
			if err := d.beat(m); err != nil {
				return err
			}
			if d.beats.number == 1 {
				d.notify.ready()
			}
		}
		d.notify.alive()
		now := d.clock.Now()
		due := m.at.Add(interval)
		if now.After(due) && now.Sub(m.wall) < maxBeat {
			due = now.Truncate(interval).Add(interval) // what was due meanwhile is left out
		}
		for wait := due.Sub(now); wait > 0; {
			slice := min(wait, watchdogSlice)
			timer := time.NewTimer(slice)
			select {
			case <-ctx.Done():
				timer.Stop()
				return nil
			case err := <-serving:
				timer.Stop()
				if ctx.Err() != nil {
					return nil
				}
				return err
			case <-d.options.Reloads:
				timer.Stop()
				d.reload()
				wait = due.Sub(d.clock.Now())
			case <-timer.C:
				wait -= slice
				d.notify.alive()
			}
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// maxBeat is longer than any beat takes: more means that the clock was set meanwhile.
const maxBeat = 10 * time.Minute
