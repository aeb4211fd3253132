package store

import (
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
	return s.ownerOf(k, labels, now)
}

func (s *Store) ownerOf(k Kind, labels Labels, now int64) (OwnerID, error) {
	text := labels.text()
	for _, o := range s.owners { // of at most MaxOwners; asked once per owner
		if o.Kind == k && o.text == text {
			return o.ID, nil
		}
	}
	if len(s.owners) >= MaxOwners {
		return 0, fmt.Errorf("%w: %d owners are open", ErrCrowded, MaxOwners)
	}
	if s.w == nil || s.w.db == nil {
		return 0, fmt.Errorf("store %s is closed", s.path)
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
	found.Last, found.seen = stillOpen, now
	s.pending.owners = append(s.pending.owners, found.ID)
	s.mu.Lock()
	s.owners[found.ID] = found
	s.mu.Unlock()
	return found.ID, nil
}

// reopen takes back owners that had ended for want of samples and have some again.
func (s *Store) reopen(samples []Sample, now int64) error {
	last := OwnerID(0)
	for _, x := range samples {
		id := x.Series.Owner()
		if id == last || s.owners[id] != nil { // only this goroutine writes the map
			continue
		}
		last = id
		err := s.w.rows("SELECT id,kind,labels,first,last FROM owner WHERE id=?", func(row *sqlite3.Stmt) error {
			o, err := readOwner(row)
			if err != nil {
				return err
			}
			o.Last = stillOpen
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.owners) >= MaxOwners {
				return fmt.Errorf("%w: %d owners are open", ErrCrowded, MaxOwners)
			}
			s.owners[id] = &owner{Owner: o, text: row.ColumnText(2), seen: now}
			s.pending.owners = append(s.pending.owners, id)
			return nil
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
	for id := range s.owners {
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

// endOwners lists the owners without a sample since the hour began: they end when the
// hour is written. The caller holds writing.
func (s *Store) endOwners(hour int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, o := range s.owners {
		if hourOf(o.seen) < hour {
			s.pending.ended = append(s.pending.ended, ending{id, o.seen})
			delete(s.owners, id)
		}
	}
}

// ending is an owner with the time of its last sample.
type ending struct {
	id   OwnerID
	last int64
}
