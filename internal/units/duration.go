package units

import (
	"strconv"
	"time"
)

// Duration shows a span of time by its two largest units: "8s", "4m 10s", "3h 5m",
// "12d 4h". It is the same on every screen.
func Duration(d time.Duration) string {
	if d < 0 {
		return "−" + Duration(-d)
	}
	d = d.Round(time.Second)
	days, hours := int64(d/(24*time.Hour)), int64(d/time.Hour)%24
	minutes, seconds := int64(d/time.Minute)%60, int64(d/time.Second)%60
	switch {
	case days > 0:
		return pair(days, "d", hours, "h")
	case hours > 0:
		return pair(hours, "h", minutes, "m")
	case minutes > 0:
		return pair(minutes, "m", seconds, "s")
	default:
		return strconv.FormatInt(seconds, 10) + "s"
	}
}

func pair(a int64, aUnit string, b int64, bUnit string) string {
	text := strconv.FormatInt(a, 10) + aUnit
	if b > 0 {
		text += " " + strconv.FormatInt(b, 10) + bUnit
	}
	return text
}

// Interval is Duration for spans that may be below a second: "500ms", "1.5s", "30s".
func Interval(d time.Duration) string {
	if d%time.Second != 0 {
		return d.String()
	}
	return Duration(d)
}

// Percent shows a share in percent: "12.5 %". NaN is unknown.
func Percent(p float64) string {
	if p != p { // NaN is the only value that differs from itself
		return Unknown
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + " %"
}

// Count shows how many there are of a thing: "1 process", "12 processes".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
