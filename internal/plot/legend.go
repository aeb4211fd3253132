package plot

import (
	"math"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// part is one of the things a picture shows.
type part uint8

const (
	partData part = iota
	partTrend
	partBand
	partForecast
	partLimit
	partRestart
	partAxis // frame and figures
)

// entry explains one part of the picture.
type entry struct {
	part part
	text string
}

// legend explains what is in the picture, and names a limit that is not.
func legend(p *Picture, s *scene) []entry {
	out := []entry{{partData, "measured"}}
	if s.course.trend {
		out = append(out, entry{partTrend, "trend " + perHour(p.Verdict.Rate.Value, p.Unit)})
	}
	if s.course.band {
		out = append(out, entry{partBand, "95 %: " + between(p.Verdict.Rate, p.Unit)})
	}
	if s.course.forecast {
		out = append(out, entry{partForecast, foreseen(p.Verdict.Forecast, p.Unit)})
	}
	switch {
	case s.limit > 0:
		out = append(out, entry{partLimit, "limit " + amount(s.limit, p.Unit)})
	case usable(p.Limit) && p.Limit > 0:
		out = append(out, entry{partLimit, "limit " + amount(p.Limit, p.Unit) + ", above this view"})
	}
	if n := s.restarted; n > 0 {
		out = append(out, entry{partRestart, units.Count(n, "restart", "restarts")})
	}
	return out
}

func between(rate leak.Interval, unit string) string {
	switch {
	case !usable(rate.Low) && !usable(rate.High):
		return "interval without bounds"
	case !usable(rate.Low):
		return "at most " + perHour(rate.High, unit)
	case !usable(rate.High):
		return "at least " + perHour(rate.Low, unit)
	}
	low, high := perHour(rate.Low, unit), perHour(rate.High, unit)
	if figure, name, found := strings.Cut(low, " "); found && strings.HasSuffix(high, " "+name) {
		low = figure // the unit is said once
	} else if !found {
		low = strings.TrimSuffix(low, "/h")
	}
	return low + " to " + high
}

func foreseen(f leak.Forecast, unit string) string {
	switch {
	case f.Outlook == leak.Settles:
		return "forecast: settles near " + amount(f.Near.Value, unit)
	case f.In.Value >= 0 && f.In.Value < math.MaxInt64/float64(time.Second):
		return "forecast: limit in " + units.Duration(time.Duration(f.In.Value*float64(time.Second)))
	}
	return "forecast"
}
