package leak

import (
	"fmt"
	"math"
)

// What a comparison needs and when it says that there is a difference.
const (
	// comparedBins of a stretch must hold samples.
	comparedBins = 24
	// significance is the probability of chance alone under which a difference is one.
	// Noise remembers more than its neighbours show: of two healthy series one in a hundred
	// was found better or worse (TestCompareHealthy).
	significance = .02
)

// Comparison is the word for a difference of growth.
type Comparison uint8

// The words of a comparison.
const (
	Incomparable Comparison = iota // too short, or not the same kind of series
	Same                           // no difference that stands out of the noise
	Worse                          // the candidate grows faster
	Better                         // the candidate grows more slowly
)

var comparisonWords = [...]string{"unknown", "same", "worse", "better"}

// String is the word in every format.
func (c Comparison) String() string { return wordOf(comparisonWords[:], int(c)) }

// Difference is how the growth of a candidate differs from that of a baseline.
type Difference struct {
	Word Comparison
	// Age is the length in seconds of the life of both that was compared: that of the
	// shorter one. The rates are those of the floor in its second half, when warm-ups are
	// over.
	Age float64
	// Baseline and Candidate are the growth per hour.
	Baseline, Candidate Interval
	// Rate is the difference per hour: above 0 the candidate grows faster.
	Rate Interval
	// BaselineGrowth and CandidateGrowth are how far the floors have risen at that age.
	BaselineGrowth, CandidateGrowth float64
	// P is the probability of so large a difference of the rates by chance alone; NaN
	// where nothing is known.
	P float64
	// Caveats say what a reader must bear in mind, in plain words; where nothing can be
	// compared, why.
	Caveats []string
}

// Compare judges a candidate by a baseline that is known to be good: another version of
// the same program, watched with the same options. The same stretch of both lives is
// compared, from their beginning: at equal uptime warm-ups cancel out. It says worse or
// better where the difference of the rates is significant and adds up to more than the
// noise floor; where either was watched too briefly it says unknown. A detector keeps the
// beginning of a long life in few points: where the samples are at hand, observe the
// longer series no further than the shorter one.
func Compare(baseline, candidate *Detector) Difference {
	d := unknownDifference()
	if baseline.options.Kind != candidate.options.Kind {
		d.because("the baseline is of kind %v, the candidate of kind %v", baseline.options.Kind, candidate.options.Kind)
		return d
	}
	for _, side := range [...]struct {
		name string
		*Detector
	}{{"baseline", baseline}, {"candidate", candidate}} {
		if h := &side.history; h.samples < firstSamples {
			d.because("the %s is too short: %s over %s", side.name, plural(h.samples, "sample"), span(h.last-h.origin))
		}
	}
	if d.Caveats != nil {
		return d
	}
	d.Age = min(baseline.age(), candidate.age())
	var a, b window
	before, after := baseline.late(&a, d.Age), candidate.late(&b, d.Age)
	both := beyond(&a, &b)
	switch {
	case a.n < comparedBins:
		d.because("the baseline does not hold its first %s in detail: watch the candidate for %s", span(d.Age), span(baseline.age()/2))
	case b.n < comparedBins:
		d.because("the candidate does not hold its first %s in detail: watch the baseline for %s", span(d.Age), span(candidate.age()/2))
	case both.n < comparedBins:
		d.because("the samples of the two lie at other ages: of %d stretches %d have some of both", bins, both.n)
	}
	if d.Caveats != nil {
		return d
	}
	d.Baseline, d.Candidate = before.interval(), after.interval()
	d.BaselineGrowth, d.CandidateGrowth = before.growth, after.growth
	d.decide(both.tempo(), max(before.floor, after.floor)/(d.Age/2)*3600)
	if d.Age/2 < day {
		d.because("judged on less than a day (%s): the time of day may differ", span(d.Age/2))
	}
	return d
}

// beyond is how much higher the floor of b is than that of a, bin by bin: what both do at
// the same age, a warm-up or a day, is not in it.
func beyond(a, b *window) window {
	both := window{from: a.from, to: a.to}
	j := 0
	for i := range a.n {
		for j < b.n && int(b.x[j]) < int(a.x[i]) {
			j++
		}
		if j < b.n && int(b.x[j]) == int(a.x[i]) { // the same bin
			both.x[both.n], both.low[both.n] = (a.x[i]+b.x[j])/2, b.low[j]-a.low[i]
			both.n++
		}
	}
	return both
}

func unknownDifference() Difference {
	nan := math.NaN()
	return Difference{
		Baseline: Unknown(), Candidate: Unknown(), Rate: Unknown(),
		BaselineGrowth: nan, CandidateGrowth: nan, P: nan,
	}
}

func (d *Difference) because(format string, args ...any) {
	d.Caveats = append(d.Caveats, fmt.Sprintf(format, args...))
}

// decide finds the word for a difference of the rates. Less than least per hour is none.
func (d *Difference) decide(difference tempo, least float64) {
	d.Rate = difference.interval()
	d.P = 1
	if difference.rate != 0 {
		d.P = tails(math.Abs(difference.rate)/math.Sqrt(difference.variance), difference.freedom)
	}
	switch {
	case d.P >= significance || math.Abs(difference.rate) < least:
		d.Word = Same
	case difference.rate > 0:
		d.Word = Worse
	default:
		d.Word = Better
	}
}

// tempo is how fast a stretch grows, with what its noise leaves of certainty.
type tempo struct {
	rate, variance float64 // per hour
	freedom        float64 // independent points beyond those that a line takes
	growth         float64 // of the floor over the whole stretch
	floor          float64 // the smallest growth worth a word
}

func (p tempo) interval() Interval {
	wide := critical(.05, p.freedom) * math.Sqrt(p.variance)
	return Interval{p.rate, p.rate - wide, p.rate + wide}
}

func (d *Detector) age() float64 { return d.history.last - d.history.origin }

// late fills the window with the second half of the first seconds of a life, and measures
// how fast the floor grows there and how far it has grown since the beginning.
func (d *Detector) late(w *window, age float64) tempo {
	h := &d.history
	var whole window
	h.between(&whole, 0, age)
	h.between(w, age/2, age)
	m := on(&whole, d.circumstances(age))
	if w.n < comparedBins || !m.measure() {
		w.n = 0
		return tempo{}
	}
	p := w.tempo()
	p.growth, p.floor = m.climb-m.grain, m.floor
	return p
}

// tempo is that of the floors by least squares, widened for the autocorrelation of what
// the line leaves.
func (w *window) tempo() tempo {
	n := float64(w.n)
	x, y := w.x[:w.n], w.low[:w.n]
	slope, at, squares := line(x, y)
	var rest [bins]float64
	for i := range x {
		rest[i] = y[i] - at - slope*x[i]
	}
	r := min(lag1(rest[:w.n]), .9)
	p := tempo{freedom: max(1, n*(1-r)/(1+r)-2)}
	_, across := moments(x)
	hours := w.binWidth() / 3600
	p.rate = slope / hours
	p.variance = squares / p.freedom / across / (hours * hours)
	return p
}

// between fills the window with the life from one age to another.
func (h *history) between(w *window, from, to float64) {
	*w = window{from: from, to: to}
	c := cutter{w: w, h: h, width: (to - from) / bins, bin: -1, before: math.NaN()}
	for level := levels - 1; level >= 0; level-- {
		r := &h.rings[level]
		for i := range int(r.used) {
			if b := r.at(i); float64(b.at) <= to {
				c.add(b)
			}
		}
	}
	if h.open.n > 0 && float64(h.open.at) <= to {
		c.add(&h.open)
	}
	c.close()
}

// Sentence says the difference in one sentence for a person. format is that of
// Verdict.Sentence.
func (d Difference) Sentence(format func(float64) string) string {
	w := wording{format}
	age := " at the same age (" + span(d.Age) + ")"
	chance := "p = " + number(d.P)
	if d.P < .001 {
		chance = "p < 0.001"
	}
	grown := "; " + w.amount(d.CandidateGrowth) + " so far against " + w.amount(d.BaselineGrowth)
	switch d.Word {
	case Same:
		return "Same: the growth differs by " + w.interval(d.Rate, "/h") + age + ", which is chance or too little (" + chance + ")."
	case Worse:
		return "Worse: grows by " + w.interval(d.Rate, "/h") + " more" + age + grown + " (" + chance + ")."
	case Better:
		return "Better: grows by " + w.interval(negative(d.Rate), "/h") + " less" + age + grown + " (" + chance + ")."
	}
	if len(d.Caveats) == 0 {
		return "Unknown: nothing was compared."
	}
	return "Unknown: " + d.Caveats[0] + "."
}
