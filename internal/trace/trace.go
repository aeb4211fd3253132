// Package trace reads series that somebody recorded earlier, out of the files that common
// tools write: zol0's own CSV, the CSV of the ZoL0 trading system's memory_monitor.py,
// leakbench traces, psrecord, memory_profiler's mprof, answers of Prometheus, series as lines
// of JSON (VictoriaMetrics, zol0 store export), and any CSV whose columns the caller names. The format is recognised by the content, and so is gzip.
//
// The package reads and names; it judges nothing and knows no clock. What it reads is
// foreign: every name it hands out is printable, and every size has a bound (limits.go).
package trace

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Point is one sample of a series.
type Point struct {
	T     float64 // seconds in the file's own time: since 1970 or since the recording began
	Value float64 // in the unit of the series; NaN where nothing was measured, never infinite
	// Work is a counter of the work done so far (CPU seconds, requests). It never falls
	// within a series, restarts included. NaN where it is unknown.
	Work float64
	// Faults is a counter of the minor page faults so far: memory touched for the first
	// time. Like Work it never falls within a series. NaN where it is unknown.
	Faults float64
	// Beside is what counts towards a memory limit beside the value, at least 0, in the
	// unit of the series: the rest of the RSS. NaN where the file does not say, and of
	// figures that are no part of it.
	Beside float64
}

// Series is one metric of one thing, in the order of the file.
type Series struct {
	// Name is the service or process, the labels of Prometheus, or else Options.Name.
	// Where several processes of one name run beside each other, " PID 812" follows, of
	// the last life. It is printable and about maxNameRunes long at most.
	Name string
	// Metric is private, shmem, fds, threads, rss or uss where the format says what a
	// figure is, else the name of the column or of the Prometheus metric.
	Metric string
	Unit   string // "bytes", "count" or "" where the file does not say
	Points []Point
	// Restarts are the indexes into Points at which another life of the process begins,
	// ascending, never 0: another PID under the same name after the one before has ended,
	// an uptime or a counter of work that falls, another start time. In a leakbench trace,
	// which follows one service, every row whose PID is not that of the row before.
	Restarts []int
}

// Options say what the content of a file does not.
type Options struct {
	// Name is the file's name, for errors and for series that have no name of their own.
	// "-" and "" are standard input.
	Name string
	// Time, Value and Work name columns of a CSV file. Left empty, the format is
	// recognised by its header. In a recognised format with processes they choose other
	// columns, and processes stay apart. They are refused where the file is no CSV.
	Time, Value, Work string
	// Unit is the unit of the column Value, or of Prometheus values whose metric does not
	// tell: "bytes", "count", or a unit as units.ParseBytes knows it ("kB", "MiB").
	Unit string
}

// Open reads the file at path. Without Options.Name the path is the name.
func Open(path string, o Options) ([]Series, error) {
	if o.Name == "" {
		o.Name = path
	}
	f, err := os.Open(path)
	if err != nil {
		hint := "name an existing file, or - for standard input"
		if !errors.Is(err, fs.ErrNotExist) {
			hint = "make the file readable for this user"
		}
		return nil, &Error{File: displayed(o.Name), Err: cause(err), Hint: hint}
	}
	defer f.Close() //nolint:errcheck // only read
	return Read(f, o)
}

// Read reads one recording to its end. Its errors are of type *Error.
//
// A recording that breaks off or has a broken row gives both: an error that names the
// place, and the series of everything before it. A caller that can live with less may go
// on with them; the rows after the broken one are not read.
func Read(r io.Reader, o Options) ([]Series, error) {
	series, err := read(r, o)
	if err == nil && len(series) == 0 {
		err = &Error{Err: errors.New("there is not a single figure in it"), Hint: "wait until the recorder has written, or choose another file"}
	}
	if err == nil {
		return series, nil
	}
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Err: err, Hint: "check that the file can be read to its end"}
	}
	e.File = displayed(o.Name)
	return series, e
}

func read(r io.Reader, o Options) ([]Series, error) {
	unit, err := parseUnit(o.Unit)
	if err != nil {
		return nil, err
	}
	src, err := newSource(r)
	if err != nil {
		return nil, err
	}
	return src.series(o, unit)
}

// series recognises the format and reads it.
func (src *source) series(o Options, unit unitOf) ([]Series, error) {
	head := src.peek()
	if err := refuseBinary(head); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(head)) == 0 && src.failed != nil {
		return nil, src.broken(1)
	}
	name := displayed(o.Name)
	switch start := strings.TrimLeft(string(head), " \t\r\n"); {
	case start == "":
		return nil, &Error{Err: errors.New("the file is empty"), Hint: "wait until the recorder has written its first rows"}
	case isJSONLines(start):
		if err := o.refuseColumns("an export of series as lines of JSON"); err != nil {
			return nil, err
		}
		return readJSONLines(src, name, unit)
	case start[0] == '{':
		if err := o.refuseColumns("an answer of Prometheus"); err != nil {
			return nil, err
		}
		return readPrometheus(src, name, unit)
	case start[0] == '[':
		return nil, &Error{Err: errors.New("this JSON is no answer of Prometheus"), Hint: "save the whole answer of /api/v1/query_range, which begins with {\"status\":"}
	case isPsrecord(start):
		if err := o.refuseAll("a log of psrecord"); err != nil {
			return nil, err
		}
		return readPsrecord(src, name)
	case isMprof(start):
		if err := o.refuseAll("a profile of mprof"); err != nil {
			return nil, err
		}
		return readMprof(src, name)
	}
	return readCSV(src, name, o, unit)
}

func (o Options) refuseColumns(format string) error {
	if o.Time == "" && o.Value == "" && o.Work == "" {
		return nil
	}
	return &Error{Err: errors.New("columns were named, but this is " + format + ", no CSV"), Hint: "leave the names of the columns out for this file"}
}

// refuseAll is for formats whose unit is known, too.
func (o Options) refuseAll(format string) error {
	if o.Unit != "" {
		return &Error{Err: errors.New("a unit was given, but " + format + " has its own"), Hint: "leave the unit out for this file"}
	}
	return o.refuseColumns(format)
}
