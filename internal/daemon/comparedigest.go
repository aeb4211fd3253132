package daemon

import (
	"context"

	"github.com/zol0/zol0/internal/store"
)

// digest is what a series amounts to in a stretch of time.
type digest struct {
	n           int64
	sum, max    float64
	first, last store.Point
	// increase is what a counter counted, and observed for how long that was watched, in
	// milliseconds: where it began anew, what it counted before it was seen again is not known.
	increase float64
	observed int64
}

func (c *digest) mean() float64 { return c.sum / float64(c.n) }

// increasePerSecond is no number where there is no time to divide by.
func (c *digest) increasePerSecond() float64 { return c.increase / (float64(c.observed) / 1000) }

// join adds what came after c under another name.
func (c *digest) join(x *digest) {
	if x.n == 0 {
		return
	}
	if c.n == 0 {
		*c = *x
		return
	}
	c.n, c.sum, c.max, c.last = c.n+x.n, c.sum+x.sum, max(c.max, x.max), x.last
	c.increase, c.observed = c.increase+x.increase, c.observed+x.observed
}

// digestOf reads one figure of a stretch.
func (h inquiry) digestOf(ctx context.Context, s *stretch, code store.Code) (*digest, error) {
	sum := new(digest)
	for i := range s.owners {
		o := &s.owners[i]
		from, to := max(s.from, o.First), s.to-1
		if !o.Open() {
			to = min(to, o.Last)
		}
		c, err := h.digestBetween(ctx, store.SeriesOf(o.ID, code), from, to)
		if err != nil {
			return nil, err
		}
		sum.join(&c)
	}
	return sum, nil
}

// digestBetween reads a series from one time to another, both included. Whole hours are
// taken from their summaries.
func (h inquiry) digestBetween(ctx context.Context, series store.Series, from, to int64) (c digest, err error) {
	var newest store.Bucket
	var lost, width int64
	for _, p := range piecesOf(from, to) {
		err := h.past.Buckets(ctx, series, p.from, p.to, p.step, func(b store.Bucket) bool {
			switch {
			case c.n == 0:
				c.max = b.Max
			case b.First >= newest.Last:
				c.increase += b.First - newest.Last
			default: // it began anew in between
				c.increase += b.First
				lost += max(0, b.T-newest.T-width)
			}
			if b.Min >= b.First && b.Last >= b.First {
				c.increase += b.Last - b.First
			} else {
				c.increase += b.Max - b.First + b.Last
			}
			c.n, c.sum, c.max = c.n+b.N, c.sum+b.Mean*float64(b.N), max(c.max, b.Max)
			newest, width = b, p.step
			return true
		})
		if err != nil {
			return c, err
		}
	}
	if c.n == 0 {
		return c, nil
	}
	err = h.past.Points(ctx, series, from, to, func(p store.Point) bool { c.first = p; return false })
	if err == nil {
		err = h.past.Points(ctx, series, max(from, newest.T), min(to, newest.T+width-1), func(p store.Point) bool { c.last = p; return true })
	}
	c.observed = max(0, c.last.T-c.first.T-lost)
	return c, err
}

// piece is a part of a stretch that is read in steps of one length.
type piece struct{ from, to, step int64 }

const (
	second = int64(1000)
	// briefly is up to which length a stretch is read sample by sample.
	briefly = 15 * minute
)

// piecesOf cuts a stretch into whole hours and the minutes beside them. It begins with the
// first whole minute: what lies before that belongs to somebody else's stretch.
func piecesOf(from, to int64) []piece {
	if to-from <= briefly {
		return []piece{{from, to, second}}
	}
	begin, firstHour, lastHour := above(from, minute), above(from, hour), to-to%hour
	if firstHour >= lastHour {
		return []piece{{begin, to, minute}}
	}
	out := make([]piece, 0, 3)
	if begin < firstHour {
		out = append(out, piece{begin, firstHour - 1, minute})
	}
	return append(out, piece{firstHour, lastHour - 1, hour}, piece{lastHour, to, minute})
}

// above is the multiple of a step at or after a time.
func above(t, step int64) int64 { return (t + step - 1) / step * step }
