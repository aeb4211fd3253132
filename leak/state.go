package leak

import "math"

// State is the state after the newest sample; Verdict says the rest.
func (d *Detector) State() State { return d.state }

// move takes the state from one judgement to the next.
func (d *Detector) move(m *measurement, score, age float64) {
	now, threshold := d.history.last, d.options.threshold()
	over := score >= threshold && m.standsOut()
	if d.state == Leaking && !m.gaveBack() {
		if over || score >= threshold-clearMargin {
			d.under = math.NaN()
			d.alarmed = max(d.alarmed, m.news())
			return
		}
		if math.IsNaN(d.under) {
			d.under = now
		}
		if now-d.under <= clearShare*age {
			return
		}
		d.since, d.under = math.NaN(), math.NaN()
	}
	if !over {
		d.since = math.NaN()
		d.state = m.quietState(d.state, score, threshold)
		return
	}
	if math.IsNaN(d.since) {
		d.since = now
	}
	d.state = Suspect
	floor := m.envelope[m.n-1]
	if now-d.since >= holdShare*age && floor >= d.alarmed && m.certain {
		d.state = Leaking
		d.alarmed = m.news()
	}
}

// news is the floor above which another alarm of the same life says something new.
func (m *measurement) news() float64 {
	return m.envelope[m.n-1] + max(m.floor, againShare*m.climb)
}

// standsOut reports growth that is more than the noise floor and the scatter around it,
// on both horizons: a score without that would be an opinion without a rate.
func (m *measurement) standsOut() bool {
	t := &m.terms
	return m.growth >= m.floor && t[signalToNoise] >= leastSignal && t[recentSignal] >= leastRecentSignal
}

// outlastsDay reports growth that cannot be the rise of a day: the load is known, or it has
// lasted a day, or the limit is near.
func (m *measurement) outlastsDay() bool {
	t := &m.terms
	return t[noWork] == 0 || math.Exp2(t[duration])*3600 >= dayWithoutLoad || t[roomUsed] >= pressing
}

// gaveBack reports that most of what had grown was freed: what the floor kept is nothing
// worth a word, or little of what it moved over.
func (m *measurement) gaveBack() bool {
	return m.climb-m.grain < max(m.floor, givenBack*m.reach)
}

// quietState is the state of a series that is not called a leak. What is suspect stays so
// while it grows and does not level off.
func (m *measurement) quietState(was State, score, threshold float64) State {
	if m.growth < m.floor && m.climb < m.floor {
		return Steady
	}
	if m.levelsOff() {
		return Filling
	}
	if m.growth >= m.floor && (score >= threshold-suspectMargin || m.rises() || was >= Suspect && m.terms[trendTest] >= 1) {
		return Suspect
	}
	return Steady
}

// levelsOff reports growth that is ending or has ended.
func (m *measurement) levelsOff() bool {
	t := &m.terms
	return m.climb >= m.floor && (t[overCapped] > 1 || t[overSaturating] > 1) &&
		t[acceleration] < 0 && t[lateSlope] < levelling
}

// rises reports growth that stands out of the noise and goes on, however short it was
// watched: it cannot be told yet from a cache that fills.
func (m *measurement) rises() bool {
	t := &m.terms
	return t[trendTest] >= 2 && t[signalToNoise] >= 1.6 && t[lateSlope] >= levelling && t[ratchet] >= .7
}

// levelling is the share of the overall slope under which the last third levels off
// (measured in the study of detectors: late slope ≥ 0.45 × overall).
const levelling = .45
