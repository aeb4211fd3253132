package leak

import (
	"math"
	"slices"
)

const pairs = bins * (bins - 1) / 2

// theilSen is the median of the slopes between all pairs of points and the median
// intercept. slopes is where they are kept, and left in no order: to find their middle
// takes about a fifth of the time of sorting them.
func theilSen(x, y []float64, slopes []float64) (slope, intercept float64) {
	slopes = slopes[:0]
	for i := range x {
		for j := i + 1; j < len(x); j++ {
			slopes = append(slopes, (y[j]-y[i])/(x[j]-x[i]))
		}
	}
	if len(slopes) == 0 {
		return 0, 0
	}
	slope = halfway(slopes)
	var rest [bins]float64
	for i := range x {
		rest[i] = y[i] - slope*x[i]
	}
	return slope, halfway(rest[:len(x)])
}

// halfway is the median of values, which it reorders.
func halfway(v []float64) float64 {
	n := len(v)
	if n == 0 {
		return math.NaN()
	}
	upper := nth(v, n/2)
	if n%2 == 1 {
		return (upper + upper) / 2
	}
	return (slices.Max(v[:n/2]) + upper) / 2
}

// nth puts the value of rank k where sorting would put it, none larger before it, and
// returns it (Hoare's selection, the pivot a median of three).
func nth(v []float64, k int) float64 {
	low, high := 0, len(v)-1
	for low < high {
		a, b, c := v[low], v[(low+high)/2], v[high]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := low, high
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for pivot < v[j] {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return v[k]
		}
	}
	return v[k]
}

func median(values []float64) float64 {
	var s [bins]float64
	return halfway(s[:copy(s[:], values)])
}

// kendall is Mann and Kendall's S with its variance under independence, ties corrected.
func kendall(y []float64) (s, variance float64) {
	n := float64(len(y))
	variance = n * (n - 1) * (2*n + 5)
	for i := range y {
		for j := i + 1; j < len(y); j++ {
			if y[j] > y[i] {
				s++
			} else if y[j] < y[i] {
				s--
			}
		}
	}
	var sorted [bins]float64
	m := copy(sorted[:], y)
	slices.Sort(sorted[:m])
	for i := 0; i < m; {
		j := i
		for j < m && sorted[j] == sorted[i] {
			j++
		}
		t := float64(j - i)
		variance -= t * (t - 1) * (2*t + 5)
		i = j
	}
	return s, variance / 18
}

// lag1 is the autocorrelation of neighbours, corrected for the bias that a short series
// and the removal of its trend give it.
func lag1(rest []float64) float64 {
	n := float64(len(rest))
	var mean, num, den float64
	for _, v := range rest {
		mean += v / n
	}
	for i, v := range rest {
		den += (v - mean) * (v - mean)
		if i > 0 {
			num += (v - mean) * (rest[i-1] - mean)
		}
	}
	if den <= 0 || n < 6 {
		return 0
	}
	return min(max((n*num/den+2)/(n-4), 0), .99)
}

// inflation is by how much autocorrelation of neighbours widens the variance of S.
func inflation(r float64, n int) float64 {
	f, p := 1.0, 1.0
	for k := 1; k < n; k++ {
		p *= r
		f += 2 * (1 - float64(k)/float64(n)) * p
	}
	return f
}

// line is the least-squares fit y = a + b x and what it leaves unexplained.
func line(x, y []float64) (b, a, rest float64) {
	n := float64(len(x))
	var mx, my, sxx, sxy, syy float64
	for i := range x {
		mx += x[i] / n
		my += y[i] / n
	}
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		sxx += dx * dx
		sxy += dx * dy
		syy += dy * dy
	}
	if sxx == 0 {
		return 0, my, syy
	}
	b = sxy / sxx
	return b, my - b*mx, max(0, syy-b*sxy)
}
