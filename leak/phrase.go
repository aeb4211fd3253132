package leak

import (
	"fmt"
	"math"
)

// phrase says in words what a test measured. Some need another term to tell "none" from
// "not known": they find it in all. Terms that say the same are explained as one.
type phrase func(value float64, all *terms) string

// phrases has one for every term.
var phrases = [termCount]phrase{
	relativeGrowth: func(v float64, _ *terms) string {
		return "it grew by " + atMost(v, -9) + percent(math.Exp2(v)) + " of its level"
	},
	absoluteGrowth: func(v float64, _ *terms) string {
		return "the growth is " + atMost(v, -3) + times(math.Exp2(v)) + " × the smallest worth a word"
	},
	trendTest:     trendPhrase,
	signalToNoise: factor("the growth is", "the scatter around its line"),
	ratchet: func(v float64, _ *terms) string {
		return fmt.Sprintf("the floor rose in %.0f of %d steps", v*(blocks-1), blocks-1)
	},
	belowPeak:      part("the floor ends", "of its range under its peak", "the floor ends at its peak"),
	lateSlope:      pace("in the last third"),
	acceleration:   accelerationPhrase,
	tailGrowth:     even("the last sixth"),
	largestStep:    part("the largest of seven steps of the floor made", "of its range", "no step of the floor stands out"),
	overSaturating: rival("a saturating curve", "a line"),
	overStep:       rival("one step", "a line"),
	overCapped:     rival("a line that meets a cap", "a line that goes on"),
	overFlat:       rival("a line", "no growth at all"),
	hingeAt: part("the growth sets in after", "of the time",
		"there is no place where the growth sets in"),
	overHinge: rival("growth that sets in late", "growth throughout"),
	saturationSpeed: func(v float64, _ *terms) string {
		if v == 0 {
			return "no curve that saturates fits"
		}
		return "a curve that saturates would be through " + times(v) + " time constants"
	},
	loadRise: known(noWork, factor("the load of the last third is", "that of the first")),
	loadCorrelation: known(noWork, func(v float64, _ *terms) string {
		return fmt.Sprintf("the correlation of the load with what a line leaves is %.2f", v)
	}),
	growthBesideLoad: known(noWork, pace("with the load held constant")),
	overLoad:         known(noWork, rival("the load as its cause", "time")),
	loadExplains:     known(noWork, part("the load explains", "of the movement", "the load explains nothing")),
	loadKeeps:        known(noWork, pace("with the load held constant, in the mean,")),
	overChurn:        known(noFaults, rival("the rate of page faults as its cause", "time")),
	retained:         known(noFaults, kept("of the memory touched anew was kept")),
	retainedLate:     known(noFaults, kept("of the memory touched anew in the second half was kept")),
	faultDecline:     known(noFaults, factor("the page faults of the last third are", "those of the first")),
	faultKeeps:       known(noFaults, pace("with the rate of page faults held constant")),
	swing:            factor("the floor moved over", "what it grew"),
	halfGrowth:       even("the second half"),
	teeth:            factor("the teeth above the floor are", "as high as the growth"),
	retreat:          part("the floor fell back by up to", "of its range", "the floor never fell back"),
	meanRetreat:      part("the mean fell back by up to", "of its range", "the mean never fell back"),
	duration:         durationPhrase,
	longDuration:     durationPhrase,
	quietBefore:      part("it was quiet for", "of the time before it grew", "it grew from the start"),
	growthPace: func(v float64, _ *terms) string {
		return "it grew by " + atMost(v, -12) + percent(math.Exp2(v)) + " of its level per hour"
	},
	limitKnown:   either("a limit is known", ""),
	roomUsed:     room("of the limit is used"),
	roomAtStart:  room("of the limit was used when it began"),
	overLimit:    overLimitPhrase,
	straight:     straightPhrase,
	straightRoom: straightRoomPhrase,
	earlierLives: func(v float64, _ *terms) string {
		if v == 0 {
			return ""
		}
		lives := " earlier lives"
		if v == 1 {
			lives = " earlier life"
		}
		return fmt.Sprintf("%.0f", v) + lives + " in a row grew without levelling off"
	},
	noWork: either(unknowns[noWork], ""),
	noWorkDuration: func(_ float64, all *terms) string {
		if all[noWork] == 0 {
			return ""
		}
		return durationPhrase(0, all)
	},
	noFaults:   either(unknowns[noFaults], ""),
	sharedKind: either("it is shared memory", ""),
	countKind:  either("it counts things, not bytes", ""),

	recentRatchet: recently(func(v float64, _ *terms) string {
		return fmt.Sprintf("the floor rose in %.0f of %d steps", v*(blocks-1), blocks-1)
	}),
	recentTrend:        recently(trendPhrase),
	recentSignal:       recently(factor("the growth is", "the scatter around its line")),
	recentCapped:       recently(rival("a line that meets a cap", "a line that goes on")),
	recentSaturating:   recently(rival("a saturating curve", "a line")),
	recentHinge:        recently(rival("growth that sets in late", "growth throughout")),
	recentAcceleration: recently(accelerationPhrase),
	recentStep:         recently(part("the largest of seven steps of the floor made", "of its range", "no step of the floor stands out")),
	recentStraight: recently(func(v float64, _ *terms) string {
		return fmt.Sprintf("the floor rises straight to %.1f of 1.3", v)
	}),
	recentLate: recently(pace("in the last third")),
}

// recently says that something was measured on the last half of the life alone.
func recently(p phrase) phrase {
	return func(v float64, all *terms) string { return "in the last half, " + p(v, all) }
}

// What tests say that lack what they need.
var unknowns = [termCount]string{noWork: "the load is unknown", noFaults: "the page faults are unknown"}

// known says that something is unknown where the other term is set.
func known(unknown term, p phrase) phrase {
	return func(v float64, all *terms) string {
		if all[unknown] != 0 {
			return unknowns[unknown]
		}
		return p(v, all)
	}
}

// durationPhrase is that of all terms that weigh the duration.
func durationPhrase(_ float64, all *terms) string {
	return "it has grown for " + span(math.Exp2(all[duration])*3600)
}

func trendPhrase(v float64, _ *terms) string {
	what := "no trend stands out"
	switch {
	case v >= 2:
		what = "the floor rises more than chance allows"
	case v <= -2:
		what = "the floor falls more than chance allows"
	}
	return fmt.Sprintf("%s (Mann-Kendall, z = %.1f)", what, v)
}

func accelerationPhrase(v float64, _ *terms) string {
	what := "both halves grew alike"
	switch {
	case v > .2:
		what = "the second half grew faster than the first"
	case v < -.2:
		what = "the second half grew more slowly than the first"
	}
	return fmt.Sprintf("%s (%+.2f of -1 to 1)", what, v)
}

// atMost stands before a figure that was clipped.
func atMost(v, low float64) string {
	if v <= low {
		return "at most "
	}
	return ""
}

// factor undoes a binary logarithm.
func factor(before, after string) phrase {
	return func(v float64, _ *terms) string { return before + " " + times(math.Exp2(v)) + " × " + after }
}

// part is a share, with other words for none.
func part(before, after, none string) phrase {
	return func(v float64, _ *terms) string {
		if v == 0 {
			return none
		}
		return before + " " + percent(v) + " " + after
	}
}

// pace compares a slope with the slope of the whole.
func pace(when string) phrase {
	return func(v float64, _ *terms) string {
		switch {
		case v < 0:
			return when + " it did not grow, it fell"
		case v == 0:
			return when + " it did not grow"
		}
		return when + " it grew " + times(v) + " × as fast as in all"
	}
}

// even compares what a part of the window grew with its even share.
func even(which string) phrase {
	return func(v float64, _ *terms) string {
		if v == 0 {
			return which + " of the time grew nothing"
		}
		return which + " of the time grew " + times(v) + " × its even share"
	}
}

// rival compares two explanations by Akaike's criterion.
func rival(what, with string) phrase {
	return func(v float64, _ *terms) string {
		information := math.Expm1(math.Abs(v))
		switch {
		case information < 2: // differences under two decide nothing (Burnham and Anderson 2002, section 2.6)
			return what + " fits as well as " + with
		case v < 0:
			return what + " fits worse than " + with + " (by " + atLeast(information) + " of information)"
		}
		return what + " fits better than " + with + " (by " + atLeast(information) + " of information)"
	}
}

// atLeast writes information, of which more than a hundred adds nothing.
func atLeast(information float64) string {
	if information >= 100 {
		return "100 or more"
	}
	return times(information)
}

// kept undoes the logarithm of a share of the memory that faults brought in.
func kept(what string) phrase {
	return func(v float64, _ *terms) string { return percent(math.Exp2(v)) + " " + what }
}

func either(yes, no string) phrase {
	return func(v float64, _ *terms) string {
		if v != 0 {
			return yes
		}
		return no
	}
}

func room(what string) phrase {
	return func(v float64, all *terms) string {
		if all[limitKnown] == 0 {
			return ""
		}
		return percent(v) + " " + what
	}
}

func overLimitPhrase(v float64, all *terms) string {
	switch {
	case all[limitKnown] == 0:
		return ""
	case v == 0:
		return "under 80 % of the limit is used"
	}
	return "more than 80 % of the limit is used: " + percent(v+.8)
}

func straightPhrase(v float64, all *terms) string {
	switch {
	case all[limitKnown] == 0:
		return ""
	case v == 0:
		return "the floor does not rise straight"
	}
	return fmt.Sprintf("the floor rises straight (%.1f of 1.3)", v)
}

func straightRoomPhrase(v float64, all *terms) string {
	switch {
	case all[limitKnown] == 0:
		return ""
	case v == 0:
		return "the floor does not rise straight, or half the limit was used when it began"
	case v > 0:
		return fmt.Sprintf("the floor rises straight and had little room under the limit (%.1f of 2)", v)
	}
	return fmt.Sprintf("the floor rises straight, with much room under the limit (%.1f of -2)", v)
}
