package leak

// recentTerms say which term of the last half of a life is which term of the whole.
var recentTerms = [...]struct{ recent, of term }{
	{recentRatchet, ratchet}, {recentTrend, trendTest}, {recentSignal, signalToNoise},
	{recentCapped, overCapped}, {recentSaturating, overSaturating}, {recentHinge, overHinge},
	{recentAcceleration, acceleration}, {recentStep, largestStep}, {recentLate, lateSlope},
}

// weigh measures a life on its two horizons: all of it, and the last half. It reports
// false where there is too little to weigh. Where the last half alone is too little, the
// whole stands for it.
func (m *measurement) weigh(h *history) bool {
	if !m.measure() {
		return false
	}
	var w window
	h.cut(&w, m.age/2)
	r := on(&w, m.circumstances)
	from := &m.terms
	if r.measureShape() {
		from = &r.terms
	}
	for _, pair := range recentTerms {
		m.terms[pair.recent] = from[pair.of]
	}
	m.terms[recentStraight] = from.straightness()
	return true
}
