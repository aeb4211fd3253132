package trace

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// gathered is all that a sink was given.
type gathered struct {
	columns []Column
	rows    []Row
	pieces  []Labelled
	bad     []string
}

func (g *gathered) sink() Sink {
	return Sink{
		Columns: func(c []Column) error { g.columns = c; return nil },
		Row: func(r Row) error {
			r.Figures = append([]float64(nil), r.Figures...)
			g.rows = append(g.rows, r)
			return nil
		},
		Labelled: func(l Labelled) error {
			l.Times, l.Values = append([]int64(nil), l.Times...), append([]float64(nil), l.Values...)
			g.pieces = append(g.pieces, l)
			return nil
		},
		Bad: func(err error) { g.bad = append(g.bad, err.Error()) },
	}
}

// TestStreamGivesWhatReadGives compares the two ways to read a recording: the points of all
// series of a metric that both know are the same.
func TestStreamGivesWhatReadGives(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range files {
		series, err := Open(file, Options{Name: "f"})
		if err != nil || strings.Contains(file, "prometheus") {
			continue
		}
		text, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		var g gathered
		if err := Stream(text, Options{Name: "f"}, g.sink()); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if err := text.Close(); err != nil {
			t.Error(err)
		}
		got, want := map[string]float64{}, map[string]float64{}
		for _, s := range series {
			for _, p := range s.Points {
				if p.Value == p.Value {
					want[s.Metric] += p.Value + p.T
				}
			}
		}
		own := map[string]string{"private_bytes": "private", "shmem_bytes": "shmem"}
		for _, r := range g.rows {
			for i, v := range r.Figures {
				name := g.columns[i].Name
				if word := own[name]; word != "" {
					name = word
				}
				if v == v {
					got[name] += v + r.T
				}
			}
		}
		for metric, sum := range want {
			compared++
			if math.Abs(got[metric]-sum) > 1e-9*math.Abs(sum) {
				t.Errorf("%s: %s adds up to %v, want %v", file, metric, got[metric], sum)
			}
		}
	}
	if compared < 20 {
		t.Errorf("only %d series were compared", compared)
	}
}

func TestStreamOfOwnCSVGivesEveryFigure(t *testing.T) {
	var g gathered
	text := recording(t, "zol0_monitor.csv")
	if err := Stream(strings.NewReader(text), Options{Name: "f"}, g.sink()); err != nil {
		t.Fatal(err)
	}
	if n := len(g.columns); n != 13 {
		t.Errorf("%d columns: %v", n, g.columns)
	}
	r := g.rows[0]
	if r.Line != 2 || r.Name != "svc.py" || r.PID != "4705" || r.T != 1795448315.334 || r.Zoneless || r.Figures[0] != 3461120 || r.Figures[8] != 0.01 {
		t.Errorf("the first row is %+v", r)
	}
}

// Nothing is lost silently: a row that cannot be read is named, and those after it are read.
func TestStreamGoesOnBehindBadRows(t *testing.T) {
	for _, c := range []struct {
		name, text string
		rows       int
		bad        []string
	}{
		{"csv", "timestamp,pid,memory_mb,service_type\n2026-01-01 00:00:00,1,5,a\n2026-01-01 00:00:01,1,many,a\n2026-01-01 00:00:02,1\nnever,1,2,a\n2026-01-01 00:00:03+01:00,1,6,a\n", 2,
			[]string{`f:3: memory_mb (3): "many" is no number`, "f:4: the row has another number of columns than the 4 of the header: it was cut off, or a text with a delimiter lacks quotes", `f:5: timestamp (1): "never" is no time: write seconds, seconds or milliseconds since 1970, or 2006-01-02 15:04:05`}},
		{"mprof", "MEM 1.5 1700000000.5\nMEM x 1700000001\nMEM 2.5 1700000002\nMEM 2.5", 2,
			[]string{`f:2: memory: "x" is no number of MiB`, "f:4: the line has no end: the file was cut off while it was written"}},
	} {
		var g gathered
		if err := Stream(strings.NewReader(c.text), Options{Name: "f"}, Sink{Columns: g.sink().Columns, Row: g.sink().Row, Bad: g.sink().Bad}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if len(g.rows) != c.rows || !reflect.DeepEqual(g.bad, c.bad) {
			t.Errorf("%s: %d rows, bad are %q, want %d and %q", c.name, len(g.rows), g.bad, c.rows, c.bad)
		}
		if c.name == "csv" && (!g.rows[0].Zoneless || g.rows[1].Zoneless) {
			t.Errorf("a time without an offset is not told from one with: %+v", g.rows)
		}
	}
}

func TestWhatTheSinkReturnsEndsTheStream(t *testing.T) {
	full := errors.New("the disk is full")
	for file, text := range map[string]string{"csv": recording(t, "zol0_monitor.csv"), "psrecord": recording(t, "psrecord.log"), "mprof": recording(t, "mprof_func.dat"), "answer": recording(t, "prometheus_range.json"), "lines": `{"metric":{"a":"b"},"values":[1],"timestamps":[1]}`} {
		calls := 0
		err := Stream(strings.NewReader(text), Options{Name: "f"}, Sink{
			Columns: func([]Column) error { return nil }, Row: func(Row) error { calls++; return full },
			Labelled: func(Labelled) error { calls++; return full }, Bad: func(err error) { t.Error(err) },
		})
		if !errors.Is(err, full) || calls != 1 {
			t.Errorf("%s: %d calls and %v", file, calls, err)
		}
	}
}

func TestStreamOfAnAnswerHasCountersToo(t *testing.T) {
	var g gathered
	if err := Stream(strings.NewReader(recording(t, "prometheus_range.json")), Options{Name: "f"}, g.sink()); err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for _, p := range g.pieces {
		names[p.Labels["__name__"]] = len(p.Times)
	}
	if names["process_cpu_seconds_total"] != 21 || names["go_goroutines"] != 21 {
		t.Errorf("the answer has %v", names)
	}
}
