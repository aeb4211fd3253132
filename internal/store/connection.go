package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// connection is one connection to the file. It is not safe for use by several goroutines.
type connection struct {
	path string
	db   *sqlite3.Conn
}

const (
	// cacheKiB is SQLite's page cache of a connection: the pages on the way to the newest
	// row of each table and some more. 512 KiB was measured to be as fast as 2 MiB.
	cacheKiB = 512
	// checkpointPages is how much of the log waits to be moved into the file: 1 MiB, so that a
	// moving takes milliseconds.
	checkpointPages = 256
	// busyWait is how long a lock of another connection is waited for: that of a reader of
	// another process that opens the file.
	busyWait = 2 * time.Second
	// heapLimit bounds what SQLite takes for itself, per connection.
	heapLimit = 8 << 20
)

// connect opens a file. One for reading alone, without a log, is read also where no index
// of a log can be made, as on a file system that is mounted for reading alone.
func connect(path string, flags sqlite3.OpenFlag, pragmas ...string) (*connection, error) {
	c, err := dial(path, "", flags, pragmas...)
	if code(err) == sqlite3.CANTOPEN && flags&sqlite3.OPEN_READONLY != 0 {
		if _, log := os.Stat(path + "-wal"); errors.Is(log, fs.ErrNotExist) {
			return dial(path, "immutable=1", flags, pragmas...)
		}
	}
	return c, err
}

func dial(path, query string, flags sqlite3.OpenFlag, pragmas ...string) (*connection, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, &Error{Thing: "store " + path, Err: err, Hint: "start zol0 in a directory that exists"}
	}
	uri := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(absolute), RawQuery: query}
	db, err := sqlite3.OpenFlags(uri.String(), flags|sqlite3.OPEN_URI|sqlite3.OPEN_EXRESCODE)
	if err != nil {
		return nil, fmt.Errorf("cannot open store %s: %w", path, err)
	}
	c := &connection{path: path, db: db}
	db.HardHeapLimit(heapLimit)
	err = db.BusyTimeout(busyWait)
	for _, p := range append(pragmas, fmt.Sprintf("cache_size=-%d", cacheKiB), "temp_store=FILE", "mmap_size=0", "trusted_schema=OFF") {
		if err == nil {
			err = db.Exec("PRAGMA " + p)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open store %s: %w", path, err), db.Close())
	}
	return c, nil
}

func (c *connection) close() error {
	if c == nil || c.db == nil {
		return nil
	}
	db := c.db
	c.db = nil
	for _, stmt := range slices.Collect(db.Stmts()) { // closing one changes their list
		stmt.Close() //nolint:errcheck // its error was that of its last step
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("cannot close store %s: %w", c.path, err)
	}
	return nil
}

// pragma reads a number.
func (c *connection) pragma(name string) (int64, error) { return c.number("PRAGMA " + name) }

// number is the first column of the first row; 0 where there is none.
func (c *connection) number(query string, args ...int64) (n int64, err error) {
	err = c.rows(query, func(row *sqlite3.Stmt) error { n = row.ColumnInt64(0); return nil }, args...)
	return n, err
}

// rows calls each for every row of a query that is not asked often.
func (c *connection) rows(query string, each func(row *sqlite3.Stmt) error, args ...int64) error {
	stmt, _, err := c.db.Prepare(query)
	if err != nil {
		return fmt.Errorf("cannot read store %s: %w", c.path, err)
	}
	defer stmt.Close() //nolint:errcheck // its error is that of Step
	for i, v := range args {
		if err := stmt.BindInt64(i+1, v); err != nil {
			return err
		}
	}
	return c.each(stmt, each)
}

// each steps through a prepared statement and makes it ready for the next time.
func (c *connection) each(stmt *sqlite3.Stmt, each func(row *sqlite3.Stmt) error) error {
	for stmt.Step() {
		if err := each(stmt); err != nil {
			stmt.Reset() //nolint:errcheck // the error is each's
			return err
		}
	}
	if err := stmt.Reset(); err != nil {
		return fmt.Errorf("cannot read store %s: %w", c.path, err)
	}
	return nil
}

// prepare makes the statements of a connection.
func (c *connection) prepare(all map[**sqlite3.Stmt]string) error {
	for to, text := range all {
		stmt, _, err := c.db.PrepareFlags(text, sqlite3.PREPARE_PERSISTENT)
		if err != nil {
			return fmt.Errorf("cannot use store %s: %w", c.path, err)
		}
		*to = stmt
	}
	return nil
}

// code is SQLite's word for an error; 0 where it is none of SQLite's.
func code(err error) sqlite3.ErrorCode {
	var e *sqlite3.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	var c sqlite3.ErrorCode
	if errors.As(err, &c) {
		return c
	}
	return 0
}

// errForeign says that a database is not ours.
var errForeign = errors.New("it is no store of zol0")

// broken reports whether an error means that the file is damaged and must be set aside.
func broken(err error) bool {
	switch code(err) {
	case sqlite3.CORRUPT, sqlite3.NOTADB:
		return true
	case sqlite3.IOERR:
		var e *sqlite3.Error
		return errors.As(err, &e) && (e.ExtendedCode() == sqlite3.IOERR_SHORT_READ || e.ExtendedCode() == sqlite3.IOERR_CORRUPTFS)
	}
	return errors.Is(err, errForeign) || errors.Is(err, errUnreadable)
}

// errUnreadable says that what is in the file makes no sense, though SQLite can read it.
var errUnreadable = errors.New("its rows make no sense")

// unusable reports whether the file at path must be set aside for what Open met: because
// it is broken, or because this user may not write it or what belongs to it. A file that
// cannot be opened for want of room, of file descriptors or of a directory that can be
// written is sound, and stays where it is.
func unusable(path string, err error) bool {
	switch code(err) {
	case sqlite3.CANTOPEN, sqlite3.READONLY, sqlite3.PERM:
	default:
		return broken(err)
	}
	for _, part := range fileParts {
		f, err := os.OpenFile(path+part, os.O_RDWR, 0)
		if err == nil {
			err = f.Close()
		}
		if errors.Is(err, fs.ErrPermission) || err != nil && strings.Contains(err.Error(), "is a directory") {
			return true
		}
	}
	return false
}

// fileParts are what a store consists of on disk: the file, its log and the log's index.
var fileParts = [...]string{"", "-wal", "-shm"}

// opening gives what Open fails with a next step.
func (s *Store) opening(err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	hint := "the file was left as it is; try again, or name another directory with --data"
	switch code(err) {
	case sqlite3.FULL, sqlite3.IOERR:
		hint = "make room on its disk, or name another directory with --data; the file was left as it is"
	case sqlite3.CANTOPEN, sqlite3.READONLY:
		hint = "its directory must be writable and its disk have room, or name another with --data; the file was left as it is"
	case sqlite3.BUSY:
		hint = "another program has locked it: end that, or name another directory with --data"
	}
	return &Error{Thing: "store " + s.path, Err: err, Hint: hint}
}

// strayLog sets a log aside that has no file, or an empty one: SQLite would delete it.
func (s *Store) strayLog() error {
	file, err := os.Stat(s.path)
	if err == nil && file.Size() > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil // what is wrong SQLite says better
	}
	log, err := os.Stat(s.path + "-wal")
	if err != nil || log.Size() == 0 {
		return nil //nolint:nilerr // there is none
	}
	return s.setAside(errors.New("there is a log without the file that it belongs to"))
}

// setAside puts the file and what belongs to it under another name. The caller holds no
// connection to it any more.
func (s *Store) setAside(why error) error {
	if err := errors.Join(s.r.close(), s.w.close()); err != nil {
		why = errors.Join(why, err)
	}
	s.r, s.w = nil, nil
	aside := fmt.Sprintf("%s.damaged-%s", s.path, s.options.Now.UTC().Format("20060102-150405"))
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); os.IsNotExist(err) {
			break
		}
		aside = fmt.Sprintf("%s.damaged-%s-%d", s.path, s.options.Now.UTC().Format("20060102-150405"), n)
	}
	for _, part := range fileParts {
		if err := os.Rename(s.path+part, aside+part); err != nil && !os.IsNotExist(err) {
			return &Error{Thing: "store " + s.path, Err: errors.Join(why, err), Hint: "make its directory writable for this user, or name another with --data"}
		}
	}
	s.noteAside(Aside{Path: aside, Why: why})
	return nil
}

// private makes the file and its companions readable for their owner alone.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case err == nil:
		return f.Close()
	case strings.Contains(err.Error(), "is a directory"):
		return &Error{Thing: "store " + path, Err: err, Hint: "move the directory away"}
	}
	return nil // what is wrong SQLite says better
}

// ownersAlone lets nobody else read the log and its index: SQLite makes them as the user's
// mask has it.
func ownersAlone(path string) error {
	for _, part := range fileParts {
		if err := os.Chmod(path+part, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return &Error{Thing: "store " + path, Err: err, Hint: "name a directory of this user with --data"}
		}
	}
	return nil
}

// ReleaseMemory gives back what SQLite keeps in memory to be faster. It waits for a query
// that goes on, but lets nobody who appends wait for that.
func (s *Store) ReleaseMemory() error {
	s.writing.Lock()
	var err error
	if s.w != nil && s.w.db != nil {
		err = s.w.db.ReleaseMemory()
	}
	s.writing.Unlock()
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.r != nil && s.r.db != nil {
		err = errors.Join(err, s.r.db.ReleaseMemory())
	}
	return err
}
