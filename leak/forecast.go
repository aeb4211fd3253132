package leak

import "math"

// wholeLoad is how long a load must be seen before its next peak is foreseen: two days.
const wholeLoad = 2 * day

// forecast says what comes next if it goes on as it does.
func (m *measurement) forecast(state State, e estimate) Forecast {
	f := Forecast{In: Unknown(), Near: Unknown()}
	switch {
	case state == Filling:
		if near := m.settling(&e); near.High-near.Value <= m.climb {
			f.Outlook, f.Near = Settles, near
		}
	case state >= Suspect && m.Limit > 0 && e.rate.Value > 0:
		// Spikes or peaks of the load that were not seen reach a limit first.
		if e.spiky || e.held && m.age < wholeLoad {
			break
		}
		f.Outlook, f.In = Reaches, e.until(m.Limit-m.beside)
	}
	return f
}

// crests are how far the series stands out above its line: the first to reach a limit.
type crests struct{ least, usual, most float64 }

// crestsOver measures them from bin begin on. What lies above a mean is taken to be as
// much as lies below it, without the growth within the bin.
func (m *measurement) crestsOver(t *trend, begin int) crests {
	var off, top [bins]float64
	n, end := m.n-begin, m.end()
	c := crests{most: math.Inf(-1)}
	for i := range n {
		k := begin + i
		off[i] = m.mean[k] - t.level + t.slope*(end-m.x[k])
		top[i] = off[i] + max(0, m.mean[k]-m.y[k]-t.slope/2)
		c.most = max(c.most, top[i])
	}
	c.least, c.usual = median(off[:n]), median(top[:n])
	return c
}

// until is how many seconds pass until the series first reaches a level: at the earliest
// with its highest crest on the steepest line, at the latest with none on the flattest.
func (e *estimate) until(level float64) Interval {
	const hour = 3600
	early, _ := e.now.reaches(level - e.crests.most)
	_, late := e.now.reaches(level - e.crests.least)
	usual := max(0, level-e.crests.usual-e.now.level) / e.now.slope
	return Interval{min(max(usual, early), late) * hour, early * hour, late * hour}
}

// reaches is when the line reaches a level, with 95 % certainty not earlier and not later
// (Fieller 1954).
func (t *trend) reaches(level float64) (early, late float64) {
	q := student(t.freedom)
	left := level - t.level
	a, b, c := t.slope*t.slope-q*q*t.varSlope, t.slope*left+q*q*t.cov, left*left-q*q*t.varLevel
	root := math.Sqrt(max(0, b*b-a*c))
	if left > 0 && c > 0 && b+root > 0 {
		early = c / (b + root)
	}
	late = math.Inf(1)
	if a > 0 {
		late = max(early, (b+root)/a)
	}
	return early, late
}

// saturationTimes is how many time constants are tried, from the first by a factor each:
// shares of the stretch since the onset. With less than a bin a curve is a step, with more
// than one and a half stretches a line. Between two that were tried a curve leaves less
// than a twentieth of its rise unexplained anywhere.
const (
	saturationTimes   = 18
	firstSaturation   = .01
	saturationsFactor = 1.35
)

// endings are the curves that level off and the lines that meet a cap, under noise of
// several correlations: where each ends, how unsure that is, and how well it explains the series.
type endings struct {
	level, variance, weight [endingNoises * shapesOfEnd]float64
	prior                   [shapesOfEnd]float64
}

const (
	// endingNoises are every other correlation: all of them give the same levels.
	endingNoises = (len(correlations) + 1) / 2
	shapesOfEnd  = saturationTimes + bins
	// endless is the first of the lines, which meets its cap in the newest bin: none.
	endless = saturationTimes
	// openEnded is the share of the evidence for it from which no level is foreseen.
	openEnded = .1
)

// settling is the level towards which the series levels off since its onset.
func (m *measurement) settling(e *estimate) Interval {
	var r row
	m.backwards(&r, e)
	var all endings
	for i := range all.weight {
		all.weight[i] = math.Inf(-1)
	}
	var curves [saturationTimes][bins]float64
	share := firstSaturation
	for i := range curves {
		for j := range r.n {
			curves[i][j] = math.Exp((r.time[j] - r.time[r.n-1]) / share)
		}
		share *= saturationsFactor
	}
	var w whitened
	for k := range endingNoises {
		w.whiten(&r, correlations[2*k])
		for i := range curves {
			all.add(&w, k, i, w.column(&curves[i], 0), len(curves))
		}
		all.add(&w, k, endless, w.rising(0), 1)
		for j := 1; j < r.n-firstBins; j++ {
			all.add(&w, k, endless+j, w.rising(j), r.n)
		}
	}
	return all.average(&r)
}

// backwards prepares the stretch since the onset with the newest bin first: a line that
// meets a cap is then one that leaves it.
func (m *measurement) backwards(r *row, e *estimate) {
	var x, y [bins]float64
	n := 0
	for i := m.n - 1; i >= 0; i-- {
		if n >= lastBins && math.Floor(m.x[i]) < e.since.Value {
			break
		}
		x[n], y[n] = -m.x[i], m.mean[i]
		if e.spiky {
			y[n] = m.y[i]
		}
		n++
	}
	r.prepare(x[:n], x[:n], y[:n])
}

// add tries an ending, one of a number alike.
func (a *endings) add(w *whitened, noise, shape int, p products, alike int) {
	f := w.fit(p)
	if noise == 0 {
		a.prior[shape] = math.Log(f.determinant)/2 - math.Log(float64(alike))
	}
	if !(f.slope < 0) || !(f.determinant > 0) {
		return
	}
	i := noise*shapesOfEnd + shape
	a.level[i], a.variance[i] = f.level, f.ll*f.rest/float64(w.n-3)
	a.weight[i] = a.prior[shape] + w.evidence(f.determinant, f.rest)
}

func (a *endings) average(r *row) Interval {
	normalise(a.weight[:])
	var level, variance, open float64
	for i, share := range a.weight {
		level += share * a.level[i]
		if i%shapesOfEnd == endless {
			open += share
		}
	}
	for i, share := range a.weight {
		off := a.level[i] - level
		variance += share * (a.variance[i] + off*off)
	}
	wide := student(float64(r.n-3)) * math.Sqrt(variance) * r.scale
	if math.IsNaN(wide) || open > openEnded {
		return Unknown()
	}
	at := r.mean + level*r.scale
	return Interval{at, at - wide, at + wide}
}
