package leak

import "math"

// The history of a life in bounded space: buckets are fine for what was just seen and
// ever coarser for what is long past, so that every horizon from minutes to a month is
// seen at about the same number of points.
const (
	// levels doubles the width of a bucket from one to the next: ten span a factor of
	// 2^10 between the finest and the coarsest, a minute in a month.
	levels = 10
	// perLevel buckets make a level: a window that begins anywhere in the past is seen
	// at no fewer points.
	perLevel = 40
	// finest is the width of a bucket at the start of a life, in seconds.
	finest = 1.0
)

// bucket gathers the samples of one stretch of time. Its figures are differences to the
// first sample of the life, which single precision holds to seven digits.
type bucket struct {
	at     float32 // mean time of its samples, in seconds since the origin
	low    float32 // smallest value
	mean   float32 // mean value
	work   float32 // work done since the origin, at its end; NaN where unknown
	faults float32 // faults since the origin, at its end; NaN where unknown
	n      uint32  // samples
}

// ring holds the buckets of one level, oldest first from head.
type ring struct {
	buckets [perLevel]bucket
	head    uint8
	used    uint8
}

func (r *ring) at(i int) *bucket { return &r.buckets[(int(r.head)+i)%perLevel] }

func (r *ring) push(b bucket) {
	*r.at(int(r.used)) = b
	r.used++
}

func (r *ring) pop() bucket {
	b := *r.at(0)
	r.head = uint8((int(r.head) + 1) % perLevel)
	r.used--
	return b
}

// history is one life of one series. Its zero value is ready for the first sample.
type history struct {
	rings      [levels]ring
	width      float64 // seconds of a bucket of the finest level
	origin     float64 // time of the first sample
	base       float64 // value of the first sample
	baseWork   float64
	baseFaults float64
	open       bucket  // the bucket being filled; n = 0 if none
	last       float64 // time of the newest sample
	value      float64 // the newest sample
	samples    int
}

// add puts a sample, later than all before it, into the open bucket.
func (h *history) add(s Sample) {
	if h.samples == 0 {
		h.width, h.origin, h.base = finest, s.T, s.Value
		h.baseWork, h.baseFaults = s.Work, s.Faults
	}
	// A counter that was unknown at first counts from where it became known.
	if h.baseWork != h.baseWork {
		h.baseWork = s.Work
	}
	if h.baseFaults != h.baseFaults {
		h.baseFaults = s.Faults
	}
	h.samples++
	h.last, h.value = s.T, s.Value
	v := float32(s.Value - h.base)
	b := bucket{
		at: float32(s.T - h.origin), low: v, mean: v,
		work: float32(s.Work - h.baseWork), faults: float32(s.Faults - h.baseFaults), n: 1,
	}
	if h.open.n > 0 {
		if h.slot(h.open.at, 0) == h.slot(b.at, 0) {
			h.open = merge(h.open, b)
			return
		}
		h.push(0, h.open)
	}
	h.open = b
}

// slot numbers the stretch of a level in which a time lies.
func (h *history) slot(at float32, level int) int64 {
	return int64(float64(at) / (h.width * float64(int64(1)<<level)))
}

// merge joins two neighbours, the older first.
func merge(a, b bucket) bucket {
	share := float32(b.n) / (float32(a.n) + float32(b.n))
	m := bucket{
		at:   min(a.at+(b.at-a.at)*share, b.at), // rounding must not pass the next one
		low:  min(a.low, b.low),
		mean: a.mean + (b.mean-a.mean)*share,
		work: b.work, faults: b.faults, n: a.n + min(b.n, math.MaxUint32-a.n),
	}
	if m.work != m.work { // the later one brought none
		m.work = a.work
	}
	if m.faults != m.faults {
		m.faults = a.faults
	}
	return m
}

// push adds a bucket to a level: to its newest one if that is the same stretch of time.
// A full level hands its oldest bucket down to the next coarser level; the coarsest, when
// full, makes the whole history coarser.
func (h *history) push(level int, b bucket) {
	r := &h.rings[level]
	if r.used > 0 {
		if newest := r.at(int(r.used) - 1); h.slot(newest.at, level) == h.slot(b.at, level) {
			*newest = merge(*newest, b)
			return
		}
	}
	if r.used == perLevel {
		if level == levels-1 {
			h.coarsen()
		} else {
			h.push(level+1, r.pop())
		}
	}
	r.push(b)
}

// coarsen doubles the width of every level. Only the coarsest has to be merged anew: what
// the others hold is finer than it need be and is merged on its way down.
func (h *history) coarsen() {
	h.width *= 2
	var merged ring
	top := &h.rings[levels-1]
	for top.used > 0 {
		b := top.pop()
		for top.used > 0 && h.slot(b.at, levels-1) == h.slot(top.at(0).at, levels-1) {
			b = merge(b, top.pop())
		}
		merged.push(b)
	}
	if merged.used == perLevel {
		// So sparse that no stretch met another: the oldest is let go.
		merged.pop()
	}
	*top = merged
}
