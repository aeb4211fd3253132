package top

import (
	"math"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/trend"
	"github.com/zol0/zol0/internal/units"
)

// reading is what one look at the machine brings home. Everything in it belongs to the
// view: a snapshot is valid only until the next one is taken.
type reading struct {
	at   time.Time
	took time.Duration
	err  error

	host         memory.Host
	source       string
	watched      units.Bytes
	watchedLimit units.Bytes
	over         bool // watched is above its limit
	processes    int
	denied       int
	hidden       bool
	// left counts services beyond the bound of the view, and untracked says that some
	// came when the account of the tally was full.
	left      int
	untracked bool

	services []service
}

// service is one row of the table.
type service struct {
	name, kind string
	watched    bool
	kernel     bool
	gone       bool // it ended since the rows were last put in order
	status     sampler.Status
	usage
	verdict   verdict
	instances []instance
}

// instance is one process of a service.
type instance struct {
	id     process.ID
	name   string
	status sampler.Status
	passed units.Bytes
	usage
	verdict verdict
}

// usage is what a service or an instance uses.
type usage struct {
	private, rss, swap, threads, fds figure
	// growth is of private memory since the watch began, each instance in its own life.
	growth figure
	cpu    float64 // percent of one core; NaN is unknown
	age    time.Duration
}

// figure is a value the system may have withheld, or given for some instances only.
type figure struct {
	value          float64
	known, partial bool
}

func figureOf(x *memory.Sample, m memory.Metric) figure {
	v, ok := x.Get(m)
	return figure{value: float64(v), known: ok}
}

func sumOf(s *memory.Sum, m memory.Metric) figure {
	v, ok := s.Get(m)
	return figure{value: float64(v), known: ok, partial: s.Partial(m)}
}

// verdict is what the trends of the living instances say.
type verdict struct {
	// rated of living instances have a rate; judged of them carry a trend at all. Where
	// none does there is no verdict.
	judged, rated, living int
	state                 trend.State // the worst
	rate                  trend.Slope // the sum; NaN while all are learning
	span                  time.Duration
	caveat                string // of the worst
}

func noVerdict() verdict {
	nan := math.NaN()
	return verdict{rate: trend.Slope{PerHour: nan, Low: nan, High: nan}}
}

// given reports whether anything was judged.
func (v *verdict) given() bool { return v.judged > 0 }

// grows reports whether the judgement is growth.
func (v *verdict) grows() bool { return v.given() && v.state >= trend.Filling }

// add takes in the reading of one more instance.
func (v *verdict) add(r *trend.Reading) {
	if v.judged == 0 || r.State > v.state || r.State == v.state && r.Span > v.span {
		v.state, v.span, v.caveat = r.State, r.Span, r.Caveat
	}
	v.judged++
	if r.State == trend.Learning {
		return
	}
	if v.rated == 0 {
		v.rate = trend.Slope{}
	}
	v.rated++
	v.rate.PerHour += r.Slope.PerHour
	v.rate.Low += r.Slope.Low
	v.rate.High += r.Slope.High
}
