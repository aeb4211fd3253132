package record

import (
	"errors"
	"math"

	"github.com/zol0/zol0/internal/store"
)

// Gauge is a figure that something else than the kernel told: a source of trading, a log.
type Gauge struct {
	Name   string
	Labels []string // name, value, name, value
	Value  float64
}

// MaxGauges are stored of one moment; what is more is left out and counted.
const MaxGauges = 1000

// SetGauges says who tells gauges: all that there are, once a minute, while the moment is
// recorded. The figures are those that were told last.
func (r *Recorder) SetGauges(all func(each func(Gauge))) { r.gauges = all }

// emitGauges adds them to the samples of the minute.
func (r *Recorder) emitGauges(now int64) error {
	if r.gauges == nil || !r.everything {
		return nil
	}
	n, left := 0, 0
	var failed error
	r.gauges(func(g Gauge) {
		if failed != nil || math.IsNaN(g.Value-g.Value) {
			return
		}
		if n == MaxGauges {
			left++
			return
		}
		labels, err := store.NewLabels(append([]string{"__name__", g.Name}, g.Labels...)...)
		if err != nil {
			left++ // a label that cannot be stored
			return
		}
		id, err := r.store.OwnerOf(store.Gauge, labels, now)
		if errors.Is(err, store.ErrCrowded) {
			left++
			return
		}
		if failed = err; err == nil {
			n++
			r.min = append(r.min, store.Sample{Series: store.SeriesOf(id, 0), Value: g.Value})
		}
	})
	r.counts.Gauges, r.counts.LeftGauges = n, left
	return failed
}
