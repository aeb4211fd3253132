package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Sample is the value of one series at the moment of an Append.
type Sample struct {
	Series Series
	Value  float64
}

// stream is a sequence of frames of its own: figures of every beat, and those of every
// minute, whose series would otherwise come and go in every frame.
type stream int

const (
	beats stream = iota
	minutes
	streams
)

// frameCoder turns the samples of a moment into a frame, the difference to the frame
// before, and back. Both sides keep the same state.
//
// A frame is a byte, 1 when the list of series follows (their number and the differences
// between them as varints) and 0 when it is that of the frame before; then, for each value
// that changed, how many before it did not, and the XOR of the two values with its bytes
// reversed, as the bits that change are the upper ones.
type frameCoder struct {
	series []Series
	values []uint64
	before []Series
	kept   []uint64
	out    []byte
}

// reset begins a sequence that rests on nothing before it.
func (c *frameCoder) reset() {
	c.series, c.values = c.series[:0], c.values[:0]
}

const (
	frameSame = 0
	frameList = 1
)

// encode returns the frame of samples, which are sorted by series. It is valid until the
// next call.
func (c *frameCoder) encode(samples []Sample) []byte {
	out := c.out[:0]
	if c.same(samples) {
		out = append(out, frameSame)
	} else {
		out = append(out, frameList)
		out = binary.AppendUvarint(out, uint64(len(samples)))
		c.before = append(c.before[:0], c.series...)
		c.series = c.series[:0]
		last := Series(0)
		for _, x := range samples {
			out = binary.AppendUvarint(out, uint64(x.Series-last))
			last = x.Series
			c.series = append(c.series, x.Series)
		}
		c.carry()
	}
	run := uint64(0)
	for i, x := range samples {
		v := math.Float64bits(x.Value)
		changed := v ^ c.values[i]
		if changed == 0 {
			run++
			continue
		}
		c.values[i] = v
		out = binary.AppendUvarint(out, run)
		out = binary.AppendUvarint(out, bits.ReverseBytes64(changed))
		run = 0
	}
	c.out = out
	return out
}

func (c *frameCoder) same(samples []Sample) bool {
	if len(samples) != len(c.series) || len(samples) == 0 {
		return false
	}
	for i, x := range samples {
		if x.Series != c.series[i] {
			return false
		}
	}
	return true
}

// carry gives each series of the new list the value that it had in the one before.
func (c *frameCoder) carry() {
	c.kept = append(c.kept[:0], c.values...)
	c.values = c.values[:0]
	j := 0
	for _, s := range c.series {
		for j < len(c.before) && c.before[j] < s {
			j++
		}
		v := uint64(0)
		if j < len(c.before) && c.before[j] == s {
			v = c.kept[j]
		}
		c.values = append(c.values, v)
	}
}

// errFrame says that bytes are no frame.
var errFrame = errors.New("no frame of samples")

// decode takes in a frame; series and values hold its samples afterwards. After an error
// the state is undefined until the next reset.
func (c *frameCoder) decode(b []byte) error {
	if len(b) == 0 {
		return fmt.Errorf("%w: it is empty", errFrame)
	}
	kind := b[0]
	b = b[1:]
	switch kind {
	case frameSame:
	case frameList:
		n, k := binary.Uvarint(b)
		if k <= 0 || n > MaxSeries {
			return fmt.Errorf("%w: bad number of series", errFrame)
		}
		b = b[k:]
		c.before = append(c.before[:0], c.series...)
		c.series = c.series[:0]
		last := uint64(0)
		for i := range n {
			d, k := binary.Uvarint(b)
			if k <= 0 || d == 0 && i > 0 || d > math.MaxUint32-last {
				return fmt.Errorf("%w: bad list of series", errFrame)
			}
			b = b[k:]
			last += d
			c.series = append(c.series, Series(last))
		}
		c.carry()
	default:
		return fmt.Errorf("%w: unknown kind %d", errFrame, kind)
	}
	for i := uint64(0); len(b) > 0; i++ {
		run, k := binary.Uvarint(b)
		if k <= 0 {
			return fmt.Errorf("%w: it breaks off", errFrame)
		}
		changed, k2 := binary.Uvarint(b[k:])
		if k2 <= 0 || run >= uint64(len(c.values)) || i+run >= uint64(len(c.values)) {
			return fmt.Errorf("%w: a value beyond its %d series", errFrame, len(c.values))
		}
		b = b[k+k2:]
		i += run
		c.values[i] ^= bits.ReverseBytes64(changed)
	}
	return nil
}
