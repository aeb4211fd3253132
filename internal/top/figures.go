package top

import (
	"math"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// unknown is shown for what nobody measured.
const unknown = units.Unknown

// minus is the sign of units.Delta.
const minus = "−"

// megabytes shows bytes as a number of MB with at most three significant digits.
func megabytes(v float64) string {
	mb := v / float64(units.MB)
	if a := math.Abs(mb); a >= 999.5 {
		step := math.Pow(10, math.Floor(math.Log10(a))-2)
		mb = math.Round(mb/step) * step
		return strings.Replace(strconv.FormatFloat(mb, 'f', 0, 64), "-", minus, 1)
	}
	return strings.Replace(units.Significant(mb), "-", minus, 1)
}

// gigabytes shows what is too much for a column in MB, as a number of GB.
func gigabytes(v float64) string {
	return strings.Replace(units.Significant(v/float64(units.GB)), "-", minus, 1)
}

// change is megabytes with its sign.
func change(v float64) string {
	if text := megabytes(v); v < 0 || text == "0" {
		return text
	}
	return "+" + megabytes(v)
}

// amountCell is a figure of memory in MB; "≥" says that some instances withheld theirs.
func amountCell(f figure, width int) string {
	if !f.known {
		return alignDecimal(unknown, width)
	}
	mark := ""
	if f.partial {
		mark = "≥"
	}
	text := mark + megabytes(f.value)
	if ansi.StringWidth(text) > width { // rather another unit than a number cut short
		text = mark + gigabytes(f.value) + "G"
	}
	return alignDecimal(text, width)
}

// changeCell is a change of memory in MB, or in MB per hour.
func changeCell(v float64, known bool, width int) string {
	if !known || math.IsNaN(v) {
		return alignDecimal(unknown, width)
	}
	text := change(v)
	if ansi.StringWidth(text) > width {
		text = gigabytes(v) + "G"
	}
	return alignDecimal(text, width)
}

// alignDecimal puts the decimal points of a column below each other where the column has
// the room, which wider ones have: two digits and the point follow the whole part.
func alignDecimal(text string, width int) string {
	const fraction = 3
	used := ansi.StringWidth(text)
	behind := fraction
	if i := strings.IndexByte(text, '.'); i >= 0 {
		behind = fraction - (len(text) - i)
	}
	if width < roomy || used+behind > width {
		behind = 0
	}
	return strings.Repeat(" ", max(0, width-used-behind)) + text + strings.Repeat(" ", behind)
}

// roomy is the width from which a column of numbers aligns them at the decimal point.
const roomy = 8

// intervalCell is the 95 % interval of a rate in MB per hour, aligned at its middle.
func intervalCell(s leak.Interval, width int) string {
	if !bounded(s) {
		return centred(unknown, "", width)
	}
	low, high := megabytes(s.Low), " to "+megabytes(s.High)
	if ansi.StringWidth(low+high) > width {
		low, high = gigabytes(s.Low), " to "+gigabytes(s.High)+"G"
	}
	return centred(low, high, width)
}

// centred puts the end of left at the same place in every row, a little left of the middle.
func centred(left, right string, width int) string {
	before := max(0, (width-4)/2-ansi.StringWidth(left))
	before = max(0, min(before, width-ansi.StringWidth(left)-ansi.StringWidth(right)))
	return strings.Repeat(" ", before) + left + right
}

func numberCell(f figure) string {
	text := unknown
	if f.known {
		text = strconv.FormatFloat(f.value, 'f', 0, 64)
	}
	if f.partial {
		text = "≥" + text
	}
	return text
}

func percentCell(v float64) string {
	if math.IsNaN(v) {
		return unknown
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

// bounded reports whether an interval has figures for both its ends.
func bounded(i leak.Interval) bool { return !math.IsNaN(i.Low-i.Low) && !math.IsNaN(i.High-i.High) }

// rateWords is a rate with its interval for a sentence, in one unit:
// "+14.2 MB/h (13.1 to 15.3)". Things that are counted have none.
func rateWords(s leak.Interval, m memory.Metric) string {
	unit, name := float64(units.MB), " MB/h"
	switch {
	case m != memory.Private:
		unit, name = 1, "/h"
	case math.Abs(s.Value) >= 999.5*unit:
		unit, name = float64(units.GB), " GB/h"
	}
	in := func(v float64) string { return strings.Replace(units.Significant(v/unit), "-", minus, 1) }
	sign := ""
	if s.Value > 0 {
		sign = "+"
	}
	if !bounded(s) {
		return sign + in(s.Value) + name
	}
	return sign + in(s.Value) + name + " (" + in(s.Low) + " to " + in(s.High) + ")"
}
