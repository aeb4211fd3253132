package shapes

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
)

// Durations in seconds.
const (
	minute = 60.0
	hour   = 3600.0
	day    = 86400.0
	week   = 7 * day
)

// page is the unit in which the kernel hands out memory, in bytes.
const page = 4096.0

// scope is a range of which a parameter is drawn.
type scope struct{ low, high float64 }

// What every series of memory has.
var (
	// baseBytes: from a small daemon to a large JVM.
	baseBytes = scope{10e6, 2e9}
	// limitRoom multiplies the smallest limit allowed, 1.25 × the healthy peak: operators set
	// limits from tight to generous.
	limitRoom = scope{1, 2.4}
	// jitterShare of the interval is the standard deviation of the sampler's punctuality.
	jitterShare = scope{0.002, 0.03}
	// lossShare of samples begins a stretch of lost ones, of 1 to lossLength each.
	lossShare  = scope{0.0005, 0.004}
	lossLength = 5
)

// limitMargin is the smallest distance of a limit from the healthy peak.
const limitMargin = 1.25

// sketch is a series in the making, on the full grid of samples: lost ones are taken out at
// the end, so that noise and work go on while nobody looks.
type sketch struct {
	setting Setting
	rng     *rand.Rand // the parameters of the shape
	noise   *rand.Rand // what changes from sample to sample

	t      []float64 // seconds
	lost   []bool
	base   float64   // level of the start, or around which the series moves
	normal []float64 // what the process needs
	leak   []float64 // what it does not give back
	load   []float64 // relative to the usual load; drives the work counter
	burst  []float64 // CPU seconds beyond the load's, or nil
	births []int     // indexes of t at which a new life begins

	count bool // a count instead of bytes
	truth Truth
}

func newSketch(s Setting) *sketch {
	n := int(s.Span/s.Interval) + 1
	k := &sketch{
		setting: s, rng: s.stream("parameters"), noise: s.stream("noise"),
		normal: make([]float64, n), leak: make([]float64, n), load: make([]float64, n),
		truth: Truth{Label: OK, Onset: math.NaN(), Cap: math.NaN()},
	}
	k.sample(n)
	k.setBase(k.logUniform(baseBytes))
	for i := range k.load {
		k.load[i] = 1
	}
	return k
}

// sample draws when samples are taken and which are lost. The first one never is.
func (k *sketch) sample(n int) {
	rng := k.setting.stream("sampling")
	jitter := uniformOf(rng, jitterShare) * k.setting.Interval
	loss := uniformOf(rng, lossShare)
	k.t, k.lost = make([]float64, n), make([]bool, n)
	missing := 0
	for i := range k.t {
		// 0.4 intervals keep neighbours in order whatever the jitter draws.
		off := max(-0.4*k.setting.Interval, min(0.4*k.setting.Interval, jitter*rng.NormFloat64()))
		k.t[i] = milliseconds(max(0, float64(i)*k.setting.Interval+off))
		if missing == 0 && i > 0 && rng.Float64() < loss {
			missing = 1 + rng.IntN(lossLength)
		}
		if missing > 0 {
			missing--
			k.lost[i] = true
		}
	}
}

func (k *sketch) setBase(base float64) {
	k.base = base
	for i := range k.normal {
		k.normal[i] = base
	}
}

func uniformOf(rng *rand.Rand, s scope) float64 { return s.low + (s.high-s.low)*rng.Float64() }

func (k *sketch) uniform(s scope) float64 { return uniformOf(k.rng, s) }

// logUniform draws as many of 1 to 2 as of 2 to 4: for sizes, times and rates, whose
// magnitude is what differs from one service to the next.
func (k *sketch) logUniform(s scope) float64 {
	return s.low * math.Exp(k.rng.Float64()*math.Log(s.high/s.low))
}

// share draws a part of the span, in seconds.
func (k *sketch) share(s scope) float64 { return k.uniform(s) * k.setting.Span }

// integer draws from low to high, both included.
func (k *sketch) integer(low, high int) int { return low + k.rng.IntN(high-low+1) }

// step is the time that sample i stands for.
func (k *sketch) step(i int) float64 {
	if i == 0 {
		return 0
	}
	return k.t[i] - k.t[i-1]
}

// add adds f(t) to what the process needs.
func (k *sketch) add(f func(t float64) float64) {
	for i, t := range k.t {
		k.normal[i] += f(t)
	}
}

// grow adds a leak of f(seconds since the onset), which is 0 at 0, and reaches total at the
// end of the span.
func (k *sketch) grow(onset, total float64, f func(age float64) float64) {
	scale := total / f(k.setting.Span-onset)
	for i, t := range k.t {
		if t > onset {
			k.leak[i] += scale * f(t-onset)
		}
	}
	k.leaks(onset)
}

// growLinearly adds a leak of constant rate that reaches total at the end of the span.
func (k *sketch) growLinearly(onset, total float64) {
	k.grow(onset, total, func(age float64) float64 { return age })
	k.truth.Rate = total / (k.setting.Span - onset)
}

// scaleLeak gives what was leaked so far its total.
func (k *sketch) scaleLeak(total float64) {
	last := k.leak[len(k.leak)-1]
	for i := range k.leak {
		k.leak[i] *= total / last
	}
	k.leaks(0)
}

// leaks states the truth of a leak whose growth is in k.leak.
func (k *sketch) leaks(onset float64) {
	k.truth.Label, k.truth.Onset = Leak, onset
	k.truth.Rate = slope(k.t, k.leak, onset)
}

// slope is the least-squares slope of v from the onset.
func slope(t, v []float64, onset float64) float64 {
	from, _ := slices.BinarySearch(t, onset)
	t, v = t[from:], v[from:]
	var meanT, meanV float64
	for i := range t {
		meanT += t[i] / float64(len(t))
		meanV += v[i] / float64(len(t))
	}
	var tv, tt float64
	for i := range t {
		tv += (t[i] - meanT) * (v[i] - meanV)
		tt += (t[i] - meanT) * (t[i] - meanT)
	}
	return tv / tt
}

// series rounds what was drawn as a kernel would and leaves the lost samples out.
func (k *sketch) series() Series {
	unit := page
	if k.count {
		unit = 1
	}
	work := k.work()
	out := Series{Shape: k.setting.Shape, Points: make([]Point, 0, len(k.t)), Restarts: []int{}}
	births, last := k.births, -1.0
	for i, t := range k.t {
		if k.lost[i] || t <= last {
			continue
		}
		last = t
		if len(births) > 0 && births[0] <= i {
			out.Restarts = append(out.Restarts, len(out.Points))
			for len(births) > 0 && births[0] <= i {
				births = births[1:]
			}
		}
		// Noise of any strength leaves a living process its first page, or thread.
		value := max(unit, math.Round((k.normal[i]+k.leak[i])/unit)*unit)
		out.Points = append(out.Points, Point{t, value, work[i]})
	}
	out.Limit = k.limit(unit)
	out.Truth = k.truth
	out.Truth.Onset = milliseconds(k.truth.Onset)
	out.Truth.Rate = digits(k.truth.Rate)
	out.Truth.Cap = math.Round(k.truth.Cap/unit) * unit
	return out
}

// limit draws what an operator could have set.
func (k *sketch) limit(unit float64) float64 {
	peak := slices.Max(k.normal)
	if !math.IsNaN(k.truth.Cap) {
		peak = max(peak, k.truth.Cap)
	}
	if len(k.births) > 0 {
		// Lives that end before they die have not met the limit.
		for i := range k.leak {
			peak = max(peak, k.normal[i]+k.leak[i])
		}
	}
	// Half a unit for the rounding of the peak.
	return math.Ceil((peak+unit/2)*limitMargin*uniformOf(k.setting.stream("limit"), limitRoom)/unit) * unit
}

func milliseconds(t float64) float64 { return math.Round(t*1e3) / 1e3 }

// digits keeps nine significant digits.
func digits(x float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 9, 64), 64)
	if err != nil {
		panic("BUG: a formatted number does not parse: " + err.Error())
	}
	return rounded
}
