package leak

import "math"

// When a series is judged, and how a judgement becomes a state.
const (
	// judgeShare of the age passes between two judgements: some hundreds of them see a
	// life from minutes to a month.
	judgeShare = 1.0 / 64
	// firstSamples are the samples that are awaited before the first judgement.
	firstSamples = 24
	// holdShare of the age for which the score must stay over the threshold before
	// growth is called a leak: at least two judgements in a row.
	holdShare = .025
	// suspectMargin under the threshold growth is suspect.
	suspectMargin = 1.5
	// clearMargin under the threshold, for clearShare of the age, ends a leak: an alarm
	// that comes and goes is an alarm that is switched off.
	clearMargin = 1.5
	clearShare  = .25
	// leastSignal and leastRecentSignal are log2 of the growth by the scatter around the
	// line that a leak must show over its life and over the last half of it.
	leastSignal       = .5
	leastRecentSignal = 0
	// blindingGap is how many times the life so far a gap must last to leave nothing of the
	// life to see: watching begins anew. minBeforeGap samples tell a gap from the distance
	// at which samples come.
	blindingGap  = 4
	minBeforeGap = 4
	// dayWithoutLoad is how long growth must last to be a leak where no load is known: a
	// shorter rise may be that of the day.
	dayWithoutLoad = 24 * 3600
	// pressing is the share of the limit beyond which a rise is not waited for.
	pressing = .8
	// givenBack is the share of its range that a floor must have kept to be a leak still.
	givenBack = .25
	// againShare of the growth at which an alarm was raised must be added before the same
	// life raises another: one alarm per life and cause.
	againShare = .5
	// mostValue and mostTime (in seconds) bound what is taken for a figure and a time:
	// their differences fit the single precision of a bucket with room for squares, and
	// the numbers of buckets fit 64 bits.
	mostValue = 1e30
	mostTime  = 1e15
)

// Detector judges one series as its samples come. It is bounded (under 12 KB), does not
// allocate while it observes, and is not safe for concurrent use.
type Detector struct {
	options  Options
	history  history
	beside   float64 // what else counted towards the limit, last; 0 if unknown
	lives    lives
	state    State
	next     float64 // time of the next judgement
	since    float64 // the score has been over the threshold since; NaN if it is not
	under    float64 // the score has been far under it since; NaN if it is not
	alarmed  float64 // floor above which another alarm of this life is news; -Inf at first
	samples  int     // of all lives
	ignored  int     // samples that were no later than the one before, or no number
	belated  int     // of these, the last ones in a row that were earlier than the newest
	restarts int
	model    *Model // nil is the built-in one
}

// New starts a detector. An option that is no figure is as if it had not been given.
func New(o Options) *Detector {
	d := &Detector{options: o.figures()}
	d.begin()
	return d
}

// begin forgets what holds for one life only.
func (d *Detector) begin() {
	d.history = history{}
	d.state = Learning
	d.next, d.since, d.under = math.Inf(-1), math.NaN(), math.NaN()
	d.alarmed = math.Inf(-1)
}

// SetLimit tells what the growth will hit first, in the unit of the series; 0 if unknown.
func (d *Detector) SetLimit(limit float64) {
	d.options.Limit = limit
	d.options = d.options.figures()
}

// Observe adds a sample of which nothing but the figure is known.
func (d *Detector) Observe(t, value float64) { d.ObserveSample(At(t, value)) }

// ObserveSample adds a sample. One that is not later than the one before, or whose value
// is no number, tells nothing about growth: it is counted and otherwise ignored.
func (d *Detector) ObserveSample(s Sample) {
	h := &d.history
	if !(math.Abs(s.Value) <= mostValue) || !(math.Abs(s.T) <= mostTime) || h.samples > 0 && d.comesLate(s.T) {
		d.ignored++
		return
	}
	d.belated = 0
	if h.samples >= minBeforeGap && s.T-h.last > blindingGap*(h.last-h.origin) {
		d.begin()
	}
	s.Work, s.Faults, s.Beside = figure(s.Work), figure(s.Faults), figure(s.Beside)
	h.add(s)
	d.samples++
	if !math.IsNaN(s.Beside) {
		d.beside = s.Beside
	}
	if h.samples >= firstSamples && s.T >= d.next {
		d.judge()
	}
}

// comesLate reports a sample that is no later than the newest one. A clock that was set
// back is waited for, unless it has farther to go than half the life: after enough samples
// to judge, watching begins anew with them.
func (d *Detector) comesLate(t float64) bool {
	h := &d.history
	if t > h.last {
		return false
	}
	if t < h.last {
		d.belated++
	}
	if d.belated < firstSamples || h.last-t <= (h.last-h.origin)/2 {
		return true
	}
	d.begin()
	return false
}

// figure is v, or unknown if v is none.
func figure(v float64) float64 {
	if !(math.Abs(v) <= mostValue) {
		return math.NaN()
	}
	return v
}

// Restart begins another life of the series at time t: the process was replaced. What the
// life before it taught is kept in short.
func (d *Detector) Restart(t float64) {
	if d.history.samples == 0 {
		return
	}
	d.lives.close(d.summary())
	d.restarts++
	d.begin()
}

// judge weighs the life so far and moves the state.
func (d *Detector) judge() {
	age := d.history.last - d.history.origin
	d.next = d.history.last + age*judgeShare
	var w window
	d.history.cut(&w, 0)
	m := on(&w, d.circumstances(age))
	if !m.weigh(&d.history) {
		// After a gap longer than the life too little is left to weigh: it is learnt anew.
		d.state, d.since, d.under = Learning, math.NaN(), math.NaN()
		return
	}
	score := m.score()
	if d.state != Leaking && score >= d.options.threshold() {
		m.certain = m.outlastsDay() && m.estimate(d.history.origin).rate.Low > 0
	}
	d.move(&m, score, age)
}

func (d *Detector) circumstances(age float64) circumstances {
	return circumstances{Options: d.options, beside: d.beside, earlierLives: float64(d.lives.growing), age: age, model: d.model}
}
