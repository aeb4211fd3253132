package top

import (
	"math"
	"time"
)

// historyPoints bounds the history of a service: 480 bytes.
const historyPoints = 120

// histories holds the private memory of every service over the whole watch, on one axis
// of time. When the points are used up, neighbours are merged and each further one gathers
// twice as many readings, so that a slow leak stays in sight however short the interval.
type histories struct {
	times  [historyPoints]time.Time // of the first reading in each point
	last   time.Time
	used   int
	step   int // readings that a full point gathers
	inLast int // readings in the last point
	round  uint32
	of     map[string]*history
}

// history is one service's means; NaN where it was not there.
type history struct {
	points [historyPoints]float32
	inLast int // its readings in the last point
	round  uint32
}

// begin opens the point that the readings made at this time belong to.
func (h *histories) begin(at time.Time) {
	if h.of == nil {
		h.of, h.step = make(map[string]*history), 1
	}
	h.round++
	h.last = at
	if h.used == 0 || h.inLast == h.step {
		if h.used == historyPoints {
			h.halve()
		}
		h.times[h.used] = at
		h.used++
		h.inLast = 0
		for _, x := range h.of {
			x.points[h.used-1] = float32(math.NaN())
			x.inLast = 0
		}
	}
	h.inLast++
}

func (h *histories) halve() {
	const half = historyPoints / 2
	for i := range half {
		h.times[i] = h.times[2*i]
	}
	for _, x := range h.of {
		for i := range half {
			x.points[i] = meanOf(x.points[2*i], x.points[2*i+1])
		}
	}
	h.used = half
	h.step *= 2
}

// meanOf is the mean of those of a and b that are known.
func meanOf(a, b float32) float32 {
	switch {
	case math.IsNaN(float64(a)):
		return b
	case math.IsNaN(float64(b)):
		return a
	}
	return (a + b) / 2
}

// observe adds the reading of one service to the point that begin opened.
func (h *histories) observe(name string, v float64) {
	x := h.of[name]
	if x == nil {
		x = &history{}
		for i := range x.points {
			x.points[i] = float32(math.NaN())
		}
		h.of[name] = x
	}
	x.round = h.round
	p := &x.points[h.used-1]
	x.inLast++
	if x.inLast == 1 {
		*p = float32(v)
		return
	}
	*p += (float32(v) - *p) / float32(x.inLast)
}

// forget drops the histories of services that are not there any more, once there are more
// than limit. Until then a service that comes back finds its history.
func (h *histories) forget(limit int) {
	if len(h.of) <= limit {
		return
	}
	for name, x := range h.of {
		if x.round != h.round {
			delete(h.of, name)
		}
	}
}

// span is the time that the histories cover.
func (h *histories) span() time.Duration {
	if h.used == 0 {
		return 0
	}
	return h.last.Sub(h.times[0])
}

// axis says for every point in which of at most cells cells of equal time it is drawn, and
// how many cells there are.
func (h *histories) axis(cells int) (of []int, count int) {
	count = min(cells, h.used)
	of = make([]int, h.used)
	if count < 2 {
		return of, count
	}
	whole := h.times[h.used-1].Sub(h.times[0])
	for i := range of {
		if whole > 0 {
			of[i] = int(math.Round(float64(h.times[i].Sub(h.times[0])) / float64(whole) * float64(count-1)))
		}
	}
	return of, count
}

// cells is the mean of one service in each cell of an axis. A cell in which nobody read
// anything holds what the one before does; NaN is drawn blank.
func (h *histories) cells(name string, of []int, count int) []float64 {
	x := h.of[name]
	if x == nil || count == 0 {
		return nil
	}
	out := make([]float64, count)
	readings := make([]int, count)
	taken := make([]bool, count)
	for i, cell := range of {
		taken[cell] = true
		if v := float64(x.points[i]); !math.IsNaN(v) {
			out[cell] += v
			readings[cell]++
		}
	}
	for cell := range out {
		switch {
		case readings[cell] > 0:
			out[cell] /= float64(readings[cell])
		case !taken[cell] && cell > 0:
			out[cell] = out[cell-1]
		default:
			out[cell] = math.NaN()
		}
	}
	return out
}
