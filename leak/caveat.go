package leak

import "fmt"

// Limits of what is worth a caveat.
const (
	// longGap is the share of the window that a stretch without samples may take. The
	// buckets of the history lie up to half of that apart where no sample is missing.
	longGap = .1
	// usualGaps is how many times the usual distance of two samples a gap must last: few
	// samples are far apart.
	usualGaps = 5
	// idleGap is the share of the usual work under which a gap was no working time: the
	// machine slept, or the clock jumped.
	idleGap = .1
	// shortWatch is the watching time under which a leak cannot be told from a warm-up.
	shortWatch = 2 * 3600
	// follows is the correlation with the load from which it is worth a word.
	follows = .6
)

// caveats say what a reader must bear in mind. m is nil while learning.
func (d *Detector) caveats(m *measurement, v *Verdict) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	age := d.history.last - d.history.origin
	short := m == nil || age < shortWatch && v.State >= Suspect
	switch {
	case m == nil:
		add("too short: %s over %s", plural(d.history.samples, "sample"), span(age))
	case short:
		add("too short: %s cannot tell a leak from a warm-up", span(age))
	}
	if m == nil && d.history.samples > 0 {
		var w window
		d.history.cut(&w, 0)
		weighed := on(&w, d.circumstances(age))
		list = weighed.gapCaveat(list)
	}
	if m != nil {
		list = m.gapCaveat(list)
		if v.State >= Suspect && d.options.Limit <= 0 {
			add("bound unknown: a cache that fills looks the same")
		}
		list = m.loadCaveats(list, v.State, !short && age < day)
	}
	switch {
	case d.restarts == 1:
		add("restarted once")
	case d.restarts == 2:
		add("restarted twice")
	case d.restarts > 2:
		add("restarted %d times", d.restarts)
	}
	if d.ignored > 0 {
		add("judged on %d of %s: the others were no number or not later than the one before",
			d.samples, plural(d.samples+d.ignored, "sample"))
	}
	return list
}

func (m *measurement) gapCaveat(list []string) []string {
	watched := m.to - m.from
	if m.longest <= max(longGap*watched, usualGaps*watched/float64(m.samples)) {
		return list
	}
	text := "gap of " + span(m.longest)
	if m.idleInGap() {
		text += ": the machine slept or its clock jumped"
	}
	return append(list, text)
}

// idleInGap reports that in the longest gap far less work was done than usual.
func (m *measurement) idleInGap() bool {
	if m.n < 3 {
		return false
	}
	after := 1
	for i := 2; i < m.n; i++ {
		if m.x[i]-m.x[i-1] > m.x[after]-m.x[after-1] {
			after = i
		}
	}
	// The bins at both ends of the gap worked for a part of it.
	bins := m.x[after] - m.x[after-1] - 1
	inside := m.work[after] - m.work[after-1]
	all, rest := m.work[m.n-1]-m.work[0]-inside, m.x[m.n-1]-m.x[0]-bins-1
	if bins < 1 || rest < 1 || !(all > 0) {
		return false
	}
	return inside-all/rest < idleGap*all/rest*bins
}

// loadCaveats say what the load means for growth, and the day where no load is known.
func (m *measurement) loadCaveats(list []string, state State, partOfDay bool) []string {
	t := &m.terms
	switch {
	case t[noWork] == 1 && state >= Filling:
		list = append(list, "load unknown")
		if partOfDay {
			list = append(list, "a day not seen yet: the rise may be that of the day")
		}
	case t[loadExplains] > .8 && t[overLoad] > 0 || t[loadCorrelation] > follows:
		if state >= Filling || m.climb >= m.floor {
			list = append(list, "correlated with load")
		}
	}
	return list
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// span is a length of time for a person.
func span(seconds float64) string {
	switch {
	case !(seconds >= 0):
		return "an unknown time"
	case seconds < 120:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 2*3600:
		return fmt.Sprintf("%.0f min", seconds/60)
	case seconds < 2*86400:
		return tenths(seconds/3600) + " h"
	case seconds < 366*86400:
		return tenths(seconds/86400) + " days"
	}
	return "more than a year"
}

// tenths writes one place after the point where it says something.
func tenths(v float64) string {
	if v >= 9.95 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}
