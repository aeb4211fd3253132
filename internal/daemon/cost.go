package daemon

import (
	"math/bits"
	"time"

	"github.com/zol0/zol0/internal/wire"
)

// stepNames are the steps of a beat in their order.
var stepNames = [...]string{"sample", "store", "judge", "alert", "record", "tell"}

// costs are what each step of the beat took.
type costs struct {
	steps [len(stepNames)]stepCost
}

type stepCost struct {
	last, total time.Duration
	errors      uint64
	lastError   string
}

// begin starts the watch; what it returns ends a step.
func (c *costs) begin(clock Clock) func(step string, err error) {
	last := clock.Now()
	for i := range c.steps {
		c.steps[i].last = 0
	}
	return func(step string, err error) {
		now := clock.Now()
		for i, name := range stepNames {
			if name != step {
				continue
			}
			s := &c.steps[i]
			s.last = max(0, now.Sub(last))
			s.total += s.last
			if err != nil {
				s.errors++
				s.lastError = err.Error()
			}
		}
		last = now
	}
}

// sum is what the last beat took.
func (c *costs) sum() (d time.Duration) {
	for i := range c.steps {
		d += c.steps[i].last
	}
	return d
}

func (c *costs) wire() []wire.StepCost {
	out := make([]wire.StepCost, 0, len(c.steps))
	for i := range c.steps {
		s := &c.steps[i]
		out = append(out, wire.StepCost{Name: stepNames[i], LastSeconds: s.last.Seconds(), TotalSeconds: s.total.Seconds(), Errors: s.errors, LastError: s.lastError})
	}
	return out
}

// histogram counts durations in classes of an eighth of a power of two, from microseconds
// to an hour: 2 KB for a median that is right to a tenth, over any number of beats.
type histogram struct {
	classes [256]uint64
	n       uint64
	longest time.Duration
}

func classOf(d time.Duration) int {
	us := uint64(max(1, d.Microseconds()))
	exponent := bits.Len64(us) - 1
	fraction := us - 1<<exponent
	return min(255, exponent*8+int(fraction*8>>exponent))
}

func (h *histogram) add(d time.Duration) {
	h.classes[classOf(d)]++
	h.n++
	h.longest = max(h.longest, d)
}

// median is the middle of the class that the middle one lies in.
func (h *histogram) median() time.Duration {
	seen := uint64(0)
	for i, n := range h.classes {
		if seen += n; n > 0 && 2*seen >= h.n {
			low := float64(uint64(1)<<(i/8)) * (1 + float64(i%8)/8)
			return time.Duration(low * (1 + 1.0/16) * float64(time.Microsecond))
		}
	}
	return 0
}
