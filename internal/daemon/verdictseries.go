package daemon

import (
	"cmp"
	"math"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/record"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/leak"
)

// secondsPerHour turns the rates of verdicts into those of series.
const secondsPerHour = 3600

// verdictOf rolls the verdicts on the private memory of a service's processes up for its
// series: the worst state with its score, the sum of the growths that are known, their
// intervals added end to end, and the first limit. v is of the moment that is recorded, the
// verdicts are those of the beat before it; a process that began since has none. ok is false
// where none of its processes is judged.
func (d *Daemon) verdictOf(v *sampler.Service) (out record.Verdict, ok bool) {
	nan := math.NaN()
	out = record.Verdict{Score: nan, Growth: nan, Low: nan, High: nan, LimitReached: nan}
	for i := range v.Instances {
		x, known := d.tally.Instance(v.Instances[i].ID())
		if !known || x.Service != v.Name || len(x.Verdicts) == 0 || x.Verdicts[0].Metric != memory.Private {
			continue
		}
		m := &x.Verdicts[0]
		score := nan // evidence of nothing yet
		if m.State != leak.Learning {
			score = m.Score
		}
		if !ok || cmp.Or(cmp.Compare(m.State, out.State), cmp.Compare(score, out.Score)) > 0 {
			out.State, out.Score = m.State, score
		}
		ok = true
		if m.State == leak.Learning {
			continue
		}
		if m.Rate.Known() {
			if math.IsNaN(out.Growth) {
				out.Growth, out.Low, out.High = 0, 0, 0
			}
			out.Growth, out.Low, out.High = out.Growth+m.Rate.Value/secondsPerHour, out.Low+m.Rate.Low/secondsPerHour, out.High+m.Rate.High/secondsPerHour
		}
		if f := d.forecast(x.ID, m); f.Outlook == leak.Reaches {
			left := max(0, f.In.Value-(d.beats.last.elapsed.Seconds()-f.at))
			if math.IsNaN(out.LimitReached) || left < out.LimitReached {
				out.LimitReached = left
			}
		}
	}
	return out, ok
}
