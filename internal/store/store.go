// Package store keeps what was measured, for months, in one SQLite file that stays small.
//
// A series has one Gorilla chunk (Pelkonen et al., VLDB 2015) per hour. The chunks of the
// open hour are in memory; every Append first writes one small frame, the difference to
// the frame before, so that nothing that Append acknowledged is lost when the program is
// killed. At the end of the hour its chunks are written and its frames deleted in one
// transaction. Old chunks are thinned to minutes and later to hours, in steps of a few
// rows (Tidy), and the size of the file has a cap.
//
// One goroutine appends; any number may read at the same time. Reading never waits for
// writing, nor writing for reading. Times are milliseconds since 1970 (UTC).
package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Driver is what reads and writes the file.
const Driver = "github.com/ncruces/go-sqlite3"

// FileName is the name of the file in its directory.
const FileName = "zol0.db"

// Defaults of the retention; their reasons are with Options.
const (
	DefaultRaw     = 7 * 24 * time.Hour
	DefaultMinutes = 30 * 24 * time.Hour
	DefaultHours   = 365 * 24 * time.Hour
	DefaultSize    = 512 << 20
)

// Options say where the store is and how much it may keep.
type Options struct {
	// Dir is the directory of the file; it is made when missing, for its owner alone.
	Dir string
	// Raw, Minutes and Hours are how long samples, their minutes and their hours are kept.
	// 0 takes the default: a week is what a weekly pattern needs, a month what a slow leak
	// needs in detail, a year what a comparison with last year needs.
	Raw, Minutes, Hours time.Duration
	// Size is the cap of the file in bytes, which goes before the times; 0 takes the default.
	Size int64
	// Now is the present, for the names of files that are set aside.
	Now time.Time
}

func (o *Options) complete() {
	for _, d := range []struct {
		to    *time.Duration
		value time.Duration
	}{{&o.Raw, DefaultRaw}, {&o.Minutes, DefaultMinutes}, {&o.Hours, DefaultHours}} {
		if *d.to == 0 {
			*d.to = d.value
		}
	}
	if o.Size == 0 {
		o.Size = DefaultSize
	}
}

// Store is an open file. Make it with Open.
type Store struct {
	path    string
	lock    *fileLock // nil for a reader
	options Options

	writing sync.Mutex // guards what follows, for Append and Tidy
	w       *writer
	frames  [streams]frameCoder
	pending pending
	tidy    tidying
	newest  int64 // hour of the newest chunk in the file
	inflow  inflow
	// epoch counts the times that frames began anew, and slot is the row of the next one.
	// Rows are written over, so that a beat changes one page of the file.
	epoch, slot int64

	reading sync.Mutex // guards r
	r       *reader

	mu     sync.RWMutex // guards what follows
	head   map[Series]*head
	hour   int64 // of the chunks in head
	last   int64 // time of the newest sample; noTime before the first
	owners map[OwnerID]*owner
	closed []chunk // written by no transaction yet, while the disk is full
	counts Counts
	asides []Aside
}

// Counts say what the store went through since it was opened.
type Counts struct {
	Appends int64 // acknowledged
	Samples int64 // in them
	Refused int64 // appends and events that found no room while the disk was full
	Crowded int64 // samples of series beyond MaxSeries
	Failed  int64 // transactions that failed and were kept for the next
	Asides  int64 // files and rows that could not be read and were set aside
	Rewinds int64 // appends that were not later than the one before
}

// Aside is a file, or rows of one, that could not be read and were put out of the way.
type Aside struct {
	Path string // where it is now
	Why  error
}

// noTime stands for no time at all.
const noTime = -1 << 63

// Open opens the store in o.Dir for writing and makes it when there is none. A file that
// cannot be opened is set aside under another name, which Asides tells, and a new one is
// begun. It fails with ErrInUse while another process writes there, with ErrNewer when a
// newer version wrote the file, and when the directory cannot be written.
func Open(o Options) (*Store, error) {
	o.complete()
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, &Error{Thing: "directory " + o.Dir, Err: err, Hint: "make a directory that this user may write, or name another with --data"}
	}
	lock, err := lockDir(o.Dir)
	if err != nil {
		return nil, err
	}
	s := newStore(filepath.Join(o.Dir, FileName), o)
	s.lock = lock
	if err = s.strayLog(); err == nil {
		err = s.open()
	}
	if err != nil && unusable(s.path, err) {
		if err = s.setAside(err); err == nil {
			err = s.open()
		}
	}
	if err != nil {
		return nil, errors.Join(s.opening(err), s.Close())
	}
	return s, nil
}

// OpenReader opens the file of a store for reading alone, also while a daemon writes it.
// It sees what was there at this moment.
func OpenReader(path string) (*Store, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, FileName)
	}
	if _, err := os.Stat(path); err != nil {
		return nil, &Error{Thing: "store " + path, Err: err, Hint: "name the directory of the daemon's data with --data"}
	}
	s := newStore(path, Options{})
	var err error
	if s.r, err = openReader(path); err == nil {
		err = s.load(s.r.db)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func newStore(path string, o Options) *Store {
	o.complete()
	return &Store{path: path, options: o, head: make(map[Series]*head), owners: make(map[OwnerID]*owner), hour: noTime, last: noTime, newest: noTime, inflow: newInflow()}
}

// open connects to the file, brings its schema up to date and takes in the open hour.
func (s *Store) open() (err error) {
	if s.w, err = openWriter(s.path); err != nil {
		return err
	}
	if s.r, err = openReader(s.path); err != nil {
		return err
	}
	if err = s.load(s.w.db); err != nil {
		return err
	}
	s.tidy.cursor, err = s.w.meta(metaThinned)
	return err
}

// Close ends the store. What was appended is safe already.
func (s *Store) Close() error {
	s.inflow.mu.Lock()
	defer s.inflow.mu.Unlock()
	s.writing.Lock()
	defer s.writing.Unlock()
	s.reading.Lock()
	defer s.reading.Unlock()
	err := errors.Join(s.r.close(), s.w.close())
	s.r, s.w = nil, nil
	if s.lock != nil {
		err = errors.Join(err, s.lock.release())
		s.lock = nil
	}
	return err
}

// SetRetention changes how much is kept, from the next Tidy on.
func (s *Store) SetRetention(raw, minutes, hours time.Duration, size int64) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.options.Raw, s.options.Minutes, s.options.Hours, s.options.Size = raw, minutes, hours, size
	s.options.complete()
}

// Path is the file.
func (s *Store) Path() string { return s.path }

// Last is the time of the newest sample, and whether there is one.
func (s *Store) Last() (int64, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.last, s.last != noTime
}

// Counts say what the store went through since it was opened.
func (s *Store) Counts() Counts {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.counts
}

// maxAsides is how many things set aside are listed: a disk that dies can damage every row
// of a file. All of them are counted, and those of the file are in its table aside.
const maxAsides = 100

// noteAside lists what was set aside.
func (s *Store) noteAside(a Aside) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Asides++
	if len(s.asides) < maxAsides {
		s.asides = append(s.asides, a)
	}
}

// Asides lists what was set aside since the store was opened, the first hundred of it.
func (s *Store) Asides() []Aside {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]Aside(nil), s.asides...)
}

// Error says what of the store cannot be used.
type Error struct {
	Thing string // what it is about: a file, a directory, a table
	Err   error
	Hint  string // the next step
}

func (e *Error) Error() string { return fmt.Sprintf("cannot use %s: %v", e.Thing, e.Err) }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// What Open refuses with.
var (
	// ErrInUse says that another process writes the store.
	ErrInUse = errors.New("another zol0 writes there")
	// ErrNewer says that a newer version of zol0 wrote the file.
	ErrNewer = errors.New("a newer zol0 wrote it")
	// ErrFull says that an Append was refused: the disk has been full for so long that
	// what waits to be written has reached its bound.
	ErrFull = errors.New("too much waits to be written")
	// ErrCrowded says that a bound on series or owners was reached.
	ErrCrowded = errors.New("too many series")
)
