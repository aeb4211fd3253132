// Package spool keeps records on disk until somebody took them: a queue that is bounded in
// bytes, survives kill -9, and holds no record in memory.
//
// Records are appended to segments, files of some megabytes, and read in their order. What
// was read to its end is deleted; where there is no room any more, the oldest segment goes,
// and what was lost is counted. Nothing is synced: what was put is safe from the end of
// this process, not from a power failure.
package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	// MaxRecord is the longest record.
	MaxRecord = 8 << 20
	// headBytes are before each record: its length and its checksum.
	headBytes = 8
	// minSegment and maxSegment bound a segment; between them it is a thirty-second of the
	// whole, which is what is lost at a time where there is no room.
	minSegment, maxSegment = 64 << 10, 16 << 20
	segmentsOfAll          = 32
	suffix                 = ".spool"
	cursorName             = "cursor"
)

// Options say where the records are and how much they may take.
type Options struct {
	// Dir is made when missing, for its owner alone. One process uses it at a time: it lies
	// in a directory that is locked already.
	Dir string
	// MaxBytes bounds all segments together.
	MaxBytes int64
}

// Counts say what the spool holds and what it lost.
type Counts struct {
	Records, Bytes int64 // that wait
	// Dropped were lost because there was no room; Damaged could not be read.
	Dropped, Damaged int64
}

// Spool is a queue on disk. Its methods may be called by several goroutines.
type Spool struct {
	options Options
	segment int64 // bytes of one

	mu     sync.Mutex
	all    []*segment // oldest first; the last one is written to
	file   *os.File   // of the last one
	read   *os.File   // of the first one
	cursor *os.File
	at     int64 // where the next record begins in the first one
	next   int64 // how long it is with its head, once Next was asked; 0 before
	counts Counts
}

// segment is one file.
type segment struct {
	number, bytes, records int64
}

var table = crc32.MakeTable(crc32.Castagnoli)

// Open opens the queue and makes it when there is none. A record that was half written is
// cut off.
func Open(o Options) (*Spool, error) {
	s := &Spool{options: o, segment: max(minSegment, min(maxSegment, o.MaxBytes/segmentsOfAll))}
	if o.MaxBytes < 2*minSegment {
		return nil, fmt.Errorf("a spool of %d bytes is too small: %d at least", o.MaxBytes, 2*minSegment)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the directory of the spool: %w", err)
	}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Spool) path(n int64) string {
	return filepath.Join(s.options.Dir, fmt.Sprintf("%012d%s", n, suffix))
}

func (s *Spool) open() error {
	entries, err := os.ReadDir(s.options.Dir)
	if err != nil {
		return fmt.Errorf("cannot read the directory of the spool: %w", err)
	}
	for _, e := range entries {
		name, ours := strings.CutSuffix(e.Name(), suffix)
		if n, err := strconv.ParseInt(name, 10, 64); ours && err == nil && n > 0 {
			s.all = append(s.all, &segment{number: n})
		}
	}
	slices.SortFunc(s.all, func(a, b *segment) int { return int(a.number - b.number) })
	if s.cursor, err = os.OpenFile(filepath.Join(s.options.Dir, cursorName), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return fmt.Errorf("cannot open the spool: %w", err)
	}
	number, at := s.taken()
	for len(s.all) > 0 && s.all[0].number < number { // it was to be deleted
		if err := os.Remove(s.path(s.all[0].number)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot clear the spool: %w", err)
		}
		s.all = s.all[1:]
	}
	for i, x := range s.all {
		from := int64(0)
		if i == 0 && x.number == number {
			from = at
		}
		if err := s.survey(x, from, i == len(s.all)-1); err != nil {
			return err
		}
		if s.counts.Bytes += x.bytes; i == 0 {
			s.at = min(from, x.bytes)
		}
	}
	if len(s.all) > 0 {
		s.counts.Bytes -= s.at
		err = s.reopen()
	} else {
		err = s.rotate(number)
	}
	if err != nil {
		return err
	}
	return s.take() // the cursor has its block on disk from now on, however full that becomes
}

// survey counts the records of a segment from a place on, and cuts off what is half there.
func (s *Spool) survey(x *segment, from int64, last bool) error {
	f, err := os.OpenFile(s.path(x.number), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("cannot open the spool: %w", err)
	}
	defer f.Close() //nolint:errcheck // nothing is written but its length
	info, err := f.Stat()
	if err != nil {
		return err
	}
	x.bytes = info.Size()
	at := min(from, x.bytes)
	var record []byte
	for at < x.bytes {
		n, sum, err := head(f, at)
		whole := err == nil && at+headBytes+n <= x.bytes
		if whole && last { // only the end of the last one can be torn
			if record, err = body(f, at, n, record); err != nil || crc32.Checksum(record, table) != sum {
				whole = false
			}
		}
		if !whole {
			break
		}
		at += headBytes + n
		x.records++
	}
	s.counts.Records += x.records
	if at < x.bytes && last {
		s.counts.Damaged++
		if err := f.Truncate(at); err != nil {
			return fmt.Errorf("cannot cut off a record that was half written: %w", err)
		}
		x.bytes = at
	}
	return nil
}

// head reads what is before a record.
func head(f io.ReaderAt, at int64) (n int64, sum uint32, err error) {
	var b [headBytes]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		return 0, 0, err
	}
	if n = int64(binary.LittleEndian.Uint32(b[:4])); n == 0 || n > MaxRecord {
		return 0, 0, fmt.Errorf("a record of %d bytes", n)
	}
	return n, binary.LittleEndian.Uint32(b[4:]), nil
}

func body(f io.ReaderAt, at, n int64, to []byte) ([]byte, error) {
	if int64(cap(to)) < n {
		to = make([]byte, n)
	}
	to = to[:n]
	_, err := f.ReadAt(to, at+headBytes)
	return to, err
}

// reopen opens the files that are written to and read from.
func (s *Spool) reopen() (err error) {
	err = errors.Join(closed(s.file), closed(s.read))
	s.file, s.read, s.next = nil, nil, 0
	if err != nil {
		return err
	}
	if s.file, err = os.OpenFile(s.path(s.all[len(s.all)-1].number), os.O_WRONLY, 0); err != nil {
		return fmt.Errorf("cannot open the spool: %w", err)
	}
	if s.read, err = os.Open(s.path(s.all[0].number)); err != nil {
		return fmt.Errorf("cannot open the spool: %w", err)
	}
	return nil
}

func closed(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}

// rotate begins a segment behind the one of this number.
func (s *Spool) rotate(after int64) error {
	x := &segment{number: after + 1}
	f, err := os.OpenFile(s.path(x.number), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("cannot begin a file of the spool: %w", err)
	}
	s.all = append(s.all, x)
	next := s.next // the first segment is the one it was: what Next returned can be Done still
	err = errors.Join(f.Close(), s.reopen())
	s.next = next
	return err
}

// Close ends the use of the spool; what waits is there when it is opened again.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := errors.Join(closed(s.file), closed(s.read), closed(s.cursor))
	s.file, s.read, s.cursor = nil, nil, nil
	return err
}

// Counts say what waits and what was lost since the spool was opened.
func (s *Spool) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}
