package leak

import "math"

// schwarz is the criterion by which shapes are compared: Schwarz's, the smaller the better.
// Other than Akaike's it does not grow fond of parameters as points get many.
type schwarz struct {
	points float64
	least  float64 // squared noise per point that means nothing
}

// criterion weighs the floors; noise below a quarter of a grain means nothing.
func (m *measurement) criterion() schwarz {
	return schwarz{float64(len(m.y)), m.grain * m.grain / 16}
}

// of is the criterion of a shape that leaves a sum of squares with k parameters.
func (c schwarz) of(squares, k float64) float64 {
	return c.points*math.Log(squares/c.points+c.least) + k*math.Log(c.points)
}

// rise is the best of the two shapes that go on: a line, and one that sets in.
func (m *measurement) rise() float64 {
	c := m.criterion()
	_, _, squares := line(m.x, m.y)
	return min(c.of(squares, 2), c.of(m.hinged(math.Max), 3))
}

// fill is the best of the two shapes that end: a line that meets a cap, and a curve.
func (m *measurement) fill() float64 {
	c := m.criterion()
	return min(c.of(m.hinged(math.Min), 3), c.of(m.bending(), 5))
}

// hinged fits a rise on one side of a hinge, which may be at any bin but the outermost:
// the squares it leaves.
func (m *measurement) hinged(side func(x, at float64) float64) float64 {
	n := len(m.x)
	best := math.Inf(1)
	var u [bins]float64
	for at := m.x[0] + 2; at <= m.x[n-1]-2; at++ {
		for i, x := range m.x {
			u[i] = side(x, at)
		}
		if b, _, squares := line(u[:n], m.y); b > 0 {
			best = min(best, squares)
		}
	}
	return best
}

// bending fits a line that from some time on rises more steeply and bends back: warm-ups,
// caches that fill, fragmentation. It gives the squares that are left.
func (m *measurement) bending() float64 {
	b := bend{measurement: m}
	b.begin()
	for from := -1.0; from < .75*bins; from += 2 {
		for constant := .2; constant < bins/2; constant *= 2.5 {
			b.try(from, constant)
		}
	}
	// The best of the grid is refined by halving its mesh.
	for df, dt := 1.0, 1.6; df > .05; df, dt = df/2, math.Sqrt(dt) {
		from, constant := b.from, b.constant
		for _, f := range [...]float64{-df, 0, df} {
			for _, t := range [...]float64{1 / dt, 1, dt} {
				b.try(from+f, constant*t)
			}
		}
	}
	return max(0, b.left)
}

// bend is the search for the beginning and the time constant of a curve, both in bins.
type bend struct {
	*measurement
	rest           [bins]float64 // of the floors, without what goes along with time
	mean, across   float64       // of time
	all            float64       // squares of the rest
	left           float64       // of them, what the best curve leaves
	from, constant float64       // the best curve
}

func (b *bend) begin() {
	straight, at, _ := line(b.x, b.y)
	b.mean, b.across = moments(b.x)
	for i, x := range b.x {
		b.rest[i] = b.y[i] - at - straight*x
		b.all += b.rest[i] * b.rest[i]
	}
	b.left, b.constant = b.all, 1
}

func (b *bend) try(from, constant float64) {
	// The exponential is carried from bin to bin: only where bins are missing is it
	// computed anew.
	perBin := math.Exp(-1 / constant)
	begin := b.x[0] + from
	var sum, squares, along, both float64
	e, before := 1.0, begin
	for i, x := range b.x {
		if x <= begin {
			continue
		}
		if x == before+1 {
			e *= perBin
		} else {
			e = math.Exp((begin - x) / constant)
		}
		before = x
		u := 1 - e
		sum += u
		squares += u * u
		along += u * (x - b.mean)
		both += u * b.rest[i]
	}
	own := squares - sum*sum/float64(len(b.x)) - along*along/b.across
	if own > 0 && both > 0 && b.all-both*both/own < b.left {
		b.left, b.from, b.constant = b.all-both*both/own, from, constant
	}
}
