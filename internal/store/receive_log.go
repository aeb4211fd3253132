package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/ncruces/go-sqlite3"
)

const (
	// maxLog is how much of the log may wait for its pieces to be written: three quarters of
	// an hour of 4,000 series at 5 s, and half a second of reading it when a store is opened.
	maxLog = 16 << 20
	// maxLogRow is how long a row of it gets, in which a request may have several.
	maxLogRow = 64 << 10
	// truncateStep is how many rows of it are deleted in one transaction.
	truncateStep = 16
)

// logFormat is the first byte of a row of the log. What follows, again and again: the series and
// how many samples of it as varints; then for each the difference of its time to the sample before
// it in the row (zigzag), and the XOR of its value with that of the sample before it of
// this series, its bytes reversed, as whole numbers have zeros at the lower end.
const logFormat = 1

// encodeLog makes the rows of a plan.
func (p *plan) encodeLog(next int64) {
	p.first, p.rows, p.log = next, p.rows[:0], p.log[:0]
	start, last := 0, int64(0)
	for i := range p.intakes {
		x := &p.intakes[i]
		for rest := x.points; len(rest) > 0; {
			if len(p.log)-start > maxLogRow || len(p.log) == start {
				if len(p.log) > start {
					p.rows = append(p.rows, logRow{next, int64(len(p.log) - start)})
					next++
				}
				start, last = len(p.log), 0
				p.log = append(p.log, logFormat)
			}
			n := min(len(rest), maxLogRow/16)
			p.log = binary.AppendUvarint(p.log, uint64(SeriesOf(x.owner.ID, x.code)))
			p.log = binary.AppendUvarint(p.log, uint64(n))
			before := uint64(0)
			for _, point := range rest[:n] {
				v := math.Float64bits(point.Value)
				p.log = binary.AppendVarint(p.log, point.T-last)
				p.log = binary.AppendUvarint(p.log, bits.ReverseBytes64(v^before))
				last, before = point.T, v
			}
			rest = rest[n:]
		}
	}
	if len(p.log) > start {
		p.rows = append(p.rows, logRow{next, int64(len(p.log) - start)})
	}
}

// errLog says that bytes are no row of the log.
var errLog = errors.New("no row of the log of what was received")

// decodeLog calls each for the samples of each series in a row of the log. points are
// valid until it returns.
func decodeLog(b []byte, each func(series Series, points []Point) error) error {
	if len(b) == 0 || b[0] != logFormat {
		return fmt.Errorf("%w: unknown format", errLog)
	}
	b = b[1:]
	var points []Point
	for last := int64(0); len(b) > 0; {
		series, k := binary.Uvarint(b)
		if k <= 0 || series > math.MaxUint32 {
			return fmt.Errorf("%w: bad series", errLog)
		}
		n, k2 := binary.Uvarint(b[k:])
		b = b[max(0, min(len(b), k+k2)):]
		if k2 <= 0 || n == 0 || n > uint64(len(b)) { // a sample has two bytes at least
			return fmt.Errorf("%w: bad number of samples", errLog)
		}
		points = points[:0]
		before := uint64(0)
		for range n {
			d, k := binary.Varint(b)
			if k <= 0 {
				return fmt.Errorf("%w: it breaks off", errLog)
			}
			v, k2 := binary.Uvarint(b[k:])
			if k2 <= 0 {
				return fmt.Errorf("%w: it breaks off", errLog)
			}
			b = b[k+k2:]
			last += d
			before ^= bits.ReverseBytes64(v)
			value := math.Float64frombits(before)
			if last < 0 || math.IsNaN(value) || math.IsInf(value, 0) {
				return fmt.Errorf("%w: a sample that cannot be kept", errLog)
			}
			points = append(points, Point{last, value})
		}
		if err := each(Series(series), points); err != nil {
			return err
		}
	}
	return nil
}

// commitPlan makes what is planned safe. After an error nothing of it is.
func (s *Store) commitPlan() error {
	in := &s.inflow
	p := &in.plan
	p.encodeLog(in.next)
	var dirty []*incomer
	for i := range p.intakes {
		if o := p.intakes[i].owner; o.dirty {
			o.dirty = false
			dirty = append(dirty, o)
		}
	}
	if len(p.rows)+len(p.ends)+len(dirty) == 0 {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	err := s.connected()
	if err == nil {
		err = s.w.transaction(func() error { return s.writePlan(p, dirty) })
	}
	if err != nil {
		for _, o := range dirty {
			o.dirty = true
		}
		return s.replaceBroken(err)
	}
	in.rows = append(in.rows, p.rows...)
	in.next += int64(len(p.rows))
	for _, r := range p.rows {
		in.logBytes += r.bytes + rowBytes
	}
	return nil
}

// writePlan is the transaction of a request.
func (s *Store) writePlan(p *plan, dirty []*incomer) error {
	for _, o := range dirty {
		if err := run(s.w.putOwner, int64(o.ID), int64(o.Kind), o.Labels.text(), o.First, o.Last); err != nil {
			return err
		}
	}
	rest := p.log
	for _, r := range p.rows {
		if err := run(s.w.putReceived, r.id, rest[:r.bytes]); err != nil {
			return err
		}
		rest = rest[r.bytes:]
	}
	for _, e := range p.ends {
		if err := run(s.w.putStale, int64(e.series), e.t); err != nil {
			return err
		}
	}
	return nil
}

// truncateLog deletes some rows of the log whose samples are all in their hours.
func (s *Store) truncateLog() error {
	in := &s.inflow
	needed := in.next
	for _, p := range in.pieces {
		needed = min(needed, p.since)
	}
	n := 0
	for n < len(in.rows) && n < truncateStep && in.rows[n].id < needed {
		n++
	}
	if n == 0 {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.connected(); err != nil {
		return err
	}
	if err := s.w.transaction(func() error { return run(s.w.dropReceived, in.rows[n-1].id) }); err != nil {
		return s.replaceBroken(err)
	}
	for _, r := range in.rows[:n] {
		in.logBytes -= r.bytes + rowBytes
	}
	in.rows = append(in.rows[:0], in.rows[n:]...)
	return nil
}

// loadInflow takes in the log of a file. Its owners were taken in before. Rows that cannot
// be read are put out of the way by a writer.
func (s *Store) loadInflow(c *connection) error {
	in := &s.inflow
	there, err := c.number("SELECT count(*) FROM sqlite_schema WHERE name='received'")
	if err != nil || there == 0 {
		return err // an older file, which is read only
	}
	type bad struct {
		id   int64
		data []byte
		why  error
	}
	var wrong []bad
	err = c.rows("SELECT id, data FROM received ORDER BY id", func(row *sqlite3.Stmt) error {
		id, data := row.ColumnInt64(0), row.ColumnRawBlob(1)
		why := decodeLog(data, func(series Series, points []Point) error { return in.replay(id, series, points) })
		if why != nil {
			wrong = append(wrong, bad{id, row.ColumnBlob(1, nil), why})
		}
		in.next = id + 1
		in.rows = append(in.rows, logRow{id, int64(len(data))})
		in.logBytes += int64(len(data)) + rowBytes
		return nil
	})
	if err != nil {
		return err
	}
	for _, x := range wrong {
		if s.w == nil {
			s.noteAside(Aside{Path: s.path + " (table received)", Why: x.why})
			continue
		}
		err := s.w.transaction(func() error {
			if err := s.keepRow("received", x.id, x.why, x.data); err != nil {
				return err
			}
			return run(s.w.dropReceivedRow, x.id)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// replay takes in samples of the log. Those of an owner that has ended are in the file.
func (in *inflow) replay(id int64, series Series, points []Point) error {
	o := in.byID[series.Owner()]
	if o == nil {
		return nil
	}
	if o.find(series.Code()) == nil {
		o.series = append(o.series, incoming{code: series.Code()})
		in.series++
	}
	for len(points) > 0 {
		n := 1
		for n < len(points) && hourOf(points[n].T) == hourOf(points[0].T) {
			n++
		}
		x := intake{target: target{o, series.Code()}, piece: o.piece(series.Code(), hourOf(points[0].T)), points: inOrder(points[:n:n])}
		points = points[n:]
		if x.piece != nil && x.points[0].T <= x.piece.t1 {
			fresh, all, err := x.piece.without(x.points)
			if err != nil {
				return err
			}
			if len(fresh) == 0 {
				continue
			}
			if x.points = fresh; fresh[0].T <= x.piece.t1 {
				if x.rebuilt, err = headOf(all); err != nil {
					return err
				}
			}
		}
		if err := in.take(&x, id, x.points[len(x.points)-1].T); err != nil {
			return err
		}
	}
	return nil
}
