package leak

import "math"

// correlations are the candidates for what is left of a deviation one bin later. A fit is
// averaged over them by how well each explains the series, and none is chosen: so few bins
// do not tell .9 from .98, and the interval of a slope rests on it more than on all else.
// The first is 0, to which the others are compared.
var correlations = [...]float64{0, -.3, .25, .5, .7, .85, .93, .97, .99}

// exact is the mean square, in scales, under which a deviation is rounding: that of the
// single precision in which the history keeps its means.
const exact = 1e-12

// row is a stretch of bins prepared for regression.
type row struct {
	n      int
	time   [bins]float64 // around the middle, in units
	value  [bins]float64 // around the mean, in scales
	gap    [bins]float64 // bins since the one before
	middle float64
	unit   float64
	mean   float64
	scale  float64
}

// prepare takes over the values y at x, in bins, and at t: x again, or the work done.
func (r *row) prepare(x, t, y []float64) {
	r.n = len(x)
	last := r.n - 1
	r.middle, r.unit = (t[0]+t[last])/2, t[last]-t[0]
	var squares float64
	r.mean, squares = moments(y)
	r.scale = math.Sqrt(squares / float64(r.n))
	r.gap[0] = 1
	for i := range x {
		if i > 0 {
			r.gap[i] = math.Abs(x[i] - x[i-1])
		}
		r.time[i], r.value[i] = (t[i]-r.middle)/r.unit, 0
		if r.scale > 0 {
			r.value[i] = (y[i] - r.mean) / r.scale
		}
	}
}

// whitened is a row freed of a correlation: what each bin foretells of the next is taken
// off the next (Prais and Winsten 1954). It holds sums of products from every bin to the
// end, so that a column that begins to rise at any bin is fitted in a few steps.
type whitened struct {
	n    int
	time [bins]float64 // as it was
	keep [bins]float64 // what is left of the deviation of the bin before
	by   [bins]float64 // the factor that makes all deviations alike again
	o    [bins]float64 // ones, times and values, whitened
	t    [bins]float64
	v    [bins]float64
	oo   [bins + 1]float64 // sums of their products
	ot   [bins + 1]float64
	tt   [bins + 1]float64
	ov   [bins + 1]float64
	tv   [bins + 1]float64
	vv   float64
	base float64 // logarithm of all factors
}

func (w *whitened) whiten(r *row, correlation float64) {
	n := r.n
	w.n, w.time, w.vv = n, r.time, 0
	w.factors(r, correlation)
	w.oo[n], w.ot[n], w.tt[n], w.ov[n], w.tv[n] = 0, 0, 0, 0, 0
	for i := n - 1; i >= 0; i-- {
		o, t, v := (1-w.keep[i])*w.by[i], w.of(&r.time, i), w.of(&r.value, i)
		w.o[i], w.t[i], w.v[i] = o, t, v
		w.oo[i] = w.oo[i+1] + o*o
		w.ot[i] = w.ot[i+1] + o*t
		w.tt[i] = w.tt[i+1] + t*t
		w.ov[i] = w.ov[i+1] + o*v
		w.tv[i] = w.tv[i+1] + t*v
		w.vv += v * v
	}
}

func (w *whitened) factors(r *row, correlation float64) {
	by := 1 / math.Sqrt(1-correlation*correlation)
	logBy := math.Log(by)
	w.keep[0], w.by[0], w.base = 0, 1, 0
	for i := 1; i < r.n; i++ {
		w.keep[i], w.by[i] = correlation, by
		w.base += logBy
		if gap := r.gap[i]; gap > 1 {
			left := math.Pow(math.Abs(correlation), gap)
			w.keep[i], w.by[i] = left, 1/math.Sqrt(1-left*left)
			w.base += math.Log(w.by[i]) - logBy
		}
	}
}

// of is bin i of a whitened column.
func (w *whitened) of(u *[bins]float64, i int) float64 {
	if i == 0 {
		return u[0]
	}
	return (u[i] - w.keep[i]*u[i-1]) * w.by[i]
}

// products are the sums of a whitened column with ones, times, itself and the values.
type products struct{ ones, times, own, values float64 }

// column takes any column, which is 0 before bin from. Its product with time is left out.
func (w *whitened) column(u *[bins]float64, from int) products {
	c := w.of(u, from)
	p := products{ones: w.o[from] * c, own: c * c, values: w.v[from] * c}
	before := u[from]
	for i := from + 1; i < w.n; i++ {
		c := (u[i] - w.keep[i]*before) * w.by[i]
		before = u[i]
		p.ones += w.o[i] * c
		p.own += c * c
		p.values += w.v[i] * c
	}
	return p
}

// rising takes the column that is 0 up to bin j and rises with time from there.
func (w *whitened) rising(j int) products {
	from := w.time[j]
	oo, ot, tt := w.oo[j+1], w.ot[j+1], w.tt[j+1]
	return products{
		ones: ot - from*oo, times: tt - from*ot,
		own: tt - 2*from*ot + from*from*oo, values: w.tv[j+1] - from*w.ov[j+1],
	}
}

// fit is that of a level and one column: value = level + slope × column.
type fit struct {
	level, slope float64
	ll, ls, ss   float64 // inverse of the matrix of products
	determinant  float64
	rest         float64 // sum of squares left
}

func (w *whitened) fit(p products) fit {
	ll, ls, ss := w.oo[0], p.ones, p.own
	d := ll*ss - ls*ls
	f := fit{ll: ss / d, ls: -ls / d, ss: ll / d, determinant: d}
	f.level = f.ll*w.ov[0] + f.ls*p.values
	f.slope = f.ls*w.ov[0] + f.ss*p.values
	f.rest = max(w.vv-f.level*w.ov[0]-f.slope*p.values, exact*float64(w.n))
	return f
}

func (w *whitened) line() fit { return w.fit(products{ones: w.ot[0], own: w.tt[0], values: w.tv[0]}) }

// evidence is the logarithm of how well a correlation explains the row under a model whose
// coefficients and noise are averaged out (Harville 1974); of two models, that with the
// larger determinant without correlation has to be given half its logarithm.
func (w *whitened) evidence(determinant, rest float64) float64 {
	return w.base - (math.Log(determinant)+float64(w.n-1)*math.Log(rest))/2
}

// trend is a straight line: what it is at one time, and how sure that is.
type trend struct {
	slope, level            float64
	varSlope, varLevel, cov float64
	freedom                 float64
}

// trend is the line through a row, averaged over the correlations, and its level at a time.
func (r *row) trend(at float64) trend {
	var fits [len(correlations)]fit
	var weight [len(correlations)]float64
	var w whitened
	for i, c := range correlations {
		w.whiten(r, c)
		fits[i] = w.line()
		weight[i] = w.evidence(fits[i].determinant, fits[i].rest)
	}
	normalise(weight[:])
	t := trend{freedom: float64(r.n - 2)}
	ahead := (at - r.middle) / r.unit
	for i, f := range fits {
		t.slope += weight[i] * f.slope
		t.level += weight[i] * (f.level + f.slope*ahead)
	}
	for i, f := range fits {
		noise := f.rest / t.freedom
		slope, level := f.slope-t.slope, f.level+f.slope*ahead-t.level
		t.varSlope += weight[i] * (noise*f.ss + slope*slope)
		t.varLevel += weight[i] * (noise*(f.ll+2*ahead*f.ls+ahead*ahead*f.ss) + level*level)
		t.cov += weight[i] * (noise*(f.ls+ahead*f.ss) + slope*level)
	}
	t.level, t.varLevel, t.cov = r.mean+t.level*r.scale, t.varLevel*r.scale*r.scale, t.cov*r.scale*r.scale
	t.slope, t.varSlope = t.slope*r.scale, t.varSlope*r.scale*r.scale
	t.per(r.unit)
	return t
}

// per changes the unit of time.
func (t *trend) per(unit float64) {
	t.slope /= unit
	t.varSlope /= unit * unit
	t.cov /= unit
}

func (t *trend) rate() Interval {
	wide := student(t.freedom) * math.Sqrt(t.varSlope)
	if math.IsNaN(wide) || math.IsNaN(t.slope) {
		return Unknown()
	}
	return Interval{t.slope, t.slope - wide, t.slope + wide}
}

// normalise turns logarithms of weights into shares.
func normalise(weight []float64) {
	best, sum := math.Inf(-1), 0.0
	for _, v := range weight {
		best = max(best, v)
	}
	for i, v := range weight {
		weight[i] = math.Exp(v - best)
		sum += weight[i]
	}
	for i := range weight {
		weight[i] /= sum
	}
}

// student is critical(.05, freedom) in three terms (Abramowitz and Stegun 26.7.5) instead
// of a search, right to a hundredth from eight degrees of freedom on.
func student(freedom float64) float64 { return 1.96 + 2.372/freedom + 2.822/(freedom*freedom) }
