package leak

// Life is what is remembered of a life of the series that ended with a restart.
type Life struct {
	Span   float64 // seconds
	Growth float64 // of the floor, in the unit of the series
	Rate   float64 // of the floor per hour
	Grew   bool    // it grew without levelling off
}

// Lives are the last lives before the present one, newest first: eight at most.
func (d *Detector) Lives() []Life {
	list := make([]Life, d.lives.n)
	for i, was := range d.lives.kept[:d.lives.n] {
		list[i] = Life(was)
	}
	return list
}

const (
	// leastLives are needed to know how much one life differs from the next by itself.
	leastLives = 2
	// mostShorter is how many times shorter than the present life one may be: the beginning
	// of a long life is kept in few points.
	mostShorter = 2
)

// AgainstLives judges the present life by earlier ones at equal uptime: did the restart
// change how it grows? Of a life that ended its whole length is remembered only, so the
// present one is compared with those that it has outlived, as it was at the age at which
// each of them ended. What those differ among themselves is the noise. It says unknown
// before two lives of at least half its length are outlived.
func (d *Detector) AgainstLives() Difference {
	c := unknownDifference()
	var then [keptLives]float64 // rates of the earlier lives
	var more [keptLives]float64 // by which the present one was faster at the same age
	var least, before, now float64
	n := 0
	age := d.age()
	for _, was := range d.lives.kept[:d.lives.n] {
		if was.Span < max(shortLife, age/mostShorter) || was.Span > age {
			continue
		}
		var w window
		d.history.between(&w, 0, was.Span)
		m := on(&w, d.circumstances(was.Span))
		if w.n < comparedBins || !m.measure() {
			continue
		}
		then[n], more[n] = was.Rate, m.slope/w.binWidth()*3600-was.Rate
		before, now = before+was.Growth, now+m.climb-m.grain
		least = max(least, m.floor/was.Span*3600)
		c.Age = max(c.Age, was.Span)
		n++
	}
	if n < leastLives {
		found := [leastLives]string{"no earlier life of at least half its length", "one earlier life only of at least half its length"}
		c.Age = age
		c.because("the present life (%s) has outlived %s: two are needed", span(age), found[n])
		return c
	}
	was, difference := meanTempo(then[:n]), meanTempo(more[:n])
	// The present life is one more draw: it differs from the mean by its own noise too.
	difference.variance *= 1 + float64(n)
	c.Baseline = was.interval()
	c.Candidate = tempo{rate: was.rate + difference.rate, variance: was.variance * float64(n), freedom: was.freedom}.interval()
	c.BaselineGrowth, c.CandidateGrowth = before/float64(n), now/float64(n)
	c.decide(difference, least)
	if c.Age < day {
		c.because("a day not seen yet: the time of day may differ")
	}
	return c
}

// meanTempo is the mean of rates, of which each is one draw.
func meanTempo(rates []float64) tempo {
	mean, squares := moments(rates)
	freedom := float64(len(rates) - 1)
	return tempo{rate: mean, variance: squares / freedom / float64(len(rates)), freedom: freedom}
}
