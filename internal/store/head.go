package store

import (
	"fmt"

	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// Bounds of what is open at a time.
const (
	// MaxSeries is how many series the open hour may have, about 1 KB each.
	MaxSeries = 8192
	// MaxOwners is how many owners may be open: those of the present hour and of the one
	// before.
	MaxOwners = 2048
)

// hourMillis is the span of a chunk.
const hourMillis = int64(3600_000)

// hourOf is the number of the hour that a time lies in, also before 1970.
func hourOf(t int64) int64 {
	h := t / hourMillis
	if t%hourMillis < 0 {
		h--
	}
	return h
}

// summary is what a chunk or bucket says without its samples.
type summary struct {
	n                          int64
	t0, t1                     int64
	first, last, min, max, sum float64
}

// add takes in a later sample.
func (s *summary) add(t int64, v float64) {
	if s.n == 0 {
		s.t0, s.first, s.min, s.max = t, v, v, v
	}
	s.n++
	s.t1, s.last = t, v
	s.sum += v
	s.min, s.max = min(s.min, v), max(s.max, v)
}

// join takes in a summary of later samples.
func (s *summary) join(o summary) {
	if s.n == 0 {
		*s = o
		return
	}
	s.n += o.n
	s.t1, s.last = o.t1, o.last
	s.sum += o.sum
	s.min, s.max = min(s.min, o.min), max(s.max, o.max)
}

// head is the chunk of one series in the open hour.
type head struct {
	summary
	data     *chunkenc.XORChunk
	appender chunkenc.Appender
}

func newHead() (*head, error) {
	h := &head{data: chunkenc.NewXORChunk()}
	var err error
	if h.appender, err = h.data.Appender(); err != nil {
		return nil, fmt.Errorf("cannot begin a chunk: %w", err)
	}
	return h, nil
}

// reset begins another hour in the memory of the one before: the buffers of all series
// would otherwise be given back at the full hour and taken again during it, which looks
// like growth to whoever watches this process.
func (h *head) reset() error {
	buffer := h.data.Bytes()[:emptyChunk]
	clear(buffer)
	h.data.Reset(buffer)
	h.summary = summary{}
	var err error
	if h.appender, err = h.data.Appender(); err != nil {
		return fmt.Errorf("cannot begin a chunk: %w", err)
	}
	return nil
}

// emptyChunk is how long a chunk without samples is: its number of samples.
const emptyChunk = 2

// add takes in a sample that is later than those before.
func (h *head) add(t int64, v float64) {
	h.appender.Append(0, t, v)
	h.summary.add(t, v)
}

// addHead takes a sample into the open hour. The caller holds mu.
func (s *Store) addHead(series Series, t int64, v float64) error {
	h := s.head[series]
	if h == nil {
		if len(s.head) >= MaxSeries && !s.dropIdle() {
			return fmt.Errorf("%w: the open hour has %d already", ErrCrowded, MaxSeries)
		}
		var err error
		if h, err = newHead(); err != nil {
			return err
		}
		s.head[series] = h
	}
	h.add(t, v)
	return nil
}

// dropIdle drops the series that have no sample in the open hour yet, and reports whether
// there were any. The caller holds mu.
func (s *Store) dropIdle() bool {
	before := len(s.head)
	for series, h := range s.head {
		if h.n == 0 {
			delete(s.head, series)
		}
	}
	return len(s.head) < before
}
