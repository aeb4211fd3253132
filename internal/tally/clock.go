package tally

import (
	"math"
	"time"
)

const (
	// maxTurns is how many steps of the wall clock against the seconds of the watch are
	// remembered: two months of a machine that sleeps every night. Times before the oldest
	// are told as from it on.
	maxTurns = 64
	// leastTurn is the smallest step that counts: beats are as late as the machine is
	// busy, and no onset is known to ten seconds.
	leastTurn = 10 * time.Second
)

// clock translates seconds of the watch to wall time.
type clock struct {
	began  time.Time     // wall time of second 0, as the first reading has it
	first  time.Time     // the first reading, with its monotonic part
	origin time.Duration // elapsed at the first reading
	turns  []turn        // oldest first

	elapsed time.Duration // the last reading
	wall    time.Time
}

// turn is a step of the wall clock: somebody set it, or the machine slept.
type turn struct {
	from float64   // seconds of the watch
	zero time.Time // wall time of second 0, as reckoned from then on
}

// since is the time from the first reading until at.
func (c *clock) since(at time.Time) time.Duration {
	if c.first.IsZero() {
		return 0
	}
	return c.origin + at.Sub(c.first)
}

// read takes in that wall and elapsed are the same instant.
func (c *clock) read(elapsed time.Duration, wall time.Time) {
	if c.first.IsZero() {
		c.first, c.origin, c.began = wall, elapsed, wall.Add(-elapsed)
	}
	c.elapsed, c.wall = elapsed, wall.Round(0)
	c.turn(elapsed.Seconds(), c.wall.Add(-elapsed))
}

func (c *clock) turn(from float64, zero time.Time) {
	if n := len(c.turns); n > 0 && zero.Sub(c.turns[n-1].zero).Abs() < leastTurn {
		return
	}
	if len(c.turns) == maxTurns {
		copy(c.turns, c.turns[1:])
		c.turns = c.turns[:maxTurns-1]
	}
	c.turns = append(c.turns, turn{from, zero})
}

// Began is the wall time of second 0 of the watch, as the clock was at the first Observe;
// with Observe alone it is that of the first snapshot. Wall is right where the clock was
// set or the machine slept since.
func (t *Tally) Began() time.Time { return t.clock.began }

// Wall is the wall time of an instant given in seconds of the watch, as verdicts give
// theirs. Each is told by the clock that ruled then: an onset at noon stays at noon when
// the clock is set at three, and when the machine sleeps from six to eight. What is before
// the first Observe is told as if nothing had happened to the clock in between, or, after
// Restore, as the clock was when the newest record was saved. It is the zero time where
// nothing was observed or the seconds are no number.
func (t *Tally) Wall(seconds float64) time.Time {
	const most = math.MaxInt64 / int64(time.Second)
	if len(t.clock.turns) == 0 || !(math.Abs(seconds) <= float64(most)) {
		return time.Time{}
	}
	zero := t.clock.turns[0].zero
	for _, later := range t.clock.turns[1:] {
		if later.from > seconds {
			break
		}
		zero = later.zero
	}
	return zero.Add(time.Duration(seconds * float64(time.Second)))
}
