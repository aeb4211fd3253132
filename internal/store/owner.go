package store

import (
	"errors"
	"fmt"
	"math"

	"github.com/ncruces/go-sqlite3"
)

// Owner is what series belong to.
type Owner struct {
	ID     OwnerID
	Kind   Kind
	Labels Labels
	// First and Last are the times of its first and last sample; of an owner that is still
	// seen, Last is in the far future.
	First, Last int64
}

// Open reports whether the owner was still seen lately.
func (o *Owner) Open() bool { return o.Last == stillOpen }

// stillOpen is the time of the last sample of what may have more.
const stillOpen = math.MaxInt64

// owner is one that is open, in memory.
type owner struct {
	Owner
	text string // its labels as kept
	seen int64  // time of its newest sample
}

// OwnerOf is the owner of this kind with these labels. One that was never seen begins with
// the next Append.
func (s *Store) OwnerOf(k Kind, labels Labels, now int64) (OwnerID, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	id, err := s.ownerOf(k, labels, now)
	if err != nil && broken(err) {
		if e := s.replace(err); e != nil {
			return 0, errors.Join(err, e)
		}
		id, err = s.ownerOf(k, labels, now)
	}
	return id, err
}

func (s *Store) ownerOf(k Kind, labels Labels, now int64) (OwnerID, error) {
	text := labels.text()
	for _, o := range s.owners { // of at most MaxOwners; asked once per owner
		if o.Kind == k && o.text == text {
			return o.ID, nil
		}
	}
	if err := s.makeRoom(now); err != nil {
		return 0, err
	}
	for _, o := range s.pending.ended {
		if o.Kind == k && o.text == text {
			s.resume(o, now)
			return o.ID, nil
		}
	}
	if err := s.connected(); err != nil {
		return 0, err
	}
	found := &owner{Owner: Owner{Kind: k, Labels: labels, First: now}, text: text}
	stmt, _, err := s.w.db.Prepare("SELECT id, first FROM owner WHERE kind=? AND labels=?")
	if err != nil {
		return 0, fmt.Errorf("cannot read store %s: %w", s.path, err)
	}
	defer stmt.Close() //nolint:errcheck // its error is that of Step
	if err := stmt.BindInt64(1, int64(k)); err != nil {
		return 0, err
	}
	if err := stmt.BindText(2, text); err != nil {
		return 0, err
	}
	err = s.w.each(stmt, func(row *sqlite3.Stmt) error {
		found.ID, found.First = OwnerID(row.ColumnInt64(0)), row.ColumnInt64(1)
		return nil
	})
	if err != nil {
		return 0, err
	}
	if found.ID == 0 {
		if found.ID, err = s.nextOwner(); err != nil {
			return 0, err
		}
	}
	s.resume(found, now)
	return found.ID, nil
}

// resume makes an owner one of those that are open.
func (s *Store) resume(o *owner, now int64) {
	o.Last, o.seen = stillOpen, now
	delete(s.pending.ended, o.ID)
	s.pending.owners = append(s.pending.owners, o.ID)
	s.pending.bytes += len(o.text) + rowBytes
	s.mu.Lock()
	s.owners[o.ID] = o
	s.mu.Unlock()
}

// makeRoom ends owners that have no sample in the present hour where as many are open as
// may be: it does not wait for an Append, which may never come while no owner can be had.
// One that has samples again is taken back.
func (s *Store) makeRoom(now int64) error {
	if len(s.owners) < MaxOwners {
		return nil
	}
	hour := hourOf(now)
	if s.hour != noTime && hour > s.hour {
		s.closeHour()
	}
	s.endOwners(max(hour, s.hour))
	if len(s.owners) >= MaxOwners || s.pending.bytes > maxPending {
		return fmt.Errorf("%w: %d owners are open, %d wait to be written", ErrCrowded, len(s.owners), len(s.pending.ended))
	}
	return nil
}

// reopen takes back owners that had ended for want of samples and have some again.
func (s *Store) reopen(samples []Sample, now int64) error {
	last := OwnerID(0)
	for _, x := range samples {
		id := x.Series.Owner()
		if id == last {
			continue
		}
		last = id
		if o := s.owners[id]; o != nil { // only this goroutine writes the map
			o.seen = now // it must not make room for another of these
			continue
		}
		if err := s.makeRoom(now); err != nil {
			return err
		}
		if o := s.pending.ended[id]; o != nil {
			s.resume(o, now)
			continue
		}
		err := s.w.rows("SELECT id,kind,labels,first,last FROM owner WHERE id=?", func(row *sqlite3.Stmt) error {
			o, err := readOwner(row)
			if err == nil {
				s.resume(&owner{Owner: o, text: row.ColumnText(2)}, now)
			}
			return err
		}, int64(id))
		if err != nil {
			return err
		}
	}
	return nil
}

// nextOwner is a number that no owner had.
func (s *Store) nextOwner() (OwnerID, error) {
	highest, err := s.w.number("SELECT max(id) FROM owner")
	if err != nil {
		return 0, err
	}
	highest = max(highest, int64(s.inflow.highest))
	for id := range s.owners {
		highest = max(highest, int64(id))
	}
	for id := range s.pending.ended {
		highest = max(highest, int64(id))
	}
	if highest >= 1<<(32-codeBits)-1 {
		return 0, fmt.Errorf("%w: all numbers of owners are used", ErrCrowded)
	}
	return OwnerID(highest + 1), nil
}

// readOwner copies a row of the table owner.
func readOwner(row *sqlite3.Stmt) (Owner, error) {
	labels, err := parseLabels(row.ColumnText(2))
	return Owner{ID: OwnerID(row.ColumnInt64(0)), Kind: Kind(row.ColumnInt64(1)), Labels: labels, First: row.ColumnInt64(3), Last: row.ColumnInt64(4)}, err
}

// endOwners ends the owners without a sample since the hour began; they are written with
// what waits. The caller holds writing.
func (s *Store) endOwners(hour int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, o := range s.owners {
		if hourOf(o.seen) >= hour {
			continue
		}
		if s.pending.ended == nil {
			s.pending.ended = make(map[OwnerID]*owner)
		}
		o.Last = max(o.seen, o.First)
		s.pending.ended[id] = o
		s.pending.bytes += len(o.text) + rowBytes
		delete(s.owners, id)
	}
}
