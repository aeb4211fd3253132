package leak

import "math"

// Where a series changes its pace.
const (
	// firstBins and lastBins are the fewest that make a pace of their own: at the end it
	// has to carry an estimate.
	firstBins = 2
	lastBins  = 10
	// firstOdds is the logarithm of the odds from which a turn is believed, 20 to 1, and
	// moreOdds, e to 1, from which another is: what turns once is likely a curve.
	firstOdds = 3.0
	moreOdds  = 1.0
	// mostTurns are sought: the curve of a warm-up takes three or four.
	mostTurns = 5
	// pastTurn is how many bins after the last one before a turn the new pace is pure.
	pastTurn = 2
	// idle is the share of the later pace that counts as none before.
	idle = .25
)

// turn is a change of slope.
type turn struct {
	at            int     // the last bin before
	odds          float64 // logarithm of the odds of any turn against none
	before, after float64 // slopes
}

// setsIn reports growth after none.
func (t turn) setsIn() bool { return t.after > 0 && t.before < idle*t.after }

// straighten finds where the last straight stretch of y begins, and in bins since when it
// has grown.
func (m *measurement) straighten(y []float64) (begin int, onset Interval) {
	onset = Interval{0, math.Inf(-1), 1}
	odds := firstOdds
	var r row
	for range mostTurns {
		if m.n-begin <= firstBins+lastBins {
			break
		}
		x := m.x[begin:]
		r.prepare(x, x, y[begin:])
		t := r.turn()
		if t.odds < odds {
			break
		}
		if t.setsIn() {
			onset = r.onset(t.at)
		}
		begin = min(begin+t.at+pastTurn, m.n-lastBins)
		odds = moreOdds
	}
	return begin, onset
}

// turn is the likeliest one that leaves lastBins after it.
func (r *row) turn() turn {
	var found [bins]turn
	var odds, prior [bins]float64
	none := math.Inf(-1)
	end := r.n - lastBins
	for j := range odds {
		odds[j] = math.Inf(-1)
	}
	var w whitened
	for k, c := range correlations {
		w.whiten(r, c)
		line := w.line()
		none = max(none, w.evidence(line.determinant, line.rest))
		for j := firstBins; j < end; j++ {
			b, own, rest := w.turnAt(j, &line)
			if k == 0 {
				prior[j] = math.Log(own/float64(r.n)) / 2
			}
			if e := prior[j] + w.evidence(line.determinant*own, rest); e > odds[j] {
				odds[j], found[j] = e, b
			}
		}
	}
	best := firstBins
	for j := firstBins; j < end; j++ {
		if odds[j] > odds[best] {
			best = j
		}
	}
	var sum float64
	for j := firstBins; j < end; j++ {
		sum += math.Exp(odds[j]-odds[best]) / float64(end-firstBins)
	}
	b := found[best]
	b.odds = odds[best] + math.Log(sum) - none
	return b
}

// turnAt adds to a line the column that rises from bin j on: what the line does not
// explain of it, and what it explains of what the line leaves.
func (w *whitened) turnAt(j int, line *fit) (b turn, own, rest float64) {
	p := w.rising(j)
	level, slope := line.ll*p.ones+line.ls*p.times, line.ls*p.ones+line.ss*p.times
	own = p.own - level*p.ones - slope*p.times
	values := p.values - line.level*p.ones - line.slope*p.times
	change := values / own
	before := line.slope - slope*change
	rest = max(line.rest-change*values, exact*float64(w.n))
	return turn{at: j, before: before, after: before + change}, own, rest
}

// onset is where growth sets in after none, in the time of the row: by how well a hinge at
// each place explains the row. Bins are compared first, then places within the bins that
// are left. Where no hinge rises, as after a fall, it is the turn.
func (r *row) onset(turned int) Interval {
	var w whitened
	var odds, prior [bins]float64
	best, correlation := math.Inf(-1), 0.0
	for j := range odds {
		odds[j] = math.Inf(-1)
	}
	for k, c := range correlations {
		w.whiten(r, c)
		for j := 0; j < r.n-firstBins; j++ {
			f := w.fit(w.rising(j))
			if k == 0 {
				prior[j] = math.Log(f.determinant) / 2
			}
			if e := prior[j] + w.evidence(f.determinant, f.rest); f.slope > 0 && e > odds[j] {
				odds[j] = e
				if e > best {
					best, correlation = e, c
				}
			}
		}
	}
	if math.IsInf(best, -1) {
		at := r.time[turned]*r.unit + r.middle
		return Interval{at, at - pastTurn, at + pastTurn}
	}
	w.whiten(r, correlation)
	return r.within(&w, odds[:r.n])
}

// places are looked at within the bins in which a hinge may lie.
const places = 32

// unlikely is the logarithm of the odds against the likeliest bin from which a bin is out.
const unlikely = 7

// within refines the place of a hinge.
func (r *row) within(w *whitened, odds []float64) Interval {
	best := math.Inf(-1)
	for _, v := range odds {
		best = max(best, v)
	}
	first, last := -1, 0
	for j, v := range odds {
		if v > best-unlikely {
			if first < 0 {
				first = j
			}
			last = j
		}
	}
	width := 1 / r.unit
	from, to := r.time[first]-width, r.time[last]+width
	var weight [places]float64
	at := func(place float64) float64 { return from + (to-from)*place/places }
	var u [bins]float64
	for i := range weight {
		start := r.hinge(at(float64(i)+.5), &u)
		f := w.fit(w.column(&u, start))
		weight[i] = -math.Log(f.rest) * float64(r.n-1) / 2
	}
	normalise(weight[:])
	quantile := func(p float64) float64 {
		for i, v := range weight {
			if v >= p {
				return at(float64(i)+p/v)*r.unit + r.middle
			}
			p -= v
		}
		return to*r.unit + r.middle
	}
	return Interval{quantile(.5), quantile(.025), quantile(.975)}
}

// hinge fills the column of a series that rises from a time on, as means over its bins,
// and returns its first bin.
func (r *row) hinge(at float64, u *[bins]float64) (first int) {
	half := .5 / r.unit
	first = r.n - 1
	for i := r.n - 1; i >= 0; i-- {
		after := r.time[i] - at
		switch {
		case after >= half:
			u[i] = after
		case after > -half:
			u[i] = (after + half) * (after + half) / (4 * half)
		default:
			u[i] = 0
			continue
		}
		first = i
	}
	return first
}
