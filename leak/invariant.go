package leak

import (
	"fmt"
	"math"
)

// check holds a detector to what is true of every one that observed samples. A restored
// one that passes can be observed and asked like any other.
func (d *Detector) check() error {
	for _, err := range [...]error{d.options.check(), d.history.check(), d.lives.check(d.restarts)} {
		if err != nil {
			return err
		}
	}
	h := &d.history
	age := h.last - h.origin
	within := func(t float64) bool { return math.IsNaN(t) || t >= h.origin && t <= h.last }
	switch {
	case d.state > Leaking:
		return fmt.Errorf("state: %d, want at most %d", d.state, Leaking)
	case d.state != Learning && h.samples < firstSamples:
		return fmt.Errorf("state: %v after %d samples of the life, want %d before the first judgement", d.state, h.samples, firstSamples)
	case !(math.Abs(d.beside) <= mostValue):
		return fmt.Errorf("what counts beside: %v, want at most %v", d.beside, mostValue)
	case !(d.next <= h.last+age):
		return fmt.Errorf("time of the next judgement: %v, want at most one age after the newest sample (%v)", d.next, h.last+age)
	case !within(d.since):
		return fmt.Errorf("time since the score is over the threshold: %v, want one from %v to %v", d.since, h.origin, h.last)
	case !within(d.under):
		return fmt.Errorf("time since the score is under the threshold: %v, want one from %v to %v", d.under, h.origin, h.last)
	case !(d.alarmed < math.Inf(1)):
		return fmt.Errorf("level of the next alarm: %v, want a number", d.alarmed)
	case d.samples < h.samples:
		return fmt.Errorf("samples: %d, want at least the %d of the life", d.samples, h.samples)
	case d.ignored < 0:
		return fmt.Errorf("ignored samples: %d, want none or more", d.ignored)
	case d.belated < 0:
		return fmt.Errorf("late samples: %d, want none or more", d.belated)
	}
	return nil
}

func (o Options) check() error {
	if known := o.figures(); o != known {
		return fmt.Errorf("options: %+v, want figures as in %+v", o, known)
	}
	return nil
}

func (l *lives) check(restarts int) error {
	if restarts < 0 || l.n != min(restarts, keptLives) {
		return fmt.Errorf("kept lives: %d of %d restarts, want all, at most %d", l.n, restarts, keptLives)
	}
	if l.growing < 0 || l.growing > l.n {
		return fmt.Errorf("growing lives: %d, want at most the %d kept", l.growing, l.n)
	}
	for i, was := range l.kept[:l.n] {
		if !(was.Span >= 0) || math.IsNaN(was.Span+was.Growth+was.Rate-was.Span-was.Growth-was.Rate) {
			return fmt.Errorf("kept life %d: %v s, growth %v, %v an hour: want finite numbers", i, was.Span, was.Growth, was.Rate)
		}
	}
	return nil
}

func (h *history) check() error {
	if h.samples <= 0 {
		if *h != (history{}) {
			return fmt.Errorf("samples of the life: %d, but it holds some", h.samples)
		}
		return nil
	}
	fraction, _ := math.Frexp(h.width)
	switch {
	case fraction != .5 || h.width < finest || h.width > mostTime:
		return fmt.Errorf("width of a bucket: %v s, want a power of two from %v to %v", h.width, finest, mostTime)
	case !(math.Abs(h.origin) <= mostTime) || !(math.Abs(h.last) <= mostTime) || h.last < h.origin:
		return fmt.Errorf("span of the life: %v to %v s, want an ascending one within ±%v", h.origin, h.last, mostTime)
	case !(math.Abs(h.base) <= mostValue) || !(math.Abs(h.value) <= mostValue):
		return fmt.Errorf("first and newest value: %v and %v, want at most %v", h.base, h.value, mostValue)
	case math.Abs(h.baseWork) > mostValue || math.Abs(h.baseFaults) > mostValue:
		return fmt.Errorf("first work and faults: %v and %v, want at most %v", h.baseWork, h.baseFaults, mostValue)
	}
	return h.checkBuckets()
}

// checkBuckets wants the buckets in the order of time, the coarsest the oldest.
func (h *history) checkBuckets() error {
	before, samples := float32(0), uint64(0)
	end := float32(h.last - h.origin)
	check := func(b *bucket, level int) error {
		samples += uint64(b.n)
		switch {
		case b.n == 0:
			return fmt.Errorf("bucket of level %d: no samples, want some", level)
		case !(b.at >= before) || !(b.at <= end):
			return fmt.Errorf("bucket of level %d: at %v s, want one from %v to %v", level, b.at, before, end)
		case !within(b.low) || !within(b.mean):
			return fmt.Errorf("bucket of level %d: values %v and %v, want at most %v", level, b.low, b.mean, 2*mostValue)
		case b.work == b.work && !within(b.work) || b.faults == b.faults && !within(b.faults):
			return fmt.Errorf("bucket of level %d: work %v and faults %v, want at most %v", level, b.work, b.faults, 2*mostValue)
		}
		before = b.at
		return nil
	}
	for level := levels - 1; level >= 0; level-- {
		r := &h.rings[level]
		for i := range int(r.used) {
			if err := check(r.at(i), level); err != nil {
				return err
			}
		}
	}
	if err := check(&h.open, 0); err != nil {
		return err
	}
	if samples > uint64(h.samples) {
		return fmt.Errorf("samples of the life: %d, but its buckets hold %d", h.samples, samples)
	}
	return nil
}

// within reports whether a bucket can hold a difference: of two values, each of which is
// at most mostValue, rounded to single precision.
func within(v float32) bool { return math.Abs(float64(v)) <= 2*mostValue*(1+1e-6) }
