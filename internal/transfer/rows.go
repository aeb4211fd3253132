package transfer

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/trace"
)

// figure is what a column of a recording is in the store.
type figure struct {
	code    store.Code // of services and processes, where known
	known   bool
	counter bool
	name    string // of the gauge, where not
}

// service is what the rows of one moment say about one service.
type service struct {
	name      string
	sums      []float64
	given     []bool
	counters  []float64
	instances int
	last      int64 // moment that was taken in
	whole     bool  // a row without PID: it is the sum already
	fresh     bool  // has figures of this moment
	ids       []store.Series
	count     store.Series // of instances
}

// words are the metrics of package trace.
var words = map[string]memory.Metric{
	"private": memory.Private, "shmem": memory.Shmem, "fds": memory.FDs, "threads": memory.Threads, "rss": memory.RSS,
}

// columns says what the columns of a recording are.
func (t *taking) columns(all []trace.Column) error {
	for _, c := range all {
		f := figure{name: gaugeName(c)}
		if m, ok := words[c.Name]; ok {
			f.known, f.code = true, store.Code(m)
		}
		for _, d := range memory.Metrics {
			if d.Name == c.Name {
				f.known, f.code, f.counter = true, store.Code(d.Metric), d.Cumulative
			}
		}
		t.figures = append(t.figures, f)
	}
	return nil
}

// gaugeName makes a name as Prometheus has them: letters, digits and underscores, with the
// unit at the end.
func gaugeName(c trace.Column) string {
	name := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return '_'
	}, c.Name)
	if name == "" || unicode.IsDigit(rune(name[0])) {
		name = "_" + name
	}
	if c.Unit == "bytes" && !strings.HasSuffix(name, "_bytes") {
		name += "_bytes"
	}
	return name[:min(len(name), 200)]
}

// leastDate is the year 1973: smaller times count from the beginning of the recording.
const leastDate = 1e8

// row takes in one row of a recording.
func (t *taking) row(r trace.Row) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	at, err := t.time(&r)
	if err != nil {
		return err
	}
	t.report.Rows++
	switch name := r.Name; {
	case name == "" && t.o.Service == "":
		return t.gauges(&r, at)
	case name == "" && r.PID != "" && t.children:
		return t.child(&r, at)
	}
	if r.PID == "" {
		t.children = true
	}
	if at != t.at || r.Line == 0 {
		if err := t.moment(); err != nil {
			return err
		}
		t.at = at
	}
	t.line = r.Line
	return t.sum(&r)
}

// time is the row's time in milliseconds since 1970.
func (t *taking) time(r *trace.Row) (int64, error) {
	seconds := r.T
	switch {
	case seconds < leastDate && t.o.Start.IsZero():
		return 0, &trace.Error{File: printable(t.o.Columns.Name), Line: r.Line, Err: errors.New("its times count from the beginning of the recording"), Hint: "say when that was, with --start 2026-01-31T12:00:00Z"}
	case seconds < leastDate:
		return t.o.Start.UnixMilli() + int64(math.Round(seconds*1000)), nil
	case r.Zoneless && t.o.Zone != nil:
		u := time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
		return time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), u.Nanosecond(), t.o.Zone).UnixMilli(), nil
	}
	return int64(math.Round(seconds * 1000)), nil
}

// gauges takes in a row of which nobody knows what it is about.
func (t *taking) gauges(r *trace.Row, at int64) error {
	if r.PID == "" {
		t.children = true
	}
	for i, v := range r.Figures {
		if math.IsNaN(v) {
			continue
		}
		pairs := []string{"__name__", t.figures[i].name, "source", cut(t.o.Columns.Name)}
		if r.PID != "" {
			pairs = append(pairs, "pid", r.PID)
		}
		if err := t.put(r.Line, store.Gauge, 0, pairs, store.Point{T: at, Value: v}); err != nil {
			return err
		}
	}
	return nil
}

// child takes in a row of a process that a program started.
func (t *taking) child(r *trace.Row, at int64) error {
	for i, v := range r.Figures {
		if math.IsNaN(v) {
			continue
		}
		kind, code, pairs := store.Process, t.figures[i].code, []string{"service", cut(t.o.Service), "pid", r.PID}
		if !t.figures[i].known {
			kind, code, pairs = store.Gauge, 0, append(pairs, "__name__", t.figures[i].name)
		}
		if err := t.put(r.Line, kind, code, pairs, store.Point{T: at, Value: v}); err != nil {
			return err
		}
	}
	return nil
}

func (t *taking) put(line int, k store.Kind, c store.Code, pairs []string, p store.Point) error {
	series, err := t.series(k, c, pairs)
	if err != nil {
		return t.unkept(line, err)
	}
	return t.add(line, series, p)
}

// unkept tells a series whose labels the store does not take.
func (t *taking) unkept(line int, err error) error {
	if !errors.Is(err, errLabels) {
		return err
	}
	t.bad(&trace.Error{File: printable(t.o.Columns.Name), Line: line, Err: err, Hint: "give it a shorter name"})
	return nil
}

// maxServices bounds the services of a file, about 1 KB each: as many series as trace reads.
const maxServices = 10_000

// sum adds a row to its service.
func (t *taking) sum(r *trace.Row) error {
	name := r.Name
	if name == "" {
		name = t.o.Service
	}
	v := t.services[name]
	if v == nil {
		if len(t.services) >= maxServices {
			return &trace.Error{File: printable(t.o.Columns.Name), Line: r.Line, Err: fmt.Errorf("the file has more than %d services", maxServices), Hint: "import a part of it: grep the services that matter"}
		}
		n := len(t.figures)
		v = &service{name: name, sums: make([]float64, n), given: make([]bool, n), counters: make([]float64, n), ids: make([]store.Series, n)}
		t.services[name] = v
	}
	if !v.fresh {
		clear(v.sums)
		clear(v.given)
		v.fresh, v.whole, v.instances = true, false, 0
		t.order = append(t.order, v)
	}
	if r.PID == "" && r.Name != "" { // of an export: it is the sum already
		v.whole = true
		for i, x := range r.Figures {
			v.sums[i], v.given[i] = x, !math.IsNaN(x)
		}
		return nil
	}
	if v.whole {
		return nil
	}
	if t.at <= v.last {
		t.bad(&trace.Error{File: printable(t.o.Columns.Name), Line: r.Line, Err: errors.New("its moment was added up already, or is earlier than the one before it"), Hint: "sort the file by time and import it again"})
		return nil
	}
	v.instances++
	before, seen := t.lives[r.Life]
	for i, x := range r.Figures {
		switch {
		case math.IsNaN(x):
		case !t.figures[i].counter:
			v.sums[i] += x
			v.given[i] = true
		default:
			if before == nil {
				before = make([]float64, len(t.figures))
				t.lives[r.Life] = before
			}
			// What a process did before the recording began is no part of what it did since.
			if seen || t.started() {
				v.counters[i] += max(0, x-before[i])
			}
			before[i] = max(before[i], x)
			v.sums[i], v.given[i] = v.counters[i], true
		}
	}
	return nil
}

// started reports whether the first moment of the recording is over.
func (t *taking) started() bool { return t.report.Imported.Points > 0 || t.Counts().Points > 0 }

// moment takes in what the rows of one moment add up to.
func (t *taking) moment() error {
	for _, v := range t.order {
		v.fresh, v.last = false, max(v.last, t.at)
		for i, given := range v.given {
			if !given {
				continue
			}
			if v.ids[i] == 0 {
				kind, code, pairs := store.Service, t.figures[i].code, []string{"service", cut(v.name)}
				if !t.figures[i].known {
					kind, code, pairs = store.Gauge, 0, append(pairs, "__name__", t.figures[i].name)
				}
				series, err := t.series(kind, code, pairs)
				if err != nil {
					if err := t.unkept(t.line, err); err != nil {
						return err
					}
					continue
				}
				v.ids[i] = series
			}
			if err := t.add(t.line, v.ids[i], store.Point{T: t.at, Value: v.sums[i]}); err != nil {
				return err
			}
		}
		if err := t.instances(v); err != nil {
			return err
		}
	}
	t.order = t.order[:0]
	return nil
}

// instances takes in how many processes a service had.
func (t *taking) instances(v *service) error {
	if v.whole || v.instances == 0 {
		return nil
	}
	if v.count == 0 {
		series, err := t.series(store.Service, store.Instances, []string{"service", cut(v.name)})
		if err != nil {
			return t.unkept(t.line, err)
		}
		v.count = series
	}
	return t.add(t.line, v.count, store.Point{T: t.at, Value: float64(v.instances)})
}
