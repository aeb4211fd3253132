package remote

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/snappy"
)

// The messages are (prometheus/prompb/remote.proto and types.proto):
//
//	WriteRequest  { repeated TimeSeries timeseries = 1; }
//	TimeSeries    { repeated Label labels = 1; repeated Sample samples = 2; }
//	Label         { string name = 1; string value = 2; }
//	Sample        { double value = 1; int64 timestamp = 2; }
//
// They are written by hand, as there are four of them, so that a beat allocates nothing.
const (
	inSeries  = 1<<3 | 2 // field 1, bytes: a series of a request, a label of a series
	inSample  = 2<<3 | 2 // field 2, bytes: a sample of a series
	fieldName = 1<<3 | 2
	fieldText = 2<<3 | 2
	fieldReal = 1<<3 | 1 // eight bytes
	fieldTime = 2 << 3   // a varint, which is type 0
)

// Encoder makes messages. Its zero value is ready; it keeps its buffer.
type Encoder struct {
	plain []byte
}

// Encode appends the packed message of all series to dst.
func (e *Encoder) Encode(dst []byte, all []Series) ([]byte, error) {
	e.plain = e.plain[:0]
	for i := range all {
		s := &all[i]
		if len(s.Labels) == 0 || len(s.Samples) == 0 {
			return dst, errors.New("a series without labels or samples cannot be sent")
		}
		e.plain = append(e.plain, inSeries)
		e.plain = binary.AppendUvarint(e.plain, uint64(sizeOf(s)))
		for _, l := range s.Labels {
			e.plain = append(e.plain, inSeries)
			e.plain = binary.AppendUvarint(e.plain, uint64(sizeOfText(l.Name)+sizeOfText(l.Value)))
			e.text(fieldName, l.Name)
			e.text(fieldText, l.Value)
		}
		for _, x := range s.Samples {
			e.plain = append(e.plain, inSample)
			e.plain = binary.AppendUvarint(e.plain, uint64(sizeOfSample(x)))
			e.plain = append(e.plain, fieldReal)
			e.plain = binary.LittleEndian.AppendUint64(e.plain, math.Float64bits(x.V))
			e.plain = append(e.plain, fieldTime)
			e.plain = binary.AppendUvarint(e.plain, uint64(x.T))
		}
	}
	longest := snappy.MaxEncodedLen(len(e.plain))
	if longest < 0 {
		return dst, fmt.Errorf("a message of %d bytes is too long for snappy", len(e.plain))
	}
	start := len(dst)
	if cap(dst)-start < longest {
		grown := make([]byte, start, start+longest)
		copy(grown, dst)
		dst = grown
	}
	return dst[:start+len(snappy.Encode(dst[start:start+longest], e.plain))], nil
}

func (e *Encoder) text(field byte, s string) {
	e.plain = append(e.plain, field)
	e.plain = binary.AppendUvarint(e.plain, uint64(len(s)))
	e.plain = append(e.plain, s...)
}

// sizeOf is the length of a series without the head that says it.
func sizeOf(s *Series) (n int) {
	for _, l := range s.Labels {
		n += sized(sizeOfText(l.Name) + sizeOfText(l.Value))
	}
	for _, x := range s.Samples {
		n += sized(sizeOfSample(x))
	}
	return n
}

func sizeOfText(s string) int { return sized(len(s)) }

func sizeOfSample(x Sample) int { return 1 + 8 + 1 + varintLength(uint64(x.T)) }

// sized is the length of n bytes with their field and their length before them.
func sized(n int) int { return 1 + varintLength(uint64(n)) + n }

func varintLength(v uint64) (n int) {
	for n = 1; v >= 0x80; n++ {
		v >>= 7
	}
	return n
}

// Encode appends the packed message of all series to dst. Whoever encodes often keeps an
// Encoder.
func Encode(dst []byte, all []Series) ([]byte, error) {
	var e Encoder
	return e.Encode(dst, all)
}
