package backtest

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

func TestSmallestManifest(t *testing.T) {
	traces, err := parseManifest([]byte(`{"traces": [
		{"id": "a", "file": "a.csv", "label": "ok", "onset_s": null},
		{"id": "b", "file": "sub/b.csv.gz", "label": "leak", "onset_s": 60, "limit_kb": 2},
		{"id": "c", "file": "./c.csv", "label": "leak", "onset_s": 60, "evidence_s": 90, "class": "fd-leak",
		 "resource": "fds", "program": "p", "baseline_rss_kb": 3, "truth": "truth/c.csv", "more": [1, {"x": null}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Labelled{
		{ID: "a", File: "a.csv", Program: "a", Label: OK, Class: OK, Resource: Memory, Onset: none, Evidence: none},
		{ID: "b", File: filepath.Join("sub", "b.csv.gz"), Program: "b", Label: Leak, Class: Leak, Resource: Memory, Onset: 60, Evidence: 60, Limit: 2048},
		{ID: "c", File: "c.csv", Program: "p", Label: Leak, Class: "fd-leak", Resource: FDs, Onset: 60, Evidence: 90, Baseline: 3072, Truth: filepath.Join("truth", "c.csv")},
	}
	for i, w := range want {
		if got := fmt.Sprintf("%+v", traces[i]); got != fmt.Sprintf("%+v", w) {
			t.Errorf("trace %d:\n%s\nwant\n%+v", i, got, w)
		}
	}
}

// TestMistakesInAManifest wants every error to name the trace, the field and the value.
func TestMistakesInAManifest(t *testing.T) {
	entry := func(more string) string {
		return `{"traces": [{"id": "a", "file": "a.csv", "label": "ok"}, {` + more + `}]}`
	}
	for _, c := range []struct{ text, want string }{
		{``, `unexpected end`},
		{"{\n\n]", `:3: invalid character`},
		{`[]`, `is of type array where an object in braces belongs`},
		{`{}`, `traces: the list is empty or absent`},
		{`{"traces": {}}`, `traces: is of type object where a list belongs`},
		{`{"traces": [7]}`, `trace 1 of the list: is of type number where an object in braces belongs`},
		{`{"traces": [{"file": "a.csv", "label": "ok"}]}`, `trace 1 of the list: id: it is missing`},
		{`{"traces": [{"id": 7}]}`, `trace 1 of the list: id: is of type number where a text in quotation marks belongs`},
		{entry(`"id": "a", "file": "a.csv", "label": "ok"`), `trace "a": id: "a" is there twice`},
		{entry(`"id": "b", "label": "ok"`), `trace "b": file: it is missing`},
		{entry(`"id": "b", "file": "b.csv"`), `trace "b": label: "" is no label`},
		{entry(`"id": "b", "file": "b.csv", "label": "leek"`), `trace "b": label: "leek" is no label`},
		{entry(`"id": "b", "file": "b.csv", "label": "leak"`), `trace "b": onset_s: it is missing on a trace labelled leak`},
		{entry(`"id": "b", "file": "b.csv", "label": "leak", "onset_s": "noon"`), `trace "b": onset_s: is of type string where a number belongs`},
		{entry(`"id": "b", "file": "b.csv", "label": "leak", "onset_s": 1e400`), `trace "b": onset_s: cannot hold the number "1e400"`},
		{entry(`"id": "b", "file": "b.csv", "label": "leak", "onset_s": 1e300`), `trace "b": onset_s: 1e+300 is not between`},
		{entry(`"id": "b", "file": "b.csv", "label": "leak", "onset_s": 60, "evidence_s": 50`), `trace "b": evidence_s: 50 s is before the onset at 60 s`},
		{entry(`"id": "b", "file": "b.csv", "label": "ok", "limit_kb": -1`), `trace "b": limit_kb: -1 is not between`},
		{entry(`"id": "b", "file": "b.csv", "label": "ok", "baseline_rss_kb": 1e14`), `trace "b": baseline_rss_kb: 1e+14 is not between`},
		{entry(`"id": "b", "file": "b.csv", "label": "ok", "resource": "gold"`), `trace "b": resource: "gold" is no resource`},
		{entry(`"id": "b\u001b[2J", "file": "b.csv", "label": "ok"`), `trace "b\x1b[2J": id: "b\x1b[2J" is not fit to be shown`},
		{entry(`"id": "b", "class": "\u202eevil", "file": "b.csv", "label": "ok"`), `trace "b": class: "\u202eevil" is not fit to be shown`},
		{entry(`"id": "b", "program": "` + strings.Repeat("x", 300) + `", "file": "b.csv", "label": "ok"`), `trace "b": program: "` + strings.Repeat("x", 64) + `"… is not fit`},
		{entry(`"id": "b", "file": "../b.csv", "label": "ok"`), `trace "b": file: "../b.csv" does not stay inside the folder`},
		{entry(`"id": "b", "file": "x/../../b.csv", "label": "ok"`), `does not stay inside the folder`},
		{entry(`"id": "b", "file": "/etc/passwd", "label": "ok"`), `trace "b": file: "/etc/passwd" does not stay inside the folder`},
		{entry(`"id": "b", "file": "b.csv", "label": "ok", "truth": "../../t.csv"`), `trace "b": truth: "../../t.csv" does not stay inside the folder`},
		{entry(`"id": "b", "file": "a\u0000b", "label": "ok"`), `trace "b": file: "a\x00b" is no path that is read`},
		{entry(`"id": "b", "file": "` + strings.Repeat("x/", 600) + `", "label": "ok"`), `is no path that is read`},
		{`{"traces": [` + strings.Repeat("{},", maxTraces) + `{}]}`, `traces: 10001 traces, of which at most 10000 are read`},
		{strings.Repeat(" ", maxManifestBytes+1), `it is larger than 16777216 bytes`},
	} {
		_, err := parseManifest([]byte(c.text))
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%.80s: %v, want an *Error with %q", c.text, err, c.want)
			continue
		}
		if !strings.Contains(wrong.Error(), c.want) || wrong.Hint == "" {
			t.Errorf("%.80s:\n%v (hint: %s)\nwant %q", c.text, wrong, wrong.Hint, c.want)
		}
	}
}

// shows reports whether a terminal shows text as it is. An error may hold the mark for
// broken UTF-8, which a name may not.
func shows(text string) bool { return printable(strings.ReplaceAll(text, "\ufffd", "")) }

// FuzzManifest wants what was accepted to be safe: paths inside the folder, names that a
// terminal can show, times in order.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"set": "dev", "counts": {"leak": 1}, "traces": [{"id": "b", "program": "linleak", "class": "linear", "resource": "memory", "file": "traces/b.csv.gz", "truth": "truth/b.csv.gz", "label": "leak", "onset_s": 609.5, "evidence_s": 798.4, "baseline_rss_kb": 24818, "limit_kb": 49152}]}`))
	f.Add([]byte(`{"traces": [{"id": "a", "file": "a.csv", "label": "leak", "onset_s": 1, "truth": "t.csv", "limit_kb": 4}]}`))
	f.Add([]byte("{\"trACes\":[{\"id\":\"\xbc\"}]}"))
	f.Add([]byte(`{"traces": [{"id": "a", "file": "../a", "label": "ok"}, {"id": "\u001b", "file": "c:\\x", "label": "ok"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		traces, err := parseManifest(text)
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.Hint == "" {
				t.Fatalf("an error without a next step: %v", err)
			}
			if !shows(wrong.Error()) {
				t.Fatalf("an error that a terminal cannot show: %q", wrong.Error())
			}
			return
		}
		seen := map[string]bool{}
		for _, trace := range traces {
			if seen[trace.ID] {
				t.Fatalf("id %q twice", trace.ID)
			}
			seen[trace.ID] = true
			if !filepath.IsLocal(trace.File) || trace.Truth != "" && !filepath.IsLocal(trace.Truth) {
				t.Fatalf("paths %q, %q leave the folder", trace.File, trace.Truth)
			}
			for _, name := range []string{trace.ID, trace.Program, trace.Class, trace.Label, trace.Resource, trace.File, trace.Truth} {
				if !printable(name) || len(name) > maxPathBytes {
					t.Fatalf("%q cannot be shown", name)
				}
			}
			if isLeak := trace.Label == Leak; isLeak != (trace.Evidence >= trace.Onset) || math.IsInf(trace.Limit, 0) || trace.Limit < 0 {
				t.Fatalf("figures of %+v", trace)
			}
		}
	})
}
