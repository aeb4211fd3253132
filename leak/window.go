package leak

import "math"

// bins is the number of equal stretches into which a window is cut for judging.
const bins = 40

// window is a stretch of a life as equally wide bins, those without samples left out.
type window struct {
	n        int
	from, to float64       // seconds since the origin
	x        [bins]float64 // mean time of its samples, in bins since from
	low      [bins]float64 // smallest value in it
	mean     [bins]float64
	work     [bins]float64 // work done since the origin, at its end; NaN where unknown
	faults   [bins]float64 // faults since the origin, at its end; NaN where unknown
	samples  int
	longest  float64 // longest stretch without a sample, in seconds
}

// cut fills the window with the last span seconds of the life; with all of it if span is
// not positive or longer than the life.
func (h *history) cut(w *window, span float64) {
	end := h.last - h.origin
	if span <= 0 || span > end {
		span = end
	}
	*w = window{from: end - span, to: end}
	if span <= 0 {
		return
	}
	c := cutter{w: w, h: h, width: span / bins, bin: -1, before: math.NaN()}
	for level := levels - 1; level >= 0; level-- {
		r := &h.rings[level]
		for i := range int(r.used) {
			c.add(r.at(i))
		}
	}
	if h.open.n > 0 {
		c.add(&h.open)
	}
	c.close()
}

// cutter fills the bins of a window from the buckets of a history, oldest first.
type cutter struct {
	w      *window
	h      *history
	width  float64
	bin    int
	weight float64
	before float64 // time of the bucket before
}

func (c *cutter) add(b *bucket) {
	at, w := float64(b.at), c.w
	if at < w.from {
		return
	}
	if !math.IsNaN(c.before) {
		w.longest = max(w.longest, at-c.before)
	}
	c.before = at
	if bin := min(bins-1, int((at-w.from)/c.width)); bin != c.bin {
		c.close()
		c.bin, c.weight = bin, 0
		w.low[w.n] = math.Inf(1)
		w.n++
	}
	k := w.n - 1
	w.low[k] = min(w.low[k], c.h.base+float64(b.low))
	w.x[k] += (at - w.from) / c.width * float64(b.n)
	w.mean[k] += float64(b.mean) * float64(b.n)
	c.weight += float64(b.n)
	w.work[k], w.faults[k] = float64(b.work), float64(b.faults)
	w.samples += int(b.n)
}

// close turns the sums of the bin being filled into their means.
func (c *cutter) close() {
	if c.bin >= 0 {
		k := c.w.n - 1
		c.w.x[k] /= c.weight
		c.w.mean[k] = c.h.base + c.w.mean[k]/c.weight
	}
}

func (w *window) binWidth() float64 { return (w.to - w.from) / bins }
