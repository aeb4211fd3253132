package store

import (
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// writer is the connection that writes, with its statements.
type writer struct {
	connection
	putFrame, putChunk, getChunk, putOwner                                 *sqlite3.Stmt
	putEvent, putDetector, dropDetector, putMeta                           *sqlite3.Stmt
	begin, end, pages, free                                                *sqlite3.Stmt
	dropDays, dropChunks, dropOwners, dropEvents, capEvents, dropDetectors *sqlite3.Stmt
	oldest, dropChunk, thinChunk, getDay, putDay, nextRaw                  *sqlite3.Stmt
	putReceived, dropReceived, dropReceivedRow, putStale, dropStale        *sqlite3.Stmt
}

// metaThinned is the key below which every chunk was thinned to minutes.
const metaThinned = "thinned"

func openWriter(path string) (*writer, error) {
	if err := private(path); err != nil {
		return nil, err
	}
	c, err := connect(path, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE)
	if err != nil {
		return nil, err
	}
	w := &writer{connection: *c}
	version, err := w.version() // before anything is changed
	pragmas := []string{"journal_mode=WAL", "synchronous=NORMAL", fmt.Sprintf("wal_autocheckpoint=%d", checkpointPages), "journal_size_limit=2097152"}
	if version == 0 {
		pragmas = append([]string{fmt.Sprintf("page_size=%d", pageSize), "auto_vacuum=INCREMENTAL"}, pragmas...)
	}
	for _, p := range pragmas {
		if err == nil {
			err = w.db.Exec("PRAGMA " + p)
		}
	}
	if err == nil {
		err = w.writable()
	}
	if err == nil {
		err = ownersAlone(path)
	}
	if err == nil {
		err = w.migrate(version)
	}
	if err == nil {
		err = w.prepare(map[**sqlite3.Stmt]string{
			&w.begin:           "BEGIN IMMEDIATE",
			&w.end:             "COMMIT",
			&w.pages:           "PRAGMA page_count",
			&w.free:            "PRAGMA freelist_count",
			&w.dropDays:        "DELETE FROM day WHERE k IN (SELECT k FROM day WHERE k<? ORDER BY k LIMIT ?)",
			&w.dropChunks:      "DELETE FROM chunk WHERE k IN (SELECT k FROM chunk WHERE k<? ORDER BY k LIMIT ?)",
			&w.dropOwners:      "DELETE FROM owner WHERE id IN (SELECT id FROM owner WHERE last<? ORDER BY last LIMIT ?)",
			&w.dropEvents:      "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at<? ORDER BY id LIMIT ?)",
			&w.capEvents:       "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE id<=(SELECT max(id) FROM event)-? ORDER BY id LIMIT ?)",
			&w.dropDetectors:   "DELETE FROM detector WHERE owner IN (SELECT owner FROM detector WHERE at<? LIMIT ?)",
			&w.putFrame:        "INSERT OR REPLACE INTO frame VALUES(?,?,?,?)",
			&w.putChunk:        "INSERT OR REPLACE INTO chunk VALUES(?,?,?,?,?,?,?,?,?,?,?)",
			&w.getChunk:        "SELECT k,tier,n,t0,t1,first,last,min,max,sum,data FROM chunk WHERE k=?",
			&w.putOwner:        "INSERT OR REPLACE INTO owner VALUES(?,?,?,?,?)",
			&w.putEvent:        "INSERT INTO event(at,kind,subject,text,detail) VALUES(?,?,?,?,?)",
			&w.putDetector:     "INSERT OR REPLACE INTO detector VALUES(?,?,?)",
			&w.dropDetector:    "DELETE FROM detector WHERE owner=?",
			&w.putMeta:         "INSERT OR REPLACE INTO meta VALUES(?,?)",
			&w.oldest:          "SELECT k FROM chunk ORDER BY k LIMIT 1",
			&w.dropChunk:       "DELETE FROM chunk WHERE k=?",
			&w.thinChunk:       "UPDATE chunk SET tier=1, data=? WHERE k=?",
			&w.getDay:          "SELECT data FROM day WHERE k=?",
			&w.putDay:          "INSERT OR REPLACE INTO day VALUES(?,?)",
			&w.putReceived:     "INSERT INTO received VALUES(?,?)",
			&w.dropReceived:    "DELETE FROM received WHERE id<=?",
			&w.dropReceivedRow: "DELETE FROM received WHERE id=?",
			&w.putStale:        "INSERT OR IGNORE INTO stale VALUES(?,?)",
			&w.dropStale:       "DELETE FROM stale WHERE (t,series) IN (SELECT t,series FROM stale WHERE t<? ORDER BY t LIMIT ?)",
			&w.nextRaw:         "SELECT k,tier,n,t0,t1,first,last,min,max,sum,data FROM chunk WHERE k>=? AND k<? AND tier=0 ORDER BY k LIMIT ?",
		})
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// close ends the connection; w may be nil.
func (w *writer) close() error {
	if w == nil {
		return nil
	}
	return w.connection.close()
}

// writable fails when the file, or the directory for its log, is for reading alone.
func (c *connection) writable() error {
	if err := c.db.Exec("BEGIN IMMEDIATE; ROLLBACK"); err != nil {
		return fmt.Errorf("cannot write store %s: %w", c.path, err)
	}
	if readOnly, _ := c.db.ReadOnly("main"); readOnly {
		return fmt.Errorf("cannot write store %s: %w", c.path, sqlite3.READONLY)
	}
	return nil
}

// transaction does what f does wholly or not at all.
func (w *writer) transaction(f func() error) error {
	if w == nil || w.db == nil {
		return errors.New("the store is closed")
	}
	if err := w.begin.Exec(); err != nil {
		return fmt.Errorf("cannot write store %s: %w", w.path, err)
	}
	err := f()
	if err == nil {
		if err = w.end.Exec(); err == nil {
			return nil
		}
	}
	if !w.db.GetAutocommit() { // SQLite ends it by itself where the disk is full
		if e := w.db.Exec("ROLLBACK"); e != nil {
			err = errors.Join(err, e)
		}
	}
	return fmt.Errorf("cannot write store %s: %w", w.path, err)
}

// run binds and executes a statement.
func run(stmt *sqlite3.Stmt, args ...any) error {
	for i, a := range args {
		var err error
		switch v := a.(type) {
		case int64:
			err = stmt.BindInt64(i+1, v)
		case float64:
			err = stmt.BindFloat(i+1, v)
		case string:
			err = stmt.BindText(i+1, v)
		case []byte:
			if len(v) == 0 { // BindBlob would make it NULL
				err = stmt.BindZeroBlob(i+1, 0)
			} else {
				err = stmt.BindBlob(i+1, v)
			}
		default:
			panic(fmt.Sprintf("BUG: the store binds no %T", a))
		}
		if err != nil {
			return err
		}
	}
	return stmt.Exec()
}

func (w *writer) putOwnerRow(o *owner) error {
	return run(w.putOwner, int64(o.ID), int64(o.Kind), o.text, o.First, o.Last)
}

func (w *writer) meta(name string) (int64, error) {
	stmt, _, err := w.db.Prepare("SELECT value FROM meta WHERE key=?")
	if err != nil {
		return 0, fmt.Errorf("cannot read store %s: %w", w.path, err)
	}
	defer stmt.Close() //nolint:errcheck // its error is that of Step
	if err := stmt.BindText(1, name); err != nil {
		return 0, err
	}
	n := int64(0)
	err = w.each(stmt, func(row *sqlite3.Stmt) error { n = row.ColumnInt64(0); return nil })
	return n, err
}

// putChunkRow writes a chunk in place of the one that is there.
func (w *writer) putChunkRow(c *chunk) error {
	row, err := c.packed()
	if err != nil {
		return err
	}
	return run(w.putChunk, int64(row.key), int64(row.tier), row.n, row.t0, row.t1, row.first, row.last, row.min, row.max, row.sum, row.data)
}

// readChunk copies a row of the table chunk.
func readChunk(row *sqlite3.Stmt) chunk {
	c := chunk{key: key(row.ColumnInt64(0)), tier: tier(row.ColumnInt64(1))}
	c.n, c.t0, c.t1 = row.ColumnInt64(2), row.ColumnInt64(3), row.ColumnInt64(4)
	for i, to := range []*float64{&c.first, &c.last, &c.min, &c.max, &c.sum} {
		*to = row.ColumnFloat(5 + i)
	}
	c.data = row.ColumnBlob(10, nil)
	c.unpack()
	return c
}
