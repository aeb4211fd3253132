package store

import (
	"context"
	"math"

	"github.com/ncruces/go-sqlite3"
)

// Have says of each series whether it has a sample at the end of its owner's life: in the
// last hour, in the one before it (a figure of every minute may have none in the first
// seconds of an hour), or in the last day where only hours are left.
func (s *Store) Have(ctx context.Context, all []Series) ([]bool, error) {
	out := make([]bool, len(all))
	err := s.read(ctx, func(r *reader) error {
		low, err := r.lowest()
		if err != nil {
			return err
		}
		var owner OwnerID
		var seen int64
		for i, series := range all {
			if i%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if id := series.Owner(); i == 0 || id != owner {
				owner = id
				{
					if seen, err = s.lastSeen(r, id); err != nil {
						return err
					}
				}
			}
			last := min(hourOf(seen), low.newest)
			if out[i], err = s.has(r, series, last); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// lastSeen is when an owner was last seen.
func (s *Store) lastSeen(r *reader, id OwnerID) (int64, error) {
	s.mu.RLock()
	o := s.owners[id]
	seen := s.last
	if o != nil {
		seen = o.seen
	}
	s.mu.RUnlock()
	if o != nil {
		return seen, nil
	}
	if err := r.oneOwner.BindInt64(1, int64(id)); err != nil {
		return 0, err
	}
	err := r.each(r.oneOwner, func(row *sqlite3.Stmt) error {
		seen = min(seen, row.ColumnInt64(4))
		return nil
	})
	return seen, err
}

// has looks a series up in memory and at the end of what is in the file.
func (s *Store) has(r *reader, series Series, last int64) (bool, error) {
	if memory, _, _ := s.inMemory(series, noTime, math.MaxInt64); len(memory) > 0 {
		return true, nil
	}
	there := false
	for h := last; h >= last-1 && !there; h-- {
		if err := r.columnsAt.BindInt64(1, int64(keyOf(h, series))); err != nil {
			return false, err
		}
		if err := r.each(r.columnsAt, func(*sqlite3.Stmt) error { there = true; return nil }); err != nil {
			return false, err
		}
	}
	if there {
		return true, nil
	}
	for d := floorDay(last); d >= floorDay(last)-1 && !there; d-- {
		if err := r.dayAt.BindInt64(1, int64(keyOf(d, series))); err != nil {
			return false, err
		}
		if err := r.each(r.dayAt, func(*sqlite3.Stmt) error { there = true; return nil }); err != nil {
			return false, err
		}
	}
	return there, nil
}
