package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// hour is all there is of one series in one hour: a chunk in the file, chunks that wait to
// be written, the open chunk; or what a day row says of it.
type hour struct {
	r      *reader
	number int64
	key    key
	// memory are chunks in memory, oldest first; their data is not written to.
	memory []chunk
	thin   []Bucket // the hours of a day, of which this is one; only this one if set
}

// hours calls each for the hours of a series that have samples, in order of time, until
// it returns false.
func (s *Store) hours(ctx context.Context, r *reader, series Series, from, to int64, each func(*hour) (bool, error)) error {
	memory, first, last := s.inMemory(series, hourOf(from), hourOf(to))
	oldest, newest := from, to
	// Looking up hours beyond what there is would take as long as there are hours in time.
	low, err := r.lowest()
	if err != nil {
		return err
	}
	// A day is packed series by series: that of the oldest chunk may be packed already.
	days, err := r.days(series, hourOf(from), min(hourOf(to), floorDay(low.hour)*24+23))
	if err != nil {
		return err
	}
	start := max(hourOf(oldest), min(low.hour, first))
	if len(days) > 0 {
		start = min(start, hourOf(days[0].T))
	}
	for h := start; h <= min(hourOf(newest), max(low.newest, last)); h++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		x := hour{r: r, number: h, key: keyOf(h, series)}
		for len(days) > 0 && hourOf(days[0].T) < h {
			days = days[1:]
		}
		if len(days) > 0 && hourOf(days[0].T) == h {
			x.thin = days[:1]
		}
		for i := range memory {
			if memory[i].key.span() == h {
				x.memory = append(x.memory, memory[i])
			}
		}
		if more, err := each(&x); err != nil || !more {
			return err
		}
	}
	return nil
}

// inMemory are the chunks of a series that are not in the file, from one hour to another, and
// which hours they are.
func (s *Store) inMemory(series Series, from, to int64) (out []chunk, first, last int64) {
	first, last = 1<<62, noTime
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i := range s.closed {
		if c := &s.closed[i]; c.key.series() == series && c.key.span() >= from && c.key.span() <= to {
			out = append(out, *c)
		}
	}
	if h := s.head[series]; h != nil && h.n > 0 && s.hour >= from && s.hour <= to {
		// The chunk grows while it is read: its number of samples is in its first bytes.
		out = append(out, chunk{key: keyOf(s.hour, series), summary: h.summary, data: slices.Clone(h.data.Bytes())})
	}
	out = append(out, s.inflowOf(series, from, to)...)
	for i := range out {
		first, last = min(first, out[i].key.span()), max(last, out[i].key.span())
	}
	return out, first, last
}

// extent is which hours the table of chunks has.
type extent struct{ hour, newest int64 }

func (r *reader) lowest() (extent, error) {
	e := extent{hour: 1 << 62, newest: noTime}
	err := r.each(r.extents, func(row *sqlite3.Stmt) error {
		if row.ColumnType(0) != sqlite3.NULL {
			e.hour, e.newest = key(row.ColumnInt64(0)).span(), key(row.ColumnInt64(1)).span()
		}
		if row.ColumnType(2) != sqlite3.NULL {
			e.newest = max(e.newest, key(row.ColumnInt64(2)).span()*24+23)
		}
		return nil
	})
	return e, err
}

// days are the hours of a series that were thinned to hours, between two hours.
func (r *reader) days(series Series, from, to int64) ([]Bucket, error) {
	var out []Bucket
	// Days are looked up by key; a year has 366.
	for d := floorDay(from); d <= floorDay(to); d++ {
		if len(out) == 0 { // jump over the time before the first
			next, err := r.dayFrom(d)
			if err != nil || next == noTime {
				return out, err
			}
			d = max(d, next)
		}
		if err := r.dayAt.BindInt64(1, int64(keyOf(d, series))); err != nil {
			return out, err
		}
		err := r.each(r.dayAt, func(row *sqlite3.Stmt) (err error) {
			out, err = decodeBuckets(out, row.ColumnRawBlob(0), d*24*hourMillis, hourMillis)
			return err
		})
		if err != nil {
			return out, err
		}
	}
	return slices.DeleteFunc(out, func(b Bucket) bool { return hourOf(b.T) < from || hourOf(b.T) > to }), nil
}

// dayFrom is the first day from one on of which there are hours; noTime where there is none.
func (r *reader) dayFrom(day int64) (int64, error) {
	out := int64(noTime)
	if err := r.nextDay.BindInt64(1, int64(keyOf(day, 0))); err != nil {
		return out, err
	}
	err := r.each(r.nextDay, func(row *sqlite3.Stmt) error { out = key(row.ColumnInt64(0)).span(); return nil })
	return out, err
}

func floorDay(hour int64) int64 { return (hour - mod(hour, 24)) / 24 }

// chunk reads the chunk in the file.
func (h *hour) chunk() (c chunk, ok bool, err error) {
	if err = h.r.chunkAt.BindInt64(1, int64(h.key)); err != nil {
		return c, false, err
	}
	err = h.r.each(h.r.chunkAt, func(row *sqlite3.Stmt) error {
		c, ok = readChunk(row), true
		return nil
	})
	return c, ok, err
}

// columns reads what the chunk in the file says without its samples.
func (h *hour) columns() (x summary, ok bool, err error) {
	if err = h.r.columnsAt.BindInt64(1, int64(h.key)); err != nil {
		return x, false, err
	}
	err = h.r.each(h.r.columnsAt, func(row *sqlite3.Stmt) error {
		x.n, x.t0, x.t1 = row.ColumnInt64(0), row.ColumnInt64(1), row.ColumnInt64(2)
		for i, to := range []*float64{&x.first, &x.last, &x.min, &x.max, &x.sum} {
			*to = row.ColumnFloat(3 + i)
		}
		if row.ColumnInt64(8) == 0 {
			x.level()
		}
		ok = true
		return nil
	})
	return x, ok, err
}

// samples are the samples of the hour in order of time, valid until the next call.
func (h *hour) samples() ([]Point, error) {
	out := h.r.points[:0]
	defer func() { h.r.points = out[:0] }()
	for _, b := range h.thin {
		out = append(out, Point{b.T + hourMillis - 1, b.Last})
	}
	c, ok, err := h.chunk()
	if err != nil {
		return nil, err
	}
	if ok && c.tier == tierMinutes {
		if h.r.buckets, err = decodeBuckets(h.r.buckets[:0], c.data, h.number*hourMillis, minuteMillis); err != nil {
			return nil, err
		}
		for _, b := range h.r.buckets {
			out = append(out, Point{b.T + minuteMillis - 1, b.Last})
		}
	} else if ok {
		if out, err = decodeSamples(out, c.data); err != nil {
			return nil, err
		}
	}
	if len(h.thin) > 0 && len(out) > 1 { // the clock was set back by a month
		slices.SortFunc(out, func(a, b Point) int { return cmp.Compare(a.T, b.T) })
	}
	for i := range h.memory {
		older := slices.Clone(out)
		younger, err := decodeSamples(nil, h.memory[i].data)
		if err != nil {
			return nil, err
		}
		out = append(out[:0], younger...)
		if len(older) > 0 {
			out = append(out[:0], joinSorted(older, younger, func(p Point) int64 { return p.T })...)
		}
	}
	return out, nil
}

// summaries calls take for pieces of the hour that lie in one step each, in order of time,
// until it returns false.
func (h *hour) summaries(step int64, take func(summary) bool) (bool, error) {
	for _, b := range h.thin {
		x := summary{n: b.N, t0: b.T, t1: b.T, first: b.First, last: b.Last, min: b.Min, max: b.Max, sum: b.Mean * float64(b.N)}
		if !take(x) {
			return false, nil
		}
	}
	if len(h.memory) <= 1 && step%hourMillis == 0 {
		x, ok, err := h.columns()
		if err != nil {
			return false, err
		}
		switch {
		case ok && len(h.memory) == 0:
			return take(x), nil
		case !ok && len(h.memory) == 1:
			return take(h.memory[0].summary), nil
		case !ok:
			return true, nil
		}
	}
	if len(h.memory) == 0 && step%minuteMillis == 0 {
		c, ok, err := h.chunk()
		if err != nil || !ok {
			return err == nil, err
		}
		if c.tier == tierMinutes {
			if h.r.buckets, err = decodeBuckets(h.r.buckets[:0], c.data, h.number*hourMillis, minuteMillis); err != nil {
				return false, err
			}
			for _, b := range h.r.buckets {
				if !take(summary{n: b.N, t0: b.T, t1: b.T, first: b.First, last: b.Last, min: b.Min, max: b.Max, sum: b.Mean * float64(b.N)}) {
					return false, nil
				}
			}
			return true, nil
		}
	}
	thin := h.thin
	h.thin = nil // it was taken above
	points, err := h.samples()
	h.thin = thin
	if err != nil {
		return false, err
	}
	for _, p := range points {
		if !take(summary{n: 1, t0: p.T, t1: p.T, first: p.Value, last: p.Value, min: p.Value, max: p.Value, sum: p.Value}) {
			return false, nil
		}
	}
	return true, nil
}
