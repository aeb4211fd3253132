package leak

import "math"

// Kind is what a series counts. It decides nothing but what is noise and what is usual:
// heaps are warmed up and fill caches, shared memory and threads rarely do.
type Kind uint8

// The kinds.
const (
	Other   Kind = iota // any figure: a hundredth of its level is noise
	Private             // memory that only this process can give back, in bytes
	Shared              // shared memory, in bytes
	Count               // things that are counted: descriptors, threads
)

var kindWords = [...]string{"other", "private", "shared", "count"}

// String is the kind's word.
func (k Kind) String() string { return wordOf(kindWords[:], int(k)) }

// Noise floors and the decision.
const (
	// FloorBytes is the growth of memory below which nothing is said: idle runtimes were
	// seen to move by up to 600 KB in half a day (docs/detection.md, Constants).
	FloorBytes = 512 << 10
	// FloorCount is the same for descriptors and threads: pools breathe by a few.
	FloorCount = 8
	// FloorShare of the level is noise in a figure of which nothing is known.
	FloorShare = 0.01
	// DefaultThreshold is the score from which growth is a leak. docs/detection.md has
	// the curve: one lower finds leaks sooner and cries wolf more often.
	DefaultThreshold = 1.4
)

// Options are what is known about a series beforehand. The zero value judges any figure
// without a limit.
type Options struct {
	Kind Kind
	// Floor is the smallest growth worth a word, in the unit of the series. 0 takes the
	// usual one of the kind.
	Floor float64
	// Limit is what the growth will hit first, in the unit of the series; 0 if unknown.
	Limit float64
	// Threshold is the score (log-odds) from which growth is called a leak: the budget of
	// false alarms. 0 takes DefaultThreshold; docs/detection.md says what each one costs.
	Threshold float64
}

// Memory are the options for private memory in bytes.
func Memory() Options { return Options{Kind: Private} }

// SharedMemory are the options for shared memory in bytes.
func SharedMemory() Options { return Options{Kind: Shared} }

// Descriptors are the options for open file descriptors.
func Descriptors() Options { return Options{Kind: Count} }

// Threads are the options for threads.
func Threads() Options { return Options{Kind: Count} }

// figures are the options that are some: the others as if they had not been given. A
// threshold may be out of reach, but not endless.
func (o Options) figures() Options {
	if int(o.Kind) >= len(kindWords) {
		o.Kind = Other
	}
	for _, v := range [...]*float64{&o.Floor, &o.Limit} {
		if !(*v > 0 && *v <= mostValue) {
			*v = 0
		}
	}
	if math.IsNaN(o.Threshold) {
		o.Threshold = 0
	}
	o.Threshold = min(max(o.Threshold, -mostValue), mostValue)
	return o
}

func (o Options) threshold() float64 {
	if o.Threshold == 0 {
		return DefaultThreshold
	}
	return o.Threshold
}

// floor is the smallest growth worth a word at a level.
func (o Options) floor(level float64) float64 {
	switch {
	case o.Floor > 0:
		return o.Floor
	case o.Kind == Private || o.Kind == Shared:
		return FloorBytes
	case o.Kind == Count:
		return FloorCount
	}
	return max(FloorShare*math.Abs(level), math.SmallestNonzeroFloat64)
}

// Sample is one reading of a series with what else was read at the same instant. What is
// unknown is NaN.
type Sample struct {
	// T is the time in seconds, in any epoch, later than that of the sample before.
	T float64
	// Value is the figure judged, in the unit of the series.
	Value float64
	// Work is a counter of the work done: CPU seconds, requests, page loads, trades. It
	// tells growth that follows the load from growth that does not.
	Work float64
	// Faults is the counter of minor page faults: memory touched for the first time. It
	// tells memory that is kept from memory that is handed back and taken again.
	Faults float64
	// Beside is what else counts towards the limit, in the unit of the series: the shared
	// and file-backed memory beside the private. NaN is none.
	Beside float64
}

// At is a sample of which nothing but the figure is known.
func At(t, value float64) Sample {
	nan := math.NaN()
	return Sample{T: t, Value: value, Work: nan, Faults: nan, Beside: nan}
}
