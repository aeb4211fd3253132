package query

import (
	"context"
	"math"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/zol0/zol0/internal/store"
)

// seriesSet goes through the series of one selector.
type seriesSet struct {
	ctx     context.Context //nolint:containedctx // the interface of a series set has no other way
	querier *querier
	all     []found
	every   bool // sample is wanted
	hints   storage.SelectHints
	next    int
}

func (s *seriesSet) Next() bool                        { s.next++; return s.next < len(s.all) }
func (s *seriesSet) At() storage.Series                { return &series{s, &s.all[s.next]} }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// series is one that fits.
type series struct {
	set *seriesSet
	*found
}

func (s *series) Labels() labels.Labels { return s.labels }

// Iterator goes through its samples; the iterator of another series of this set is used
// again, with its memory.
func (s *series) Iterator(old chunkenc.Iterator) chunkenc.Iterator {
	i, ok := old.(*iterator)
	if !ok {
		i = &iterator{}
	}
	i.reset(s)
	return i
}

// slowest is the longest time between two samples of a series of our own.
const slowest = int64(60_000)

// iterator gives the samples of a series to the engine, and the markers of its ends.
type iterator struct {
	chunkenc.Iterator // histograms are never asked for: there are none
	series            *series
	samples           *store.Cursor
	t                 moment
	v                 float64
	on, held, ended   bool    // at a sample; the cursor is one ahead; the last marker was given
	some              bool    // there was a sample
	last              moment  // the time of the last sample given
	ends              []int64 // when a received series was seen to end
	err               error
}

// moment is a time in milliseconds. It has a name of its own for go vet, which takes every
// Seek of an int64 for that of an io.Seeker.
type moment = int64

// reset begins another series, in the memory of the one before.
func (i *iterator) reset(s *series) {
	x := s.selection()
	*i = iterator{series: s, samples: i.samples}
	if i.samples == nil {
		i.samples = s.set.querier.store.Cursor(s.set.ctx, x)
	} else {
		i.samples.Reset(s.set.ctx, x)
	}
	if s.received && s.set.hints.Range == 0 {
		i.ends, i.err = s.set.querier.store.Ends(s.set.ctx, s.id, x.From, x.To)
	}
}

// figures are what a function over a stretch of time needs of an hour that lies in all its
// windows. The answer is the same as that of all samples: the lowest of all is the lowest
// of the lowest, the last of all is that of the last hour. delta is made of the first and the
// last sample and of how many there are, and of nothing else.
var figures = map[string]store.Figure{
	"min_over_time": store.Lowest, "max_over_time": store.Highest,
	"last_over_time": store.Latest, "first_over_time": store.Earliest, "present_over_time": store.Latest,
	"delta": store.Ends, "count_over_time": store.Ends,
}

// selection is what is read of a series.
//
// Where a window is asked for, the first begins at the start of the hints and has the length
// of their range, and the last ends at their end: what lies between the start of the last
// and the end of the first lies in all of them.
//
// Where no window is asked for, the engine seeks the beginning of the lookback of a point,
// reads on to the point and takes the last sample it met: all others may be left out.
func (s *series) selection() store.Selection {
	h := &s.set.hints
	x := store.Selection{Series: s.id, Kind: s.kind, From: min(h.Start, math.MaxInt64/2), To: min(h.End, math.MaxInt64/2), First: s.first, Last: s.last}
	switch {
	case h.Range > 0:
		x.Figure, x.CoreFrom, x.CoreTo = figures[h.Func], h.End-h.Range+1, h.Start+h.Range-1
	case !s.set.every && s.set.querier.lookback > 0:
		x.Within = s.set.querier.lookback - 1
	}
	return x
}

// Next goes to the next sample.
func (i *iterator) Next() chunkenc.ValueType {
	return i.give(i.err == nil && (i.held || i.samples.Next()))
}

// Seek goes to the first sample at a time or later.
func (i *iterator) Seek(t moment) chunkenc.ValueType {
	if i.on && i.t >= t {
		return chunkenc.ValFloat
	}
	if i.held {
		if at, _ := i.samples.At(); at >= t {
			return i.give(true)
		}
	}
	i.held = false
	return i.give(i.err == nil && i.samples.SeekTime(t))
}

// give gives the sample that the cursor is at, if it is at one, or a marker before it.
func (i *iterator) give(sample bool) chunkenc.ValueType {
	i.held = false
	if !sample {
		return i.end()
	}
	t, v := i.samples.At()
	for len(i.ends) > 0 && i.ends[0] < t {
		end := i.ends[0]
		i.ends = i.ends[1:]
		if i.some && end > i.last {
			i.t, i.v, i.on, i.held = end, stale, true, true
			return chunkenc.ValFloat
		}
	}
	i.t, i.v, i.on, i.some, i.last = t, v, true, true, t
	return chunkenc.ValFloat
}

// end gives the marker that Prometheus puts behind the last sample of a series that ended,
// so that it is not taken for present for as long as the lookback.
func (i *iterator) end() chunkenc.ValueType {
	i.on = false
	if i.err == nil {
		i.err = i.samples.Err()
	}
	if i.ended || i.err != nil || !i.some || i.series.set.hints.Range > 0 {
		return chunkenc.ValNone
	}
	i.ended = true
	var gone moment
	var is bool
	if i.series.received {
		for len(i.ends) > 0 && !is {
			gone, is, i.ends = i.ends[0], i.ends[0] > i.last, i.ends[1:]
		}
	} else {
		gone, is, i.err = i.series.gone(i.last)
	}
	if !is || i.err != nil || gone > i.series.set.hints.End {
		return chunkenc.ValNone
	}
	i.t, i.v, i.on = gone, stale, true
	return chunkenc.ValFloat
}

// gone is when a series of our own is known to have ended, where the sample at last is its
// last of all: two of its intervals later, as one late beat is no end. A gauge is somebody
// else's, and may be measured as rarely as it likes.
func (s *series) gone(last moment) (gone moment, is bool, err error) {
	newest, ok := s.set.querier.store.Last()
	if s.kind == store.Gauge || !ok || s.open && newest <= last {
		return 0, false, nil
	}
	ctx, of := s.set.ctx, s.set.querier.store
	read := of.Cursor(ctx, store.Selection{Series: s.id, Kind: s.kind, From: last + 1, To: min(s.last, max(newest, last)), First: last + 1, Last: s.last})
	if read.Next() || read.Err() != nil { // it goes on after what was asked for
		return 0, false, read.Err()
	}
	every := slowest
	for read.Reset(ctx, store.Selection{Series: s.id, Kind: s.kind, From: last - slowest, To: last - 1, First: s.first, Last: last}); read.Next(); {
		t, _ := read.At()
		every = last - t
	}
	gone = last + 2*every
	if s.open && newest <= gone+every { // it may yet have one
		return 0, false, read.Err()
	}
	return gone, true, read.Err()
}

// At is the present sample.
func (i *iterator) At() (int64, float64) { return i.t, i.v }

// AtT is its time.
func (i *iterator) AtT() int64 { return i.t }

// AtST is when counting began, which is not known.
func (i *iterator) AtST() int64 { return 0 }

// Err is why there are no more samples.
func (i *iterator) Err() error { return i.err }

func (*iterator) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) {
	panic("BUG: a histogram was asked for, and there are none")
}

func (*iterator) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	panic("BUG: a histogram was asked for, and there are none")
}

// stale is the value that means that a series ended.
var stale = math.Float64frombits(value.StaleNaN)
