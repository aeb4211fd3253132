package shapes

import (
	"math"
	"math/rand/v2"
)

// Noise of a level, as a share of the base (standard deviation) and as the correlation of
// neighbouring samples.
var (
	calmShare = scope{0.0005, 0.003} // a service that does the same all day
	calmRho   = scope{0, 0.5}
	// usualShare and usualRho lie under every shape that says nothing else.
	usualShare = scope{0.001, 0.02}
	usualRho   = scope{0.3, 0.97}
	// strongShare and strongRho are of services whose memory wanders: with such a
	// correlation tests of trend that assume independence see trends everywhere.
	strongShare = scope{0.01, 0.05}
	strongRho   = scope{0.9, 0.99}
)

// wander is a process of first order: each value keeps rho of the one before. Its standard
// deviation is constant.
type wander struct {
	rng          *rand.Rand
	rho, sd, now float64
}

func newWander(rng *rand.Rand, rho, sd float64) *wander {
	return &wander{rng: rng, rho: rho, sd: sd, now: sd * rng.NormFloat64()}
}

func (w *wander) next() float64 {
	w.now = w.rho*w.now + math.Sqrt(1-w.rho*w.rho)*w.sd*w.rng.NormFloat64()
	return w.now
}

// disturb adds noise to what the process needs.
func (k *sketch) disturb(share, rho scope) {
	w := newWander(k.noise, k.uniform(rho), k.logUniform(share)*k.base*k.setting.Noise)
	for i := range k.normal {
		k.normal[i] += w.next()
	}
}

func (k *sketch) disturbUsually() { k.disturb(usualShare, usualRho) }

// Mean-reverting drift.
var (
	// driftTime is the correlation time in seconds, driftSpans its bound as a share of the
	// span: a drift as slow as the span does not show that it reverts.
	driftTime  = scope{10 * minute, 8 * hour}
	driftSpans = 0.03
	driftShare = scope{0.02, 0.08}
)

// drift adds an Ornstein–Uhlenbeck process, exact at any interval. It is the shape itself
// and no noise: Setting.Noise does not change it.
func (k *sketch) drift() {
	tau := min(k.logUniform(driftTime), driftSpans*k.setting.Span)
	sd := k.uniform(driftShare) * k.base
	now := sd * k.noise.NormFloat64()
	for i := range k.normal {
		rho := math.Exp(-k.step(i) / tau)
		now = rho*now + math.Sqrt(1-rho*rho)*sd*k.noise.NormFloat64()
		k.normal[i] += now
	}
}

// steadyShapes stay where they are.
func steadyShapes() []shape {
	return []shape{
		{"flat", func(k *sketch) { k.disturb(calmShare, calmRho) }},
		{"noisy", func(k *sketch) { k.disturb(strongShare, strongRho) }},
		{"drift", func(k *sketch) {
			k.drift()
			k.disturb(calmShare, calmRho)
		}},
	}
}
