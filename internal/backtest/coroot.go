package backtest

import "math"

// coroot is the rule of the memory-leak inspection of Coroot
// (github.com/coroot/coroot, 2026-04-22, auditor/memory.go MemoryGrowthPct, watchers/watchers.go): over the
// last hour, least squares through the longest run without a fall by half, a tail that
// still rises, a least growth, and more than 10 % an hour for 15 minutes. It sees a
// container, not a process: a restart is a fall like any other.
//
// Coroot reads points of an even grid, here the samples stand for them; how many an hour
// should have is taken from the median distance of those that are there.
type coroot struct {
	window
	least float64 // growth per hour, in bytes, below which nothing is said
	since float64 // when the condition began to hold; NaN while it does not
	steps []float64
}

const (
	corootFilled     = 0.8  // share of the window that must be there
	corootFewest     = 10   // points of the run
	corootRun        = 3    // the run is at least a third of the window
	corootTail       = 4    // the tail is the last quarter of the run
	corootTailLength = 900  // seconds, at least
	corootTailFewest = 5    // points
	corootTailSlope  = 0.3  // of the overall slope
	corootOfLimit    = 0.05 // growth per hour against the limit
	corootGrowth     = 10.0 // percent an hour
	corootHeld       = 900  // seconds that the condition must hold

	corootLeast = 50 << 20 // bytes of growth per hour where there is no limit
)

func newCoroot(limit float64) *coroot {
	c := &coroot{window: window{length: hour}, least: corootLeast, since: math.NaN()}
	if limit > 0 {
		c.least = corootOfLimit * limit
	}
	return c
}

func (c *coroot) verdict(t float64) (alarm bool, rate float64) {
	percent, rate := c.growth(t)
	switch {
	case percent <= corootGrowth:
		c.since = math.NaN()
		return false, rate
	case math.IsNaN(c.since):
		c.since = t
	}
	return t-c.since >= corootHeld, rate
}

// growth is the growth over the hour before t in percent of its begin, 0 where the rule
// sees none, and the slope in bytes per second.
func (c *coroot) growth(t float64) (percent, rate float64) {
	rate = math.NaN()
	expected := c.expected()
	if float64(len(c.points)) < corootFilled*expected {
		return 0, rate
	}
	run := longestRun(c.points)
	if len(run) < corootFewest || float64(len(run)) < math.Floor(expected/corootRun) {
		return 0, rate
	}
	overall := fit(run)
	tail := len(run) - len(run)/corootTail
	for tail > 0 && run[len(run)-1].t-run[tail].t < corootTailLength {
		tail--
	}
	if overall.slope <= 0 || len(run)-tail < corootTailFewest {
		return 0, rate
	}
	if end := fit(run[tail:]); end.slope <= 0 || end.slope < corootTailSlope*overall.slope {
		return 0, rate
	}
	before, now := overall.value(t-hour), overall.value(t)
	if now <= 0 || now-before < c.least {
		return 0, rate
	}
	base := before
	if base <= 0 {
		base = now
	}
	return 100 * (now - before) / base, overall.slope
}

// expected is how many points an hour has at the pace of those in the window; +Inf of
// fewer than two.
func (c *coroot) expected() float64 {
	c.steps = c.steps[:0]
	for i := 1; i < len(c.points); i++ {
		c.steps = append(c.steps, c.points[i].t-c.points[i-1].t)
	}
	step := median(c.steps)
	if !(step > 0) {
		return math.Inf(1)
	}
	return math.Floor(c.length / step)
}

// longestRun is the longest stretch in which no point is below half of the one before, the
// first of equals.
func longestRun(points []point) []point {
	var longest []point
	begin := 0
	for i := 1; i <= len(points); i++ {
		if i < len(points) && points[i].bytes >= points[i-1].bytes/2 {
			continue
		}
		if i-begin > len(longest) {
			longest = points[begin:i]
		}
		begin = i
	}
	return longest
}
