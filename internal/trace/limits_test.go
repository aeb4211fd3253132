package trace

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// repeated gives head once and then part, endlessly.
type repeated struct {
	head, part string
	at         int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if r.head != "" {
			k := copy(p[n:], r.head)
			r.head = r.head[k:]
			n += k
			continue
		}
		k := copy(p[n:], r.part[r.at:])
		r.at = (r.at + k) % len(r.part)
		n += k
	}
	return n, nil
}

// TestEndlessFilesEnd reads files that have no end. Each meets a bound, and what was
// allocated on the way stays in a proportion to it.
func TestEndlessFilesEnd(t *testing.T) {
	const matrix = `{"status":"success","data":{"resultType":"matrix","result":[`
	wide := "t_s" + strings.Repeat(",c", maxColumns-1)
	for _, c := range []struct {
		name, head, part string
		want             string
		megabytes        uint64 // allocated in all
	}{
		{"a line", "t_s,", "a", fmt.Sprintf("the line is longer than %d bytes", maxLineBytes), 8},
		{"a quoted field", "t_s,v\n0,\"", "a\n", fmt.Sprintf("the line is longer than %d bytes", maxLineBytes), 16},
		{"columns", "t_s", ",c", fmt.Sprintf("the line is longer than %d bytes", maxLineBytes), 128},
		{"points", wide + "\n", "0" + strings.Repeat(",1", maxColumns-1) + "\n", fmt.Sprintf("more than %d points", maxPoints), 1024},
		{"a psrecord header", "# Elapsed time CPU (%) Real (MB)", " a", fmt.Sprintf("the line is longer than %d bytes", maxLineBytes), 8},
		{"an mprof line", "CMDLINE ", "a", fmt.Sprintf("the line is longer than %d bytes", maxLineBytes), 8},
		{"JSON text", `{"status":"`, "a", fmt.Sprintf("the line is longer than %d bytes", maxLineBytes), 16},
		{"JSON depth", `{"x":`, "[", fmt.Sprintf("it is nested more than %d deep", maxJSONDepth), 1},
		{"labels", matrix + `{"metric":{`, `"a":"",`, fmt.Sprintf("the line is longer than %d bytes", maxLineBytes), 64},
		{"series of an answer", matrix, `{"metric":{},"values":[]},`, fmt.Sprintf("%d series or more", maxSeries+1), 64},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(&repeated{c.head, c.part, 0}, Options{})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > c.megabytes {
			t.Errorf("%s: %d MiB are allocated in all, want at most %d", c.name, got, c.megabytes)
		}
	}
}

// numbered gives a head and then a line for each number, endlessly.
func numbered(head, line string) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := io.WriteString(w, head)
		for i := 0; err == nil; i++ {
			_, err = fmt.Fprintf(w, line, i)
		}
	}()
	return r
}

func TestEndlessProcessesEnd(t *testing.T) {
	for _, c := range []struct{ name, head, line, want string }{
		{"processes of a table", "timestamp,pid,memory_mb,name\n", "0,%d,1,a\n", fmt.Sprintf("more than %d processes", maxLives)},
		{"children of a profile", "CMDLINE a\n", "CHLD 1%d 1.0 2.0\n", fmt.Sprintf("more than %d processes", maxLives)},
		{"names", "timestamp,pid,memory_mb,name\n", "0,%d,1," + strings.Repeat("a", 100_000) + "\n", fmt.Sprintf("more than %d bytes of names", maxNameBytes)},
	} {
		r := numbered(c.head, c.line)
		_, err := Read(r, Options{})
		r.(*io.PipeReader).Close() //nolint:errcheck // never fails
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestManySeriesOfFewRows(t *testing.T) {
	var text strings.Builder
	text.WriteString("timestamp,pid,memory_mb,name\n")
	for i := range maxSeries + 1 {
		fmt.Fprintf(&text, "0,%d,1,a\n", i)
	}
	_, err := Read(strings.NewReader(text.String()), Options{})
	if want := fmt.Sprintf("the file holds %d series or more, and %d are the most", maxSeries+1, maxSeries); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestTextHasABound: what gzip unpacks to is counted, not what it came from. What was read
// before is kept.
func TestTextHasABound(t *testing.T) {
	const rows = 50_000
	src, err := newSource(bytes.NewReader(squeezed(t, "t_s,v\n"+strings.Repeat("1,2\n", rows))))
	if err != nil {
		t.Fatal(err)
	}
	src.left = 20_000 // of maxBytes, after what was read ahead
	got, err := readCSV(src, "f", Options{}, noUnit)
	if want := fmt.Sprintf("more than %d bytes of text", maxBytes); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	if len(got) != 1 || len(got[0].Points) < 10_000 || len(got[0].Points) >= rows {
		t.Errorf("%d series are read before", len(got))
	}
}
