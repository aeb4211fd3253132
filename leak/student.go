package leak

import "math"

// Student's t: what few independent points leave of certainty.

// tails is the probability that |t| is larger by chance alone.
func tails(t, freedom float64) float64 {
	if math.IsInf(t, 0) {
		return 0
	}
	return incompleteBeta(freedom/2, .5, freedom/(freedom+t*t))
}

// critical is the t that chance alone exceeds with probability p, on either side.
func critical(p, freedom float64) float64 {
	low, high := 0.0, 1.0
	for tails(high, freedom) > p && high < 1e9 {
		high *= 2
	}
	for range 60 {
		if middle := (low + high) / 2; tails(middle, freedom) > p {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// incompleteBeta is the regularised incomplete beta function I_x(a, b), by its continued
// fraction (Abramowitz and Stegun 26.5.8), evaluated from the front by Lentz's method.
func incompleteBeta(a, b, x float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2): // where the fraction converges slowly its mirror is fast
		return 1 - incompleteBeta(b, a, 1-x)
	}
	const tiny, precise = 1e-300, 1e-12
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	value, c, d := 1.0, 1.0, 0.0
	for k := range 300 {
		m := float64(k / 2)
		var term float64
		switch {
		case k == 0:
			term = 1
		case k%2 == 0:
			term = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			term = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		d = 1 + term*d
		c = 1 + term/c
		if math.Abs(d) < tiny {
			d = tiny
		}
		if math.Abs(c) < tiny {
			c = tiny
		}
		d = 1 / d
		value *= c * d
		if math.Abs(c*d-1) < precise {
			break
		}
	}
	return front * (value - 1)
}
