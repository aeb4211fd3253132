package shapes

import (
	"math"
	"slices"
)

// Leaks of memory under constant load. Growth over the span is a share of the base.
var (
	slowGrowth = scope{0.04, 0.4}
	fastGrowth = scope{0.5, 6}
	anyGrowth  = scope{0.15, 4}
	// lateOnset is a share of the span: late enough for a history, early enough to be seen.
	lateOnset = scope{0.3, 0.65}
	// frequentStairs in seconds from one to the next, on average, and the least number in
	// the span; rareStairs their number: more than the few steps of a healthy service.
	frequentStairs = scope{5 * minute, hour}
	frequentLeast  = 40.0
	rareStairs     = [2]int{6, 15}
	stairSpread    = scope{0.5, 1.5} // one step's height against the next
	// cycles of growth and cleanup, and the share of a cycle's growth that is cleaned up.
	cycles      = [2]int{4, 12}
	cleanup     = scope{0.2, 0.6}
	cycleSpread = scope{0.7, 1.3}
	// lifeGrowth of one life of mean length.
	lifeGrowth = scope{0.2, 1.5}
)

// leakingShapes leak whatever the load is.
func leakingShapes() []shape {
	return []shape{
		{"leak-linear-slow", func(k *sketch) { k.linear(slowGrowth, calmShare, calmRho) }},
		{"leak-linear-fast", func(k *sketch) { k.linear(fastGrowth, usualShare, usualRho) }},
		{"leak-linear-noisy", func(k *sketch) { k.linear(anyGrowth, strongShare, strongRho) }},
		{"leak-late", func(k *sketch) {
			k.growLinearly(k.share(lateOnset), k.growth(anyGrowth))
			k.disturbUsually()
		}},
		{"leak-warmup", func(k *sketch) {
			k.warmup()
			k.growLinearly(0, k.growth(anyGrowth))
			k.truth.Cap = math.NaN() // it passes the level of its warm-up
		}},
		{"leak-accelerating", func(k *sketch) {
			k.grow(0, k.growth(anyGrowth), func(age float64) float64 { return age * age })
			k.disturbUsually()
		}},
		{"leak-decelerating", func(k *sketch) {
			k.grow(0, k.growth(anyGrowth), math.Sqrt)
			k.disturbUsually()
		}},
		{"leak-stairs-frequent", func(k *sketch) {
			gap := min(k.logUniform(frequentStairs), k.setting.Span/frequentLeast)
			k.stairs(int(k.setting.Span / gap))
		}},
		{"leak-stairs-rare", func(k *sketch) { k.stairs(k.integer(rareStairs[0], rareStairs[1])) }},
		{"leak-sawtooth", func(k *sketch) {
			k.collect(1)
			k.growLinearly(0, k.growth(anyGrowth))
			k.disturbUsually()
		}},
		{"leak-drift", func(k *sketch) {
			k.drift()
			k.growLinearly(0, k.growth(anyGrowth))
			k.disturb(calmShare, calmRho)
		}},
		{"leak-batch", func(k *sketch) {
			k.batch()
			k.growLinearly(0, k.growth(anyGrowth))
		}},
		{"leak-partial-cleanup", (*sketch).partialCleanup},
		{"leak-restarts", (*sketch).leakingLives},
	}
}

func (k *sketch) growth(s scope) float64 { return k.logUniform(s) * k.base }

func (k *sketch) linear(growth, share, rho scope) {
	k.growLinearly(0, k.growth(growth))
	k.disturb(share, rho)
	k.truth.Linear = true
}

// stairs leaks in n steps, one in each n-th of the span.
func (k *sketch) stairs(n int) {
	total := k.growth(anyGrowth)
	level, done, next := 0.0, 0, k.rng.Float64()
	for i, t := range k.t {
		for done < n && t >= (float64(done)+next)/float64(n)*k.setting.Span {
			level += uniformOf(k.noise, stairSpread)
			next = k.noise.Float64()
			done++
		}
		k.leak[i] = level
	}
	k.scaleLeak(total)
	k.disturbUsually()
}

// partialCleanup grows, frees a part of what grew, and grows on: what is found by whoever
// looks for monotone growth only is missed.
func (k *sketch) partialCleanup() {
	n := k.integer(cycles[0], cycles[1])
	freed, total := k.uniform(cleanup), k.growth(anyGrowth)
	length := k.setting.Span / float64(n)
	kept, into, end := 0.0, k.rng.Float64()*length, length
	start := into
	for i := range k.t {
		if into += k.step(i); into >= end {
			kept += (1 - freed) * into
			into, end = 0, length*uniformOf(k.noise, cycleSpread)
		}
		k.leak[i] = kept + into - start
	}
	k.scaleLeak(total)
	k.disturbUsually()
}

// leakingLives leaks at one rate in every life; deployments come before the limit does.
func (k *sketch) leakingLives() {
	ages := k.live()
	rate := k.growth(lifeGrowth) / (k.setting.Span / float64(len(k.births)+1))
	for i, age := range ages {
		k.leak[i] = rate * age
	}
	k.truth = Truth{Label: Leak, Onset: 0, Rate: rate, Cap: math.NaN()}
	k.disturbUsually()
}

// eventTimes draws n times in the span, with a density that follows weight in 0 to 1.
func (k *sketch) eventTimes(n int, weight func(t float64) float64) []float64 {
	times := make([]float64, 0, n)
	for len(times) < n {
		t := k.noise.Float64() * k.setting.Span
		if k.noise.Float64() < weight(t) {
			times = append(times, t)
		}
	}
	slices.Sort(times)
	return times
}

// leakAt leaks size() at each of the times.
func (k *sketch) leakAt(times []float64, size func() float64) {
	level := 0.0
	for i, t := range k.t {
		for len(times) > 0 && times[0] <= t {
			level += size()
			times = times[1:]
		}
		k.leak[i] = level
	}
	k.leaks(0)
}
