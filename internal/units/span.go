package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// spans are the units of ParseDuration, longest first. A month is missing: "m" is the
// minute, and no two months are alike. A year is 365 days.
var spans = []struct {
	unit string
	span time.Duration
}{
	{"y", 365 * 24 * time.Hour},
	{"w", 7 * 24 * time.Hour},
	{"d", 24 * time.Hour},
	{"h", time.Hour},
	{"m", time.Minute},
	{"s", time.Second},
	{"ms", time.Millisecond},
}

// ParseDuration reads a span of time as people write it: "90s", "5m", "36h", "7d", "4w",
// "1y", "1.5h", and several from long to short: "1d 12h", "4m10s". Units: ms, s, m, h, d
// (24 hours), w (7 days), y (365 days); case does not matter. A number without a unit is
// an error, for nobody can tell what was meant. It reads back what Duration shows of a
// span that is not negative.
func ParseDuration(text string) (time.Duration, error) {
	rest := strings.ToLower(strings.TrimSpace(text))
	none := fmt.Errorf("%q is no span of time: write a number and a unit, like 90s, 5m, 36h, 7d, 4w or 1y", text)
	if rest == "" {
		return 0, none
	}
	sum, last := 0.0, -1
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		number, err := strconv.ParseFloat(rest[:digits], 64)
		if err != nil {
			return 0, none
		}
		rest = strings.TrimLeft(rest[digits:], " ")
		letters := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz"))
		i := last + 1 // each unit once, and shorter than the one before
		for i < len(spans) && spans[i].unit != rest[:letters] {
			i++
		}
		if i == len(spans) {
			return 0, none
		}
		last, rest = i, strings.TrimLeft(rest[letters:], " ")
		// A float64 holds whole seconds exactly up to 146 years: a second is 2^9 times an
		// integer of nanoseconds, and 2^9 times 53 bits is that.
		sum += number * float64(spans[i].span)
	}
	if sum >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is longer than can be counted: the longest span is 292 years", text)
	}
	return time.Duration(math.Round(sum)), nil
}
