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
	failed int64  // since the last one, in which nothing could be read
	last   moment
	// uptime of the machine at the last one, which counts sleep.
	uptime time.Duration
	took   histogram
	lastly time.Duration
}

// watchdogSlice bounds how long the loop sleeps at a time, so that a watchdog with a
// shorter time than the interval is told that it lives.
const watchdogSlice = 10 * time.Second

// heartbeatEvery is how long live clients may hear nothing between two beats.
const heartbeatEvery = 30 * time.Second

// pulse lets one beat follow the other, each at a multiple of the interval, until ctx ends
// or the server does.
func (d *Daemon) pulse(ctx context.Context, served <-chan struct{}) error {
	interval := d.options.Config.Daemon.Interval
	for {
		m := d.moment()
		if last, ok := d.store.Last(); ok && d.beats.number == 0 && m.at.UnixMilli() <= last && m.wall.UnixMilli() > last {
			m.at = m.wall.Round(0).Truncate(time.Millisecond) // started anew within one interval
		}
		if err := d.beat(m); err != nil {
			return err
		}
		if d.beats.number == 1 {
			d.notify.ready()
		}
		d.notify.alive()
		now := d.moment()
		due := now.at.Add(interval) // what was due meanwhile is left out
		if !d.wait(ctx, served, now.wall, due) {
			return nil
		}
	}
}

// wait sleeps until due, reloads when it is asked to, and reports false when it is time to
// end.
func (d *Daemon) wait(ctx context.Context, served <-chan struct{}, now, due time.Time) bool {
	quiet := time.Duration(0)
	for wait := due.Sub(now); wait > 0; {
		slice := min(wait, watchdogSlice)
		if d.notify.watchdog > 0 {
			slice = min(slice, d.notify.watchdog/2) // half of it, as sd_watchdog_enabled(3) advises
		}
		timer := time.NewTimer(slice)
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-served:
			timer.Stop()
			return false
		case <-d.options.Reloads:
			timer.Stop()
			d.reload()
			wait = min(due.Sub(d.clock.Now()), d.options.Config.Daemon.Interval) // the clock may have been set
		case <-timer.C:
			wait -= slice
			d.notify.alive()
			if quiet += slice; d.server != nil && quiet >= heartbeatEvery && wait > 0 {
				d.server.Heartbeat()
				quiet = 0
			}
		}
	}
	return ctx.Err() == nil
}
