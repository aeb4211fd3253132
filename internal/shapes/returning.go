package shapes

// Growth that returns: seasons, collectors, batches, caches that are reclaimed.
var (
	// toothLength of a collector in seconds, toothSize as a share of the base, toothSpread
	// what one tooth differs from the next.
	toothLength = scope{3 * minute, 4 * hour}
	toothSize   = scope{0.15, 1}
	toothSpread = scope{0.8, 1.2}
	// toothSpans bounds a tooth as a share of the span: less than a dozen teeth do not show
	// that they return.
	toothSpans = 1.0 / 16
	// toothCost is the CPU time of collecting one base, in seconds.
	toothCost = scope{0.5, 10}
	// minorTeeth is how many small collections lie between two that empty everything, and
	// promotion what each small one leaves behind, as a share of its tooth.
	minorTeeth = [2]int{4, 12}
	promotion  = scope{0.05, 0.3}
)

// returningShapes go up and come back.
func returningShapes() []shape {
	return []shape{
		{"gc-sawtooth", func(k *sketch) {
			k.collect(1)
			k.disturbUsually()
		}},
		{"gc-generations", func(k *sketch) {
			k.collect(k.integer(minorTeeth[0], minorTeeth[1]))
			k.disturbUsually()
		}},
		{"season-daily", func(k *sketch) { k.season(k.daily()) }},
		{"season-weekly", func(k *sketch) { k.season(k.weekly()) }},
		{"season-growing-peaks", (*sketch).growingPeaks},
		{"load-levels", (*sketch).loadLevels},
		{"batch", (*sketch).batch},
		{"page-cache", (*sketch).pageCache},
	}
}

func (k *sketch) season(c calendar) {
	k.loadByCalendar(c)
	k.followLoad(k.uniform(loadMemory))
	k.disturbUsually()
}

// collect adds the teeth of a collector. Of minor collections, all but every minor-th leave
// promoted objects behind; minor = 1 is a collector without generations.
func (k *sketch) collect(minor int) {
	length := min(k.logUniform(toothLength), toothSpans*k.setting.Span/float64(minor))
	size, cost := k.uniform(toothSize)*k.base, k.logUniform(toothCost)
	promoted := 0.0
	if minor > 1 {
		promoted = k.uniform(promotion) * size
	}
	now := k.rng.Float64() * length // into the present tooth
	end, teeth := length, k.rng.IntN(minor)
	for i := range k.normal {
		for now += k.step(i); now >= end; {
			now -= end
			// A collection: dear in proportion to what it walks over.
			k.spend(i, cost*(k.base+size+promoted*float64(teeth))/k.base/float64(minor))
			teeth = (teeth + 1) % minor
			end = length * uniformOf(k.noise, toothSpread)
		}
		k.normal[i] += size*now/length + promoted*float64(teeth)
	}
}

// Batches: jobs of a timetable whose memory is given back.
var (
	batchEvery  = []float64{hour, 6 * hour, day} // seconds
	batchLength = scope{3 * minute, hour}        // seconds
	batchSize   = scope{0.3, 2}
	batchSpread = scope{0.6, 1.4} // one run's size and length against the next
	// batchLoad is what a run adds to the load.
	batchLoad = scope{1, 6}
	// batchRuns bounds the timetable: at least so many runs in the span.
	batchRuns = 4.0
)

func (k *sketch) batch() {
	every := min(batchEvery[k.rng.IntN(len(batchEvery))], k.setting.Span/batchRuns)
	length := min(k.logUniform(batchLength), every/3)
	size, load, phase := k.uniform(batchSize)*k.base, k.uniform(batchLoad), k.rng.Float64()*every
	k.loadBy(func(float64) float64 { return 1 })
	run, height, lasts := -1, 0.0, 0.0
	for i, t := range k.t {
		if r := int((t + phase) / every); r != run {
			run = r
			height, lasts = size*uniformOf(k.noise, batchSpread), length*uniformOf(k.noise, batchSpread)
		}
		into := t + phase - float64(run)*every
		if into < lasts {
			// A third to load, a third at work, a third to give back.
			k.normal[i] += height * min(1, 3*into/lasts, 3*(1-into/lasts))
			k.load[i] += milliseconds(load)
		}
	}
	k.disturbUsually()
}

// Page cache and the like: it grows with what is read until the kernel wants it back.
var (
	// reclaims in the span on average; reclaimSpread what one stretch of growth differs from
	// the next; reclaimKept the share that a reclaim leaves.
	reclaims      = scope{12, 60}
	reclaimSpread = scope{0.4, 1.6}
	reclaimKept   = scope{0.02, 0.6}
	reclaimSize   = scope{0.3, 2.5}
)

func (k *sketch) pageCache() {
	length, size := k.setting.Span/k.logUniform(reclaims), k.logUniform(reclaimSize)*k.base
	k.loadBy(func(float64) float64 { return 1 })
	full := length * uniformOf(k.noise, reclaimSpread)
	now := full * k.rng.Float64()
	for i := range k.normal {
		if now += k.step(i) * k.load[i]; now >= full {
			kept := uniformOf(k.noise, reclaimKept)
			full = length * uniformOf(k.noise, reclaimSpread)
			now = kept * min(now, full)
		}
		k.normal[i] += size * now / length
	}
	k.disturbUsually()
}
