// Package shapes makes synthetic series of a process's memory, descriptors or threads whose
// truth is known: which of them leak, since when, how fast, and where the bounded ones settle.
// They are there to test and to measure a leak detector on weeks of data that nobody would
// wait for. The shapes are those that services are known to draw; every size, rate and time
// is drawn from the seed, so that a detector cannot be fitted to one picture.
//
// It is a model and no record: a good score here is a check of sanity, not proof. It knows
// no detector and has no clock.
package shapes

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Labels of a series.
const (
	Leak = "leak" // grows without bound
	OK   = "ok"   // bounded, and shows it within the span
	// Ambiguous is bounded, but the bound is not reached within the span: no observer can
	// tell it from a leak, and no verdict on it is wrong.
	Ambiguous = "ambiguous"
)

// Bounds of a setting.
const (
	// MinSamples of a span: with fewer, shapes that need several steps, teeth or lives have
	// no room for them.
	MinSamples = 64
	// MaxSamples of a span holds six weeks at one second and keeps a slip of the keyboard
	// from taking the machine's memory: about 80 bytes a sample while it is made.
	MaxSamples = 4_000_000
)

// Truth of a generated series.
type Truth struct {
	// Label is Leak, OK or Ambiguous.
	Label string
	// Onset is when the growth begins, in seconds on the axis of Point.T; NaN for OK.
	Onset float64
	// Rate is the slope of the leaked part after the onset, in units per second: the exact
	// one where growth is a straight line (of every life, if there are several), else the
	// least-squares slope. 0 for OK; the present slope for Ambiguous.
	Rate float64
	// Cap is the level at which growth settles or, for Ambiguous, would settle after the
	// span; noise comes on top. NaN for shapes that do not gradually settle at one level.
	Cap float64
	// Linear marks plain linear leaks, on which the accuracy of a rate is measured.
	Linear bool
}

// Point is one sample.
type Point struct {
	T     float64 // seconds since the span began, in whole milliseconds, increasing
	Value float64 // bytes in whole pages of 4 KiB, or a count
	// Work is the CPU time of the process since its life began, in seconds and whole clock
	// ticks (1/100 s, as /proc shows it); NaN when the setting publishes none.
	Work float64
}

// Series is a generated series with its truth.
type Series struct {
	Shape  string
	Points []Point
	// Restarts are the indexes of Points at which a new life begins, the first life's 0 not
	// among them. Work begins again at 0 there.
	Restarts []int
	// Limit is what an operator could have set: at least 25 % above everything the series
	// reaches without the leak, and above its Cap. Nothing enforces it: a leak goes through
	// it, except in leak-restarts, whose lives end in time.
	Limit float64
	Truth Truth
}

// Setting says which series to make. Series of one shape and seed have the same parameters
// whatever Noise and Work are.
type Setting struct {
	Shape    string  // one of Shapes
	Seed     uint64  // any
	Span     float64 // seconds, > 0; MinSamples to MaxSamples intervals
	Interval float64 // seconds between samples, > 0; at least a millisecond
	Noise    float64 // multiplies the noise of value and load: 1 is usual, 0 is none
	Work     bool    // publish the work counter
}

// shape is a row of the table: what draws the series named so.
type shape struct {
	name string
	draw func(*sketch)
}

// table lists the shapes: healthy ones, the ambiguous one, leaks.
func table() []shape {
	return slices.Concat(steadyShapes(), boundedShapes(), returningShapes(), interruptedShapes(),
		leakingShapes(), loadedLeakShapes(), countShapes())
}

// Shapes returns all names in a stable order. Names of leaks begin with "leak-".
func Shapes() []string {
	rows := table()
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.name
	}
	return names
}

// Make makes the series of a setting. The same setting gives the same series on every
// platform: T, Value, Work, Limit and Truth are rounded (milliseconds, pages, ticks, nine
// digits), which takes away the last bits in which processors and their mathematics differ.
// It fails on a setting outside the ranges that Setting names.
func Make(s Setting) (Series, error) {
	if err := s.check(); err != nil {
		return Series{}, err
	}
	rows := table()
	row := slices.IndexFunc(rows, func(r shape) bool { return r.name == s.Shape })
	if row < 0 {
		return Series{}, fmt.Errorf("unknown shape %q: use one of %s", s.Shape, strings.Join(Shapes(), ", "))
	}
	k := newSketch(s)
	rows[row].draw(k)
	return k.series(), nil
}

func (s Setting) check() error {
	positive := func(x float64) bool { return x > 0 && !math.IsInf(x, 1) }
	var errs []error
	if !positive(s.Span) {
		errs = append(errs, fmt.Errorf("span of %v s: use a positive number of seconds", s.Span))
	}
	if !positive(s.Interval) || s.Interval < 1e-3 {
		errs = append(errs, fmt.Errorf("interval of %v s: use at least 0.001", s.Interval))
	}
	if s.Noise != 0 && !positive(s.Noise) {
		errs = append(errs, fmt.Errorf("noise of %v: use 1 for the usual noise, 0 for none", s.Noise))
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if n := s.Span / s.Interval; n < MinSamples || n > MaxSamples {
		return fmt.Errorf("span of %v s holds %.0f intervals of %v s: use %d to %d", s.Span, n, s.Interval, MinSamples, MaxSamples)
	}
	return nil
}

// stream returns a source of its own for each purpose, so that drawing more for one does
// not change what another gets.
func (s Setting) stream(purpose string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(s.Shape + "/" + purpose))
	return rand.New(rand.NewPCG(s.Seed, h.Sum64()))
}
