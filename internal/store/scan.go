package store

import (
	"context"
	"math"

	"github.com/ncruces/go-sqlite3"
)

// scanStep is how many rows are read in one transaction. A longer one would keep the log
// of a daemon that writes beside it from being moved into the file.
const scanStep = 512

// gap is a stretch of keys of which no row can be read.
type gap struct {
	from, to int64 // to is not included
	err      error
}

// table is one to be read row by row: by its integer key.
type scanned struct {
	name, key string
	columns   string // the key first
	whole     bool   // in one transaction: its rows make sense together only
}

// scan calls each for every row from a key on, in order of the keys. Where the file is
// damaged it goes on behind, and tells gaps what it had to leave out. It ends with the
// error of each, of ctx, or of a file of which nothing can be read.
func (c *connection) scan(ctx context.Context, t scanned, from int64, each func(row *sqlite3.Stmt) error, gaps func(gap)) error {
	stmt, _, err := c.db.Prepare("SELECT " + t.columns + " FROM " + t.name + " WHERE " + t.key + ">=? ORDER BY " + t.key + " LIMIT ?")
	if err != nil {
		if !damagedPage(err) {
			return err
		}
		gaps(gap{from, math.MaxInt64, err})
		return nil
	}
	defer stmt.Close() //nolint:errcheck // its error is that of Step
	limit := int64(scanStep)
	if t.whole {
		limit = math.MaxInt64
	}
	for cursor := from; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, last, failed := int64(0), int64(0), error(nil)
		err := c.window(stmt, cursor, limit, func(row *sqlite3.Stmt) error {
			k := row.ColumnInt64(0)
			if k < cursor || n > 0 && k <= last {
				return sqlite3.CORRUPT // pages that lead back to one another have no end
			}
			n, last = n+1, k
			failed = each(row)
			return failed
		})
		switch {
		case failed != nil:
			return failed
		case err == nil && n < limit, n > 0 && last == math.MaxInt64:
			return nil
		case err == nil:
			cursor = last + 1
		case !damagedPage(err):
			return err
		default:
			if n > 0 {
				cursor = last + 1
			}
			next, ok := c.behind(stmt, cursor)
			gaps(gap{cursor, next, err})
			if !ok {
				return nil
			}
			cursor = next
		}
	}
}

// window reads some rows from a key on.
func (c *connection) window(stmt *sqlite3.Stmt, from, limit int64, each func(row *sqlite3.Stmt) error) error {
	if err := stmt.BindInt64(1, from); err != nil {
		return err
	}
	if err := stmt.BindInt64(2, limit); err != nil {
		return err
	}
	return c.each(stmt, each)
}

// behind looks for the end of a damaged stretch: the smallest key, as far as halving can
// tell, from which on a row, or the end of the table, can be read.
func (c *connection) behind(stmt *sqlite3.Stmt, broken int64) (int64, bool) {
	readable := func(k int64) bool {
		return c.window(stmt, k, 1, func(row *sqlite3.Stmt) error {
			if row.ColumnInt64(0) < k {
				return sqlite3.CORRUPT
			}
			return nil
		}) == nil
	}
	low := broken
	var high int64
	for step := int64(1); ; step *= 2 {
		if step <= 0 || broken > math.MaxInt64-step {
			return math.MaxInt64, false
		}
		if high = broken + step; readable(high) {
			break
		}
		low = high
	}
	for high-low > 1 {
		if middle := low + (high-low)/2; readable(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high, true
}

// damagedPage reports whether an error is about a part of the file, so that others may
// still be read.
func damagedPage(err error) bool {
	switch code(err) {
	case sqlite3.CORRUPT, sqlite3.IOERR, sqlite3.NOTADB:
		return true
	}
	return false
}

// The tables of the file.
var (
	chunkTable = scanned{name: "chunk", key: "k", columns: "k,tier,n,t0,t1,first,last,min,max,sum,data"}
	dayTable   = scanned{name: "day", key: "k", columns: "k,data"}
	ownerTable = scanned{name: "owner", key: "id", columns: "id,kind,labels,first,last"}
	frameTable = scanned{name: "frame", key: "slot", columns: "slot,epoch,k,data", whole: true}
	eventTable = scanned{name: "event", key: "id", columns: "id,at,kind,subject,text,detail"}
)

// OwnersAfter lists at most limit owners of all kinds whose numbers are greater, in order.
func (s *Store) OwnersAfter(ctx context.Context, after OwnerID, limit int) ([]Owner, error) {
	var out []Owner
	err := s.read(ctx, func(r *reader) error {
		return r.rows("SELECT id,kind,labels,first,last FROM owner WHERE id>? ORDER BY id LIMIT ?", func(row *sqlite3.Stmt) error {
			o, err := readOwner(row)
			if err == nil {
				out = append(out, o)
			}
			return err
		}, int64(after), int64(limit))
	})
	return out, err
}
