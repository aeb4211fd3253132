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

const (
	hour = int64(3600_000)
	day  = 24 * hour
	// sparse is from which step on samples between the points of an answer are not read:
	// below it, reading all costs no more than looking each up.
	sparse = 2 * hour
	// slowest is the longest time between two samples of a series of our own.
	slowest = int64(60_000)
)

// iterator reads the samples of a series, some hours at a time: a page. The store is asked
// for each page alone, so that it never waits for a query that computes.
//
// Which pages are read depends on what is asked. A course with long steps needs the samples
// before its points only, and the engine seeks them: pages are as short as the lookback
// then. The minimum or maximum of one stretch is read as one figure of each whole hour,
// which the store keeps beside the samples. Otherwise all samples are read.
type iterator struct {
	chunkenc.Iterator // histograms are never asked for: there are none
	series            *series
	page              []store.Point
	at                int   // in page
	from, to          int64 // of what is asked
	read              int64 // up to where pages were read, included
	length            int64 // of a page
	extreme           int   // of one stretch: -1 its minimum, 1 its maximum, 0 neither
	last, before      store.Point
	count             int64 // of samples read
	ended             bool  // and whether the marker of the end was given
	err               error
}

func (i *iterator) reset(s *series) {
	h := &s.set.hints
	*i = iterator{series: s, page: i.page[:0], at: -1}
	i.from, i.to = clip(max(h.Start, s.first)), clip(min(h.End, s.last))
	i.read, i.length = i.from-1, day
	switch {
	case h.Range == 0 && h.Step >= sparse:
		i.length = s.set.querier.lookback
	case h.Range > 0 && h.End-h.Start <= h.Range && h.Func == "min_over_time":
		i.extreme = -1
	case h.Range > 0 && h.End-h.Start <= h.Range && h.Func == "max_over_time":
		i.extreme = 1
	}
}

// Next goes to the next sample.
func (i *iterator) Next() chunkenc.ValueType {
	i.at++
	for i.at >= len(i.page) {
		if !i.load() {
			return i.end()
		}
	}
	return chunkenc.ValFloat
}

// moment is a time in milliseconds. It has a name of its own for go vet, which takes every
// Seek of an int64 for that of an io.Seeker.
type moment = int64

// Seek goes to the first sample at a time or later.
func (i *iterator) Seek(t moment) chunkenc.ValueType {
	if i.at >= 0 && i.at < len(i.page) && i.page[i.at].T >= t {
		return chunkenc.ValFloat
	}
	if t > i.read+1 && i.extreme == 0 { // nothing before it is wanted
		i.skip(t)
	}
	for {
		if i.Next() == chunkenc.ValNone {
			return chunkenc.ValNone
		}
		if i.page[i.at].T >= t {
			return chunkenc.ValFloat
		}
	}
}

// skip leaves out the time before t, but for what tells how far apart samples are.
func (i *iterator) skip(t int64) {
	i.page, i.at = i.page[:0], -1
	i.read = max(i.read, t-1)
}

// load reads the next page that has samples.
func (i *iterator) load() bool {
	ctx, s := i.series.set.ctx, i.series.set.querier.store
	for i.err == nil && i.read < i.to {
		from := i.read + 1
		to := min(from+i.length-1, i.to)
		if i.length == day { // whole hours are not read twice
			to = min(to-to%hour+hour-1, i.to)
		}
		i.page, i.at, i.read = i.page[:0], 0, to
		if i.extreme != 0 {
			i.err = i.extremes(ctx, from, to)
		} else {
			i.err = s.Points(ctx, i.series.id, from, to, i.take)
		}
		if n := len(i.page); n > 0 && i.err == nil {
			i.before, i.last = i.last, i.page[n-1]
			if n > 1 {
				i.before = i.page[n-2]
			}
			i.count += int64(n)
			return true
		}
	}
	return false
}

func (i *iterator) take(p store.Point) bool {
	i.page = append(i.page, p)
	return true
}

// extremes reads the lowest or highest of each whole hour, and the samples before and
// after those.
func (i *iterator) extremes(ctx context.Context, from, to int64) error {
	s, id := i.series.set.querier.store, i.series.id
	first, end := (from+hour-1)/hour*hour, (to+1)/hour*hour // of the whole hours
	if first >= end {
		return s.Points(ctx, id, from, to, i.take)
	}
	if from < first {
		if err := s.Points(ctx, id, from, first-1, i.take); err != nil {
			return err
		}
	}
	err := s.Buckets(ctx, id, first, end-1, hour, func(b store.Bucket) bool {
		v := b.Min
		if i.extreme > 0 {
			v = b.Max
		}
		return i.take(store.Point{T: b.T + hour - 1, Value: v})
	})
	if err == nil && end <= to {
		err = s.Points(ctx, id, end, to, i.take)
	}
	return err
}

// end gives the marker that Prometheus puts behind the last sample of a series that ended,
// so that it is not taken for present for as long as the lookback. A gauge is somebody
// else's, and may be measured as rarely as it likes.
func (i *iterator) end() chunkenc.ValueType {
	if i.ended || i.err != nil || i.count == 0 || i.series.kind == store.Gauge || i.series.set.hints.Range > 0 || i.extreme != 0 {
		return chunkenc.ValNone
	}
	i.ended = true
	every := slowest
	if i.before.T > 0 {
		every = min(max(i.last.T-i.before.T, 1), slowest)
	}
	gone := i.last.T + 2*every // one late beat is no end
	if i.series.open {
		newest, ok := i.series.set.querier.store.Last()
		if !ok || newest <= gone+every { // it may yet have one
			return chunkenc.ValNone
		}
	}
	if gone > clip(i.series.set.hints.End) {
		return chunkenc.ValNone
	}
	i.page, i.at = append(i.page[:0], store.Point{T: gone, Value: stale}), 0
	return chunkenc.ValFloat
}

// At is the present sample.
func (i *iterator) At() (int64, float64) { return i.page[i.at].T, i.page[i.at].Value }

// AtT is its time.
func (i *iterator) AtT() int64 { return i.page[i.at].T }

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
