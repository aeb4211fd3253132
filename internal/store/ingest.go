package store

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Bounds of an import.
const (
	// maxSealed is how much is written in one transaction, beside what it is joined with:
	// as much as waits in the log before it is moved into the file.
	maxSealed = 1 << 20
	// maxImported is how many owners one import may bring.
	maxImported = 100_000
	// maxKnownOwners is how many owners are remembered by their labels, about 300 bytes each.
	maxKnownOwners = 8192
	// maxAhead is how far in the future a sample may lie: the clocks of two machines differ,
	// and times without an offset by up to 14 hours.
	maxAhead = 24 * time.Hour
	// maxDense is how many samples of a series an hour may have: a chunk counts them in 16 bits.
	maxDense = math.MaxUint16
)

// Why Import.Add refuses a sample. All but ErrCrowded are about this sample alone.
var (
	ErrTooOld  = errors.New("it is older than what is kept")
	ErrAhead   = errors.New("it lies more than a day in the future")
	ErrNoValue = errors.New("its value is no number")
	ErrDense   = fmt.Errorf("its hour has more than %d samples of this series", maxDense)
	// ErrLate is for a sample of an hour that was written already, at a time of which
	// minutes or hours are kept: what they are made of must come together.
	ErrLate = errors.New("it comes after the rest of its hour: sort the file by time")
)

// Imported says what an import did.
type Imported struct {
	Owners int64 // new ones
	Points int64 // samples taken in
	New    int64 // of these, samples that were not there
	TooOld int64 // samples refused because they are older than what is kept
	Lost   int64 // samples of hours that have too many
}

// Import takes in samples of the past, of any number of series in any order, though those
// of one hour of a series should come together. Make it with Store.Import, and Close it:
// only then is everything written. Samples that are there already change nothing.
type Import struct {
	s       *Store
	limits  ages
	end     int64 // of the time in which samples may lie
	owners  map[string]OwnerID
	kinds   map[OwnerID]Kind // of all that were asked for
	spans   map[OwnerID]*span
	fresh   []freshOwner
	next    OwnerID // number of the next new owner
	open    map[Series]*past
	turn    int64
	written map[Series][]uint64 // hours that are kept as minutes or hours, one bit each
	sealed  []*past
	bytes   int
	counts  Imported
}

// freshOwner is one that is not in the file yet.
type freshOwner struct {
	id   OwnerID
	kind Kind
	text string
}

// span are the times between which samples of an owner came.
type span struct{ first, last int64 }

// Import begins an import. now is the present, from which the ages of samples count.
func (s *Store) Import(now time.Time) (*Import, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.w == nil {
		return nil, fmt.Errorf("store %s is closed, or open for reading alone", s.path)
	}
	next, err := s.nextOwner()
	if err != nil {
		return nil, err
	}
	t := now.UnixMilli()
	return &Import{
		s: s, next: next, end: t + maxAhead.Milliseconds(),
		limits: s.options.ages(t),
		owners: make(map[string]OwnerID), kinds: make(map[OwnerID]Kind), spans: make(map[OwnerID]*span),
		open: make(map[Series]*past), written: make(map[Series][]uint64),
	}, nil
}

// Counts say what was done so far.
func (m *Import) Counts() Imported { return m.counts }

// Owner is the owner of this kind with these labels, a new one if there is none.
func (m *Import) Owner(k Kind, labels Labels) (OwnerID, error) {
	text := labels.text()
	name := string(rune(k)) + text
	if id, ok := m.owners[name]; ok {
		return id, nil
	}
	if len(m.owners) >= maxKnownOwners {
		if err := m.flush(); err != nil { // those that are new are in the file then
			return 0, err
		}
		clear(m.owners)
		for _, o := range m.fresh {
			m.owners[string(rune(o.kind))+o.text] = o.id
		}
	}
	m.s.writing.Lock()
	defer m.s.writing.Unlock()
	id := OwnerID(0)
	stmt, _, err := m.s.w.db.Prepare("SELECT id FROM owner WHERE kind=? AND labels=?")
	if err != nil {
		return 0, fmt.Errorf("cannot read store %s: %w", m.s.path, err)
	}
	defer stmt.Close() //nolint:errcheck // its error is that of Step
	if err := errors.Join(stmt.BindInt64(1, int64(k)), stmt.BindText(2, text)); err != nil {
		return 0, err
	}
	if err := m.s.w.each(stmt, func(row *sqlite3.Stmt) error { id = OwnerID(row.ColumnInt64(0)); return nil }); err != nil {
		return 0, err
	}
	if id == 0 {
		if m.counts.Owners+int64(len(m.fresh)) >= maxImported || m.next >= 1<<(32-codeBits)-1 {
			return 0, fmt.Errorf("%w: one import may bring %d new ones", ErrCrowded, maxImported)
		}
		id = m.next
		m.next++
		m.fresh = append(m.fresh, freshOwner{id, k, text})
	}
	m.owners[name], m.kinds[id] = id, k
	return id, nil
}

// Add takes in one sample, in base units, of an owner that Owner gave. An error other than those above means that the file could not
// be written.
func (m *Import) Add(series Series, p Point) error {
	p.Value = kept(m.kinds[series.Owner()], series.Code(), p.Value)
	return m.add(series, p)
}

// add takes in one sample in the units of the file.
func (m *Import) add(series Series, p Point) error {
	hour := hourOf(p.T)
	switch {
	case math.IsNaN(p.Value) || math.IsInf(p.Value, 0):
		return ErrNoValue
	case floorDay(hour) < m.limits.hours || p.T < 0:
		m.counts.TooOld++
		return ErrTooOld
	case p.T > m.end:
		return ErrAhead
	}
	b, err := m.piece(keyOf(hour, series))
	if err != nil {
		return err
	}
	if b.n >= maxDense {
		return ErrDense
	}
	if b.head != nil && p.T <= b.head.t1 {
		if err := b.fold(); err != nil {
			return err
		}
	}
	if b.head == nil {
		if b.head, err = newHead(); err != nil {
			return err
		}
	}
	b.head.add(p.T, p.Value)
	b.n++
	m.seen(series.Owner(), p.T, p.T)
	m.counts.Points++
	return nil
}

// piece is the open hour of a series; one of another hour is written first.
func (m *Import) piece(k key) (*past, error) {
	m.turn++
	b := m.open[k.series()]
	if b != nil && b.key == k {
		b.touched = m.turn
		return b, nil
	}
	if m.isWritten(k) {
		return nil, ErrLate
	}
	if b != nil {
		if err := m.seal(b); err != nil {
			return nil, err
		}
	}
	if len(m.open) >= MaxSeries {
		if err := m.sealOlder(); err != nil {
			return nil, err
		}
	}
	b = &past{key: k, touched: m.turn}
	m.open[k.series()] = b
	return b, nil
}

// sealOlder writes the half of the open hours that was not added to for longest.
func (m *Import) sealOlder() error {
	all := make([]*past, 0, len(m.open))
	for _, b := range m.open {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b *past) int { return cmp.Compare(a.touched, b.touched) })
	for _, b := range all[:len(all)/2] {
		if err := m.seal(b); err != nil {
			return err
		}
	}
	return nil
}

// seal ends an open hour.
func (m *Import) seal(b *past) error {
	delete(m.open, b.key.series())
	return m.put(b)
}

// put takes a piece to what is written next.
func (m *Import) put(b *past) error {
	if b.head != nil {
		b.parts = append(b.parts, b.head.data.Bytes())
		b.head = nil
	}
	for _, p := range b.parts {
		m.bytes += len(p)
	}
	m.bytes += rowBytes + 8*len(b.hours)
	m.sealed = append(m.sealed, b)
	if m.bytes < maxSealed {
		return nil
	}
	return m.flush()
}

// coarse reports whether an hour is kept as minutes or hours.
func (m *Import) coarse(k key) bool { return k.span() < m.limits.raw || int64(k) < m.s.tidy.cursor }

// isWritten reports whether this import has written an hour that cannot be added to.
func (m *Import) isWritten(k key) bool {
	i := k.span() - m.limits.hours*24
	bits := m.written[k.series()]
	return i >= 0 && i/64 < int64(len(bits)) && bits[i/64]&(1<<(i%64)) != 0
}

func (m *Import) setWritten(k key) {
	i := k.span() - m.limits.hours*24
	if i < 0 || !m.coarse(k) {
		return
	}
	bits := m.written[k.series()]
	for int64(len(bits)) <= i/64 {
		bits = append(bits, 0)
	}
	bits[i/64] |= 1 << (i % 64)
	m.written[k.series()] = bits
}

// seen widens the time of an owner.
func (m *Import) seen(id OwnerID, first, last int64) {
	s := m.spans[id]
	if s == nil {
		m.spans[id] = &span{first, last}
		return
	}
	s.first, s.last = min(s.first, first), max(s.last, last)
}

// Flush writes everything so far. Hours that are kept as minutes or hours cannot be added
// to afterwards.
func (m *Import) Flush() error {
	for _, b := range m.open {
		if err := m.seal(b); err != nil {
			return err
		}
	}
	return m.flush()
}

// Close writes everything and ends the import.
func (m *Import) Close() error { return m.Flush() }

// flush writes what is sealed.
func (m *Import) flush() error {
	if len(m.sealed)+len(m.spans) == 0 {
		return nil
	}
	s := m.s
	s.writing.Lock()
	defer s.writing.Unlock()
	slices.SortStableFunc(m.sealed, func(a, b *past) int { return cmp.Compare(a.key, b.key) })
	before := m.counts
	newest := s.newest
	err := s.w.transaction(func() error {
		for _, o := range m.fresh {
			at := m.spans[o.id]
			if at == nil {
				continue // not a sample of it was taken in yet
			}
			m.counts.Owners++
			if err := run(s.w.putOwner, int64(o.id), int64(o.kind), o.text, at.first, at.last); err != nil {
				return err
			}
		}
		for _, b := range m.sealed {
			if err := m.write(b); err != nil {
				return err
			}
			if len(b.hours) == 0 {
				newest = max(newest, b.key.span())
			}
		}
		return m.widen()
	})
	if err != nil {
		m.counts = before
		return err
	}
	s.newest = newest
	for _, b := range m.sealed {
		if len(b.hours) == 0 {
			m.setWritten(b.key)
		}
	}
	s.mu.Lock()
	for id, at := range m.spans {
		if o := s.owners[id]; o != nil {
			o.First = min(o.First, at.first)
		}
	}
	s.mu.Unlock()
	clear(m.sealed)
	m.sealed, m.bytes = m.sealed[:0], 0
	m.fresh = slices.DeleteFunc(m.fresh, func(o freshOwner) bool { return m.spans[o.id] != nil })
	clear(m.spans)
	return nil
}

// widen writes between which times the owners had samples.
func (m *Import) widen() error {
	stmt, _, err := m.s.w.db.Prepare("UPDATE owner SET first=min(first,?1), last=max(last,?2) WHERE id=?3 AND (first>?1 OR last<?2)")
	if err != nil {
		return err
	}
	defer stmt.Close() //nolint:errcheck // its error is that of Exec
	for id, at := range m.spans {
		if err := run(stmt, at.first, at.last, int64(id)); err != nil {
			return err
		}
	}
	return nil
}
