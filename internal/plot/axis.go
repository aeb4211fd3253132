package plot

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/units"
)

// tick is a mark on an axis.
type tick struct {
	at    float64
	label string
}

// step is the smallest of 1, 2 and 5 times a power of ten that is not below v.
func step(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= v*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// ticks are the multiples of step from low to high, counted from origin.
func ticks(low, high, origin, step float64, label func(float64) string) []tick {
	var out []tick
	first := math.Ceil((low-origin)/step - 1e-9)
	// Steps are made from the span, so that there are some ten; the bound is for figures so
	// odd that adding one changes nothing.
	for i := range maxTicks {
		offset := (first + float64(i)) * step
		if origin+offset > high+1e-9*step {
			break
		}
		out = append(out, tick{origin + offset, label(offset)})
	}
	return out
}

// maxTicks is more than any axis has room for.
const maxTicks = 64

// valueTicks marks the values between the edges, most of them at most.
func valueTicks(v view, unit string, most int) []tick {
	s := step((v.high - v.low) / float64(most))
	if unit == unitBytes || unit == unitCount {
		s = max(s, 1)
	}
	name, size := "", 1.0
	if unit == unitBytes {
		name, size = byteUnit(magnitude(v.low, v.high))
	}
	digits := max(0, -int(math.Floor(math.Log10(s/size)+1e-9)))
	return ticks(v.low, v.high, 0, s, func(value float64) string {
		switch scaled := value / size; {
		case math.Abs(scaled) >= 1e7 || value != 0 && s/size < 1e-6:
			return minus(strconv.FormatFloat(scaled, 'g', 4, 64)) + name
		case math.Abs(value) < s/2:
			return "0" + name
		default:
			return minus(strconv.FormatFloat(scaled, 'f', digits, 64)) + name
		}
	})
}

func byteUnit(largest float64) (name string, size float64) {
	switch {
	case largest >= float64(units.TB):
		return " TB", float64(units.TB)
	case largest >= float64(units.GB):
		return " GB", float64(units.GB)
	case largest >= float64(units.MB):
		return " MB", float64(units.MB)
	case largest >= float64(units.KB):
		return " KB", float64(units.KB)
	}
	return " B", 1
}

// minus writes the sign as the rest of the product does.
func minus(text string) string { return strings.Replace(text, "-", "−", 1) }

// timeSteps are the round spans of clocks and calendars, in seconds.
var timeSteps = []float64{
	1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
	3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, day, 2 * day, 5 * day, 7 * day, 14 * day,
}

const day = 86400

// timeTicks marks round spans since the left edge, most of them at most.
func timeTicks(v view, origin float64, most int) []tick {
	least := (v.to - v.from) / float64(most)
	s := 0.0
	switch last := timeSteps[len(timeSteps)-1]; {
	case least <= timeSteps[0]/2:
		s = step(least)
	case least > last:
		s = day * step(least/day)
	default:
		for _, s = range timeSteps {
			if s >= least {
				break
			}
		}
	}
	return ticks(v.from, v.to, origin, s, func(offset float64) string {
		return since(offset, s)
	})
}

// since writes a span of time on an axis whose marks are step seconds apart.
func since(seconds, step float64) string {
	const nanosecond, century = 1e-9, 100 * 365 * day
	switch {
	case math.Abs(seconds) < step/2:
		return "0"
	case math.Abs(seconds) > century:
		return minus(strconv.FormatFloat(seconds/day, 'g', 4, 64)) + "d"
	case step < 1000*nanosecond:
		return minus(strconv.FormatFloat(seconds, 'g', 4, 64)) + "s"
	case step < 1:
		return minus(units.Interval(time.Duration(math.Round(seconds/nanosecond/1000) * 1000)))
	}
	return units.Duration(time.Duration(seconds * float64(time.Second)))
}

// amount writes one value with its unit: "512 MB", "1024", "−3.5".
func amount(v float64, unit string) string {
	sign := ""
	if v < 0 {
		sign, v = "−", -v
	}
	if unit == unitBytes {
		if v >= 1e18 {
			return sign + strconv.FormatFloat(v/float64(units.TB), 'g', 3, 64) + " TB"
		}
		return sign + units.Bytes(math.Round(v)).String()
	}
	if v != 0 && (v < 0.01 || v >= 1e7) {
		return sign + strconv.FormatFloat(v, 'g', 3, 64)
	}
	return sign + units.Significant(v)
}

// perHour writes a rate with its sign: "+1.2 MB/h".
func perHour(v float64, unit string) string {
	text := amount(v, unit)
	if v > 0 {
		text = "+" + text
	}
	return text + "/h"
}
