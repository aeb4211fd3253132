package store

import (
	"context"
	"fmt"

	"github.com/ncruces/go-sqlite3"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// Figure is what stands for the samples of a whole hour, or of a minute or an hour that was
// thinned, where not all of them are wanted.
type Figure uint8

// The figures that are kept beside the samples. Every reads all samples there are.
const (
	Every Figure = iota
	Lowest
	Highest
	Latest
	Earliest
	// Ends keeps the first and the last sample of an hour, and how many there are; those
	// between have neither their times nor their values. Of what was thinned all is read.
	Ends
)

// Selection says what is read of a series.
type Selection struct {
	Series Series
	Kind   Kind // of its owner
	// From and To are the times of the first and last sample that is wanted.
	From, To int64
	// First and Last are between which times there can be samples: those of the owner.
	First, Last int64
	// Within, where it is not 0, says that not every sample is wanted: after a SeekTime to t, and
	// after the first Next, only the last sample up to that time plus Within matters, and
	// those that follow it. What comes before is left out where that saves reading.
	Within int64
	// Of whole hours from CoreFrom to CoreTo only the Figure is read, as one sample at some
	// time of the hour. It also stands for what was thinned.
	CoreFrom, CoreTo int64
	Figure           Figure
}

// Cursor goes through the samples of a series in order of time, a few hours at a time: a
// page. The file is asked for a page alone and then let go, so that neither other readers
// nor what is appended waits for whoever looks at the samples. A page holds samples as they
// are packed. A cursor is of one goroutine; Reset gives it another series.
type Cursor struct {
	store  *Store
	ctx    context.Context //nolint:containedctx // that of the query it is made for
	wanted Selection
	unit   float64

	next, end int64 // hours: the next to read, the last
	size      int64 // hours of the next page
	blocks    []block
	bytes     []byte // of packed blocks
	points    []Point
	at        int // the present block; that before the first is -1
	i         int // in it
	chunk     *chunkenc.XORChunk
	packed    chunkenc.Iterator
	t         int64
	v         float64
	on        bool // at a sample
	begun     bool
	err       error
}

// maxPage is how many hours a page has at most: 4 KB of packed samples. More save nothing
// that could be measured, and a query may have a thousand cursors.
const maxPage = 4

// block are the samples of an hour, in one of three forms.
type block struct {
	summary // n, t0, t1, first and last
	form    form
	from    int // of the bytes or points
	to      int
	step    int64
}

type form uint8

const (
	packedForm form = iota // as a chunk
	levelForm              // one value at equal distances
	listForm               // one by one
)

// Cursor begins to read a series.
func (s *Store) Cursor(ctx context.Context, x Selection) *Cursor {
	c := &Cursor{store: s, chunk: chunkenc.NewXORChunk()}
	c.Reset(ctx, x)
	return c
}

// Reset begins to read another series, in the memory of this one.
func (c *Cursor) Reset(ctx context.Context, x Selection) {
	*c = Cursor{store: c.store, ctx: ctx, wanted: x, unit: unitOf(x.Kind, x.Series.Code()), chunk: c.chunk, packed: c.packed,
		blocks: c.blocks[:0], bytes: c.bytes[:0], points: c.points[:0], at: -1, size: 1}
	c.next, c.end = hourOf(max(x.From, x.First)), hourOf(min(x.To, x.Last))
}

// Next goes to the next sample and reports whether there is one.
func (c *Cursor) Next() bool {
	if !c.begun && c.wanted.Within > 0 {
		return c.SeekTime(c.wanted.From)
	}
	c.begun = true
	for {
		if !c.within() {
			if !c.turn() {
				c.on = false
				return false
			}
			continue
		}
		if c.t >= c.wanted.From {
			c.on = c.t <= c.wanted.To
			if !c.on {
				c.close()
			}
			return c.on
		}
	}
}

// SeekTime goes to the first sample at a time or later, but never back.
func (c *Cursor) SeekTime(t int64) bool {
	if c.on && c.t >= t {
		return true
	}
	t, c.begun = max(t, c.wanted.From), true
	if hourOf(t) >= c.next { // the page ends before
		c.drop()
		c.next, c.size = hourOf(t), 1
	}
	for c.at < 0 || c.at >= len(c.blocks) || c.blocks[c.at].t1 < t {
		if !c.turn() {
			c.on = false
			return false
		}
	}
	if b := &c.blocks[c.at]; b.form != listForm && b.t1 <= min(t+c.wanted.Within, c.wanted.To) {
		c.t, c.v, c.on = b.t1, b.last*c.unit, true
		b.form, c.i = levelForm, int(b.n) // nothing of it is left
		return true
	}
	for c.Next() {
		if c.t >= t {
			return true
		}
	}
	return false
}

// At is the present sample.
func (c *Cursor) At() (int64, float64) { return c.t, c.v }

// Err is why there are no more samples; nil where all were read.
func (c *Cursor) Err() error { return c.err }

// within goes to the next sample of the present block.
func (c *Cursor) within() bool {
	if c.at < 0 || c.at >= len(c.blocks) {
		return false
	}
	b := &c.blocks[c.at]
	switch b.form {
	case packedForm:
		if c.packed.Next() == chunkenc.ValNone {
			if err := c.packed.Err(); err != nil {
				c.err = fmt.Errorf("cannot read series %d of store %s: %w: %w", c.wanted.Series, c.store.path, errChunk, err)
				c.close()
			}
			return false
		}
		c.t, c.v = c.packed.At()
		c.v *= c.unit
		return true
	case levelForm:
		if c.i >= int(b.n) {
			return false
		}
		c.t, c.v = b.t0+int64(c.i)*b.step, b.first*c.unit
		if c.i == int(b.n)-1 {
			c.t, c.v = b.t1, b.last*c.unit
		}
	default:
		if c.i >= b.to-b.from {
			return false
		}
		p := c.points[b.from+c.i]
		c.t, c.v = p.T, p.Value*c.unit
	}
	c.i++
	return true
}

// turn goes to the next block, and reports whether there is one.
func (c *Cursor) turn() bool {
	if c.at++; c.at >= len(c.blocks) && !c.load() {
		return false
	}
	b := &c.blocks[c.at]
	c.i = 0
	if b.form == packedForm {
		c.chunk.Reset(c.bytes[b.from:b.to:b.to])
		c.packed = c.chunk.Iterator(c.packed)
	}
	return true
}

// drop forgets the page.
func (c *Cursor) drop() {
	c.blocks, c.bytes, c.points, c.at = c.blocks[:0], c.bytes[:0], c.points[:0], -1
}

// close ends the cursor.
func (c *Cursor) close() {
	c.drop()
	c.next = c.end + 1
}

// load reads the next page that has samples.
func (c *Cursor) load() bool {
	c.drop()
	for c.err == nil && c.next <= c.end {
		from := c.next
		to := min(from+c.size-1, c.end)
		c.size = min(2*c.size, maxPage)
		c.next = to + 1
		c.err = c.store.read(c.ctx, func(r *reader) error {
			return c.store.hours(c.ctx, r, c.wanted.Series, from*hourMillis, to*hourMillis+hourMillis-1, func(h *hour) (bool, error) {
				return true, c.take(h)
			})
		})
		if c.err == nil && len(c.blocks) > 0 {
			c.at = 0
			return true
		}
	}
	return false
}

// take adds an hour to the page.
func (c *Cursor) take(h *hour) error {
	begin, x := h.number*hourMillis, &c.wanted
	if x.Figure != Every && begin >= x.CoreFrom && begin+hourMillis-1 <= x.CoreTo {
		if x.Figure != Ends {
			return c.takeFigure(h)
		}
		if done, err := c.takeEnds(h); done || err != nil {
			return err
		}
	}
	if len(h.thin) > 0 || len(h.memory) > 1 {
		return c.takeAll(h)
	}
	found, done := false, len(h.memory) == 0
	if err := h.r.chunkAt.BindInt64(1, int64(h.key)); err != nil {
		return err
	}
	err := h.r.each(h.r.chunkAt, func(row *sqlite3.Stmt) error {
		found = true
		if !done {
			return nil // a part is in memory
		}
		return c.takeRow(h, row)
	})
	if err != nil || done {
		return err
	}
	if found {
		return c.takeAll(h)
	}
	m := &h.memory[0]
	return c.takePacked(m.summary, m.data)
}

// takeRow adds a row of the table chunk.
func (c *Cursor) takeRow(h *hour, row *sqlite3.Stmt) (err error) {
	data := row.ColumnRawBlob(10)
	if tier(row.ColumnInt64(1)) == tierMinutes {
		if h.r.buckets, err = decodeBuckets(h.r.buckets[:0], data, h.number*hourMillis, minuteMillis); err != nil {
			return err
		}
		from := len(c.points)
		for i := range h.r.buckets {
			c.points = append(c.points, c.wanted.Figure.of(&h.r.buckets[i], minuteMillis))
		}
		c.list(from)
		return nil
	}
	x := chunk{summary: summary{n: row.ColumnInt64(2), t0: row.ColumnInt64(3), t1: row.ColumnInt64(4), first: row.ColumnFloat(5), last: row.ColumnFloat(6)}}
	if len(data) > 0 {
		return c.takePacked(x.summary, data)
	}
	step, ok := x.step()
	if !ok {
		return fmt.Errorf("%w: 0 bytes", errChunk)
	}
	x.last = x.first
	c.blocks = append(c.blocks, block{summary: x.summary, form: levelForm, step: step})
	return nil
}

func (c *Cursor) takePacked(x summary, data []byte) error {
	if len(data) < emptyChunk {
		return fmt.Errorf("%w: %d bytes", errChunk, len(data))
	}
	from := len(c.bytes)
	c.bytes = append(c.bytes, data...)
	c.blocks = append(c.blocks, block{summary: x, form: packedForm, from: from, to: len(c.bytes)})
	return nil
}

// takeAll adds an hour that is in several places.
func (c *Cursor) takeAll(h *hour) error {
	from := len(c.points)
	if len(h.thin) == 1 && len(h.memory) == 0 && c.wanted.Figure != Every {
		if _, ok, err := h.columns(); err != nil {
			return err
		} else if !ok {
			c.points = append(c.points, c.wanted.Figure.of(&h.thin[0], hourMillis))
			c.list(from)
			return nil
		}
	}
	points, err := h.samples()
	c.points = append(c.points, points...)
	c.list(from)
	return err
}

// takeFigure adds what stands for a whole hour.
func (c *Cursor) takeFigure(h *hour) error {
	var x summary
	_, err := h.summaries(hourMillis, func(part summary) bool { x.join(part); return true })
	if err != nil || x.n == 0 {
		return err
	}
	from := len(c.points)
	b := bucketOf(x, h.number*hourMillis)
	c.points = append(c.points, c.wanted.Figure.of(&b, hourMillis))
	c.list(from)
	return nil
}

// takeEnds adds the first and last sample of a whole hour; done says that the file has all
// of it as samples.
func (c *Cursor) takeEnds(h *hour) (done bool, err error) {
	if len(h.memory)+len(h.thin) > 0 {
		return false, nil
	}
	if err := h.r.columnsAt.BindInt64(1, int64(h.key)); err != nil {
		return false, err
	}
	err = h.r.each(h.r.columnsAt, func(row *sqlite3.Stmt) error {
		x := chunk{tier: tier(row.ColumnInt64(9)), summary: summary{n: row.ColumnInt64(0), t0: row.ColumnInt64(1), t1: row.ColumnInt64(2), first: row.ColumnFloat(3), last: row.ColumnFloat(4)}}
		if x.tier != tierRaw || x.n < 1 || x.t1-x.t0 < x.n-1 {
			return nil
		}
		if row.ColumnInt64(8) == 0 {
			x.last = x.first
		}
		done = true
		c.blocks = append(c.blocks, block{summary: x.summary, form: levelForm, step: (x.t1 - x.t0) / max(x.n-1, 1)})
		return nil
	})
	return done, err
}

// of is what stands for a bucket, at its end: it was known then.
func (f Figure) of(b *Bucket, span int64) Point {
	p := Point{b.T + span - 1, b.Last}
	switch f {
	case Lowest:
		p.Value = b.Min
	case Highest:
		p.Value = b.Max
	case Earliest:
		p.Value = b.First
	}
	return p
}

// list adds the points from one on as a block.
func (c *Cursor) list(from int) {
	if to := len(c.points); to > from {
		c.blocks = append(c.blocks, block{summary: summary{t0: c.points[from].T, t1: c.points[to-1].T}, form: listForm, from: from, to: to})
	}
}
