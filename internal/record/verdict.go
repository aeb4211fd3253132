package record

import (
	"math"

	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/leak"
)

// Verdict is what is thought of the private memory of a service. NaN is what is not known.
type Verdict struct {
	State leak.State
	Score float64 // log-odds
	// Growth is in bytes per second, Low and High are its interval.
	Growth, Low, High float64
	// LimitReached is in how many seconds a limit is reached.
	LimitReached float64
}

// SetVerdicts says who knows the verdicts; ok is false for a service that nobody judges. It is
// asked once a minute for each service that has series of its own, while the moment is
// recorded: what it says is stored with that moment, and rests on those before it.
func (r *Recorder) SetVerdicts(of func(v *sampler.Service) (verdict Verdict, ok bool)) {
	r.verdicts = of
}

// judge asks for the verdict on a service.
func (r *Recorder) judge(x *account, v *sampler.Service) {
	if r.verdicts == nil {
		return
	}
	if r.everything {
		x.verdict, x.judged = r.verdicts(v)
	}
	if !x.judged {
		return
	}
	put := func(c store.Code, v float64) {
		if !math.IsNaN(v - v) {
			r.min = append(r.min, store.Sample{Series: store.SeriesOf(x.owner, c), Value: v})
		}
	}
	put(store.VerdictState, float64(x.verdict.State))
	put(store.VerdictScore, fraction(x.verdict.Score))
	put(store.VerdictGrowth, fraction(x.verdict.Growth))
	put(store.VerdictGrowthLow, fraction(x.verdict.Low))
	put(store.VerdictGrowthHigh, fraction(x.verdict.High))
	put(store.VerdictLimitIn, math.Round(x.verdict.LimitReached))
}

// fraction rounds as the store does, so that an engine elsewhere is told the same.
func fraction(v float64) float64 { return math.Round(v/store.Fraction) * store.Fraction }
