package trace

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// seeds are the recordings whose names fit a pattern.
func seeds(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no recording fits %s (%v)", pattern, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
}

// promised holds what Read promises about any bytes at all.
func promised(t *testing.T, series []Series, err error) {
	t.Helper()
	for _, s := range series {
		check(t, s)
	}
	if err == nil {
		if len(series) == 0 {
			t.Error("neither a series nor an error")
		}
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%T is no *Error: %v", err, err)
	}
	if e.Hint == "" || e.Err == nil {
		t.Errorf("%v has no next step", err)
	}
	for _, text := range []string{e.Error(), e.Hint} {
		if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q is unfit for a terminal", text)
		}
	}
}

// FuzzRead fuzzes the recognition of formats, and gzip.
func FuzzRead(f *testing.F) {
	seeds(f, "*.*")
	f.Fuzz(func(t *testing.T, text []byte) {
		series, err := Read(bytes.NewReader(text), Options{Name: "f\x1b"})
		promised(t, series, err)
	})
}

func FuzzCSV(f *testing.F) {
	seeds(f, "*.csv")
	f.Add([]byte("time;pid;memory_mb;name\n1,5;7;1e3;a\n"))
	f.Add([]byte("t_s\tv\n0\tNaN\n1\t\"2\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, o := range []Options{{}, {Time: "t", Value: "v", Work: "w", Unit: "GiB"}, {Time: "time", Value: "memory_mb", Work: "pid"}} {
			src, err := newSource(bytes.NewReader(text))
			if err != nil {
				return
			}
			unit, err := parseUnit(o.Unit)
			if err != nil {
				t.Fatal(err)
			}
			series, err := readCSV(src, "f", o, unit)
			for _, s := range series {
				check(t, s)
			}
			var e *Error
			if err != nil && (!errors.As(err, &e) || e.Hint == "") {
				t.Errorf("%v has no next step", err)
			}
		}
	})
}

func FuzzPsrecord(f *testing.F) {
	seeds(f, "psrecord*.log")
	f.Fuzz(func(t *testing.T, text []byte) { fuzz(t, text, readPsrecord) })
}

func FuzzMprof(f *testing.F) {
	seeds(f, "mprof*.dat")
	f.Fuzz(func(t *testing.T, text []byte) { fuzz(t, text, readMprof) })
}

func FuzzPrometheus(f *testing.F) {
	seeds(f, "prometheus*.json")
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzz(t, text, func(src *source, name string) ([]Series, error) { return readPrometheus(src, name, mibUnit) })
	})
}

func fuzz(t *testing.T, text []byte, read func(*source, string) ([]Series, error)) {
	src, err := newSource(bytes.NewReader(text))
	if err != nil {
		return
	}
	series, err := read(src, "f")
	for _, s := range series {
		check(t, s)
	}
	var e *Error
	if err != nil && (!errors.As(err, &e) || e.Hint == "") {
		t.Errorf("%v has no next step", err)
	}
}

func FuzzTime(f *testing.F) {
	for _, text := range []string{"0", "1700000000000", "2026-01-01T00:00:00.5+02:00", "2026-01-01 00:00", "1,5", "-1e300", "NaN"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, ok := newClock("t", true).read(text)
		if !ok {
			return
		}
		c := newClock("t", true)
		c.layout = len(layouts) - 1
		for range 2 { // the second answer comes from what the clock remembers
			if again, ok := c.read(text); !ok || again != first {
				t.Errorf("%q is %v and %v", text, first, again)
			}
		}
		if first < -maxSeconds || first > maxSeconds {
			t.Errorf("%q is %g s", text, first)
		}
	})
}
