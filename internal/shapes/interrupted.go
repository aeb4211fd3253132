package shapes

// Lives and sleep.
var (
	// lives in the span, first and last included; lifeSpread is what one's length differs
	// from the next.
	lives      = [2]int{3, 10}
	lifeSpread = scope{0.6, 1.4}
	// downtime between two lives in seconds; nothing is sampled.
	downtime = scope{1, 3 * minute}
	// lifeWarmup is what a life takes up at its beginning, as a share of the base, and
	// lifeWarmupTime its time constant as a share of a mean life.
	lifeWarmup     = scope{0.2, 1}
	lifeWarmupTime = scope{0.01, 0.08}
	// sleeps of the machine, their length in seconds and the bound on it as a share of the
	// span.
	sleeps      = [2]int{1, 4}
	sleepLength = scope{hour, 14 * hour}
	sleepSpans  = 0.08
)

// interruptedShapes are healthy across restarts and sleep.
func interruptedShapes() []shape {
	return []shape{
		{"restarts", func(k *sketch) {
			k.live()
			k.disturbUsually()
		}},
		{"suspend-jump", func(k *sketch) { k.suspend(true) }},
		{"suspend-still", func(k *sketch) { k.suspend(false) }},
	}
}

// live cuts the span into lives, each of which warms up, and returns how old the process is
// at every sample.
func (k *sketch) live() []float64 {
	n := k.integer(lives[0], lives[1])
	mean := k.setting.Span / float64(n)
	size, tau := k.uniform(lifeWarmup)*k.base, k.uniform(lifeWarmupTime)*mean
	var births []float64
	total := 0.0
	for range n {
		total += k.uniform(lifeSpread)
		births = append(births, total)
	}
	ages := make([]float64, len(k.t))
	born := 0.0
	for i, t := range k.t {
		// The last of births is the end of the span.
		if len(births) > 1 && t >= births[0]/total*k.setting.Span {
			born = t + k.logUniform(downtime)
			k.births, births = append(k.births, i), births[1:]
		}
		k.lost[i] = k.lost[i] || t < born
		ages[i] = max(0, t-born)
		k.normal[i] += size * saturation(ages[i], tau)
	}
	return ages
}

// suspend puts the machine to sleep a few times. The load is the users' and follows their
// clock. With a jump, T is the wall clock and nothing is sampled for hours; without, T is a
// clock that stands still in sleep (CLOCK_MONOTONIC on Linux): no gap, but suddenly another
// time of day.
func (k *sketch) suspend(jump bool) {
	n := k.integer(sleeps[0], sleeps[1])
	c := k.daily()
	night, noon, share := k.uniform(nightLoad), k.uniform(noonLoad), k.uniform(loadMemory)
	begins, lengths := make([]float64, n), make([]float64, n)
	for i := range n {
		begins[i] = k.setting.Span * (float64(i) + k.uniform(scope{0.2, 0.8})) / float64(n)
		lengths[i] = min(k.logUniform(sleepLength), sleepSpans*k.setting.Span)
	}
	asleep := func(t float64) bool {
		for i := range n {
			if t >= begins[i] && t < begins[i]+lengths[i] {
				return true
			}
		}
		return false
	}
	k.loadBy(func(t float64) float64 {
		if jump && asleep(t) {
			return 0 // no sample shows it, and the work counter stands still
		}
		slept := 0.0
		for i := range n {
			if !jump && t >= begins[i] {
				slept += lengths[i]
			}
		}
		return night + (noon-night)*c.activity(t+slept)
	})
	if jump {
		for i, t := range k.t {
			k.lost[i] = k.lost[i] || asleep(t)
		}
	}
	k.followLoad(share)
	k.disturbUsually()
}
