package leak

// keptLives bounds what is remembered of earlier lives.
const keptLives = 8

// life is what is remembered of a life that ended.
type life struct {
	Span   float64 // seconds
	Growth float64 // of the floor, in the unit of the series
	Rate   float64 // of the floor per hour
	Grew   bool    // it grew without levelling off
}

// lives are the last lives of a series, newest first.
type lives struct {
	kept    [keptLives]life
	n       int
	growing int // lives in a row, the newest included, that grew without levelling off
}

// shortLife is a life too short to say anything: it neither counts nor breaks the row.
const shortLife = 3600

func (l *lives) close(was life) {
	copy(l.kept[1:], l.kept[:keptLives-1])
	l.kept[0] = was
	l.n = min(l.n+1, keptLives)
	switch {
	case was.Grew:
		l.growing = min(l.growing+1, keptLives)
	case was.Span >= shortLife:
		l.growing = 0
	}
}

// summary is what the present life leaves behind.
func (d *Detector) summary() life {
	h := &d.history
	age := h.last - h.origin
	was := life{Span: age}
	var w window
	h.cut(&w, 0)
	m := on(&w, d.circumstances(age))
	if m.measure() {
		t := &m.terms
		was.Growth = m.climb - m.grain
		was.Rate = m.slope / m.binWidth() * 3600
		was.Grew = t[ratchet] > .6 && t[lateSlope] > .4 && t[absoluteGrowth] > 0 && t[tailGrowth] > .3
	}
	return was
}
