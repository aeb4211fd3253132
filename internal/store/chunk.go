package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// tier is how fine the samples of a chunk are.
type tier int64

const (
	tierRaw     tier = 0 // every sample
	tierMinutes tier = 1 // one bucket a minute
)

// chunk is a row of the table chunk: one hour of one series.
type chunk struct {
	key key
	summary
	tier tier
	data []byte
	// joins says that there may be another of the same key in the file when it is written.
	joins bool
}

// key is the key of a chunk, an hour and a series, and of a day, a day and a series.
type key int64

func keyOf(span int64, s Series) key { return key(span<<32 | int64(s)) }

func (k key) span() int64    { return int64(k) >> 32 }
func (k key) series() Series { return Series(uint32(k)) }

// Point is one sample of a series.
type Point struct {
	T     int64 // milliseconds since 1970
	Value float64
}

// errChunk says that bytes are no chunk.
var errChunk = errors.New("no chunk of samples")

// decodeSamples appends the samples of a raw chunk to points.
func decodeSamples(points []Point, data []byte) ([]Point, error) {
	if len(data) < 2 {
		return points, fmt.Errorf("%w: %d bytes", errChunk, len(data))
	}
	c, err := chunkenc.FromData(chunkenc.EncXOR, data)
	if err != nil {
		return points, fmt.Errorf("%w: %w", errChunk, err)
	}
	it := c.Iterator(nil)
	for it.Next() != chunkenc.ValNone {
		t, v := it.At()
		points = append(points, Point{t, v})
	}
	if err := it.Err(); err != nil {
		return points, fmt.Errorf("%w: %w", errChunk, err)
	}
	return points, nil
}

// encodeSamples makes a raw chunk of samples in order of time.
func encodeSamples(points []Point) ([]byte, summary, error) {
	h, err := newHead()
	if err != nil {
		return nil, summary{}, err
	}
	if len(points) > math.MaxUint16 {
		return nil, summary{}, fmt.Errorf("%d samples in an hour are too many: %d at most", len(points), math.MaxUint16)
	}
	for _, p := range points {
		h.add(p.T, p.Value)
	}
	return h.data.Bytes(), h.summary, nil
}

// Bucket is what a stretch of a series amounts to.
type Bucket struct {
	T    int64 // its beginning, milliseconds since 1970
	N    int64 // samples in it
	Min  float64
	Mean float64
	Max  float64
	Last float64
	// First is the first sample; in minutes and hours that were thinned it is the mean of
	// the first minute or hour.
	First float64
}

// encodeBuckets packs buckets, each span long from t on: five columns of which the last
// four are left out where they equal the one before.
func encodeBuckets(buckets []Bucket, from, span int64) ([]byte, error) {
	out := make([]byte, 0, 256)
	var before []byte
	for column := range bucketColumns {
		c := chunkenc.NewXORChunk()
		appender, err := c.Appender()
		if err != nil {
			return nil, fmt.Errorf("cannot begin a chunk: %w", err)
		}
		for i := range buckets {
			appender.Append(0, (buckets[i].T-from)/span, *bucketColumns[column](&buckets[i]))
		}
		data := c.Bytes()
		if column > 0 && string(data) == string(before) {
			out = binary.AppendUvarint(out, 0)
			continue
		}
		out = binary.AppendUvarint(out, uint64(len(data)))
		out = append(out, data...)
		before = data
	}
	for i := range buckets {
		out = binary.AppendUvarint(out, uint64(buckets[i].N))
	}
	return out, nil
}

// bucketColumns are the values of a bucket in the order in which they are packed.
var bucketColumns = [...]func(*Bucket) *float64{
	func(b *Bucket) *float64 { return &b.Min },
	func(b *Bucket) *float64 { return &b.Mean },
	func(b *Bucket) *float64 { return &b.Max },
	func(b *Bucket) *float64 { return &b.Last },
}

// decodeBuckets appends packed buckets to buckets.
func decodeBuckets(buckets []Bucket, data []byte, from, span int64) ([]Bucket, error) {
	start := len(buckets)
	var before []byte
	var points []Point
	for column := range bucketColumns {
		n, k := binary.Uvarint(data)
		if k <= 0 || n > uint64(len(data)-k) || n == 0 && column == 0 {
			return buckets, fmt.Errorf("%w: column %d breaks off", errChunk, column)
		}
		data = data[k:]
		own := before
		if n > 0 {
			own, data = data[:n], data[n:]
		}
		before = own
		var err error
		if points, err = decodeSamples(points[:0], own); err != nil {
			return buckets, err
		}
		if column == 0 {
			for _, p := range points {
				if p.T < 0 || p.T >= maxBuckets {
					return buckets[:start], fmt.Errorf("%w: bucket %d", errChunk, p.T)
				}
				buckets = append(buckets, Bucket{T: from + p.T*span})
			}
		}
		if len(points) != len(buckets)-start {
			return buckets[:start], fmt.Errorf("%w: columns of %d and %d buckets", errChunk, len(buckets)-start, len(points))
		}
		for i, p := range points {
			*bucketColumns[column](&buckets[start+i]) = p.Value
		}
	}
	for i := start; i < len(buckets); i++ {
		n, k := binary.Uvarint(data)
		if k <= 0 || n == 0 || n > math.MaxInt32 {
			return buckets[:start], fmt.Errorf("%w: bad number of samples in bucket %d", errChunk, i-start)
		}
		data = data[k:]
		buckets[i].N = int64(n)
		buckets[i].First = buckets[i].Mean
	}
	return buckets, nil
}

// maxBuckets bounds how many buckets a packed row has: the minutes of an hour.
const maxBuckets = 60

// minuteMillis is the span of a bucket of the tier of minutes.
const minuteMillis = int64(60_000)

// minutesOf makes the minutes of samples in order of time. The mean keeps 24 bits, one part in
// 16 million, so that the rest packs well; min, max and last are exact.
func minutesOf(points []Point) []Bucket {
	var out []Bucket
	var s summary
	flush := func() {
		if s.n > 0 {
			out = append(out, bucketOf(s, s.t0-mod(s.t0, minuteMillis)))
		}
		s = summary{}
	}
	for _, p := range points {
		if s.n > 0 && p.T-mod(p.T, minuteMillis) != s.t0-mod(s.t0, minuteMillis) {
			flush()
		}
		s.add(p.T, p.Value)
	}
	flush()
	return out
}

func bucketOf(s summary, t int64) Bucket {
	mean := s.first
	if s.min != s.max {
		mean = min(max(float64(float32(s.sum/float64(s.n))), s.min), s.max)
	}
	return Bucket{T: t, N: s.n, Min: s.min, Mean: mean, Max: s.max, Last: s.last, First: s.first}
}

// mod is the remainder that is never negative.
func mod(t, span int64) int64 {
	m := t % span
	if m < 0 {
		m += span
	}
	return m
}
