package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
)

var errClosed = errors.New("the spool is closed")

// Put appends a record. Where there is no room within the bound, the oldest segment goes.
// After an error the record is not there, and what was there is as it was.
func (s *Spool) Put(record []byte) error {
	if len(record) == 0 || len(record) > MaxRecord {
		return fmt.Errorf("a record of %d bytes cannot be kept: 1 to %d", len(record), MaxRecord)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return errClosed
	}
	size := int64(headBytes + len(record))
	for s.sum()+size > s.options.MaxBytes && len(s.all) > 1 {
		if err := s.dropOldest(); err != nil {
			return err
		}
	}
	last := s.all[len(s.all)-1]
	if last.bytes > 0 && last.bytes+size > s.segment {
		if err := s.rotate(last.number); err != nil {
			return err
		}
		last = s.all[len(s.all)-1]
	}
	var h [headBytes]byte
	binary.LittleEndian.PutUint32(h[:4], uint32(len(record)))
	binary.LittleEndian.PutUint32(h[4:], crc32.Checksum(record, table))
	_, err := s.file.WriteAt(h[:], last.bytes)
	if err == nil {
		_, err = s.file.WriteAt(record, last.bytes+headBytes)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cannot write to the spool: %w", err), s.file.Truncate(last.bytes))
	}
	last.bytes += size
	last.records++
	s.counts.Records++
	s.counts.Bytes += size
	return nil
}

// sum is what the segments take on disk.
func (s *Spool) sum() (n int64) {
	for _, x := range s.all {
		n += x.bytes
	}
	return n
}

// dropOldest lets the first segment go with all that waits in it.
func (s *Spool) dropOldest() error {
	s.counts.Dropped += s.all[0].records
	return s.leaveFirst()
}

// leaveFirst deletes the first segment and goes on with the second.
func (s *Spool) leaveFirst() error {
	first := s.all[0]
	s.counts.Records -= first.records
	s.counts.Bytes -= first.bytes - s.at
	s.all, s.at = s.all[1:], 0
	if err := s.reopen(); err != nil { // closes it first: Windows deletes no open file
		return err
	}
	if err := s.take(); err != nil {
		return err
	}
	if err := os.Remove(s.path(first.number)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot delete a file of the spool: %w", err)
	}
	return nil
}

// Next returns the oldest record, in the buffer where it fits; ok is false where there is
// none. It is returned again until Done. What cannot be read is left out and counted.
func (s *Spool) Next(buffer []byte) (record []byte, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read == nil {
		return buffer, false, errClosed
	}
	for {
		first := s.all[0]
		if s.at >= first.bytes {
			if len(s.all) == 1 {
				return buffer, false, nil
			}
			if err := s.leaveFirst(); err != nil {
				return buffer, false, err
			}
			continue
		}
		n, sum, err := head(s.read, s.at)
		if err == nil && s.at+headBytes+n <= first.bytes {
			if record, err = body(s.read, s.at, n, buffer); err == nil && crc32.Checksum(record, table) == sum {
				s.next = headBytes + n
				return record, true, nil
			}
		}
		// The rest of this segment cannot be told into records any more.
		s.next = 0
		s.counts.Damaged += max(first.records, 1)
		s.counts.Records -= first.records
		s.counts.Bytes -= first.bytes - s.at
		first.records, s.at = 0, first.bytes
		if len(s.all) == 1 {
			if err := s.rotate(first.number); err != nil {
				return buffer, false, err
			}
		}
	}
}

// Done says that the record that Next returned was taken.
func (s *Spool) Done() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == 0 { // its segment was dropped meanwhile
		return nil
	}
	first := s.all[0]
	s.at += s.next
	s.counts.Bytes -= s.next
	s.counts.Records--
	first.records--
	s.next = 0
	if s.at >= first.bytes && first.bytes > minSegment/2 && len(s.all) == 1 {
		if err := s.rotate(first.number); err != nil { // all was taken: begin anew rather than grow
			return err
		}
		return s.leaveFirst()
	}
	return s.take()
}

// cursorBytes are the number of the segment, the place in it, and a checksum.
const cursorBytes = 20

// take writes down what was taken, so that it is not read again after a restart.
func (s *Spool) take() error {
	var b [cursorBytes]byte
	binary.LittleEndian.PutUint64(b[:], uint64(s.all[0].number))
	binary.LittleEndian.PutUint64(b[8:], uint64(s.at))
	binary.LittleEndian.PutUint32(b[16:], crc32.Checksum(b[:16], table))
	if _, err := s.cursor.WriteAt(b[:], 0); err != nil {
		return fmt.Errorf("cannot write down what was taken from the spool: %w", err)
	}
	return nil
}

// taken reads what take wrote; zeros where that cannot be read: then all is read again.
func (s *Spool) taken() (number, at int64) {
	var b [cursorBytes]byte
	if _, err := s.cursor.ReadAt(b[:], 0); err != nil || crc32.Checksum(b[:16], table) != binary.LittleEndian.Uint32(b[16:]) {
		return 0, 0
	}
	return int64(binary.LittleEndian.Uint64(b[:])), int64(binary.LittleEndian.Uint64(b[8:]))
}
