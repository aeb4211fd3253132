package remote

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/snappy"
)

// Limits of a message. Zero takes those of DefaultLimits.
type Limits struct {
	Bytes      int // unpacked
	Series     int
	Labels     int // of a series
	LabelBytes int // of a name or a value
	Samples    int // of all series together
}

// DefaultLimits hold what Prometheus sends at a time (10,000 samples) many times over.
var DefaultLimits = Limits{Bytes: 32 << 20, Series: 50_000, Labels: 64, LabelBytes: 4096, Samples: 500_000}

func (l *Limits) complete() {
	for _, x := range []struct{ at, value *int }{
		{&l.Bytes, &DefaultLimits.Bytes}, {&l.Series, &DefaultLimits.Series}, {&l.Labels, &DefaultLimits.Labels},
		{&l.LabelBytes, &DefaultLimits.LabelBytes}, {&l.Samples, &DefaultLimits.Samples},
	} {
		if *x.at <= 0 {
			*x.at = *x.value
		}
	}
}

// Why a message is refused. Everything that is wrong in itself is an ErrMessage; one that
// is too large is an ErrTooLarge.
var (
	ErrMessage  = errors.New("no message of remote write")
	ErrTooLarge = errors.New("the message is too large")
)

// Decode reads a packed message. Fields that it does not know, such as metadata, exemplars
// and histograms, are left out. It allocates no more than the limits say, whatever the
// message says of itself.
func Decode(body []byte, l Limits) ([]Series, error) {
	l.complete()
	n, err := snappy.DecodedLen(body)
	if err != nil {
		return nil, fmt.Errorf("%w: its snappy block: %w", ErrMessage, err)
	}
	if n > l.Bytes {
		return nil, fmt.Errorf("%w: %d bytes unpacked, %d are the limit", ErrTooLarge, n, l.Bytes)
	}
	if n > maxRatio*len(body)+1024 { // snappy packs by 21 at most: this says a length that it has not
		return nil, fmt.Errorf("%w: %d bytes cannot unpack to %d", ErrMessage, len(body), n)
	}
	plain, err := snappy.Decode(nil, body)
	if err != nil {
		return nil, fmt.Errorf("%w: its snappy block: %w", ErrMessage, err)
	}
	d := decoder{limits: l, names: make(map[string]string)}
	var out []Series
	err = fields(plain, func(number int, _ uint64, value []byte) error {
		if number != 1 || value == nil {
			return nil
		}
		if len(out) == l.Series {
			return fmt.Errorf("%w: more than %d series", ErrTooLarge, l.Series)
		}
		s, err := d.series(value)
		if err != nil {
			return fmt.Errorf("series %d: %w", len(out)+1, err)
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// maxRatio is by how much a snappy block can grow: a copy of 64 bytes takes three.
const maxRatio = 64

type decoder struct {
	limits  Limits
	samples int
	// names are the texts of the message so far: most series of a message have the same
	// names and hosts.
	names map[string]string
}

func (d *decoder) series(b []byte) (s Series, err error) {
	err = fields(b, func(number int, _ uint64, value []byte) error {
		switch {
		case number == 1 && value != nil:
			if len(s.Labels) == d.limits.Labels {
				return fmt.Errorf("%w: more than %d labels", ErrTooLarge, d.limits.Labels)
			}
			l, err := d.label(value)
			s.Labels = append(s.Labels, l)
			return err
		case number == 2 && value != nil:
			if d.samples++; d.samples > d.limits.Samples {
				return fmt.Errorf("%w: more than %d samples", ErrTooLarge, d.limits.Samples)
			}
			x, err := sample(value)
			s.Samples = append(s.Samples, x)
			return err
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	if len(s.Labels) == 0 {
		return s, fmt.Errorf("%w: it has no labels", ErrMessage)
	}
	for i := 1; i < len(s.Labels); i++ {
		if strings.Compare(s.Labels[i-1].Name, s.Labels[i].Name) >= 0 {
			return s, fmt.Errorf("%w: label %.40q does not come after %.40q", ErrMessage, s.Labels[i].Name, s.Labels[i-1].Name)
		}
	}
	return s, nil
}

func (d *decoder) label(b []byte) (l Label, err error) {
	err = fields(b, func(number int, _ uint64, value []byte) error {
		if number != 1 && number != 2 || value == nil {
			return nil
		}
		if len(value) > d.limits.LabelBytes {
			return fmt.Errorf("%w: a label of %d bytes, %d are the limit", ErrTooLarge, len(value), d.limits.LabelBytes)
		}
		if !utf8.Valid(value) {
			return fmt.Errorf("%w: label %.40q is no UTF-8", ErrMessage, value)
		}
		text, known := d.names[string(value)]
		if !known {
			text = string(value)
			d.names[text] = text
		}
		if number == 1 {
			l.Name = text
		} else {
			l.Value = text
		}
		return nil
	})
	if err == nil && l.Name == "" {
		err = fmt.Errorf("%w: a label without a name, with the value %.40q", ErrMessage, l.Value)
	}
	return l, err
}

func sample(b []byte) (x Sample, err error) {
	err = fields(b, func(number int, word uint64, value []byte) error {
		switch {
		case value != nil:
		case number == 1:
			x.V = math.Float64frombits(word)
		case number == 2:
			x.T = int64(word)
		}
		return nil
	})
	return x, err
}

// fields goes through a message: value is that of a field of bytes, word that of others.
func fields(b []byte, each func(number int, word uint64, value []byte) error) error {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 || tag>>3 == 0 || tag>>3 > math.MaxInt32 {
			return fmt.Errorf("%w: a field cannot be read", ErrMessage)
		}
		b = b[n:]
		var word uint64
		var value []byte
		switch tag & 7 {
		case 0:
			if word, n = binary.Uvarint(b); n <= 0 {
				return fmt.Errorf("%w: a number cannot be read", ErrMessage)
			}
			b = b[n:]
		case 1:
			if len(b) < 8 {
				return fmt.Errorf("%w: it ends within a figure", ErrMessage)
			}
			word, b = binary.LittleEndian.Uint64(b), b[8:]
		case 2:
			length, n := binary.Uvarint(b)
			if n <= 0 || length > uint64(len(b)-n) {
				return fmt.Errorf("%w: it ends within a field", ErrMessage)
			}
			value, b = b[n:n+int(length):n+int(length)], b[n+int(length):]
			if value == nil {
				value = []byte{}
			}
		case 5:
			if len(b) < 4 {
				return fmt.Errorf("%w: it ends within a figure", ErrMessage)
			}
			word, b = uint64(binary.LittleEndian.Uint32(b)), b[4:]
		default:
			return fmt.Errorf("%w: a field of the unknown kind %d", ErrMessage, tag&7)
		}
		if err := each(int(tag>>3), word, value); err != nil {
			return err
		}
	}
	return nil
}
