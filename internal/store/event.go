package store

import (
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Event is something that happened, for the journal.
type Event struct {
	ID      int64
	At      int64  // milliseconds since 1970
	Kind    string // verdict, start, stop, budget, store, clock, config, ...
	Subject string // what it happened to: a service, a process, the monitor itself
	Text    string // a sentence for a person
	Detail  string // a JSON object with what a program wants to know
}

// Bounds of the journal.
const (
	// MaxEvents is how many events are kept; the oldest go first.
	MaxEvents = 50_000
	// maxEventBytes bounds one event's texts together.
	maxEventBytes = 8 << 10
	// maxPendingEvents bounds what waits for the next Append.
	maxPendingEvents = 1000
	// maxPendingStates bounds what waits of saved states: what is not kept now is saved
	// again, as states are saved in rotation, and samples are not.
	maxPendingStates = 1 << 20
)

// Record notes an event; it is written with the next Append or Flush.
func (s *Store) Record(e Event) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if len(s.pending.events) >= maxPendingEvents || s.pending.bytes > maxPending {
		s.count(func(c *Counts) { c.Refused++ })
		return
	}
	for _, text := range []*string{&e.Subject, &e.Text} {
		if len(*text) > maxEventBytes {
			*text = strings.ToValidUTF8((*text)[:maxEventBytes], "")
		}
	}
	if len(e.Detail) > maxEventBytes {
		e.Detail = "null" // a part of it is no JSON
	}
	s.pending.events = append(s.pending.events, e)
	s.pending.bytes += len(e.Subject) + len(e.Text) + len(e.Detail) + rowBytes
}

// Flush writes what waits for the next Append.
func (s *Store) Flush() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	p := &s.pending
	if len(p.owners)+len(p.ended)+len(p.chunks)+len(p.frames)+len(p.events)+len(p.detectors) == 0 {
		return nil
	}
	return s.commit()
}

// Events calls each for the newest events before the one with this number, newest first;
// 0 begins at the newest.
func (s *Store) Events(before int64, limit int, each func(Event)) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.r == nil {
		return fmt.Errorf("store %s is closed", s.path)
	}
	if before <= 0 {
		before = 1<<63 - 1
	}
	return s.r.rows("SELECT id,at,kind,subject,text,detail FROM event WHERE id<? ORDER BY id DESC LIMIT ?", func(row *sqlite3.Stmt) error {
		each(Event{row.ColumnInt64(0), row.ColumnInt64(1), row.ColumnText(2), row.ColumnText(3), row.ColumnText(4), row.ColumnText(5)})
		return nil
	}, before, int64(limit))
}

// Detector is the saved state of what judges the series of an owner.
type Detector struct {
	Owner string // the name under which it was saved
	At    int64  // when, milliseconds since 1970
	Data  []byte // nil deletes it
}

// SaveDetector keeps a saved state; it is written with the next Append or Flush, or at
// once where many wait. While the disk is full those beyond a bound are refused, and the
// state that was saved before stays.
func (s *Store) SaveDetector(d Detector) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.pending.states > maxPendingStates {
		if err := s.commit(); err != nil {
			s.count(func(c *Counts) { c.Refused++ })
			return
		}
	}
	s.pending.states += len(d.Data) + rowBytes
	s.pending.detectors = append(s.pending.detectors, d)
	s.pending.bytes += len(d.Data) + rowBytes
}

// Detectors calls each for every saved state. Data is valid during the call only.
func (s *Store) Detectors(each func(Detector) error) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.r == nil {
		return fmt.Errorf("store %s is closed", s.path)
	}
	return s.r.rows("SELECT owner,at,data FROM detector", func(row *sqlite3.Stmt) error {
		return each(Detector{row.ColumnText(0), row.ColumnInt64(1), row.ColumnRawBlob(2)})
	})
}

func (w *writer) putDetectorRow(d Detector) error {
	if d.Data == nil {
		return run(w.dropDetector, d.Owner)
	}
	return run(w.putDetector, d.Owner, d.At, d.Data)
}
