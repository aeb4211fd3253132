// Package units turns figures into words and words into figures, the same way on every
// screen: MB is 10^6 bytes everywhere, at most three significant digits are shown, and
// an unknown figure is "–", never 0.
package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is an amount of memory.
type Bytes uint64

// Decimal units of memory. The thresholds of the original system (300 MB, 3 GB) are
// meant so, and so is everything this product shows.
const (
	KB Bytes = 1000
	MB       = 1000 * KB
	GB       = 1000 * MB
	TB       = 1000 * GB
)

// Unknown is shown for a figure that nobody measured.
const Unknown = "–"

// String shows three significant digits: "0 B", "812 B", "9.87 MB", "45.3 MB", "3 GB".
func (b Bytes) String() string { return signless(float64(b)) }

// Delta shows a change with its sign: "+14.2 MB", "−3 KB", "0 B".
func Delta(bytes float64) string {
	switch text := signless(math.Abs(bytes)); {
	case text == "0 B":
		return text
	case bytes < 0:
		return "−" + text
	default:
		return "+" + text
	}
}

func signless(v float64) string {
	for _, u := range []struct {
		size Bytes
		name string
	}{{TB, "TB"}, {GB, "GB"}, {MB, "MB"}, {KB, "KB"}} {
		// 999.5 of a unit would round to 1000: it belongs to the next one.
		if v >= 0.9995*float64(u.size) {
			return Significant(v/float64(u.size)) + " " + u.name
		}
	}
	return strconv.FormatFloat(math.Round(v), 'f', 0, 64) + " B"
}

// UnknownFigure is Unknown in a column of Megabytes: it stands where the whole numbers do.
const UnknownFigure = Unknown + "  "

// Megabytes is a cell of a table whose head says MB: at most three significant digits
// above 1 MB, and the decimal point of every row in the same place when the column is
// aligned to the right: " 0.1", "14.0", "388  ", "12345  ".
func Megabytes(bytes float64) string {
	mb := bytes / float64(MB)
	if math.Abs(mb) >= 99.95 {
		return strconv.FormatFloat(mb, 'f', 0, 64) + "  "
	}
	text := strconv.FormatFloat(mb, 'f', 1, 64)
	if text == "-0.0" {
		return "0.0"
	}
	return text
}

// MegabytesDelta is Megabytes of a change, with its sign.
func MegabytesDelta(bytes float64) string {
	text := Megabytes(math.Abs(bytes))
	switch {
	case text == "0.0":
		return text
	case bytes < 0:
		return "−" + text
	default:
		return "+" + text
	}
}

// Significant shows v with at most three significant digits and without a useless
// fraction: 9.87, 45.3, 812, 3.
func Significant(v float64) string {
	digits := 2
	switch a := math.Abs(v); {
	case a >= 99.95:
		digits = 0
	case a >= 9.995:
		digits = 1
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if digits > 0 {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

// ParseBytes reads an amount as people write it: "300MB", "1.5 GB", "64 MiB", "4096".
// KB, MB, GB, TB are powers of 1000; KiB, MiB, GiB, TiB powers of 1024; case does not
// matter; a number alone is bytes.
func ParseBytes(text string) (Bytes, error) {
	trimmed := strings.TrimSpace(text)
	end := 0
	for end < len(trimmed) && (trimmed[end] >= '0' && trimmed[end] <= '9' || trimmed[end] == '.') {
		end++
	}
	unit, ok := factors[strings.ToLower(strings.TrimSpace(trimmed[end:]))]
	v, err := strconv.ParseFloat(trimmed[:end], 64)
	if err != nil || !ok {
		return 0, fmt.Errorf("%q is no amount of memory: write a number and a unit, like 300MB, 1.5GB or 64MiB", text)
	}
	v *= unit
	if v >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is more memory than can be counted", text)
	}
	return Bytes(math.Round(v)), nil
}

var factors = map[string]float64{
	"": 1, "b": 1,
	"k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}
