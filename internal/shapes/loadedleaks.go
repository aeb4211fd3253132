package shapes

// Leaks that are driven by load, or lie under it.
var (
	// sessionsPerDay leak something each; sessionsLeast of them in any span.
	sessionsPerDay = scope{30, 600}
	sessionsLeast  = 40.0
	sessionSpread  = scope{0.2, 1.8} // one session's leak against the next
	// nightSessions is the share of the noon's sessions that begin at night.
	nightSessions = 0.01
	// hiddenGrowth over the span of the slow leak under a season.
	hiddenGrowth = scope{0.08, 0.6}
)

// loadedLeakShapes leak with or under load.
func loadedLeakShapes() []shape {
	return []shape{
		{"leak-load", (*sketch).leakByWork},
		{"leak-session", (*sketch).leakBySession},
		{"leak-seasonal", func(k *sketch) {
			k.loadByCalendar(k.weekly())
			k.followLoad(k.uniform(loadMemory))
			k.growLinearly(0, k.growth(hiddenGrowth))
			k.disturbUsually()
		}},
	}
}

// leakByWork loses something with every request: fast by day, slowly by night.
func (k *sketch) leakByWork() {
	k.loadByCalendar(k.daily())
	k.followLoad(k.uniform(loadMemory))
	requests := 0.0
	for i := range k.t {
		requests += float64(k.load[i] * k.step(i)) // no fused multiply-add
		k.leak[i] = requests
	}
	k.scaleLeak(k.growth(anyGrowth))
	k.disturbUsually()
}

// leakBySession loses what a session held when it ends without cleanup: bursts by day,
// next to nothing by night.
func (k *sketch) leakBySession() {
	c := k.weekly()
	k.loadByCalendar(c)
	n := max(sessionsLeast, k.logUniform(sessionsPerDay)*k.setting.Span/day)
	times := k.eventTimes(int(n), func(t float64) float64 { return max(nightSessions, c.activity(t)) })
	total := k.growth(anyGrowth)
	k.leakAt(times, func() float64 { return uniformOf(k.noise, sessionSpread) })
	k.scaleLeak(total)
	k.disturbUsually()
}
