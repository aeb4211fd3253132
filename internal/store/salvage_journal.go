package store

import (
	"context"
	"fmt"
	"hash/maphash"
	"math"

	"github.com/ncruces/go-sqlite3"
)

// takeEvents takes in the events that are not here yet, and numbers all of them anew in
// order of time.
func (v *salvage) takeEvents(ctx context.Context) error {
	if err := v.Flush(); err != nil {
		return err
	}
	s := v.s
	s.writing.Lock()
	defer s.writing.Unlock()
	v.seen = make(map[uint64]bool)
	err := s.w.rows("SELECT id,at,kind,subject,text,detail FROM event", func(row *sqlite3.Stmt) error {
		v.seen[v.hash(readEvent(row))] = true
		return nil
	})
	if err != nil {
		return err
	}
	added := 0
	return s.w.transaction(func() error {
		err := v.from.scan(ctx, eventTable, math.MinInt64, func(row *sqlite3.Stmt) error {
			e := readEvent(row)
			if err := e.check(); err != nil {
				return v.bad("event", e.ID, err)
			}
			if v.out.Events++; v.seen[v.hash(e)] || v.out.Events > MaxEvents {
				return nil
			}
			v.seen[v.hash(e)] = true
			added++
			return run(s.w.putEvent, e.At, e.Kind, e.Subject, e.Text, e.Detail)
		}, v.gaps("event"))
		if err != nil || added == 0 {
			return err
		}
		// No event gets a number that another had: readers remember the last they saw.
		return s.w.db.Exec(`UPDATE event SET id=renumbered.fresh FROM (SELECT id AS old,
			(SELECT max(id) FROM event)+row_number() OVER (ORDER BY at,id) AS fresh FROM event) AS renumbered WHERE event.id=renumbered.old`)
	})
}

func readEvent(row *sqlite3.Stmt) Event {
	return Event{row.ColumnInt64(0), row.ColumnInt64(1), row.ColumnText(2), row.ColumnText(3), row.ColumnText(4), row.ColumnText(5)}
}

// hash tells events apart but for their numbers.
func (v *salvage) hash(e Event) uint64 {
	e.ID = 0
	return maphash.Comparable(v.seed, e)
}

// takeDetectors takes in what was learnt, unless what is here was learnt later.
func (v *salvage) takeDetectors(ctx context.Context) error {
	s := v.s
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.w.transaction(func() error {
		stmt, _, err := s.w.db.Prepare("INSERT INTO detector VALUES(?,?,?) ON CONFLICT(owner) DO UPDATE SET at=excluded.at, data=excluded.data WHERE excluded.at>detector.at")
		if err != nil {
			return err
		}
		defer stmt.Close() //nolint:errcheck // its error is that of Exec
		return v.from.detectors(ctx, func(d Detector) error {
			if wrong := d.check(); wrong != nil {
				v.out.Unreadable++
				v.problem(Problem{"detector", fmt.Sprintf("row %.80q", d.Owner), wrong})
				return nil //nolint:nilerr // it is told, and the others are taken
			}
			v.out.Detectors++
			return run(stmt, d.Owner, d.At, d.Data)
		}, v.gaps("detector"))
	})
}

// detectors calls each for every saved state. Its table has no number for a key, so that
// what stands behind damage cannot be reached.
func (c *connection) detectors(ctx context.Context, each func(Detector) error, gaps func(gap)) error {
	var failed error
	err := c.rows("SELECT owner,at,data FROM detector", func(row *sqlite3.Stmt) error {
		if failed = ctx.Err(); failed == nil {
			failed = each(Detector{row.ColumnText(0), row.ColumnInt64(1), row.ColumnRawBlob(2)})
		}
		return failed
	})
	if failed == nil && err != nil && damagedPage(err) {
		gaps(gap{0, math.MaxInt64, err})
		return nil
	}
	return err
}
