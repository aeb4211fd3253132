package leak

import "math"

// Grids over which the bend of a curve is sought.
var (
	// saturations are time constants as shares of the window: beyond one and a half a
	// saturating curve is a line.
	saturations = [...]float64{.03, .06, .1, .17, .27, .4, .6, .9, 1.5}
	// bends are the places of a hinge or a cap, in twentieths of the window.
	firstBend, lastBend, bendSteps = 2, 18, 20
)

// information is Akaike's criterion, corrected for few points, on as many independent
// points as the autocorrelation of the noise leaves.
type information struct {
	points, independent float64
	grain               float64 // squared noise per point that means nothing
	line                float64 // the criterion of the line, for comparison
}

// of is the criterion of a model that leaves a sum of squares with k parameters.
func (a information) of(squares, k float64) float64 {
	k++ // the variance of the noise
	penalty := 4 * k * (k + 1)
	if spare := a.independent - k - 1; spare > .5 {
		penalty = 2 * k * (k + 1) / spare
	}
	return a.independent*math.Log((squares+a.grain)/a.points) + 2*k + penalty
}

// over is how much more a model says than the line: logarithmic, as one more unit of the
// criterion means less and less.
func (a information) over(squares, k, limit float64) float64 {
	return signedLog(clip(a.line-a.of(squares, k), -100, limit))
}

func signedLog(v float64) float64 { return math.Copysign(math.Log1p(math.Abs(v)), v) }

// weighModels compares what a line says of the floor with what other shapes say.
func (m *measurement) weighModels() {
	n := float64(m.n)
	r := min(lag1(m.rest[:m.n]), .95)
	_, _, squares := line(m.x, m.y)
	a := information{points: n, independent: max(8, n*(1-r)/(1+r)), grain: m.grain * m.grain / 16 * n}
	a.line = a.of(squares, 2)
	m.informed = a

	mean, spread := moments(m.y)
	saturating, constant := m.saturating()
	capped, hinged, hinge := m.bent()
	const most = 400
	t := &m.terms
	t[overFlat] = signedLog(clip(a.of(spread, 1)-a.line, -100, most))
	t[overSaturating] = a.over(saturating, 3, most)
	t[overStep] = a.over(m.stepped(mean), 3, most)
	t[overCapped] = a.over(capped, 3, most)
	t[overHinge] = a.over(hinged, 3, most)
	if hinged < squares {
		t[hingeAt] = hinge
	}
	if saturating < squares {
		t[saturationSpeed] = clip(1/constant, 0, 10)
	}
}

// moments are the mean and the sum of squares around it.
func moments(v []float64) (mean, squares float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		squares += (x - mean) * (x - mean)
	}
	return mean, squares
}

// saturating fits c - a·exp(-x/τ), a > 0: what it leaves and τ as a share of the window.
func (m *measurement) saturating() (squares, constant float64) {
	squares = math.Inf(1)
	var u [bins]float64
	for _, s := range saturations {
		for i := range m.x {
			u[i] = math.Exp(-(m.x[i] - m.x[0]) / (s * bins))
		}
		if b, _, rest := line(u[:m.n], m.y); b < 0 && rest < squares {
			squares, constant = rest, s
		}
	}
	return squares, constant
}

// bent fits a rise that ends at a cap, and one that sets in at a hinge, and says where.
func (m *measurement) bent() (capped, hinged, hinge float64) {
	capped, hinged = math.Inf(1), math.Inf(1)
	var u [bins]float64
	for k := firstBend; k <= lastBend; k++ {
		share := float64(k) / float64(bendSteps)
		at := m.x[0] + share*(m.x[m.n-1]-m.x[0])
		for i := range m.x {
			u[i] = min(m.x[i], at)
		}
		if b, _, rest := line(u[:m.n], m.y); b > 0 {
			capped = min(capped, rest)
		}
		for i := range m.x {
			u[i] = max(m.x[i], at)
		}
		if b, _, rest := line(u[:m.n], m.y); b > 0 && rest < hinged {
			hinged, hinge = rest, share
		}
	}
	return capped, hinged, hinge
}

// stepped fits one step between two levels.
func (m *measurement) stepped(mean float64) float64 {
	var sum, square [bins + 1]float64
	for i, v := range m.y {
		sum[i+1] = sum[i] + (v - mean)
		square[i+1] = square[i] + (v-mean)*(v-mean)
	}
	rest := func(i, j int) float64 {
		s := sum[j] - sum[i]
		return square[j] - square[i] - s*s/float64(j-i)
	}
	best := math.Inf(1)
	for k := 2; k <= m.n-2; k++ {
		best = min(best, rest(0, k)+rest(k, m.n))
	}
	return best
}
