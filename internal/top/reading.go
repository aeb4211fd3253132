package top

import (
	"math"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
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

// verdict is what was found about the living instances.
type verdict struct {
	// rated of living instances have a rate; judged of them are judged at all. Where none
	// is there is no verdict.
	judged, rated, living int
	state                 leak.State    // the worst
	metric                memory.Metric // that it is of
	// rate is the growth of private memory per hour, added up; unknown while all are
	// learning. smallest is the smallest that would have been seen in each of them.
	rate     leak.Interval
	smallest float64
	worst    *tally.Instance // whose state it is
}

func noVerdict() verdict { return verdict{rate: leak.Unknown(), smallest: math.NaN()} }

// given reports whether anything was judged.
func (v *verdict) given() bool { return v.judged > 0 }

// grows reports whether the judgement is growth.
func (v *verdict) grows() bool { return v.given() && v.state >= leak.Filling }

// span is how long the worst instance was watched.
func (v *verdict) span() time.Duration {
	if v.worst == nil {
		return 0
	}
	return v.worst.Span
}

// judgement is the worst one; nil where there is no verdict.
func (v *verdict) judgement() *tally.Judgement {
	if v.worst == nil {
		return nil
	}
	return v.worst.Worst()
}

// add takes in the verdicts on one more instance.
func (v *verdict) add(x *tally.Instance) {
	worst := x.Worst()
	if worst == nil {
		return
	}
	if v.judged == 0 || worst.State > v.state || worst.State == v.state && x.Span > v.span() {
		v.state, v.metric, v.worst = worst.State, worst.Metric, x
	}
	v.judged++
	private := x.Memory()
	if !private.Rate.Known() {
		return
	}
	if v.rated == 0 {
		v.rate, v.smallest = leak.Interval{}, 0
	}
	v.rated++
	v.rate.Value += private.Rate.Value
	v.rate.Low += private.Rate.Low
	v.rate.High += private.Rate.High
	v.smallest = max(v.smallest, private.Smallest)
}
