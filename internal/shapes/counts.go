package shapes

import "math"

// Leaks of countable things. Levels and growth are counts.
var (
	baseDescriptors   = scope{15, 400}
	descriptorGrowth  = scope{30, 3000}
	baseThreads       = scope{4, 120}
	threadGrowth      = scope{8, 400}
	connectionsShare  = scope{0.02, 0.1} // noise: what comes and goes
	connectionsMemory = scope{0.5, 0.9}  // its correlation
)

// countShapes leak small whole numbers.
func countShapes() []shape {
	return []shape{
		{"leak-descriptors", func(k *sketch) { k.leakCount(baseDescriptors, descriptorGrowth) }},
		{"leak-threads", func(k *sketch) { k.leakCount(baseThreads, threadGrowth) }},
	}
}

// leakCount loses one thing at a time, at random times of constant density.
func (k *sketch) leakCount(base, growth scope) {
	k.count = true
	k.setBase(math.Round(k.logUniform(base)))
	n := int(math.Round(k.logUniform(growth)))
	k.leakAt(k.eventTimes(n, func(float64) float64 { return 1 }), func() float64 { return 1 })
	k.disturb(connectionsShare, connectionsMemory)
}
