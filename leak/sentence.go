package leak

import (
	"math"
	"strconv"
	"strings"
)

// Sentence says the verdict in one sentence for a person. format writes an amount in the
// unit of the series ("14.2 MB"); nil writes plain numbers. The sentence carries the
// interval of what it claims; Caveats belong beside it.
func (v Verdict) Sentence(format func(float64) string) string {
	w := wording{format}
	switch v.State {
	case Steady:
		return "Steady: " + w.steady(&v) + "."
	case Filling:
		return "Filling: " + w.filling(&v) + "."
	case Suspect:
		return "Suspect: " + w.growing(&v) + ", but a cache that fills looks the same" + w.outlook(&v) + "."
	case Leaking:
		return "Leaking: " + w.growing(&v) + w.outlook(&v) + "."
	}
	return "Learning: " + w.learning(&v) + "."
}

// wording turns figures of one series into words.
type wording struct {
	format func(float64) string
}

func (w wording) learning(v *Verdict) string {
	switch {
	case v.Samples == 0:
		return "no samples yet"
	case v.Restarts > 0:
		return "too short (" + span(v.Horizon) + " since the restart)"
	}
	return "too short (" + plural(v.Samples, "sample") + " over " + span(v.Horizon) + ")"
}

func (w wording) steady(v *Verdict) string {
	over := " over " + span(v.Horizon)
	if v.Rate.Known() && v.Rate.High < 0 && -v.Rate.Value > v.Smallest {
		return "falling by " + w.interval(negative(v.Rate), "/h") + over
	}
	var parts []string
	switch v.Shape {
	case Sawtooth:
		parts = append(parts, "rises and falls back")
	case Step:
		parts = append(parts, "one step of "+w.amount(v.Growth)+", level since")
	case Stairs:
		parts = append(parts, "a few steps, "+w.amount(v.Growth)+" in all")
	case Seasonal:
		parts = append(parts, "follows the day")
	case Ramp:
		parts = append(parts, "follows its load")
	case Saturating:
		parts = append(parts, "levels off")
	}
	switch {
	case v.Rate.Value <= v.Smallest:
		parts = append(parts, "no growth above "+w.amount(v.Smallest)+"/h"+over)
	case len(parts) == 0:
		parts = append(parts, "grew by "+w.amount(v.Growth)+over+", not in the way of a leak")
	}
	return strings.Join(parts, "; ")
}

func (w wording) filling(v *Verdict) string {
	grown := ""
	if v.Growth > 0 {
		grown = ", " + w.amount(v.Growth) + " so far"
	}
	if !finite(v.Forecast.Near.Value) {
		return "levels off" + grown
	}
	return "levels off near " + w.amount(v.Forecast.Near.Value) + grown
}

// growing says how fast, for how long and how far.
func (w wording) growing(v *Verdict) string {
	var long string
	if lasted := v.At - v.Onset.Value; finite(lasted) {
		long = " for " + span(lasted)
		if math.IsInf(v.Onset.Low, -1) {
			long = " for at least " + span(lasted)
		}
	}
	if v.State == Leaking && paused(v.Rate) {
		grew := ""
		if v.Growth > 0 {
			grew = "grew by " + w.amount(v.Growth) + long + ", "
		}
		return grew + "not growing now (" + w.bounds(v.Rate, "/h") + ")"
	}
	if !(v.Rate.Value > 0) {
		return "grew by " + w.amount(v.Growth) + long
	}
	text := "growing by " + w.interval(v.Rate, "/h") + long
	if v.Growth > 0 {
		text += ", " + w.amount(v.Growth) + " so far"
	}
	return text
}

// paused reports a rate that is known and may be no growth.
func paused(rate Interval) bool { return rate.Low <= 0 && finite(rate.Low) && finite(rate.High) }

// outlook says when the limit is reached, where that is foreseen. What is not growing now
// reaches none.
func (w wording) outlook(v *Verdict) string {
	in := v.Forecast.In
	switch {
	case v.Forecast.Outlook != Reaches || !in.Known():
		return ""
	case in.Value <= 0:
		return "; its limit is reached"
	case math.IsInf(in.Value, 1), v.State == Leaking && paused(v.Rate):
		return ""
	case !finite(in.Low):
		return "; reaches its limit in " + span(in.Value)
	case !finite(in.High):
		return "; reaches its limit in " + span(in.Low) + " or later"
	}
	low, high := span(in.Low), span(in.High)
	if low == high {
		return "; reaches its limit in " + low
	}
	return "; reaches its limit in " + shared(low, high) + " to " + high
}

// interval is an estimate with its bounds: "14.2 MB/h (13.1 to 15.3)". The unit is said
// once where all three have the same: a bound without one would be read in that of the value.
func (w wording) interval(i Interval, per string) string {
	value := w.amount(i.Value)
	if !finite(i.Low) || !finite(i.High) {
		return value + per
	}
	low, high := w.amount(i.Low), w.amount(i.High)
	if low == high {
		return value + per
	}
	if unit := unitOf(value); unitOf(low) == unit && unitOf(high) == unit {
		low, high = shared(low, value), shared(high, value)
	}
	return value + per + " (" + low + " to " + high + ")"
}

// bounds are those of an estimate without its value, the unit said once if they share it:
// "-0.3 to 0.9 MB/h".
func (w wording) bounds(i Interval, per string) string {
	low, high := w.amount(i.Low), w.amount(i.High)
	if unitOf(low) == unitOf(high) {
		return shared(low, high) + " to " + high + per
	}
	return low + per + " to " + high + per
}

// unitOf is what follows the number in a figure; empty where nothing does.
func unitOf(figure string) string {
	_, unit, _ := strings.Cut(figure, " ")
	return unit
}

// shared leaves out the unit of a figure where the other figure has the same.
func shared(text, other string) string {
	if unit := unitOf(text); unit != "" && unit == unitOf(other) {
		return strings.TrimSuffix(text, " "+unit)
	}
	return text
}

func (w wording) amount(v float64) string {
	if w.format == nil || !finite(v) {
		return number(v)
	}
	return w.format(v)
}

// number writes three significant digits without an exponent where a person can read it.
func number(v float64) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v):
		return "unknown"
	case math.IsInf(v, 0):
		return "without bound"
	case size >= 1e12 || size < 1e-4 && size > 0:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 2, 64), 64)
	if err != nil {
		panic("BUG: a number written is no number: " + err.Error())
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

func finite(v float64) bool { return !math.IsNaN(v - v) }

func negative(i Interval) Interval { return Interval{-i.Value, -i.High, -i.Low} }
