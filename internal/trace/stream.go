package trace

import (
	"errors"
	"io"
	"math"
)

// Column is one of the figures that the rows of a recording have.
type Column struct {
	Name string // private, rss, fds …; of zol0's own CSV the name of the column
	Unit string // "bytes", "count" or "" where the file does not say
}

// Row is what a recording says about one process at one time.
type Row struct {
	Line int
	// T is in seconds of the file's own time: since 1970 or since the recording began.
	T float64
	// Zoneless says that T was a time in words without an offset: it is that of the
	// recording machine's wall clock, read as if it were UTC.
	Zoneless bool
	Name     string // of the service or process, printable; empty where the file has none
	PID      string // printable; empty where the file has none
	Life     int    // tells lives apart, also those of one PID
	// Figures are in the unit of their columns, NaN where nothing was measured. They are
	// valid during the call.
	Figures []float64
}

// Labelled is a piece of a series of Prometheus. Its slices are valid during the call.
type Labelled struct {
	Line   int // of the file; 0 where it has no lines
	Labels map[string]string
	Times  []int64   // milliseconds since 1970, in the order of the file
	Values []float64 // NaN where there is none, never infinite
}

// Sink takes in a recording piece by piece. What its functions return ends the reading.
type Sink struct {
	// Columns comes before the first Row, whose Figures it names.
	Columns func([]Column) error
	Row     func(Row) error
	// Labelled takes what Prometheus and VictoriaMetrics write, which has no rows.
	Labelled func(Labelled) error
	// Bad takes the error, an *Error, of a row that cannot be read. The rows after it are
	// read all the same.
	Bad func(error)
}

// Stream reads one recording of any of the formats of Read and hands it on row by row, in
// memory that does not grow with its length. Of zol0's own CSV it gives every figure, of
// Prometheus' answers the counters, too. Its errors are of type *Error, or those of the sink.
func Stream(r io.Reader, o Options, to Sink) error {
	unit, err := parseUnit(o.Unit)
	if err != nil {
		return err
	}
	src, err := newSource(r)
	if err == nil {
		told := to.Bad
		to.Bad = func(err error) {
			if own := (*Error)(nil); errors.As(err, &own) {
				own.File = displayed(o.Name)
			}
			told(err)
		}
		src.sink = &to
		_, err = src.series(o, unit)
	}
	if own := (*Error)(nil); errors.As(err, &own) {
		own.File = displayed(o.Name)
	}
	return err
}

// skips reports whether reading goes on behind an error: it is one of a row, and somebody
// was told.
func (s *source) skips(err error) bool {
	var e *Error
	if s.sink == nil || s.failed != nil || !errors.As(err, &e) || !e.row {
		return false
	}
	s.sink.Bad(e)
	return true
}

// stream hands one row on.
func (r *record) stream(x *life, m moment) error {
	if !r.begun {
		r.begun = true
		columns := make([]Column, len(r.metrics))
		for i, k := range r.metrics {
			columns[i] = Column{k.name, k.unit}
		}
		if err := r.sink.Columns(columns); err != nil {
			return err
		}
	}
	x.first, x.last = min(x.first, m.at), max(x.last, m.at)
	row := Row{Line: r.line, T: m.at, Zoneless: r.zoneless, Life: x.order, Figures: m.figures}
	if x.name != "" {
		row.Name = printable(plain(x.name))
	}
	if x.pid != "" {
		row.PID = printable(x.pid)
	}
	return r.sink.Row(row)
}

// zol0Head are the columns of zol0's own CSV that are no figures of a process.
var zol0Head = map[string]bool{
	"time": true, "service": true, "kind": true, "watched": true, "pid": true, "start_time": true,
	"name": true, "status": true, "cpu_percent": true, "uptime_seconds": true,
}

// everything makes every figure of zol0's own CSV a metric under the name of its column;
// of other formats it changes nothing.
func (l *layout) everything(h *header) {
	if known := zol0(h); known == nil || len(l.names) == 0 {
		return
	}
	l.metrics = nil
	for i, name := range h.lower {
		if !zol0Head[name] {
			l.add(printable(name), unitOfColumn(name, false), []int{i})
		}
	}
}

// deliver hands a series of an answer on and forgets it.
func (a *answer) deliver(s *labelled) error {
	times, values := make([]int64, len(s.points)), make([]float64, len(s.points))
	for i, p := range s.points {
		times[i], values[i] = int64(math.Round(p.T*1000)), p.Value
	}
	err := a.src.sink.Labelled(Labelled{Labels: s.labels, Times: times, Values: values})
	s.labels, s.points, a.named, a.points = nil, nil, 0, 0
	return err
}
