package tally

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/leak"
)

// The form of a saved instance: a mark, a version, the fields in the order of fields, its
// detectors as package leak saves them, and a checksum (CRC-32C) of all that. Numbers are
// little-endian.
const (
	recordMark = "tally"
	// recordVersion changes whenever the fields, their meaning or Judged do. Another one
	// is refused, and the instance is learnt anew.
	recordVersion = 1
	recordHead    = len(recordMark) + 1
	recordSum     = 4
	// maxText bounds the names in it; a service has 128 bytes (service.MaxName), a process
	// 15 on Linux and up to 260 on Windows. What is longer is cut, and found by no other.
	maxText = 512
	// MaxRecord is more bytes than a record takes: 12 KiB for each detector and 4 KiB for
	// what is beside them. A series of a day takes about 6 KB.
	MaxRecord = (len(Judged)*12 + 4) << 10
	// mostSeconds bounds the times in it: three centuries, more than a Duration holds.
	mostSeconds = 1e10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Record is what is saved of one instance that is judged, or that ended and waits for a
// successor.
type Record struct {
	// ID is the key, in one boot of the machine.
	ID process.ID
	// Service and Name are for people; they are in Blob too.
	Service, Name string
	// Blob is all that Restore needs, at most MaxRecord bytes; it is valid during the call
	// only. Empty says that the instance is not judged any more: what was saved under its
	// ID is to be deleted.
	Blob []byte
}

// restored is an instance out of a record.
type restored struct {
	id    process.ID
	role  role
	first float64 // private memory at first

	judges *judges
	// elapsed and wall were the clocks when it was saved.
	elapsed time.Duration
	wall    time.Time
}

// append adds the record of an instance to b.
func (r *restored) append(b []byte) ([]byte, error) {
	from := len(b)
	c := coder{bytes: append(append(b, recordMark...), recordVersion)}
	c.fields(r)
	var err error
	for _, d := range r.judges.detectors {
		if d == nil {
			continue
		}
		at := len(c.bytes)
		c.bytes = append(c.bytes, 0, 0)
		if c.bytes, err = d.AppendBinary(c.bytes); err != nil {
			return b, fmt.Errorf("cannot save what was learnt of process %s: %w", r.id, err)
		}
		binary.LittleEndian.PutUint16(c.bytes[at:], uint16(len(c.bytes)-at-2))
	}
	return binary.LittleEndian.AppendUint32(c.bytes, crc32.Checksum(c.bytes[from:], castagnoli)), nil
}

// parse reads a record.
func parse(b []byte) (*restored, error) {
	switch {
	case len(b) > MaxRecord:
		return nil, fmt.Errorf("%d bytes are more than the %d that one takes at most", len(b), MaxRecord)
	case len(b) < recordHead+recordSum:
		return nil, fmt.Errorf("%d bytes are fewer than the %d of its frame", len(b), recordHead+recordSum)
	case string(b[:len(recordMark)]) != recordMark:
		return nil, fmt.Errorf("it begins with %q, want %q", b[:len(recordMark)], recordMark)
	case b[len(recordMark)] != recordVersion:
		return nil, fmt.Errorf("it is of version %d, this program reads version %d", b[len(recordMark)], recordVersion)
	}
	end := len(b) - recordSum
	if want, have := binary.LittleEndian.Uint32(b[end:]), crc32.Checksum(b[:end], castagnoli); want != have {
		return nil, fmt.Errorf("the checksum of its %d bytes is %08x, %08x was saved: they are damaged", len(b), have, want)
	}
	r := &restored{judges: new(judges)}
	c := coder{bytes: b[recordHead:end], reading: true}
	mask := c.fields(r)
	if c.err == nil {
		c.err = r.check()
	}
	for k := range Judged {
		if c.err != nil || mask&(1<<k) == 0 {
			continue
		}
		d := new(leak.Detector)
		saved := c.take(int(c.size()))
		if c.err == nil {
			c.err = d.UnmarshalBinary(saved)
		}
		r.judges.detectors[k], r.judges.told[k] = d, d.State()
	}
	switch {
	case c.err != nil:
		return nil, c.err
	case len(c.bytes) > 0:
		return nil, fmt.Errorf("%d bytes are left over at its end", len(c.bytes))
	case r.judges.detectors[0] == nil || mask >= 1<<len(Judged):
		return nil, fmt.Errorf("its detectors are %b: want one for private memory and at most %d in all", mask, len(Judged))
	}
	return r, nil
}

// check holds it to what is true of every instance that was observed.
func (r *restored) check() error {
	j := r.judges
	for _, v := range [...]float64{j.from, j.last.T, j.offset, r.first} {
		if math.IsNaN(v - v) {
			return fmt.Errorf("a time or size in it is %v, want a number", v)
		}
	}
	switch {
	case r.elapsed < 0:
		return fmt.Errorf("it was saved at %s of the watch, before its beginning", r.elapsed)
	case !(math.Abs(j.from) <= mostSeconds && math.Abs(j.last.T) <= mostSeconds && math.Abs(j.offset) <= mostSeconds):
		return fmt.Errorf("its times are %g to %g s, %g s ahead of the watch: want less than %g", j.from, j.last.T, j.offset, mostSeconds)
	case j.samples < 1 || j.last.T < j.from:
		return fmt.Errorf("it has %d samples from %g to %g s: want one or more, in this order", j.samples, j.from, j.last.T)
	case j.seen() > r.elapsed.Seconds()+1:
		return fmt.Errorf("its last sample is of second %g, after it was saved at %g", j.seen(), r.elapsed.Seconds())
	}
	return nil
}

// coder writes fields behind bytes, or takes them off its front: one list of fields serves
// both ways.
type coder struct {
	bytes   []byte
	reading bool
	err     error // the first one of reading; what is read after it is 0
}

// fields are those of an instance but its detectors, of which it gives those that there
// are as bits in the order of Judged.
func (c *coder) fields(r *restored) (mask uint64) {
	j := r.judges
	pid, start := uint64(uint32(r.id.PID)), r.id.Start
	elapsed, wall := uint64(r.elapsed), uint64(r.wall.UnixMilli())
	samples := uint64(j.samples)
	for k, d := range j.detectors {
		if d != nil {
			mask |= 1 << k
		}
	}
	c.numbers(&pid, &start, &elapsed, &wall, &samples, &mask)
	c.text(&r.role.service)
	c.text(&r.role.name)
	c.floats(&r.first, &j.offset, &j.from, &j.last.T, &j.last.Work, &j.last.Faults)
	for k := range j.first {
		c.floats(&j.first[k])
	}
	if !c.reading {
		return mask
	}
	if pid > math.MaxUint32 || samples > math.MaxInt {
		c.fail(fmt.Errorf("PID %d with %d samples: want numbers in their ranges", pid, samples))
		return mask
	}
	r.id = process.ID{PID: int32(uint32(pid)), Start: start}
	r.elapsed, r.wall = time.Duration(elapsed), time.UnixMilli(int64(wall))
	j.samples = int(samples)
	j.last.Value, j.last.Beside = math.NaN(), math.NaN()
	return mask
}

func (c *coder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// take is the next n bytes to be read; nil once there are too few.
func (c *coder) take(n int) []byte {
	if len(c.bytes) < n {
		c.fail(fmt.Errorf("it ends %d bytes early", n-len(c.bytes)))
	}
	if c.err != nil {
		return nil
	}
	taken := c.bytes[:n]
	c.bytes = c.bytes[n:]
	return taken
}

func (c *coder) numbers(values ...*uint64) {
	for _, v := range values {
		if !c.reading {
			c.bytes = binary.LittleEndian.AppendUint64(c.bytes, *v)
			continue
		}
		*v = 0
		if b := c.take(8); b != nil {
			*v = binary.LittleEndian.Uint64(b)
		}
	}
}

func (c *coder) floats(values ...*float64) {
	for _, v := range values {
		bits := math.Float64bits(*v)
		c.numbers(&bits)
		*v = math.Float64frombits(bits)
	}
}

// size is the length of what follows.
func (c *coder) size() uint16 {
	if b := c.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *coder) text(v *string) {
	if !c.reading {
		text := (*v)[:min(len(*v), maxText)]
		c.bytes = append(binary.LittleEndian.AppendUint16(c.bytes, uint16(len(text))), text...)
		return
	}
	n := c.size()
	if n > maxText {
		c.fail(fmt.Errorf("a name in it has %d bytes, want at most %d", n, maxText))
	}
	*v = string(c.take(int(n)))
}
