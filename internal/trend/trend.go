// Package trend reads one series of figures in the simplest honest way: a robust slope
// with its interval, and "too short to tell" when it is. It keeps a bounded number of
// points however long it watches. It knows nothing of loads, limits, seasons or earlier
// lives, and so calls nothing a leak that has not grown for hours.
package trend

import (
	"math"
	"slices"
	"time"
)

// MaxPoints bounds a Series: 120 points of 24 bytes, under 3 KB. When they are full,
// neighbours are merged and each further point gathers twice as many samples. The slope
// of the means of equally long stretches stays that of the samples.
const MaxPoints = 120

// Series gathers the samples of one figure. The zero value is ready to use.
type Series struct {
	points  [MaxPoints]point
	used    int
	samples int
	merged  int // samples that a full point gathers: 1, 2, 4 …
	first   time.Time
	last    time.Time
}

// point is the mean of a few neighbouring samples.
type point struct {
	at    float64 // hours since first
	value float64
	count int32
}

// Observe adds a sample. Samples that are not later than the one before, and values
// that are no numbers, are ignored: they carry no information about a trend.
func (s *Series) Observe(at time.Time, value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) || s.samples > 0 && !at.After(s.last) {
		return
	}
	if s.samples == 0 {
		s.first, s.merged = at, 1
	}
	s.samples++
	s.last = at
	hours := at.Sub(s.first).Hours()
	if s.used > 0 && int(s.points[s.used-1].count) < s.merged {
		s.points[s.used-1].add(point{hours, value, 1})
		return
	}
	if s.used == MaxPoints {
		s.halve()
	}
	s.points[s.used] = point{hours, value, 1}
	s.used++
}

// halve merges neighbours.
func (s *Series) halve() {
	for i := range MaxPoints / 2 {
		s.points[i] = s.points[2*i]
		s.points[i].add(s.points[2*i+1])
	}
	s.used = MaxPoints / 2
	s.merged *= 2
}

func (p *point) add(q point) {
	n, m := float64(p.count), float64(q.count)
	p.at = (p.at*n + q.at*m) / (n + m)
	p.value = (p.value*n + q.value*m) / (n + m)
	p.count += q.count
}

// Samples is how many samples were taken in.
func (s *Series) Samples() int { return s.samples }

// Span is the time from the first to the last sample.
func (s *Series) Span() time.Duration { return s.last.Sub(s.first) }

// Slope is a robust rate of change with a 95 % interval, per hour.
type Slope struct{ PerHour, Low, High float64 }

// slope is the median of the slopes between all pairs of points (Theil 1950, Sen 1968).
// Its interval comes from the order statistics that Kendall's variance gives (Sen 1968,
// section 3; Hollander & Wolfe, Nonparametric Statistical Methods, section 9.3). The
// variance is widened for the correlation of neighbours in the residuals, the usual
// state of memory: without it the interval would be far too sure of itself.
func (s *Series) slope() (Slope, []float64) {
	n := s.used
	slopes := make([]float64, 0, n*(n-1)/2)
	for i := range n {
		for j := i + 1; j < n; j++ {
			slopes = append(slopes, (s.points[j].value-s.points[i].value)/(s.points[j].at-s.points[i].at))
		}
	}
	slices.Sort(slopes)
	out := Slope{PerHour: median(slopes)}
	residuals := make([]float64, n)
	for i := range n {
		residuals[i] = s.points[i].value - out.PerHour*s.points[i].at
	}
	const z = 1.96 // two-sided 95 %
	variance := float64(n*(n-1)*(2*n+5)) / 18 * inflation(residuals)
	half := z * math.Sqrt(variance)
	total := float64(len(slopes))
	out.Low = slopes[int(max(0, math.Floor((total-half)/2)))]
	out.High = slopes[int(min(total-1, math.Ceil((total+half)/2)))]
	return out, residuals
}

// inflation is how much further the variance of a mean of correlated values is than that
// of independent ones: (1+r)/(1−r) for an AR(1) process with lag-one correlation r.
// r is kept in [0, 0.9]: a negative one would narrow the interval, and beyond 0.9 a few
// dozen points cannot tell it.
func inflation(residuals []float64) float64 {
	m := median(slices.Sorted(slices.Values(residuals)))
	var cross, square float64
	for i, v := range residuals {
		square += (v - m) * (v - m)
		if i > 0 {
			cross += (v - m) * (residuals[i-1] - m)
		}
	}
	if square == 0 {
		return 1
	}
	r := min(0.9, max(0, cross/square))
	return (1 + r) / (1 - r)
}

// median of sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
