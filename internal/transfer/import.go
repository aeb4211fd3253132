package transfer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/trace"
)

// Options say what a file does not.
type Options struct {
	Now time.Time
	// Columns name the columns of a CSV of no known format.
	Columns trace.Options
	// Service is whose figures a file has that names no service.
	Service string
	// Labels are given to every series in addition, so that those of several machines stay
	// apart.
	Labels []store.Label
	// Start is when a recording began whose times count from there.
	Start time.Time
	// Zone is that of times in words without an offset; nil is UTC.
	Zone *time.Location
	// Bad is told of every row that could not be taken in, with its line where it has one.
	Bad func(error)
}

// Report says what became of a file.
type Report struct {
	store.Imported
	Rows    int64 // of a recording: those that were read, or lines of JSON
	BadRows int64 // told Options.Bad
	Series  int   // with samples in the file
	// Salvaged is set where the file was another store.
	Salvaged *store.Salvaged
}

// sqliteMagic is how every SQLite file begins.
const sqliteMagic = "SQLite format 3\x00"

// Stdin is the path of standard input.
const Stdin = "-"

// Import takes the file at path into a store; "-" is in. A file that breaks off gives both:
// what stands before that is in the store, and the error says where it was.
func Import(ctx context.Context, s *store.Store, path string, in io.Reader, o Options) (Report, error) {
	o.Columns.Name = filepath.Base(path)
	if path == Stdin {
		o.Columns.Name = "standard input"
		return recording(ctx, s, in, o)
	}
	f, err := os.Open(path)
	if err != nil {
		hint := "make it readable for this user"
		if errors.Is(err, fs.ErrNotExist) {
			hint = "name a file that exists, or - for standard input"
		}
		return Report{}, &trace.Error{File: printable(path), Err: cause(err), Hint: hint}
	}
	defer f.Close() //nolint:errcheck // only read
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return Report{}, &trace.Error{File: printable(path), Err: errors.New("it is a directory"), Hint: "name the files in it"}
	}
	text := bufio.NewReaderSize(f, 4096)
	if head, err := text.Peek(len(sqliteMagic)); err == nil && bytes.Equal(head, []byte(sqliteMagic)) {
		return other(ctx, s, path, o)
	}
	return recording(ctx, s, text, o)
}

// other takes in another store.
func other(ctx context.Context, s *store.Store, path string, o Options) (Report, error) {
	if len(o.Labels) > 0 || o.Service != "" {
		return Report{}, &trace.Error{File: printable(path), Err: errors.New("the series of a store keep their labels"), Hint: "leave --label and --service out for this file"}
	}
	var r Report
	out, err := s.Salvage(ctx, path, o.Now, func(p store.Problem) {
		r.BadRows++
		o.Bad(fmt.Errorf("%s: %w", printable(path), p))
	})
	r.Salvaged, r.Imported = &out, out.Imported
	return r, err
}

// recording takes in a file of package trace.
func recording(ctx context.Context, s *store.Store, text io.Reader, o Options) (Report, error) {
	m, err := s.Import(o.Now)
	if err != nil {
		return Report{}, err
	}
	t := &taking{Import: m, o: &o, ctx: ctx, known: make(map[store.Series]bool), services: make(map[string]*service), lives: make(map[int][]float64)}
	err = trace.Stream(text, o.Columns, trace.Sink{
		Columns: t.columns, Row: t.row, Labelled: t.labelled,
		Bad: func(err error) { t.bad(err) },
	})
	err = errors.Join(err, t.moment(), m.Close()) // what was read is kept
	t.report.Imported, t.report.Series = m.Counts(), len(t.known)
	if err == nil && t.report.Rows == 0 && t.report.BadRows == 0 {
		err = &trace.Error{File: printable(o.Columns.Name), Err: errors.New("there is not a single figure in it"), Hint: "wait until the recorder has written, or choose another file"}
	}
	return t.report, err
}

// taking is a recording on its way into the store.
type taking struct {
	*store.Import
	o      *Options
	ctx    context.Context
	report Report
	known  map[store.Series]bool

	figures  []figure // of the rows
	children bool     // rows without a PID were seen: those with one are their children
	at       int64    // of the moment that is added up
	line     int
	services map[string]*service
	order    []*service
	lives    map[int][]float64 // last figures of the counters of each life
}

// bad counts a row that could not be taken in.
func (t *taking) bad(err error) {
	t.report.BadRows++
	t.o.Bad(err)
}

// refused tells a sample that the store does not take; other errors are returned.
func (t *taking) refused(line int, err error) error {
	for _, why := range []error{store.ErrTooOld, store.ErrAhead, store.ErrNoValue, store.ErrDense, store.ErrLate} {
		if errors.Is(err, why) {
			t.bad(&trace.Error{File: printable(t.o.Columns.Name), Line: line, Err: why, Hint: hints[why]})
			return nil
		}
	}
	return err
}

var hints = map[error]string{
	store.ErrTooOld:  "the store keeps what store.retention says; a longer store.hours takes it in",
	store.ErrAhead:   "check the clock of the machine that recorded it, and --zone",
	store.ErrNoValue: "leave the row out",
	store.ErrDense:   "record less often than every 55 ms, or thin the file out",
	store.ErrLate:    "sort the file by time and import it again",
}

// maxSeries bounds the series that are counted, 20 bytes each; beyond it a file is refused.
const maxSeries = 500_000

// add takes in one sample.
func (t *taking) add(line int, series store.Series, p store.Point) error {
	if !t.known[series] {
		if len(t.known) >= maxSeries {
			return &trace.Error{File: printable(t.o.Columns.Name), Line: line, Err: fmt.Errorf("the file has more than %d series", maxSeries), Hint: "export fewer at a time"}
		}
		t.known[series] = true
	}
	return t.refused(line, t.Import.Add(series, p))
}

// labelled takes in a piece of a series of Prometheus.
func (t *taking) labelled(l trace.Labelled) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	series, err := t.prometheus(l.Labels)
	if err != nil {
		if errors.Is(err, errLabels) {
			t.bad(&trace.Error{File: printable(t.o.Columns.Name), Line: l.Line, Err: err, Hint: "take labels away where it is exported"})
			return nil
		}
		return err
	}
	t.report.Rows++
	for i, at := range l.Times {
		v := l.Values[i]
		if math.IsNaN(v) {
			continue // null: nothing was measured
		}
		if err := t.add(l.Line, series, store.Point{T: at, Value: v}); err != nil {
			return err
		}
	}
	return nil
}

var errLabels = errors.New("its labels cannot be kept")

// prometheus is the series with these labels: one of ours by its name, or a gauge.
func (t *taking) prometheus(labels map[string]string) (store.Series, error) {
	name := labels["__name__"]
	kind, metric, ours := store.MetricNamed(name)
	pairs := make([]string, 0, 2*(len(labels)+len(t.o.Labels)))
	for key, value := range labels {
		if !ours || key != "__name__" {
			pairs = append(pairs, key, value)
		}
	}
	if ours {
		return t.series(kind, metric.Code, pairs)
	}
	if name == "" {
		return 0, fmt.Errorf("%w: __name__ is missing or empty", errLabels)
	}
	return t.series(store.Gauge, 0, pairs)
}

// series is the one of this owner with the labels that all are given.
func (t *taking) series(k store.Kind, c store.Code, pairs []string) (store.Series, error) {
	for _, l := range t.o.Labels {
		pairs = append(pairs, l.Name, l.Value)
	}
	labels, err := store.NewLabels(pairs...)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errLabels, err)
	}
	id, err := t.Owner(k, labels)
	return store.SeriesOf(id, c), err
}
