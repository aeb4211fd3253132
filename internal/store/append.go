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
	owners []OwnerID
	// ended are owners that are open no more. Their rows are written whole: one that began and
	// ended while the disk was full has none yet.
	ended     map[OwnerID]*owner
	chunks    []chunk
	frames    []row
	events    []Event
	detectors []Detector
	// clear begins a new epoch of frames: the chunks of those in the file are among these.
	clear bool
	// epoch and slot are those of the next frame, once this is written.
	epoch, slot int64
	bytes       int
	states      int // of bytes, those of detectors
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
	if err := s.connected(); err != nil {
		s.count(func(c *Counts) { c.Refused++ })
		return err
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
	var missing error
	for which, samples := range [streams][]Sample{beats: beat, minutes: minute} {
		samples = clean(samples)
		if len(samples) == 0 {
			continue
		}
		samples, err := s.admit(t, samples)
		if err != nil && !errors.Is(err, errNoOwner) {
			return err
		}
		missing = errors.Join(missing, err)
		frame := slices.Clone(s.frames[which].encode(samples))
		s.pending.frames = append(s.pending.frames, row{frameKey(t, stream(which)), frame})
		s.pending.bytes += len(frame) + rowBytes
		taken += len(samples)
	}
	s.count(func(c *Counts) { c.Appends++; c.Samples += int64(taken) })
	return errors.Join(s.commit(), missing)
}

// errNoOwner says that samples are left out, as nobody knows whose they are.
var errNoOwner = errors.New("there is no such owner")

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
	err := s.reopen(samples, t)
	if err != nil && broken(err) {
		if err = s.replace(err); err == nil {
			s.mu.Lock()
			s.hour = hourOf(t)
			s.mu.Unlock()
			err = s.reopen(samples, t)
		}
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := samples[:0]
	var missing error
	for _, x := range samples {
		o := s.owners[x.Series.Owner()]
		if o == nil { // it had ended before a damaged file was replaced
			s.counts.Refused++
			missing = fmt.Errorf("store %s: %w: %d", s.path, errNoOwner, x.Series.Owner())
			continue
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
		if t < o.First { // the clock was set back
			o.First = t
			s.pending.owners = append(s.pending.owners, o.ID)
		}
		taken = append(taken, x)
	}
	s.last = t
	return taken, missing
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
		if h.n == 0 {
			delete(s.head, series) // it had none in this hour
			continue
		}
		c := chunk{key: keyOf(s.hour, series), summary: h.summary, data: slices.Clone(h.data.Bytes()), joins: s.hour <= s.newest}
		s.pending.chunks = append(s.pending.chunks, c)
		s.pending.bytes += len(c.data) + rowBytes
		if err := h.reset(); err != nil {
			panic("BUG: " + err.Error()) // an empty chunk has an appender
		}
	}
	slices.SortFunc(s.pending.chunks[from:], func(a, b chunk) int { return cmp.Compare(a.key, b.key) })
	if len(s.pending.chunks) > from {
		s.newest = max(s.newest, s.hour) // also of those that wait: the clock may be set back before they are written
	}
	s.closed = s.pending.chunks
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
	err := s.connected()
	if err == nil {
		err = s.w.transaction(s.write)
	}
	if err != nil && broken(err) {
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
	s.mu.Lock()
	s.closed = nil
	s.mu.Unlock()
	p := &s.pending
	s.epoch, s.slot = p.epoch, p.slot
	clear(p.ended)
	*p = pending{owners: p.owners[:0], ended: p.ended, frames: p.frames[:0], events: p.events[:0], detectors: p.detectors[:0]}
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
			continue // it has ended since and is among those below
		}
		if err := w.putOwnerRow(o); err != nil {
			return err
		}
	}
	for _, o := range p.ended {
		if err := w.putOwnerRow(o); err != nil {
			return err
		}
	}
	for i := range p.chunks {
		c, err := s.joined(&p.chunks[i])
		if err != nil {
			return err
		}
		if err := w.putChunkRow(c); err != nil {
			return err
		}
	}
	p.epoch, p.slot = s.epoch, s.slot
	frames := p.frames
	if p.clear {
		p.epoch, p.slot = s.epoch+1, 0
		if len(frames) == 0 {
			frames = []row{{}} // says that the frames in the file are over
		}
	}
	for _, f := range frames {
		if err := run(w.putFrame, p.slot, p.epoch, f.k, f.data); err != nil {
			return err
		}
		p.slot++
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
	s.tidy, s.newest = tidying{}, noTime
	s.inflow.replaced = true
	if s.hour != noTime {
		s.closeHour()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.owners = s.pending.owners[:0]
	for id := range s.owners {
		s.pending.owners = append(s.pending.owners, id)
	}
	return s.connect()
}

// connect opens the file that is there, or a new one. The caller holds writing and reading.
func (s *Store) connect() error {
	w, err := openWriter(s.path)
	if err != nil {
		return err
	}
	r, err := openReader(s.path)
	if err != nil {
		return errors.Join(err, w.close())
	}
	s.w, s.r = w, r
	s.epoch, s.slot, err = w.newestFrame()
	return err
}

// connected connects anew where a damaged file could not be set aside, or no new one be
// begun, before: on a disk that was for reading alone or full.
func (s *Store) connected() error {
	switch {
	case s.lock == nil:
		return fmt.Errorf("store %s is closed", s.path)
	case s.w != nil:
		return nil
	}
	s.reading.Lock()
	err := s.connect()
	s.reading.Unlock()
	if err != nil && unusable(s.path, err) {
		err = s.replace(err)
	}
	return err
}
