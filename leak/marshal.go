package leak

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
)

// The form of a saved detector: a mark, a version, the fields in the order of fields, and
// a checksum (CRC-32C) of all that. Numbers are little-endian.
const (
	savedMark = "leak"
	// savedVersion changes whenever the fields or their meaning do. Another version is
	// refused: half an understanding would be a wrong verdict.
	savedVersion = 1
	checksumSize = 4
	// maxSaved is more than a full history takes (TestSavedStateIsBounded); bytes beyond
	// it are nothing that was saved here.
	maxSaved = 12 * 1024
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// MarshalBinary saves the detector: its options and what it has seen, at most 12 KiB. It
// does not fail on a detector that New made.
func (d *Detector) MarshalBinary() ([]byte, error) {
	return d.AppendBinary(nil)
}

// AppendBinary is MarshalBinary behind what b already holds.
func (d *Detector) AppendBinary(b []byte) ([]byte, error) {
	if err := d.check(); err != nil {
		return b, fmt.Errorf("leak: cannot save the detector: %w", err)
	}
	c := coder{bytes: append(append(slices.Grow(b, d.savedSize()), savedMark...), savedVersion)}
	c.fields(d)
	return binary.LittleEndian.AppendUint32(c.bytes, crc32.Checksum(c.bytes[len(b):], castagnoli)), nil
}

// savedSize is about how many bytes the detector takes: never too few by much.
func (d *Detector) savedSize() int {
	const fixed, perLife, perBucket = 256, 25, 24
	buckets := 0
	for level := range d.history.rings {
		buckets += int(d.history.rings[level].used)
	}
	return fixed + perLife*d.lives.n + perBucket*buckets
}

// UnmarshalBinary makes the detector the one that was saved: from here on it says what the
// saved one would have said. The options are those saved; a model that was set stays. It
// fails, and leaves the detector as it was, on bytes that are no saved detector, are of
// another version, or are damaged.
func (d *Detector) UnmarshalBinary(b []byte) error {
	restored := Detector{model: d.model}
	if err := restored.restore(b); err != nil {
		return fmt.Errorf("leak: cannot restore a detector: %w; start the series anew with New", err)
	}
	*d = restored
	return nil
}

func (d *Detector) restore(b []byte) error {
	const head = len(savedMark) + 1
	switch {
	case len(b) > maxSaved:
		return fmt.Errorf("%d bytes are more than the %d that one takes at most", len(b), maxSaved)
	case len(b) < head+checksumSize:
		return fmt.Errorf("%d bytes are fewer than the %d of its frame", len(b), head+checksumSize)
	case string(b[:len(savedMark)]) != savedMark:
		return fmt.Errorf("it begins with %q, want %q", b[:len(savedMark)], savedMark)
	case b[len(savedMark)] != savedVersion:
		return fmt.Errorf("it is of version %d, this program reads version %d", b[len(savedMark)], savedVersion)
	}
	end := len(b) - checksumSize
	if want, have := binary.LittleEndian.Uint32(b[end:]), crc32.Checksum(b[:end], castagnoli); want != have {
		return fmt.Errorf("the checksum of its %d bytes is %08x, %08x was saved: they are damaged", len(b), have, want)
	}
	c := coder{bytes: b[head:end], reading: true}
	c.fields(d)
	switch {
	case c.err != nil:
		return c.err
	case len(c.bytes) > 0:
		return fmt.Errorf("%d bytes are left over at its end", len(c.bytes))
	}
	return d.check()
}

// coder writes fields behind bytes, or takes them off its front: one list of fields serves
// both ways, so that the two cannot differ.
type coder struct {
	bytes   []byte
	reading bool
	err     error   // the first one of reading; what is read after it is 0
	none    [8]byte // what is read then
}

// fields are those of a detector, in the order in which they are saved. The model is the
// program's and not the series'.
func (c *coder) fields(d *Detector) {
	c.small((*uint8)(&d.options.Kind), "kind", uint8(len(kindWords)-1))
	c.floats(&d.options.Floor, &d.options.Limit, &d.options.Threshold)
	c.small((*uint8)(&d.state), "state", uint8(Leaking))
	c.floats(&d.beside, &d.next, &d.since, &d.under, &d.alarmed)
	c.count(&d.samples, "samples")
	c.count(&d.ignored, "ignored samples")
	c.count(&d.belated, "late samples")
	c.count(&d.restarts, "restarts")

	l := &d.lives
	c.count(&l.n, "kept lives")
	c.count(&l.growing, "growing lives")
	for i := range min(l.n, keptLives) {
		c.life(&l.kept[i])
	}

	h := &d.history
	c.floats(&h.width, &h.origin, &h.base, &h.baseWork, &h.baseFaults, &h.last, &h.value)
	c.count(&h.samples, "samples of the life")
	c.bucket(&h.open)
	for level := range h.rings {
		r := &h.rings[level]
		c.small(&r.used, "buckets of a level", perLevel)
		for i := range int(r.used) {
			c.bucket(r.at(i))
		}
	}
}

func (c *coder) life(l *life) {
	c.floats(&l.Span, &l.Growth, &l.Rate)
	var grew uint8
	if l.Grew {
		grew = 1
	}
	c.small(&grew, "growth of a life", 1)
	l.Grew = grew == 1
}

func (c *coder) bucket(b *bucket) {
	for _, v := range [...]*float32{&b.at, &b.low, &b.mean, &b.work, &b.faults} {
		bits := math.Float32bits(*v)
		c.word(&bits)
		*v = math.Float32frombits(bits)
	}
	c.word(&b.n)
}

// take is the next n bytes to be read; zeros once there are too few.
func (c *coder) take(n int) []byte {
	if c.err == nil && len(c.bytes) < n {
		c.err = fmt.Errorf("it ends %d bytes early", n-len(c.bytes))
	}
	if c.err != nil {
		return c.none[:n]
	}
	taken := c.bytes[:n]
	c.bytes = c.bytes[n:]
	return taken
}

func (c *coder) word(v *uint32) {
	if c.reading {
		*v = binary.LittleEndian.Uint32(c.take(4))
		return
	}
	c.bytes = binary.LittleEndian.AppendUint32(c.bytes, *v)
}

func (c *coder) floats(values ...*float64) {
	for _, v := range values {
		if c.reading {
			*v = math.Float64frombits(binary.LittleEndian.Uint64(c.take(8)))
			continue
		}
		c.bytes = binary.LittleEndian.AppendUint64(c.bytes, math.Float64bits(*v))
	}
}

// count is a number of things: as many as an int holds.
func (c *coder) count(v *int, what string) {
	if !c.reading {
		c.bytes = binary.LittleEndian.AppendUint64(c.bytes, uint64(*v))
		return
	}
	n := binary.LittleEndian.Uint64(c.take(8))
	if n > math.MaxInt && c.err == nil {
		c.err = fmt.Errorf("%s: %d, want at most %d", what, n, math.MaxInt)
	}
	if c.err != nil {
		n = 0
	}
	*v = int(n)
}

// small is a number of one byte, at most limit.
func (c *coder) small(v *uint8, what string, limit uint8) {
	if !c.reading {
		c.bytes = append(c.bytes, *v)
		return
	}
	*v = c.take(1)[0]
	if *v > limit && c.err == nil {
		c.err = fmt.Errorf("%s: %d, want at most %d", what, *v, limit)
	}
	if c.err != nil {
		*v = 0
	}
}
