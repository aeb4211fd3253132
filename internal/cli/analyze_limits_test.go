package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/wire"
)

// limitedTo judges files and gives the limit of each series by file and metric, 0 where
// there is none, with what is said on standard error.
func limitedTo(t *testing.T, in string, args ...string) (map[string]float64, string) {
	t.Helper()
	r := runWith(strings.NewReader(in), append([]string{"analyze", "--json"}, args...)...)
	if r.code != exitOK {
		t.Fatalf("zol0 analyze %q ends with %d: %s", args, r.code, r.err)
	}
	var a wire.Analysis
	if err := json.Unmarshal([]byte(r.out), &a); err != nil {
		t.Fatal(err)
	}
	limits := map[string]float64{}
	for _, s := range a.Series {
		limit := 0.0
		if s.Limit != nil {
			limit = *s.Limit
		}
		limits[filepath.Base(s.File)+" "+s.Metric] = limit
	}
	return limits, r.err
}

// recordingOf is a recording of two hours under the given header; every figure grows.
func recordingOf(header string) string {
	text, columns := header+"\n", strings.Count(header, ",")
	for i := range 120 {
		text += fmt.Sprint(60*i) + strings.Repeat(fmt.Sprintf(",%d", 50_000_000+i), columns) + "\n"
	}
	return text
}

// TestManifestWithoutLimits: no limit is no reason to judge nothing.
func TestManifestWithoutLimits(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"null.csv": recordingOf("t_s,heap_bytes"), "absent.csv": recordingOf("t_s,heap_bytes"), "zero.csv": recordingOf("t_s,heap_bytes"),
		"some.csv": recordingOf("t_s,heap_bytes"), "other.csv": recordingOf("t_s,heap_bytes"),
		"m.json": `{"traces": [{"id": "null", "limit_kb": null}, {"id": "absent"}, {"id": "zero", "limit_kb": 0}, {"id": "some", "limit_kb": 100000}, {"id": "-", "limit_kb": 7}]}`,
		"t.json": `{"traces": [{"id": "a"}, {"id": "a", "limit_kb": 1}]}`,
	} {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		file  string
		limit float64
		said  string // "" is nothing
	}{
		{"null.csv", 0, ""}, {"absent.csv", 0, ""}, {"zero.csv", 0, ""}, {"some.csv", 100_000 * 1024, ""},
		{"other.csv", 0, "zol0: judged without a limit, as " + path("m.json") + " does not list: " + path("other.csv") + "\nhint: "},
		{"-", 0, "zol0: judged without a limit, as " + path("m.json") + " does not list: -\nhint: "},
	} {
		file := c.file
		if file != stdin {
			file = path(file)
		}
		limits, said := limitedTo(t, recordingOf("t_s,heap_bytes"), "--manifest", path("m.json"), file)
		if got, judged := limits[c.file+" heap_bytes"]; !judged || got != c.limit {
			t.Errorf("%s: limits %v, want %g", c.file, limits, c.limit)
		}
		if !strings.HasPrefix(said, c.said) || c.said == "" && said != "" {
			t.Errorf("%s: says %q, want %q", c.file, said, c.said)
		}
	}
	if _, said := limitedTo(t, "", "--manifest", path("m.json"), path("some.csv"), path("other.csv"), path("null.csv")); !strings.Contains(said, "list: "+path("other.csv")+"\n") {
		t.Errorf("of three files one is not listed: %q", said)
	}
	if r := runWith(strings.NewReader(""), "analyze", "--manifest", path("t.json"), path("some.csv")); r.code == exitOK || !strings.Contains(r.err, `trace "a" is there twice`) {
		t.Errorf("an id without and with a limit: %d, %s", r.code, r.err)
	}
}

// TestLimitNeedsAUnit: a limit that is not held against a figure must not seem to be.
func TestLimitNeedsAUnit(t *testing.T) {
	const said = "zol0: judged without the limit, which needs --unit: the unit is unknown of "
	text := recordingOf("t_s,heap_bytes,used,heap_mb")
	for _, c := range []struct {
		args []string
		said string // "" is nothing
	}{
		{[]string{"--limit", "1GB", "-"}, said + "- used; - heap_mb\nhint: "},
		{[]string{"--limit", "1GB", "--value", "used", "-"}, said + "- used\nhint: "},
		{[]string{"--limit", "1GB", "--metric", "heap_bytes", "-"}, ""},
		{[]string{"--limit", "1GB", "--value", "used", "--unit", "bytes", "-"}, ""},
		{[]string{"--limit", "1GB", "--value", "used", "--unit", "count", "-"}, ""},
		{[]string{"-"}, ""},
	} {
		limits, got := limitedTo(t, text, c.args...)
		if !strings.HasPrefix(got, c.said) || c.said == "" && got != "" {
			t.Errorf("%q says %q, want %q", c.args, got, c.said)
		}
		for series, limit := range limits {
			if strings.Contains(c.said, series) && limit != 0 {
				t.Errorf("%q: %s has the limit %g", c.args, series, limit)
			}
		}
	}
}

// TestEventsOfAPrefixWithAPIDSeenBefore: a service that goes from one process to another
// and back is one series, and what is said of its first part does not hang on the rest.
func TestEventsOfAPrefixWithAPIDSeenBefore(t *testing.T) {
	const part = 200 // rows
	lines := []string{"t_s,pid,rss_kb,rss_anon_kb,utime_s,stime_s,minflt,fds\n"}
	for i := range 3 * part {
		pid, in := 7+i/part%2, i%part // 7, 8, 7
		private := 60_000 + 400*in + (i*7919)%61
		lines = append(lines, fmt.Sprintf("%d,%d,%d,%d,%d,0,%d,%d\n", 60*i, pid, private+8000, private, in, 20_000+100*in, 40+in/4))
	}
	events := func(rows int) string {
		r := runWith(strings.NewReader(strings.Join(lines[:1+rows], "")), "analyze", "--events", "-")
		if r.code != exitOK || r.err != "" {
			t.Fatalf("%d rows end with %d: %s", rows, r.code, r.err)
		}
		return r.out
	}
	whole := events(3 * part)
	learns, leaks := map[string]int{}, map[string]int{}
	for _, e := range eventsOf(t, whole) {
		if e.Series != "standard input" {
			t.Errorf("%s is a series of its own", e.Series)
		}
		switch e.State {
		case "learning":
			learns[e.Metric]++
		case "leaking":
			leaks[e.Metric]++
		}
	}
	if learns["private"] != 2 || learns["fds"] != 2 || leaks["private"] == 0 {
		t.Errorf("two restarts, but learning began anew %v and leaks were seen %v in\n%s", learns, leaks, whole)
	}
	for _, rows := range []int{part / 2, part, part + 1, 2 * part, 2*part + 1, 2*part + part/2} {
		first := events(rows)
		rest, begins := strings.CutPrefix(whole, first)
		if !begins {
			t.Errorf("of %d rows\n%s is no beginning of\n%s", rows, first, whole)
			continue
		}
		for _, e := range eventsOf(t, rest) {
			if e.TimeS <= float64(60*(rows-1)) {
				t.Errorf("%d rows: %v happened by then and is not said", rows, e)
			}
		}
	}
}
