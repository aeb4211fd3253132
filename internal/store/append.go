package store

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// maxPending bounds what waits to be written while the disk is full: about half an hour of
// a thousand series.
const maxPending = 4 << 20

// pending is what the next transaction writes. It grows only while transactions fail.
type pending struct {
	owners    []OwnerID
	ended     []ending
	chunks    []chunk
	frames    []row
	events    []Event
	detectors []Detector
	// clear deletes all frames in the file before those here: their chunks are among these.
	clear bool
	bytes int
}

// row is a row of bytes under a number.
type row struct {
	k    int64
	data []byte
}

// frameKey is the key of a frame: its time and its stream.
func frameKey(t int64, s stream) int64 { return t*int64(streams) + int64(s) }

// Append takes in what was measured at one moment, in base units: the figures of every
// beat, and those of every minute, which may be empty. Both are sorted by series here; what is no number is
// left out. When it returns without an error everything is safe from the end of this
// process (not from a power failure, which may take what came since the last checkpoint).
// After an error all is kept and written with the next Append, unless the error is ErrFull:
// then it was refused.
//
// A time that is not later than the one before, as after the clock was set back, is taken
// in as well: where an hour has samples of both, they are joined.
func (s *Store) Append(at time.Time, beat, minute []Sample) error {
	t := at.UnixMilli()
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.w == nil {
		return fmt.Errorf("store %s is closed", s.path)
	}
	if s.pending.bytes > maxPending {
		if err := s.commit(); err != nil {
			s.count(func(c *Counts) { c.Refused++ })
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	if t < 0 {
		return fmt.Errorf("cannot store samples of %s: the clock says it is before 1970", at.Format(time.RFC3339))
	}
	s.turn(t)
	taken := 0
	for which, samples := range [streams][]Sample{beats: beat, minutes: minute} {
		samples = clean(samples)
		if len(samples) == 0 {
			continue
		}
		samples, err := s.admit(t, samples)
		if err != nil {
			return err
		}
		frame := slices.Clone(s.frames[which].encode(samples))
		s.pending.frames = append(s.pending.frames, row{frameKey(t, stream(which)), frame})
		s.pending.bytes += len(frame) + rowBytes
		taken += len(samples)
	}
	s.count(func(c *Counts) { c.Appends++; c.Samples += int64(taken) })
	return s.commit()
}

// clean sorts samples by series, in place, and leaves out what cannot be stored.
func clean(samples []Sample) []Sample {
	bad := func(x Sample) bool { return math.IsNaN(x.Value) || math.IsInf(x.Value, 0) }
	samples = slices.DeleteFunc(samples, bad)
	bySeries := func(a, b Sample) int { return cmp.Compare(a.Series, b.Series) }
	if !slices.IsSortedFunc(samples, bySeries) {
		slices.SortStableFunc(samples, bySeries)
	}
	return slices.CompactFunc(samples, func(a, b Sample) bool { return a.Series == b.Series })
}

// admit takes samples into the open hour. Those that find no room there are left out of
// the frame as well.
func (s *Store) admit(t int64, samples []Sample) ([]Sample, error) {
	if err := s.reopen(samples, t); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := samples[:0]
	for _, x := range samples {
		o := s.owners[x.Series.Owner()]
		if o == nil {
			return nil, fmt.Errorf("there is no owner %d in store %s", x.Series.Owner(), s.path)
		}
		x.Value = kept(o.Kind, x.Series.Code(), x.Value)
		err := s.addHead(x.Series, t, x.Value)
		if errors.Is(err, ErrCrowded) {
			s.counts.Crowded++
			continue
		}
		if err != nil {
			return nil, err
		}
		o.seen = t
		taken = append(taken, x)
	}
	s.last = t
	return taken, nil
}

// turn closes the open hour when t lies in another one, or is not after all that it has.
func (s *Store) turn(t int64) {
	hour := hourOf(t)
	rewound := s.last != noTime && t <= s.last
	if rewound {
		s.count(func(c *Counts) { c.Rewinds++ })
	}
	if s.hour != noTime && (rewound || hour != s.hour) {
		s.endOwners(min(hour, s.hour))
		s.closeHour()
	}
	s.mu.Lock()
	s.hour = hour
	s.mu.Unlock()
}

// closeHour moves the open hour to what is written next. Frames are no longer needed then,
// neither those in the file nor those that wait.
func (s *Store) closeHour() {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := len(s.pending.chunks)
	for series, h := range s.head {
		c := chunk{key: keyOf(s.hour, series), summary: h.summary, data: h.data.Bytes()}
		s.pending.chunks = append(s.pending.chunks, c)
		s.pending.bytes += len(c.data) + rowBytes
	}
	slices.SortFunc(s.pending.chunks[from:], func(a, b chunk) int { return cmp.Compare(a.key, b.key) })
	s.closed = s.pending.chunks
	clear(s.head)
	for _, f := range s.pending.frames {
		s.pending.bytes -= len(f.data) + rowBytes
	}
	s.pending.frames, s.pending.clear = nil, true
	for i := range s.frames {
		s.frames[i].reset()
	}
}

// rowBytes is about what a row takes beside its data.
const rowBytes = 128

// commit writes what is pending. The caller holds writing.
func (s *Store) commit() error {
	err := s.w.transaction(s.write)
	if err != nil && damaged(err) {
		if e := s.replace(err); e != nil {
			err = errors.Join(err, e)
		} else {
			err = s.w.transaction(s.write)
		}
	}
	if err != nil {
		s.count(func(c *Counts) { c.Failed++ })
		return err
	}
	for i := range s.pending.chunks {
		s.newest = max(s.newest, s.pending.chunks[i].key.span())
	}
	s.mu.Lock()
	s.closed = nil
	s.mu.Unlock()
	p := &s.pending
	*p = pending{owners: p.owners[:0], ended: p.ended[:0], frames: p.frames[:0], events: p.events[:0], detectors: p.detectors[:0]}
	return nil
}

// write is the one transaction of a beat.
func (s *Store) write() error {
	p, w := &s.pending, s.w
	for _, id := range p.owners {
		s.mu.RLock()
		o := s.owners[id]
		s.mu.RUnlock()
		if o == nil {
			continue // it has ended since
		}
		if err := run(w.putOwner, int64(id), int64(o.Kind), o.text, o.First, o.Last); err != nil {
			return err
		}
	}
	for _, e := range p.ended {
		if err := run(w.endOwner, e.last, int64(e.id)); err != nil {
			return err
		}
	}
	for i := range p.chunks {
		c := &p.chunks[i]
		if err := w.putChunkRow(c, c.key.span() <= s.newest); err != nil {
			return err
		}
	}
	if p.clear {
		if err := w.db.Exec("DELETE FROM frame"); err != nil {
			return err
		}
	}
	for _, f := range p.frames {
		if err := run(w.putFrame, f.k, f.data); err != nil {
			return err
		}
	}
	for _, e := range p.events {
		if err := run(w.putEvent, e.At, e.Kind, e.Subject, e.Text, e.Detail); err != nil {
			return err
		}
	}
	for _, d := range p.detectors {
		if err := w.putDetectorRow(d); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) count(change func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.counts)
}

// replace sets a damaged file aside and begins a new one with what is in memory: the open
// hour as chunks, with which the rest of the hour is joined later.
func (s *Store) replace(why error) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	if err := s.setAside(why); err != nil {
		return err
	}
	w, err := openWriter(s.path)
	if err != nil {
		return err
	}
	r, err := openReader(s.path)
	if err != nil {
		return errors.Join(err, w.close())
	}
	s.w, s.r, s.tidy, s.newest = w, r, tidying{}, noTime
	if s.hour != noTime {
		s.closeHour()
		s.newest = s.hour
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.owners, s.pending.ended = s.pending.owners[:0], nil
	for id := range s.owners {
		s.pending.owners = append(s.pending.owners, id)
	}
	return nil
}
