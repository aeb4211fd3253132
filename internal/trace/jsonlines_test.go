package trace

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

const exported = `{"metric":{"__name__":"rss_bytes","job":"a"},"values":[1,2.5e3,null,"NaN"],"timestamps":[1700000000000,1700000001000,1700000002000,1.700000003e12]}
{"metric":{"__name__":"rss_bytes","job":"b"},"values":[7],"timestamps":[1700000000500]}

{"values":[3,-4],"timestamps":[1700000005000,1700000004000],"metric":{"job":"a","__name__":"rss_bytes"}}`

func TestJSONLines(t *testing.T) {
	got, err := Read(strings.NewReader(exported), Options{Name: "f"})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "the export", got, []string{
		`{job="a"}|rss_bytes|bytes|6[] (1700000000 1 NaN) (1700000005 3 NaN)`,
		`{job="b"}|rss_bytes|bytes|1[] (1700000000.5 7 NaN) (1700000000.5 7 NaN)`,
	})
	if v := got[0].Points[2].Value; !math.IsNaN(v) {
		t.Errorf("null is %v", v)
	}
}

func TestJSONLinesThatAreNone(t *testing.T) {
	good := `{"metric":{"__name__":"x"},"values":[1],"timestamps":[1]}` + "\n"
	for line, want := range map[string]string{
		`{"metric":{"a":"b"},"values":[1,2],"timestamps":[1]}`:                                    "f:2: 2 values have 1 timestamps",
		`{"metric":{"a":"b"},"values":[1,"two\u001b"],"timestamps":[1,2]}`:                        `f:2: values: value 2, "two\\u001b", is no number`,
		`{"metric":{"a":"b"},"values":[[1]],"timestamps":[1]}`:                                    `f:2: values: value 1, "[1]", is no number`,
		`{"metric":{"a":"b"},"values":[1],"timestamps":[1.5]}`:                                    `f:2: timestamps: value 1, "1.5", is no number`,
		`{"metric":{"a":"b"},"values":[1],"timestamps":[1e300]}`:                                  `f:2: timestamps: value 1, "1e300", is no number`,
		`{"metric":{"a":"b"},"values":{},"timestamps":[1]}`:                                       `f:2: values: value 1, "{}", is no number`,
		`{"metric":{"a":7},"values":[1],"timestamps":[1]}`:                                        "f:2: metric: a number stands where text should",
		`{"metric":{},"values":[1],"timestamps":[1]}`:                                             `f:2: it names no series: "metric" is missing or empty`,
		`{"values":[1],"timestamps":[1]}`:                                                         `f:2: it names no series: "metric" is missing or empty`,
		`{"metric":{"a":"b"},"values":[1`:                                                         "f:2: it is no line of JSON: unexpected end of JSON input",
		`nonsense`:                                                                                "f:2: it is no line of JSON: invalid character 'o' in literal null (expecting 'u')",
		`{"metric":{"a":"` + strings.Repeat("x", maxJSONLine) + `"},"values":[],"timestamps":[]}`: "f:2: the line is longer than 6291456 bytes",
	} {
		series, err := Read(strings.NewReader(good+line), Options{Name: "f"})
		if err == nil || err.Error() != want || len(series) != 1 {
			t.Errorf("%.80s gives %d series and %v, want %s", line, len(series), err, want)
		}
		var g gathered
		err = Stream(strings.NewReader(good+line+"\n"+good), Options{Name: "f"}, g.sink())
		if strings.Contains(want, "longer") {
			if err == nil || err.Error() != want {
				t.Errorf("the stream of a long line ends with %v", err)
			}
			continue
		}
		if err != nil || len(g.pieces) != 2 || len(g.bad) != 1 {
			t.Errorf("%.80s: the stream gives %d pieces, %q and %v", line, len(g.pieces), g.bad, err)
		}
	}
	if _, err := Read(strings.NewReader(good), Options{Name: "f", Value: "v"}); err == nil || !strings.Contains(err.Error(), "no CSV") {
		t.Errorf("a column of JSON lines gives %v", err)
	}
}

// A line longer than a buffer is one line all the same.
func TestLongJSONLines(t *testing.T) {
	var values, times []string
	for i := range 30_000 {
		values, times = append(values, fmt.Sprint(i)), append(times, fmt.Sprint(1700000000000+5000*i))
	}
	text := fmt.Sprintf(`{"metric":{"a":"b"},"values":[%s],"timestamps":[%s]}`+"\n", strings.Join(values, ","), strings.Join(times, ", "))
	series, err := Read(strings.NewReader(text+text), Options{Name: "f"})
	if err != nil || len(series) != 1 || len(series[0].Points) != 60_000 {
		t.Errorf("%d series and %v", len(series), err)
	}
}

func FuzzJSONLines(f *testing.F) {
	f.Add([]byte(exported))
	f.Add([]byte(`{"metric":{"__name__":"a_total"},"values":["Infinity",1],"timestamps":[0,-5]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzz(t, text, func(src *source, name string) ([]Series, error) { return readJSONLines(src, name, mibUnit) })
		if isJSONLines(string(text)) {
			sink := Sink{Labelled: func(l Labelled) error {
				if len(l.Labels) == 0 || len(l.Times) != len(l.Values) {
					t.Errorf("a piece without labels or of columns of %d and %d", len(l.Times), len(l.Values))
				}
				return nil
			}, Bad: func(error) {}}
			src, err := newSource(strings.NewReader(string(text)))
			if err != nil {
				return
			}
			src.sink = &sink
			if _, err := readJSONLines(src, "f", noUnit); err != nil && err.Error() == "" {
				t.Error("an error without words")
			}
		}
	})
}
