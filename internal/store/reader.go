package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/ncruces/go-sqlite3"
)

// reader is the connection that reads, with its statements.
type reader struct {
	connection
	chunkAt, columnsAt, dayAt, owners, oneOwner *sqlite3.Stmt
	extents, nextDay                            *sqlite3.Stmt
	endsAt                                      *sqlite3.Stmt // nil for a file of schema 1
	points                                      []Point       // of the hour being read
	buckets                                     []Bucket
}

func openReader(path string) (*reader, error) {
	c, err := connect(path, sqlite3.OPEN_READWRITE, "query_only=ON")
	if err != nil && !errors.Is(err, sqlite3.NOTADB) {
		// A file that this user may only read, as that of another user's daemon.
		if _, e := os.Stat(path); e == nil {
			c, err = connect(path, sqlite3.OPEN_READONLY)
		}
	}
	if err != nil {
		return nil, err
	}
	r := &reader{connection: *c}
	version, err := r.pragma("user_version")
	if err == nil && version > schemaVersion {
		err = &Error{Thing: "store " + path, Err: fmt.Errorf("%w (schema %d, this one knows %d)", ErrNewer, version, schemaVersion), Hint: "use that version of zol0"}
	}
	id, e := r.pragma("application_id")
	if err = errors.Join(err, e); err == nil && id != applicationID {
		err = &Error{Thing: "store " + path, Err: errForeign, Hint: "name the directory of a daemon's data with --data"}
	}
	if err == nil {
		err = r.prepare(map[**sqlite3.Stmt]string{
			&r.chunkAt:   "SELECT k,tier,n,t0,t1,first,last,min,max,sum,data FROM chunk WHERE k=?",
			&r.columnsAt: "SELECT n,t0,t1,first,last,min,max,sum,length(data),tier FROM chunk WHERE k=?",
			&r.dayAt:     "SELECT data FROM day WHERE k=?",
			&r.owners:    "SELECT id,kind,labels,first,last FROM owner WHERE kind=? AND last>=? AND first<=? ORDER BY id",
			&r.oneOwner:  "SELECT id,kind,labels,first,last FROM owner WHERE id=?",
			&r.extents:   "SELECT (SELECT min(k) FROM chunk), (SELECT max(k) FROM chunk), (SELECT max(k) FROM day)",
			&r.nextDay:   "SELECT k FROM day WHERE k>=? ORDER BY k LIMIT 1",
		})
	}
	if err == nil && version >= 2 {
		err = r.prepare(map[**sqlite3.Stmt]string{&r.endsAt: "SELECT t FROM stale WHERE series=? AND t>=? AND t<=? ORDER BY t"})
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// close ends the connection; r may be nil.
func (r *reader) close() error {
	if r == nil {
		return nil
	}
	return r.connection.close()
}

// read runs f with the connection that reads, until ctx ends.
func (s *Store) read(ctx context.Context, f func(r *reader) error) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.r == nil {
		return fmt.Errorf("store %s is closed", s.path)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	before := s.r.db.SetInterrupt(ctx)
	defer s.r.db.SetInterrupt(before)
	err := f(s.r)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// unit is what one unit of a series is worth in base units.
func (s *Store) unit(r *reader, series Series) (float64, error) {
	s.mu.RLock()
	o := s.owners[series.Owner()]
	s.mu.RUnlock()
	if o != nil {
		return unitOf(o.Kind, series.Code()), nil
	}
	unit := 1.0
	if err := r.oneOwner.BindInt64(1, int64(series.Owner())); err != nil {
		return unit, err
	}
	err := r.each(r.oneOwner, func(row *sqlite3.Stmt) error {
		unit = unitOf(Kind(row.ColumnInt64(1)), series.Code())
		return nil
	})
	return unit, err
}

// maxOwners bounds the answer of Owners.
const maxOwners = 20_000

// Owners lists those of a kind that had samples between two times and whose labels fit.
func (s *Store) Owners(ctx context.Context, k Kind, from, to int64, fits func(Labels) bool) ([]Owner, error) {
	var out []Owner
	err := s.read(ctx, func(r *reader) error {
		for i, v := range []int64{int64(k), from, to} {
			if err := r.owners.BindInt64(i+1, v); err != nil {
				return err
			}
		}
		return r.each(r.owners, func(row *sqlite3.Stmt) error {
			o, err := readOwner(row)
			if err != nil {
				return err
			}
			if fits != nil && !fits(o.Labels) {
				return nil
			}
			if len(out) == maxOwners {
				return fmt.Errorf("%w: more than %d fit; ask for a shorter time or with labels", ErrCrowded, maxOwners)
			}
			out = append(out, o)
			return nil
		})
	})
	return out, err
}

// Points calls each for every sample of a series from one time to another, both included,
// in order of time, until it returns false. Where samples were thinned, it gets the last
// sample of each minute or hour, at the end of that: it was the value then.
func (s *Store) Points(ctx context.Context, series Series, from, to int64, each func(Point) bool) error {
	return s.read(ctx, func(r *reader) error {
		unit, err := s.unit(r, series)
		if err != nil {
			return err
		}
		return s.hours(ctx, r, series, from, to, func(h *hour) (bool, error) {
			points, err := h.samples()
			if err != nil {
				return false, err
			}
			for _, p := range points {
				p.Value *= unit
				if p.T >= from && p.T <= to && !each(p) {
					return false, nil
				}
			}
			return true, nil
		})
	})
}

// Buckets calls each for every stretch of step milliseconds with a sample, from the
// multiple of step that from lies in on, in order of time, until it returns false. Steps
// of whole hours are answered without reading a sample.
func (s *Store) Buckets(ctx context.Context, series Series, from, to, step int64, each func(Bucket) bool) error {
	if step <= 0 {
		return fmt.Errorf("a step of %d ms is no step", step)
	}
	from -= mod(from, step)
	var sum summary
	at := int64(0)
	more := true
	unit := 1.0
	flush := func() bool {
		if sum.n > 0 && more {
			b := bucketOf(sum, at)
			for _, v := range []*float64{&b.Min, &b.Mean, &b.Max, &b.Last, &b.First} {
				*v *= unit
			}
			more = each(b)
		}
		sum = summary{}
		return more
	}
	take := func(x summary) bool {
		if t := x.t0 - mod(x.t0, step); sum.n == 0 || t != at {
			if !flush() {
				return false
			}
			at = t
		}
		sum.join(x)
		return true
	}
	err := s.read(ctx, func(r *reader) (err error) {
		if unit, err = s.unit(r, series); err != nil {
			return err
		}
		return s.hours(ctx, r, series, from, to, func(h *hour) (bool, error) {
			return h.summaries(step, func(x summary) bool {
				return x.t1 < from || x.t0 > to || take(x)
			})
		})
	})
	if err == nil {
		flush()
	}
	return err
}

// Finest is the finest tier that the store has for all from a time on: raw, minutes or
// hours.
func (s *Store) Finest(ctx context.Context, from int64) (string, error) {
	tier := "raw"
	err := s.read(ctx, func(r *reader) error {
		day, err := r.number("SELECT max(k) FROM day")
		if err != nil {
			return err
		}
		if day != 0 && hourOf(from) < (key(day).span()+1)*24 {
			tier = "hours"
			return nil
		}
		// Below the cursor of the thinning everything is minutes, if there is anything.
		low, err := r.lowest()
		if err != nil {
			return err
		}
		cursor, err := r.number("SELECT value FROM meta WHERE key='" + metaThinned + "'")
		if thinned := key(cursor).span(); cursor != 0 && hourOf(from) < thinned && low.hour < thinned {
			tier = "minutes"
		}
		return err
	})
	return tier, err
}
