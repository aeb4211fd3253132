package backtest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder writes files, whose names use /, and returns the folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	oneLeak = `{"traces": [{"id": "a", "file": "a.csv", "label": "leak", "onset_s": 0, "truth": "truth.csv"}]}`
	rows    = "t_s,pid,rss_kb\n0,1,100\n60,1,\n120,2,100.5\n"
	logRows = "t_s,key,value\n0,leak,0\n30,live,x\n60,leak,4096\n90,life,start\n"
)

func TestLoad(t *testing.T) {
	dir := folder(t, map[string]string{manifestName: oneLeak, "a.csv": rows, "truth.csv": logRows})
	set, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	trace := set.Traces[0]
	if trace.File != filepath.Join(dir, "a.csv") || trace.Truth != filepath.Join(dir, "truth.csv") {
		t.Errorf("paths %s, %s", trace.File, trace.Truth)
	}
	if got := fmt.Sprint(set.Samples("a")); got != "[{0 1 102400} {60 1 NaN} {120 2 102912}]" {
		t.Errorf("samples %s", got)
	}
	if got := fmt.Sprint(set.recordings["a"].log); got != "[{0 0} {60 4096} {90 0}]" {
		t.Errorf("log %s", got)
	}
	if set.Samples("b") != nil {
		t.Error("samples of a trace that is not there")
	}
}

func TestRecordedTracesAreComplete(t *testing.T) {
	set := loadDev(t)
	counts := map[string]int{}
	for _, trace := range set.Traces {
		counts[trace.Label]++
		first, last := set.span(trace.ID)
		if last-first < 10*hour || trace.Limit <= 0 {
			t.Errorf("%s: %g to %g s, limit %g", trace.ID, first, last, trace.Limit)
		}
		if trace.Label == Leak && (len(set.recordings[trace.ID].log) == 0 || trace.Evidence > last || trace.Baseline <= 0) {
			t.Errorf("%s: %d log entries, evidence at %g of %g s", trace.ID, len(set.recordings[trace.ID].log), trace.Evidence, last)
		}
	}
	if counts[Leak] != 46 || counts[OK] != 50 || counts[Ambiguous] != 5 {
		t.Errorf("labels %v", counts)
	}
}

// TestFoldersThatCannotBeUsed wants every error to name file, trace, place and value.
func TestFoldersThatCannotBeUsed(t *testing.T) {
	for _, c := range []struct {
		story string
		files map[string]string
		want  string
	}{
		{"no manifest", map[string]string{"a.csv": rows}, `manifest.json: no such file`},
		{"broken manifest", map[string]string{manifestName: "{"}, `manifest.json:1: unexpected end`},
		{"hostile manifest", map[string]string{manifestName: `{"traces": [{"id": "a", "file": "../a.csv", "label": "ok"}]}`}, `manifest.json: trace "a": file: "../a.csv" does not stay`},
		{"no trace", map[string]string{manifestName: oneLeak}, `a.csv: trace "a": no such file`},
		{"no log", map[string]string{manifestName: oneLeak, "a.csv": rows}, `truth.csv: trace "a": no such file`},
		{"a folder", map[string]string{manifestName: oneLeak, "a.csv/x": rows}, `a.csv: trace "a": it is no regular file but d`},
		{"empty", map[string]string{manifestName: oneLeak, "a.csv": ""}, `a.csv:1: trace "a": the file is empty`},
		{"no column", map[string]string{manifestName: oneLeak, "a.csv": "t_s,pid\n1,1\n"}, `a.csv:1: trace "a": rss_kb: there is no such column in "t_s,pid"`},
		{"hostile column", map[string]string{manifestName: oneLeak, "a.csv": "\x1b[2J\n"}, `there is no such column in "\x1b[2J"`},
		{"too many columns", map[string]string{manifestName: oneLeak, "a.csv": strings.Repeat(",", 2000) + "\n"}, `a.csv:1: trace "a": 2001 columns`},
		{"one sample", map[string]string{manifestName: oneLeak, "a.csv": "t_s,pid,rss_kb\n5,1,1\n"}, `a.csv: trace "a": 1 samples, which span no time`},
		{"one instant", map[string]string{manifestName: oneLeak, "a.csv": "t_s,pid,rss_kb\n5,1,1\n5,1,1\n"}, `2 samples, which span no time`},
		{"short row", map[string]string{manifestName: oneLeak, "a.csv": rows + "180,1\n"}, `a.csv:5: trace "a": the row ends after 2 cells`},
		{"no number", map[string]string{manifestName: oneLeak, "a.csv": rows + "x,1,1\n"}, `a.csv:5: trace "a": t_s: "x" is no number`},
		{"not a number", map[string]string{manifestName: oneLeak, "a.csv": rows + "NaN,1,1\n"}, `t_s: "NaN" is not between`},
		{"infinite", map[string]string{manifestName: oneLeak, "a.csv": rows + "180,1,Inf\n"}, `rss_kb: "Inf" is not between`},
		{"negative", map[string]string{manifestName: oneLeak, "a.csv": rows + "180,1,-4\n"}, `rss_kb: "-4" is not between`},
		{"no process", map[string]string{manifestName: oneLeak, "a.csv": rows + "180,a,1\n"}, `a.csv:5: trace "a": pid: "a" is no process number`},
		{"back in time", map[string]string{manifestName: oneLeak, "a.csv": rows + "60,1,1\n"}, `a.csv:5: trace "a": t_s: 60 s comes after 120 s`},
		{"long line", map[string]string{manifestName: oneLeak, "a.csv": rows + strings.Repeat("1", maxLineBytes) + "\n"}, `a.csv:5: trace "a": the line is longer than 65536 bytes`},
		{"damaged gzip", map[string]string{manifestName: oneLeak, "a.csv": packed(t, rows)[:40]}, `a.csv:4: trace "a": unexpected EOF`},
		{"no gzip", map[string]string{manifestName: oneLeak, "a.csv": "\x1f\x8bxxxxxxxxxxxxx"}, `trace "a": gzip: invalid header`},
		{"log back in time", map[string]string{manifestName: oneLeak, "a.csv": rows, "truth.csv": logRows + "80,leak,1\n"}, `truth.csv:6: trace "a": t_s: 80 s comes after 90 s`},
		{"log without figures", map[string]string{manifestName: oneLeak, "a.csv": rows, "truth.csv": logRows + "100,leak,much\n"}, `truth.csv:6: trace "a": value: "much" is no number`},
	} {
		t.Run(c.story, func(t *testing.T) {
			_, err := Load(folder(t, c.files))
			var wrong *Error
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) || wrong.Hint == "" {
				t.Errorf("%v, want %q and a hint", err, c.want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "absent")); err == nil || !strings.Contains(err.Error(), "absent: no such file") {
		t.Errorf("no folder: %v", err)
	}
}

func packed(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestBoundsOfWhatIsRead(t *testing.T) {
	dir := folder(t, map[string]string{"a.csv": rows, "truth.csv": logRows, "bomb.gz": packed(t, "t_s,key,value\n"+strings.Repeat("\n", 1<<20))})
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close() //nolint:errcheck // opened for reading
	if _, err := readSamples(root, "a.csv", 2); err == nil || !strings.Contains(err.Error(), "more than 2000000 samples together") {
		t.Errorf("3 samples where 2 are left: %v", err)
	}
	if _, err := readTruth(root, "truth.csv", 2); err == nil || !strings.Contains(err.Error(), "more than 2000000 entries together") {
		t.Errorf("3 entries where 2 are left: %v", err)
	}
	bomb, err := root.Open("bomb.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer bomb.Close() //nolint:errcheck // opened for reading
	err = scanTable(bomb, 1<<19, []string{"t_s"}, func([][]byte) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "unpacks to more than 524288 bytes") {
		t.Errorf("a file that unpacks to 1 MiB where half is allowed: %v", err)
	}
}

func TestTableIsReadPackedAndPlain(t *testing.T) {
	const text = "a,b,c\r\n1,,3\r\n4,5,6"
	for _, text := range []string{text, packed(t, text), strings.ReplaceAll(text, "\r", ""), text + "\n"} {
		var got []string
		err := scanTable(strings.NewReader(text), 1<<20, []string{"c", "b"}, func(cells [][]byte) error {
			got = append(got, fmt.Sprintf("%s|%s", cells[0], cells[1]))
			return nil
		})
		if err != nil || fmt.Sprint(got) != "[3| 6|5]" {
			t.Errorf("%v, %v", got, err)
		}
	}
}

func FuzzTrace(f *testing.F) {
	f.Add([]byte(rows))
	f.Add([]byte(logRows))
	f.Add([]byte(packed(f, rows)))
	f.Add([]byte("t_s,pid,rss_kb\n1e308,-1,0x1p-3\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "f"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close() //nolint:errcheck // opened for reading
		samples, err := readSamples(root, "f", 1000)
		checkError(t, err)
		for i, s := range samples {
			if math.IsNaN(s.T) || math.Abs(s.T) > maxSeconds || i > 0 && s.T < samples[i-1].T || s.RSS < 0 || s.RSS > maxKilobytes*1024 {
				t.Fatalf("sample %d: %+v", i, s)
			}
		}
		log, err := readTruth(root, "f", 1000)
		checkError(t, err)
		for i, e := range log {
			if math.IsNaN(e.t) || i > 0 && e.t < log[i-1].t || !(e.bytes >= 0) {
				t.Fatalf("entry %d: %+v", i, e)
			}
		}
	})
}

func checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var wrong *Error
	if !errors.As(err, &wrong) || wrong.Hint == "" || !shows(wrong.Error()) {
		t.Fatalf("an error that does not help: %q", err)
	}
}
