// Package plot draws one judged series as a picture for people: in the terminal, as SVG
// and as PNG. All three show the same: the series reduced to its lowest and highest value
// per column (so that a spike of one sample and the floors of a sawtooth stay visible),
// the trend of the verdict with its 95 % interval, what is foreseen, the limit and the
// restarts.
//
// The package judges nothing and asks no clock. Titles and sentences may come from a
// process or a file: they are cut and cleaned before they are drawn.
package plot

import (
	"math"

	"github.com/zol0/zol0/leak"
)

// Point is one sample of a series: seconds in the series' own time, and the value in the
// unit of the series. A value that is NaN is a gap: the line is broken there.
type Point struct{ T, Value float64 }

// Picture is what is to be drawn.
type Picture struct {
	// Title is one line, Sentence some: the verdict in words. Either may be empty and may
	// hold anything: control characters are replaced, and what is too long is cut.
	Title, Sentence string
	// Unit says how values are written: "bytes", "count", or anything else for bare figures.
	Unit string
	// Points are in order of time; there may be any number of them.
	Points []Point
	// Restarts are the times at which the service started anew.
	Restarts []float64
	// Limit is the value that the series must not reach, in its unit; 0 is none. It is drawn
	// where it is at most limitReach times the highest value, and named otherwise.
	Limit float64
	// Verdict gives the trend (Rate per hour, through Level at At, back to Onset), its
	// interval and the forecast. What it does not know is not drawn.
	Verdict leak.Verdict
}

// The units that are written in a way of their own.
const (
	unitBytes = "bytes"
	unitCount = "count"
)

const (
	// limitReach: a limit farther up than this many times the highest value would press the
	// series into the lowest third of the picture.
	limitReach = 3
	// forecastShare of the measured span is what the picture looks ahead: enough to see where
	// the line goes, not so much that guesses take the room of measurements.
	forecastShare = 0.25
	// largest is the magnitude beyond which a figure is taken for a fault: sums and
	// differences of smaller ones stay finite.
	largest = 1e300
	// secondsPerHour turns the rates of a verdict into the seconds of a series.
	secondsPerHour = 3600
)

// usable reports whether v can be drawn: a number, and none that overflows when added up.
func usable(v float64) bool { return math.Abs(v) <= largest }
