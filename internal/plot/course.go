package plot

import (
	"math"

	"github.com/zol0/zol0/leak"
)

// course is the line that a verdict draws through a series and beyond its end.
//
// Up to the newest sample it is straight: the rate through the level. Beyond, it goes on
// straight where a limit will be reached, and bends towards a level where one is foreseen.
type course struct {
	trend, forecast, band bool

	from, at, until float64 // onset or the left edge, newest sample, end of the forecast
	level           float64
	rate            leak.Interval // per second
	near            leak.Interval // the level that is foreseen, when settles
	settles         bool
	ceiling         float64 // nothing is foreseen above it
}

// courseOf reads a verdict on points that reach as far as e. limit is 0 where there is none.
func courseOf(v leak.Verdict, e extent, limit float64) course {
	nan := math.NaN()
	c := course{from: nan, at: v.At, until: nan, level: v.Level, ceiling: math.Inf(1)}
	if !usable(v.Level) || !(v.At >= e.from && v.At <= e.to) {
		return c
	}
	c.rate = leak.Interval{Value: v.Rate.Value / secondsPerHour, Low: v.Rate.Low / secondsPerHour, High: v.Rate.High / secondsPerHour}
	if usable(v.Rate.Value) && v.Onset.Value < v.At {
		c.trend = true
		c.from = max(v.Onset.Value, e.from)
	}
	switch v.Forecast.Outlook {
	case leak.Reaches:
		c.forecast = usable(v.Rate.Value)
		if limit > v.Level {
			c.ceiling = limit
		}
	case leak.Settles:
		c.near, c.settles = v.Forecast.Near, true
		c.forecast = usable(c.near.Value)
	}
	if c.forecast = c.forecast && e.to > e.from; c.forecast {
		c.until = v.At + forecastShare*(e.to-e.from)
	}
	known := !math.IsNaN(v.Rate.Low) && !math.IsNaN(v.Rate.High)
	c.band = known && (c.trend || c.forecast && !c.settles)
	return c
}

// line is the value on the course at time t, at most the ceiling; NaN where there is none.
func (c *course) line(t float64) float64 {
	value := c.straight(t)
	if t > c.at {
		value = min(value, c.ceiling)
	}
	return value
}

// straight is the line as it would go on above the ceiling.
func (c *course) straight(t float64) float64 {
	switch {
	case t <= c.at && c.trend && t >= c.from:
		return c.level + c.rate.Value*(t-c.at)
	case t >= c.at && c.forecast && t <= c.until:
		return c.ahead(t, c.rate.Value, c.near.Value)
	}
	return math.NaN()
}

// bounds are the values between which the line lies with 95 %; NaN where nothing is known.
func (c *course) bounds(t float64) (low, high float64) {
	switch {
	case t <= c.at && c.band && c.trend && t >= c.from:
		low, high = c.level+c.rate.Low*(t-c.at), c.level+c.rate.High*(t-c.at)
	case t >= c.at && c.forecast && t <= c.until:
		low, high = min(c.ahead(t, c.rate.Low, c.near.Low), c.ceiling), min(c.ahead(t, c.rate.High, c.near.High), c.ceiling)
	default:
		return math.NaN(), math.NaN()
	}
	if low > high {
		low, high = high, low
	}
	return low, high
}

// ahead is what is foreseen for t at the given rate and level.
func (c *course) ahead(t, rate, near float64) float64 {
	elapsed := t - c.at
	if elapsed == 0 {
		return c.level
	}
	if !c.settles || math.IsInf(near, 0) {
		return c.level + rate*elapsed
	}
	distance := near - c.level
	if pace := rate / distance; pace > 0 && !math.IsInf(pace, 0) {
		// The approach that begins at the rate and slows with what is left of the way.
		return near - distance*math.Exp(-pace*elapsed)
	}
	return c.level + distance*elapsed/(c.until-c.at) // no rate to begin with: straight to it
}

// reached reports whether the course has come to its ceiling at time t.
func (c *course) reached(t float64) bool { return t > c.at && c.line(t) >= c.ceiling }
