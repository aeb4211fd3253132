package store

import (
	"cmp"
	"context"
	"slices"
)

// Growth is how far a series came in a stretch of time.
type Growth struct {
	Owner Owner
	// First and Last are its first and last sample in that time.
	First, Last Point
	// Delta is what it gained; of a counter, what was counted also where it began anew.
	Delta float64
}

// Top lists the n owners of a kind, of this machine, whose metric gained most between two times, and how
// many owners had samples then. Hours are taken from their summaries: two chunks of each
// series are looked at, whatever the length of the time.
func (s *Store) Top(ctx context.Context, k Kind, c Code, from, to int64, n int) (top []Growth, of int, err error) {
	owners, err := s.Owners(ctx, k, from, to, func(l Labels) bool { return !IsReceived(l) })
	if err != nil {
		return nil, 0, err
	}
	for i := range owners {
		g := Growth{Owner: owners[i]}
		series := SeriesOf(owners[i].ID, c)
		var ok bool
		err := s.read(ctx, func(r *reader) error {
			var err error
			if g.First, ok, err = s.firstAfter(ctx, r, series, max(from, owners[i].First), to); err != nil || !ok {
				return err
			}
			if g.Last, ok, err = s.lastBefore(ctx, r, series, from, min(to, owners[i].Last)); err != nil {
				return err
			}
			g.Delta = g.Last.Value - g.First.Value
			if cumulative(k, c) {
				if g.Delta, err = s.increase(ctx, r, series, g.First, g.Last); err != nil {
					return err
				}
			}
			unit := unitOf(k, c)
			for _, v := range []*float64{&g.First.Value, &g.Last.Value, &g.Delta} {
				*v *= unit
			}
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
		if !ok {
			continue
		}
		of++
		top = append(top, g)
	}
	slices.SortFunc(top, func(a, b Growth) int {
		return cmp.Or(cmp.Compare(b.Delta, a.Delta), cmp.Compare(a.Owner.ID, b.Owner.ID))
	})
	return top[:min(n, len(top))], of, nil
}

// firstAfter is the first sample from a time on.
func (s *Store) firstAfter(ctx context.Context, r *reader, series Series, from, to int64) (p Point, ok bool, err error) {
	err = s.hours(ctx, r, series, from, to, func(h *hour) (bool, error) {
		if h.number > hourOf(from) && len(h.memory) == 0 && len(h.thin) == 0 {
			x, there, err := h.columns()
			if err != nil || !there {
				return err == nil, err
			}
			p, ok = Point{x.t0, x.first}, true
			return false, nil
		}
		points, err := h.samples()
		if err != nil {
			return false, err
		}
		for _, x := range points {
			if x.T >= from && x.T <= to {
				p, ok = x, true
				return false, nil
			}
		}
		return true, nil
	})
	return p, ok && p.T <= to, err
}

// lastBefore is the last sample up to a time. It looks back hour by hour.
func (s *Store) lastBefore(ctx context.Context, r *reader, series Series, from, to int64) (p Point, ok bool, err error) {
	if last, there := s.Last(); there {
		to = min(to, last)
	}
	for h := hourOf(to); h >= hourOf(from) && !ok && err == nil; h-- {
		begin := max(from, h*hourMillis)
		end := min(to, (h+1)*hourMillis-1)
		err = s.hours(ctx, r, series, begin, end, func(x *hour) (bool, error) {
			points, err := x.samples()
			for _, q := range points {
				if q.T >= begin && q.T <= end {
					p, ok = q, true
				}
			}
			return true, err
		})
	}
	return p, ok, err
}

// increase is what a counter counted from one sample to another. Where it falls it began
// anew at 0. Hours in which it only rose are taken from their summaries.
func (s *Store) increase(ctx context.Context, r *reader, series Series, from, to Point) (sum float64, err error) {
	last := from.Value
	step := func(v float64) {
		if v < last {
			last = 0
		}
		sum += v - last
		last = v
	}
	err = s.hours(ctx, r, series, from.T, to.T, func(h *hour) (bool, error) {
		inside := h.number > hourOf(from.T) && h.number < hourOf(to.T)
		if inside && len(h.memory) == 0 && len(h.thin) == 0 {
			x, there, err := h.columns()
			if err != nil || !there {
				return err == nil, err
			}
			if x.first == x.min && x.last == x.max {
				step(x.first)
				step(x.last)
				return true, nil
			}
		}
		points, err := h.samples()
		for _, p := range points {
			if p.T > from.T && p.T <= to.T {
				step(p.Value)
			}
		}
		return true, err
	})
	return sum, err
}
