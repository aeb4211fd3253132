package trace

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

func squeezed(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// gauge is a column w that rises and falls all the time.
func gauge() string {
	out := "t,v,w\n"
	for i := range 80 {
		out += fmt.Sprintf("%d,1,%d\n", i, [...]int{9, 3, 8, 2}[i%4])
	}
	return out
}

func recording(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestErrorsNameThePlaceAndTheNextStep compares whole messages: they are what a person
// has to find the mistake with. series is how many are read all the same.
func TestErrorsNameThePlaceAndTheNextStep(t *testing.T) {
	own := recording(t, "zol0_monitor.csv")
	answer := recording(t, "prometheus_range.json")
	mprof := recording(t, "mprof_command.dat")
	psrecord := recording(t, "psrecord.log")
	any := Options{Time: "t", Value: "v"}
	for _, c := range []struct {
		name, text  string
		options     Options
		series      int
		want, hint  string
		wantMatches bool
	}{
		{"empty", "", Options{}, 0, "f: the file is empty", "wait until the recorder has written its first rows", false},
		{"header alone", own[:strings.IndexByte(own, '\n')+1], Options{}, 0, "f: there is not a single figure in it", "wait until the recorder has written, or choose another file", false},
		{"a value", strings.Replace(own, ",4976640,", ",4976x40,", 1), Options{}, 8,
			`f:4: private_bytes (11): "4976x40" is no number`, "lines 1–3 are readable: repair line 4, or cut the file off before it (head -n 3)", false},
		{"the first value", "t,v\n0,x\n", any, 0, `f:2: v (2): "x" is no number`, "repair line 2, or take it out", false},
		{"a time", "t,v\n0,1\nyesterday,2\n", any, 1,
			`f:3: t (1): "yesterday" is no time: write seconds, seconds or milliseconds since 1970, or 2006-01-02 15:04:05`, "lines 1–2 are readable: repair line 3, or cut the file off before it (head -n 2)", false},
		{"an empty time", "t,v\n0,1\n,2\n", any, 1,
			`f:3: t (1): "" is no time: write seconds, seconds or milliseconds since 1970, or 2006-01-02 15:04:05`, "lines 1–2 are readable: repair line 3, or cut the file off before it (head -n 2)", false},
		{"a number too large", "t,v\n0,1\n1,1e999\n", any, 1, `f:3: v (2): "1e999" is no number`, "lines 1–2 are readable: repair line 3, or cut the file off before it (head -n 2)", false},
		{"hostile value", "t,v\n0,1\n1,\x1b[2J\u202e" + strings.Repeat("x", 100) + "\n", any, 1,
			`f:3: v (2): "\x1b[2J\u202e` + strings.Repeat("x", 57) + `"… is no number`, "lines 1–2 are readable: repair line 3, or cut the file off before it (head -n 2)", false},
		{"a row cut off", own[:len(own)-60], Options{}, 8,
			"f:25: the row has another number of columns than the 23 of the header: it was cut off, or a text with a delimiter lacks quotes", "lines 1–24 are readable: repair line 25, or cut the file off before it (head -n 24)", false},
		{"a row that begins a life", own + "2026-11-23T15:38:48Z,a,,true,9999,x,a,N,1,2,3,4,5,6,7,8,9,1,oops,2,3,4,5\n", Options{}, 8,
			`f:26: cpu_seconds (19): "oops" is no number`, "lines 1–25 are readable: repair line 26, or cut the file off before it (head -n 25)", false},
		{"quotes", "t,v\n0,1\n1,\"2\n", any, 1, `f:3: a quoted text does not end, or goes on behind its closing "`, "lines 1–2 are readable: repair line 3, or cut the file off before it (head -n 2)", false},
		{"a bare quote", "t,v\n0,1\n1,2\"3\n", any, 1, `f:3: a " stands within a text without quotes: quote the text and write "" for it`, "lines 1–2 are readable: repair line 3, or cut the file off before it (head -n 2)", false},
		{"unknown columns", "when,\x1bused\n0,1\n", Options{}, 0, "f:1: the columns are of no format that is recognised", "name the columns with --time and --value; there are when, ?used", false},
		{"a column that is not there", "when,used\n0,1\n", Options{Time: "t", Value: "used"}, 0, `f:1: there is no column "t"`, "the columns are when, used", false},
		{"no header", "0,1\n1,2\n", any, 0, "f:1: the file has no header: its first row holds figures only", "put a row with the names of the columns in front, like: t_s,value", false},
		{"a unit", "t,v\n0,1\n", Options{Time: "t", Value: "v", Unit: "furlongs"}, 0, `f: "furlongs" is no unit`, "write bytes, count, kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024)", false},
		{"a unit of nothing", own, Options{Unit: "MB"}, 0, "f: a unit was given, but no column that it belongs to", "name the column with --value", false},
		{"no counter", gauge(), Options{Time: "t", Value: "v", Work: "w"}, 0,
			"f: w (3): it falls in 40 of 80 rows: this is no counter of work done so far", "name a counter that only grows (CPU seconds, requests served) with --work, or leave --work out", false},
		{"columns of an answer", answer, any, 0, "f: columns were named, but this is an answer of Prometheus, no CSV", "leave the names of the columns out for this file", false},
		{"a unit of a log", psrecord, Options{Unit: "MB"}, 0, "f: a unit was given, but a log of psrecord has its own", "leave the unit out for this file", false},
		{"gzip cut off", string(squeezed(t, own)[:600]), Options{}, 8, "the gzip data end too early: the file was cut off", "are readable: copy the file again, or keep them alone (zcat FILE | head -n ", true},
		{"gzip header cut off", "\x1f\x8b\x08", Options{}, 0, "f:1: the gzip data end too early: the file was cut off", "copy or record the file again: nothing of it is readable", false},
		{"zstd", "\x28\xb5\x2f\xfdabc", Options{}, 0, "f: the file is compressed with zstd", "decompress it first: zstdcat FILE | zol0 analyze -", false},
		{"UTF-16", "\xff\xfet\x00,\x00v\x00", Options{}, 0, "f: the file is encoded in UTF-16", "save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE | zol0 analyze -", false},
		{"binary", "\x7fELF\x00\x00", Options{}, 0, "f: the file is no text: it holds zero bytes", "give a recording as CSV or JSON, plain or compressed with gzip", false},
		{"another JSON", "[1]", Options{}, 0, "f: this JSON is no answer of Prometheus", `save the whole answer of /api/v1/query_range, which begins with {"status":`, false},
		{"a JSON object", `{"a":[{"b":1}]}`, Options{}, 0, "f: this JSON is no answer of Prometheus: it lacks status or data.resultType", "save the whole answer of /api/v1/query_range", false},
		{"a vector", recording(t, "prometheus_vector.json"), Options{}, 0, "f: the answer is of type vector: one moment, in which nothing can grow", "ask /api/v1/query_range with start, end and step instead of /api/v1/query", false},
		{"a scalar", `{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}`, Options{}, 0, "f: the answer is of type scalar: one moment, in which nothing can grow", "ask /api/v1/query_range with start, end and step instead of /api/v1/query", false},
		{"a string", `{"status":"success","data":{"resultType":"string","result":[1,"2"]}}`, Options{}, 0, `f: the answer is of type "string", not matrix`, "ask /api/v1/query_range for a gauge, like process_resident_memory_bytes", false},
		{"a refused query", recording(t, "prometheus_error.json"), Options{}, 0, "f: Prometheus refused the query: bad_data: 1:31: parse error: unexpected end of input inside braces", "correct the query and save its answer again", false},
		{"no series", recording(t, "prometheus_empty.json"), Options{}, 0, "f: the answer is empty: no series fitted the query in that time", "check the query, start and end in Prometheus' own page", false},
		{"NaN alone", recording(t, "prometheus_nan.json"), Options{}, 0, "f: there is not a single figure in the answer", "check the query in Prometheus' own page", false},
		{"a counter", recording(t, "prometheus_counter.json"), Options{}, 0, "f: process_cpu_seconds_total grows by nature: the answer holds no gauge", "query a gauge like process_resident_memory_bytes, or a rate; a gauge that has such a name passes as NAME * 1", false},
		{"an answer cut off", answer[:len(answer)/2], Options{}, 2, "f: byte 1438: the answer ends too early: the file was cut off", "57 points of 3 series are readable; save the answer again", false},
		{"a value of an answer", strings.Replace(answer, `"14"`, `"x"`, 1), Options{}, 1, `value 1 of series 3: "x" is no number`, "42 points of 3 series are readable; save the answer again, unchanged", true},
		{"native histograms", `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{"count":"1"}]]}]}}`, Options{}, 0, "f: the answer holds native histograms only", "query a gauge, or histogram_count of it", false},
		{"two answers", answer + answer, Options{}, 3, "something follows the answer", "105 points of 5 series are readable; save one answer in a file", true},
		{"an answer without the end of its gzip", string(squeezed(t, answer)[:len(squeezed(t, answer))-3]), Options{}, 3, "f: byte 2890: the gzip data end too early: the file was cut off", "105 points of 5 series are readable; copy the file again", false},
		{"a profile cut off", mprof[:len(mprof)-3], Options{}, 1, "f:27: the line has no end: the file was cut off while it was written", "lines 1–26 are readable: repair line 27, or cut the file off before it (head -n 26)", false},
		{"a strange profile", mprof + "MEMO 1 2\n", Options{}, 1, `f:28: a line of mprof begins with CMDLINE, MEM, CHLD or FUNC, not with "MEMO"`, "lines 1–27 are readable: repair line 28, or cut the file off before it (head -n 27)", false},
		{"a profile's figure", "MEM 1.5 10\nMEM x 11\n", Options{}, 1, `f:2: memory: "x" is no number of MiB`, "repair line 2, or take it out", false},
		{"a log cut off", psrecord[:len(psrecord)-20], Options{}, 1, "f:26: the line has no end: the file was cut off while it was written", "lines 1–25 are readable: repair line 26, or cut the file off before it (head -n 25)", false},
		{"a log's row", psrecord + "1 2 3\n", Options{}, 1, "f:27: the row has 3 columns, the header 4", "lines 1–26 are readable: repair line 27, or cut the file off before it (head -n 26)", false},
		{"two logs", psrecord + psrecord, Options{}, 1, "f:27: a second recording begins here", "lines 1–26 are readable: repair line 27, or cut the file off before it (head -n 26)", false},
	} {
		c.options.Name = "f"
		got, err := Read(strings.NewReader(c.text), c.options)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: the error is %v", c.name, err)
			continue
		}
		same := e.Error() == c.want && e.Hint == c.hint
		if c.wantMatches {
			same = strings.Contains(e.Error(), c.want) && strings.Contains(e.Hint, c.hint)
		}
		if !same {
			t.Errorf("%s: the error is\n\t%s\n\t%s\nwant\n\t%s\n\t%s", c.name, e, e.Hint, c.want, c.hint)
		}
		if len(got) != c.series {
			t.Errorf("%s: %d series are read all the same, want %d", c.name, len(got), c.series)
		}
		for _, s := range got {
			check(t, s)
		}
	}
}

func TestFilesThatCannotBeOpened(t *testing.T) {
	_, err := Open("testdata/missing\x1b.csv", Options{})
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, fs.ErrNotExist) || e.File != "testdata/missing?.csv" || e.Hint != "name an existing file, or - for standard input" {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err = Open("testdata", Options{}); !errors.As(err, &e) || e.Hint == "" || strings.Contains(e.Error(), "read testdata") {
		t.Errorf("a directory: %v", err)
	}
}
