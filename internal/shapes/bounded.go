package shapes

import "math"

// Growth that settles. Sizes are shares of the base, times shares of the span unless they
// are named in seconds.
var (
	warmupSize = scope{0.3, 2}
	// warmupTime is the time constant in seconds: from loading classes to filling pools.
	warmupTime = scope{3 * minute, 5 * hour}
	// settledTime bounds every time constant, so that a shape labelled OK has settled within
	// the span: to e^-7 of its size.
	settledTime = 0.08
	cacheSize   = scope{0.3, 3}
	cacheTime   = scope{0.01, settledTime}
	// cacheBegin is late for some: a feature switched on fills its cache days after the start.
	cacheBegin = scope{0, 0.4}
	// cacheFull and cacheUnfilled: when a cache that grows at a constant rate is full; well
	// inside the span, or only after it.
	cacheFull     = scope{0.2, 0.55}
	cacheUnfilled = scope{1.1, 3}
	// fragmentSize is what an allocator cannot give back; fragmentTime, in seconds, sets how
	// early the logarithm bends; fragmentEnd is when the largest need has been met.
	fragmentSize = scope{0.2, 1}
	fragmentTime = scope{10 * minute, 2 * hour}
	fragmentEnd  = scope{0.3, 0.6}
)

// boundedShapes grow and settle.
func boundedShapes() []shape {
	return []shape{
		{"warmup", (*sketch).warmup},
		{"cache-exponential", (*sketch).cacheExponential},
		{"cache-linear", func(k *sketch) { k.cacheLinear(k.share(cacheFull)) }},
		{"cache-unfilled", (*sketch).cacheUnfilled},
		{"fragmentation", (*sketch).fragmentation},
		{"step", func(k *sketch) { k.steps(1) }},
		{"steps", func(k *sketch) { k.steps(k.integer(2, 3)) }},
		{"load-step", (*sketch).doubledAtOnce},
		{"load-ramp", func(k *sketch) { k.doubledLoad(k.share(growthBegin), k.share(rampLength)) }},
		{"spike-plateau", (*sketch).spikePlateau},
	}
}

// saturation is the part of its size that growth of time constant tau has reached.
func saturation(age, tau float64) float64 { return -math.Expm1(-age / tau) }

// saturate adds growth of a size from begin on and states its cap.
func (k *sketch) saturate(begin, tau, size float64) {
	k.add(func(t float64) float64 { return size * saturation(max(0, t-begin), tau) })
	k.truth.Cap = k.base + size
}

func (k *sketch) warmup() {
	tau := min(k.logUniform(warmupTime), settledTime*k.setting.Span)
	k.saturate(0, tau, k.uniform(warmupSize)*k.base)
	k.disturbUsually()
}

func (k *sketch) cacheExponential() {
	k.saturate(k.share(cacheBegin), k.logUniform(cacheTime)*k.setting.Span, k.logUniform(cacheSize)*k.base)
	k.disturbUsually()
}

// cacheLinear fills at a constant rate, as one does whose misses do not depend on how full
// it is, and is full at the given time.
func (k *sketch) cacheLinear(full float64) {
	size := k.logUniform(cacheSize) * k.base
	k.add(func(t float64) float64 { return size * min(1, t/full) })
	k.truth.Cap = k.base + size
	k.disturbUsually()
}

func (k *sketch) cacheUnfilled() {
	full := k.share(cacheUnfilled)
	k.cacheLinear(full)
	k.truth.Label, k.truth.Onset, k.truth.Rate = Ambiguous, 0, (k.truth.Cap-k.base)/full
}

// fragmentation grows like the logarithm of time, as the largest of many random needs does,
// and ends when the largest has been met.
func (k *sketch) fragmentation() {
	size, tau, end := k.uniform(fragmentSize)*k.base, k.logUniform(fragmentTime), k.share(fragmentEnd)
	k.add(func(t float64) float64 { return size * math.Log1p(min(t, end)/tau) / math.Log1p(end/tau) })
	k.truth.Cap = k.base + size
	k.disturbUsually()
}

// Steps: something is loaded, once or a few times, and stays.
var (
	stepSize = scope{0.15, 1}
	// stepSlots: step i of n lies in the i-th slot of the span between these two shares, so
	// that steps never coincide and the last level is seen.
	stepSlots = scope{0.1, 0.85}
	// stepLength in seconds is how long a step takes to climb.
	stepLength = scope{1, 5 * minute}
)

func (k *sketch) steps(n int) {
	for i := range n {
		slot := (stepSlots.high - stepSlots.low) / float64(n)
		at := k.setting.Span * (stepSlots.low + slot*(float64(i)+k.uniform(scope{0.1, 0.9})))
		size, length := k.uniform(stepSize)*k.base, k.logUniform(stepLength)
		k.add(func(t float64) float64 { return size * ramp(t, at, length) })
	}
	k.disturbUsually()
}

// A spike after which the allocator keeps a part.
var (
	spikeSize   = scope{1, 4}
	spikeAt     = scope{0.2, 0.7}
	spikeClimb  = scope{1 * minute, 20 * minute} // seconds
	spikeLength = scope{5 * minute, 3 * hour}    // seconds at the top
	spikeKept   = scope{0.15, 0.7}               // share of the spike
	// spikeSpans bounds climb and top each, as a share of the span.
	spikeSpans = 0.05
)

func (k *sketch) spikePlateau() {
	size, kept := k.uniform(spikeSize)*k.base, k.uniform(spikeKept)
	at, longest := k.share(spikeAt), spikeSpans*k.setting.Span
	climb, length := min(k.logUniform(spikeClimb), longest), min(k.logUniform(spikeLength), longest)
	k.add(func(t float64) float64 {
		up, down := ramp(t, at, climb), ramp(t, at+climb+length, climb)
		return size * (up - (1-kept)*down)
	})
	k.disturbUsually()
}
