package trend

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/units"
)

// State is what a reading says, in the words of the whole product.
type State uint8

// The states, mildest first.
const (
	Learning State = iota // too short to tell
	Steady                // no growth beyond the noise
	Filling               // growth that is levelling off
	Suspect               // growth that does not level off, not yet watched for long
	Leaking               // growth that has not levelled off for hours
)

var stateWords = [...]string{"learning", "steady", "filling", "suspect", "leaking"}

// String is the state's word in every format.
func (s State) String() string { return stateWords[s] }

// Thresholds of a reading of memory in bytes.
const (
	// MinSamples: below eight points the interval of a slope is as wide as the data.
	MinSamples = 8
	// MinSpan: shorter stretches of a process show its requests, not its trend.
	MinSpan = 5 * time.Minute
	// MinGrowthBytes is what a garbage collector or an allocator moves for nothing.
	MinGrowthBytes = 1e6
	// MinGrowthShare of the median is noise for a large process.
	MinGrowthShare = 0.02
	// NoiseFactor: growth must stand out of the scatter around the line, of which three
	// robust standard deviations hold 99.7 %.
	NoiseFactor = 3
	// LevellingShare: growth whose second half is slower than this share of its first
	// is levelling off (measured in the study of detectors: late slope ≥ 0.45 × overall).
	LevellingShare = 0.45
	// LeakSpan: most of what grows for less is a warm-up or a cache that fills.
	LeakSpan = 6 * time.Hour
)

// normal makes the median deviation of normal noise its standard deviation.
const normal = 1.4826

// Reading is what the samples of a series say, with the evidence.
type Reading struct {
	State   State
	Slope   Slope // absent (NaN) while learning
	Growth  float64
	Samples int
	Span    time.Duration
	// Caveat says what the reader must bear in mind; empty when there is nothing.
	Caveat string
}

// Read judges a series of memory in bytes.
func (s *Series) Read() Reading {
	nan := math.NaN()
	r := Reading{Slope: Slope{nan, nan, nan}, Growth: nan, Samples: s.samples, Span: s.Span()}
	if s.used < MinSamples || r.Span < MinSpan {
		r.Caveat = fmt.Sprintf("too short to tell: %s over %s, %d over %s needed",
			units.Count(r.Samples, "sample", "samples"), units.Duration(r.Span), MinSamples, units.Duration(MinSpan))
		return r
	}
	slope, residuals := s.slope()
	r.Slope = slope
	r.Growth = slope.PerHour * r.Span.Hours()
	r.State = Steady
	early, late := s.half(0), s.half(1)
	if slope.Low <= 0 || r.Growth < s.noise(residuals) {
		if rise := s.rise(); rise > 0 && late < LevellingShare*early {
			r.State, r.Growth = Filling, rise
		}
		return r
	}
	switch {
	case late < LevellingShare*early:
		r.State = Filling
	case r.Span >= LeakSpan && s.ratchets():
		r.State = Leaking
	default:
		r.State = Suspect
		if r.Span < LeakSpan {
			r.Caveat = fmt.Sprintf("%s cannot tell a leak from a warm-up: watch for %s", units.Duration(r.Span), units.Duration(LeakSpan))
		}
	}
	return r
}

// noise is the growth below which nothing is said.
func (s *Series) noise(residuals []float64) float64 {
	m := median(slices.Sorted(slices.Values(residuals)))
	off := make([]float64, len(residuals))
	values := make([]float64, len(residuals))
	for i, v := range residuals {
		off[i] = math.Abs(v - m)
		values[i] = s.points[i].value
	}
	slices.Sort(off)
	slices.Sort(values)
	return max(MinGrowthBytes, MinGrowthShare*median(values), NoiseFactor*normal*median(off))
}

// rise is how much higher the last quarter lies than the first; 0 where that is no more
// than noise: that of the second half, as a curve that levels off has none of its own yet
// in the first. It tells growth that has ended from none at all.
func (s *Series) rise() float64 {
	values := make([]float64, s.used)
	for i := range s.used {
		values[i] = s.points[i].value
	}
	of := func(v []float64) float64 { return median(slices.Sorted(slices.Values(v))) }
	later := values[s.used/2:]
	level := of(later)
	off := make([]float64, len(later))
	for i, v := range later {
		off[i] = math.Abs(v - level)
	}
	rise := of(values[s.used-s.used/4:]) - of(values[:s.used/4])
	if rise < max(MinGrowthBytes, MinGrowthShare*level, NoiseFactor*normal*of(off)) {
		return 0
	}
	return rise
}

// half is the robust slope of the first (0) or second (1) half of the points.
func (s *Series) half(which int) float64 {
	from := which * s.used / 2
	to := from + s.used/2
	var slopes []float64
	for i := from; i < to; i++ {
		for j := i + 1; j < to; j++ {
			slopes = append(slopes, (s.points[j].value-s.points[i].value)/(s.points[j].at-s.points[i].at))
		}
	}
	slices.Sort(slopes)
	return median(slopes)
}

// ratchets reports whether the floor of the series rises and does not come back: of six
// equal blocks the minimum rises in four of five steps, and the last is the highest.
func (s *Series) ratchets() bool {
	const blocks = 6
	var floors [blocks]float64
	for b := range blocks {
		floors[b] = math.Inf(1)
		for _, p := range s.points[b*s.used/blocks : (b+1)*s.used/blocks] {
			floors[b] = min(floors[b], p.value)
		}
	}
	rises := 0
	for b := 1; b < blocks; b++ {
		if floors[b] > floors[b-1] {
			rises++
		}
	}
	return rises >= blocks-2 && slices.Max(floors[:]) == floors[blocks-1]
}

// String is the reading for a person: "suspect +14.2 MB/h (+13.1 to +15.3)".
func (r Reading) String() string {
	if r.State == Learning {
		return fmt.Sprintf("learning: too short to tell (%s over %s)", units.Count(r.Samples, "sample", "samples"), units.Duration(r.Span))
	}
	text := fmt.Sprintf("%s %s/h (%s to %s)", r.State, units.Delta(r.Slope.PerHour), units.Delta(r.Slope.Low), units.Delta(r.Slope.High))
	if r.Caveat != "" {
		text += "; " + r.Caveat
	}
	return text
}
