package trace

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// layouts of times in words. Those without an offset are taken as UTC: only differences
// matter, except where clocks were changed for summer, which such a file does not tell.
// Go's parser accepts a fraction of a second in each.
var layouts = []string{
	time.RFC3339,
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04",
}

// Numbers above these are times since 1970 in a finer unit than seconds: 10^11 ms were
// over in March 1973, 10^11 s come in the year 5138.
const (
	leastMilliseconds = 1e11
	leastMicroseconds = 1e14
	leastNanoseconds  = 1e17
	maxSeconds        = 1e11
)

// clock reads the times of one column.
type clock struct {
	unit   float64 // seconds of one unit of a number; 0 is told by magnitude
	commas bool    // a lone comma may be a decimal point
	layout int     // that fitted last
	text   string  // that was read last
	t      float64 // what it was
}

// newClock takes the unit of small numbers from the end of the column's name: uptime_ms.
func newClock(column string, commas bool) *clock {
	c := &clock{commas: commas}
	switch i := strings.LastIndexByte(column, '_'); column[i+1:] {
	case "ms":
		c.unit = 1e-3
	case "us":
		c.unit = 1e-6
	case "ns":
		c.unit = 1e-9
	}
	return c
}

// read gives the time in seconds: of a number as it is, of a text since 1970.
func (c *clock) read(text string) (float64, bool) {
	if text == c.text && text != "" { // the rows of one moment stand together
		return c.t, true
	}
	t, ok := c.parse(strings.TrimSpace(text))
	if !ok || math.IsNaN(t) || math.Abs(t) > maxSeconds {
		return 0, false
	}
	c.text, c.t = strings.Clone(text), t
	return t, true
}

func (c *clock) parse(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil && c.commas && strings.Count(text, ",") == 1 {
		v, err = strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	}
	if err == nil {
		return v * c.unitOf(math.Abs(v)), true
	}
	for i := range layouts {
		k := (c.layout + i) % len(layouts)
		if t, err := time.Parse(layouts[k], text); err == nil {
			c.layout = k
			return float64(t.Unix()) + float64(t.Nanosecond())/1e9, true
		}
	}
	return 0, false
}

// zoneless reports whether a time that was read is in words, without an offset.
func zoneless(text string) bool {
	text = strings.TrimSpace(text)
	if strings.IndexByte(text, ':') < 0 || text[len(text)-1] == 'Z' {
		return false
	}
	// An offset ends in "+01:00" or "-0700"; what comes before it has a colon.
	i := strings.LastIndexAny(text, "+-")
	return i < strings.IndexByte(text, ':')
}

func (c *clock) unitOf(v float64) float64 {
	switch {
	case c.unit != 0:
		return c.unit
	case v >= leastNanoseconds:
		return 1e-9
	case v >= leastMicroseconds:
		return 1e-6
	case v >= leastMilliseconds:
		return 1e-3
	}
	return 1
}
