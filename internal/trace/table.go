package trace

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// readCSV reads the series of a CSV file.
func readCSV(src *source, name string, o Options, unit unitOf) ([]Series, error) {
	r, err := newRows(src)
	if err != nil {
		return nil, err
	}
	l, err := layoutOf(&r.header, o, unit)
	if err != nil {
		return nil, err
	}
	if src.sink != nil {
		l.everything(&r.header)
	}
	t := &table{
		rows: r, layout: l,
		clock:  newClock(r.header.lower[l.time], r.csv.Comma != ','),
		record: newRecord(src, name),
	}
	for _, m := range l.metrics {
		t.record.metrics = append(t.record.metrics, seriesKind{m.name, m.unit.name, m.resident})
	}
	broken := t.readAll()
	if o.Work != "" {
		if err := t.refuseNoCounter(); err != nil {
			return nil, err
		}
	}
	return t.record.finish(broken)
}

// table is a CSV file while it is read.
type table struct {
	*rows
	layout *layout
	clock  *clock
	record *record
	figure []float64 // of the row, one a metric
	key    []byte
	worked int // rows with a figure for work
	fallen int // rows in which it fell within a life
}

func (t *table) readAll() error {
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = t.take(row)
		}
		if err != nil && !t.src.skips(err) {
			return err
		}
	}
}

// take puts one row into the record.
func (t *table) take(row []string) error {
	l := t.layout
	at, ok := t.clock.read(row[l.time])
	if !ok {
		err := fmt.Errorf("%s is no time: write seconds, seconds or milliseconds since 1970, or 2006-01-02 15:04:05", quoted(row[l.time]))
		return brokenLine(t.line, t.header.column(l.time), err)
	}
	t.figure = t.figure[:0]
	for _, m := range l.metrics {
		v, err := t.sum(row, m.columns)
		if err != nil {
			return err
		}
		t.figure = append(t.figure, finite(v*m.unit.factor))
	}
	if t.record.points+len(t.figure) > maxPoints {
		return tooMuch(t.line, maxPoints, "points")
	}
	x, err := t.life(row, at)
	if err != nil {
		return err
	}
	work, err := t.work(row, x, at)
	if err != nil {
		return err
	}
	faults, err := t.known(row, l.faults)
	if err != nil {
		return err
	}
	rss, err := t.known(row, l.rss.columns)
	if err != nil {
		return err
	}
	t.record.line, t.record.zoneless = t.line, zoneless(row[l.time])
	return t.record.add(x, moment{at, work, x.faults.add(faults), finite(rss * l.rss.unit.factor), t.figure})
}

// known is the sum of columns, NaN where the file has none of them.
func (t *table) known(row []string, columns []int) (float64, error) {
	if len(columns) == 0 {
		return math.NaN(), nil
	}
	return t.sum(row, columns)
}

// sum adds up columns; it is NaN where one of them was not measured.
func (t *table) sum(row []string, columns []int) (float64, error) {
	total := 0.0
	for _, i := range columns {
		v, err := t.cell(row, i)
		if err != nil {
			return 0, err
		}
		total += v
	}
	return finite(total), nil
}

// life is the process that the row is about.
func (t *table) life(row []string, at float64) (*life, error) {
	l := t.layout
	t.key = t.key[:0]
	shown := 0 // bytes of the name to show, which the key begins with
	for i, column := range l.names {
		t.key = append(append(t.key, row[column]...), 0)
		if i == 0 {
			shown = len(row[column])
		}
	}
	named := len(t.key)
	if l.pid >= 0 && !l.single {
		t.key = append(t.key, row[l.pid]...)
	}
	uptime := math.NaN()
	if l.uptime >= 0 {
		v, err := t.cell(row, l.uptime)
		if err != nil {
			return nil, err
		}
		uptime = v
	}
	x := t.record.living[string(t.key)]
	if x == nil || uptime < x.uptime {
		key := string(t.key) // the only copy: the rest are parts of it
		var err error
		if x, err = t.record.begin(t.line, key, key[:named], key[:shown], key[named:], at); err != nil {
			return nil, err
		}
		if l.single {
			x.pid = row[l.pid]
		}
	}
	if l.single && x.pid != row[l.pid] {
		x.restart(row[l.pid])
	}
	if uptime == uptime { // NaN is the only value that differs from itself
		x.uptime = uptime
	}
	return x, nil
}

// work is the work done by the row's process since it was first seen, NaN if unknown.
func (t *table) work(row []string, x *life, at float64) (float64, error) {
	l := t.layout
	if l.cpu >= 0 {
		percent, err := t.cell(row, l.cpu)
		if err != nil {
			return 0, err
		}
		return x.counter.integrate(at, percent), nil
	}
	v, err := t.known(row, l.work)
	if err != nil || v != v {
		return math.NaN(), err
	}
	t.worked++
	if v < x.counter.raw && at > x.last {
		t.fallen++
		if l.counted {
			x.breaks = append(x.breaks, len(x.points[0]))
			x.counter.reset()
		}
	}
	return x.counter.add(v), nil
}

// leastFalls: a service that is watched restarts a few times. mostFalling: a counter does
// not begin anew at every tenth row; what falls that often is a gauge.
const (
	leastFalls  = 10
	mostFalling = 0.1
)

// refuseNoCounter keeps a gauge from passing as a counter of work: its sum would be a
// figure that nobody measured.
func (t *table) refuseNoCounter() error {
	if t.fallen < leastFalls || float64(t.fallen) < mostFalling*float64(t.worked) {
		return nil
	}
	err := fmt.Errorf("it falls in %d of %d rows: this is no counter of work done so far", t.fallen, t.worked)
	return &Error{Column: t.header.column(t.layout.work[0]), Err: err, Hint: "name a counter that only grows (CPU seconds, requests served) with --work, or leave --work out"}
}
