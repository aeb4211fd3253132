package shapes

import "math"

// Load over the day and the week, relative to the usual load of 1.
var (
	nightLoad = scope{0.1, 0.5}
	noonLoad  = scope{1.3, 2}
	// dayWidth is the exponent of the curve of the day: below 1 a long plateau, above 1 a
	// narrow peak.
	dayWidth = scope{0.6, 2}
	// weekendShare of the activity of weekdays.
	weekendShare = scope{0.15, 0.6}
	// loadNoise is the standard deviation of the load around its course, loadRho the
	// correlation of neighbouring samples.
	loadNoise = scope{0.01, 0.06}
	loadRho   = scope{0.5, 0.95}
	// loadMemory is the memory that the usual load takes, as a share of the base.
	loadMemory = scope{0.15, 0.6}
)

// calendar says how busy users are at a time of the span, from 0 at midnight to 1 at noon
// of a weekday.
type calendar struct {
	start   float64 // seconds into the week at which the span begins
	width   float64
	weekend float64 // activity on two days of seven; 1 if all days are alike
}

func (k *sketch) daily() calendar {
	return calendar{start: k.uniform(scope{0, week}), width: k.uniform(dayWidth), weekend: 1}
}

func (k *sketch) weekly() calendar {
	c := k.daily()
	c.weekend = k.uniform(weekendShare)
	return c
}

func (c calendar) activity(t float64) float64 {
	at := math.Mod(t+c.start, week)
	noon := math.Sin(math.Pi * math.Mod(at, day) / day)
	a := math.Pow(noon*noon, c.width)
	if at >= 5*day {
		a *= c.weekend
	}
	return a
}

// loadBy sets the load to f(t) with the noise of real load.
func (k *sketch) loadBy(f func(t float64) float64) {
	w := newWander(k.noise, k.uniform(loadRho), k.uniform(loadNoise)*k.setting.Noise)
	for i, t := range k.t {
		// Millionths: the work counter adds these up, and must not add up the last bits in
		// which platforms differ.
		k.load[i] = math.Round(1e6*max(0, f(t)*(1+w.next()))) / 1e6
	}
}

// loadByCalendar lets the load follow users.
func (k *sketch) loadByCalendar(c calendar) {
	night, noon := k.uniform(nightLoad), k.uniform(noonLoad)
	k.loadBy(func(t float64) float64 { return night + (noon-night)*c.activity(t) })
}

// followLoad adds the memory that the load takes: share of the base at the usual load.
func (k *sketch) followLoad(share float64) {
	for i := range k.normal {
		k.normal[i] += share * k.base * k.load[i]
	}
}

// Load that grows, with when it does, in shares of the span.
var (
	peakGrowth   = scope{1.4, 3} // the last peaks over the first
	growthBegin  = scope{0.1, 0.3}
	growthLength = scope{0.25, 0.45}
	doublingAt   = scope{0.3, 0.7}
	rampLength   = scope{0.08, 0.25}
	doubling     = scope{1.7, 2.3} // load after over load before
	// levelLoad and levelLength, in seconds, of load that others switch on and off;
	// levelSpans bounds the length as a share of the span.
	levelLoad   = scope{0.2, 2}
	levelLength = scope{hour, 12 * hour}
	levelSpans  = 0.08
)

// ramp is 0 before begin, 1 after begin + length, and straight between.
func ramp(t, begin, length float64) float64 { return max(0, min(1, (t-begin)/length)) }

// growingPeaks: more users every day for a while, none more at night.
func (k *sketch) growingPeaks() {
	c := k.daily()
	night, noon, factor := k.uniform(nightLoad), k.uniform(noonLoad), k.uniform(peakGrowth)
	begin, length := k.share(growthBegin), k.share(growthLength)
	k.loadBy(func(t float64) float64 {
		return night + (noon-night)*c.activity(t)*(1+(factor-1)*ramp(t, begin, length))
	})
	k.followLoad(k.uniform(loadMemory))
	k.disturbUsually()
}

// doubledLoad doubles within length seconds.
func (k *sketch) doubledLoad(begin, length float64) {
	factor, share := k.uniform(doubling), k.uniform(loadMemory)
	k.loadBy(func(t float64) float64 { return 1 + (factor-1)*ramp(t, begin, length) })
	k.followLoad(share)
	k.disturbUsually()
	k.truth.Cap = k.base * (1 + share*factor)
}

func (k *sketch) doubledAtOnce() {
	// Within a second: a ramp of no length would divide by 0.
	k.doubledLoad(k.share(doublingAt), 1)
	k.truth.Cap = math.NaN() // nothing settles gradually
}

// loadLevels: plateaus of load at random heights, as of workers that are given jobs.
func (k *sketch) loadLevels() {
	until, level := 0.0, 1.0
	k.loadBy(func(t float64) float64 {
		for t >= until {
			level = uniformOf(k.rng, levelLoad)
			until = t + min(k.logUniform(levelLength), levelSpans*k.setting.Span)
		}
		return level
	})
	k.followLoad(k.uniform(loadMemory))
	k.disturbUsually()
}
