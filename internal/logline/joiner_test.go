package logline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// join gives lines to a joiner and returns its entries.
func join(t testing.TB, lines ...string) []Entry {
	t.Helper()
	var out []Entry
	j := NewJoiner(time.UTC)
	take := func(e Entry) { out = append(out, e) }
	for _, l := range lines {
		j.Add([]byte(l), noon, take)
	}
	j.Flush(noon.Add(IdleEntry), take)
	sum := int(j.Skipped())
	for _, e := range out {
		check(t, e.Text)
		sum += e.Lines
		if e.Lines < 1 || e.Lines > MaxLines || !e.Start {
			t.Fatalf("an entry of %d lines: %+v", e.Lines, e)
		}
	}
	if sum != len(lines) {
		t.Fatalf("%d of %d lines are in the entries", sum, len(lines))
	}
	return out
}

func TestEntries(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		want        []string // level, lines and text
	}{
		{"normal lines", "INFO a\nINFO b\n\nWARN c", []string{"info 1 a", "info 2 b", "warning 1 c"}},
		{"empty lines first", "\n\nx", []string{"unknown 1 x"}},
		{"Python, logged", "2026-11-24 10:46:37,123 - bot - ERROR - it failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nValueError: no\n2026-11-24 10:46:38,123 - bot - INFO - on",
			[]string{"error 5 bot - it failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nValueError: no", "info 1 bot - on"}},
		{"Python, warned", "WARNING:x:slow\nTraceback (most recent call last):\n  File\nTimeoutError\nINFO:x:on", []string{"warning 4 x:slow\nTraceback (most recent call last):\n  File\nTimeoutError", "info 1 x:on"}},
		{"Python, not logged", "INFO:x:up\nTraceback (most recent call last):\n  File\nMemoryError\nbye", []string{"info 1 x:up", "error 3 Traceback (most recent call last):\n  File\nMemoryError", "unknown 1 bye"}},
		{"Python, chained", "Traceback (most recent call last):\n  File\nKeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File\nmod.ErrName: no\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File\nmod.Error: yes\nmod.Error: again",
			[]string{"error 15 Traceback (most recent call last):\n  File\nKeyError: 'a'\nDuring handling of the above exception, another exception occurred:\nTraceback (most recent call last):\n  File\nmod.ErrName: no\nThe above exception was the direct cause of the following exception:\nTraceback (most recent call last):\n  File\nmod.Error: yes", "unknown 1 mod.Error: again"}},
		{"Python, interrupted", "Traceback (most recent call last):\n  File\nINFO: other thread\nx", []string{"error 2 Traceback (most recent call last):\n  File", "info 1 other thread", "unknown 1 x"}},
		{"Java", "java.lang.IllegalStateException: no\n\tat com.x.Y.z(Y.java:12)\n\tat com.x.Y.main(Y.java:1)\nCaused by: java.lang.OutOfMemoryError: Java heap space\n\t... 23 more\n2026-11-24 10:46:37,123 [main] INFO  a.B - on",
			[]string{"error 5 java.lang.IllegalStateException: no\n at com.x.Y.z(Y.java:12)\n at com.x.Y.main(Y.java:1)\nCaused by: java.lang.OutOfMemoryError: Java heap space\n ... 23 more", "info 1 [main] a.B - on"}},
		{"Go", "panic: runtime error: no\n[signal SIGSEGV: segmentation violation]\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/x/main.go:1\nmain.main()\n\t/x/main.go:2 +0x1d\nexit status 2\nup",
			[]string{"error 9 panic: runtime error: no\n[signal SIGSEGV: segmentation violation]\ngoroutine 1 [running]:\nmain.f(...)\n /x/main.go:1\nmain.main()\n /x/main.go:2 +0x1d\nexit status 2", "unknown 1 up"}},
		{"Go, served", "2026/11/24 10:46:37 http: panic serving 1.1.1.1:1: no\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:2", []string{"error 4 http: panic serving 1.1.1.1:1: no\ngoroutine 1 [running]:\nmain.main()\n /x/main.go:2"}},
		{"Node.js", "TypeError: no\n    at fn (/x/a.js:1:2)\n    at /x/b.js:3:4\nup", []string{"error 3 TypeError: no\n    at fn (/x/a.js:1:2)\n    at /x/b.js:3:4", "unknown 1 up"}},
		{"no trace", "x\n  at noon\n  y", []string{"unknown 3 x\n  at noon\n  y"}},
		{"only frames", "\tat a.B.c(D.java:1)\n\tat e", []string{"error 2  at a.B.c(D.java:1)\n at e"}},
		{"a private key", "INFO key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nabc=\n-----END RSA PRIVATE KEY-----\nup", []string{"info 1 key:", "unknown 4 ***", "unknown 1 up"}},
		{"a private key without an end", "-----BEGIN PRIVATE KEY-----\nMIIEabc\nINFO up", []string{"unknown 2 ***", "info 1 up"}},
		{"nothing said", "INFO:\n  x", []string{"info 2   x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, e := range join(t, strings.Split(c.lines, "\n")...) {
				got = append(got, fmt.Sprintf("%s %d %s", e.Level, e.Lines, e.Text))
				if e.Cut {
					t.Errorf("%q was cut", e.Text)
				}
				if oom := strings.Contains(e.Text, "Memory"); oom != (e.OOM != "") {
					t.Errorf("%q tells of %q", e.Text, e.OOM)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("entries are\n%q, want\n%q", got, c.want)
			}
		})
	}
}

func TestLongTracebacksKeepTheirEnds(t *testing.T) {
	lines := []string{"Traceback (most recent call last):"}
	for i := range 100 {
		lines = append(lines, fmt.Sprintf("  File \"a.py\", line %d, in function", i))
	}
	got := join(t, append(lines, "ValueError: no", "")...)
	if len(got) != 1 || !got[0].Cut || got[0].Level != Error || !strings.HasPrefix(got[0].Text, lines[0]+"\n"+lines[1]+"\n") || !strings.HasSuffix(got[0].Text, "in function\n…\nValueError: no") {
		t.Errorf("%+v", got)
	}
	got = join(t, append(lines, "ValueError: "+strings.Repeat("ä", MaxText))...)
	if len(got) != 1 || len(got[0].Text) < MaxText-100 || !strings.HasSuffix(got[0].Text, "ä…") || !strings.Contains(got[0].Text, "\n…\nValueError: ä") {
		t.Errorf("%+v", got)
	}
	got = join(t, "INFO "+strings.Repeat("x", 10<<20), "  y", "  "+strings.Repeat("z", 10<<20), "\tat x")
	if len(got) != 1 || !got[0].Cut || got[0].Lines != 4 || !strings.HasSuffix(got[0].Text, "x\n…\n at x") {
		t.Errorf("%d entries: %+v", len(got), got)
	}
}

func TestEntriesOfTooManyLines(t *testing.T) {
	lines := []string{"Traceback (most recent call last):"}
	for range 2*MaxLines - 1 {
		lines = append(lines, "  File")
	}
	got := join(t, append(lines, "ValueError: no", "x")...)
	var told []string
	for _, e := range got {
		told = append(told, fmt.Sprint(e.Level, e.Lines))
	}
	if want := []string{"error 200", "error 200", "error 1", "unknown 1"}; !slices.Equal(told, want) {
		t.Errorf("%q, want %q", told, want)
	}
}

func TestBinaryGarbage(t *testing.T) {
	var b []byte
	for x, i := uint32(1), 0; i < 1<<20; i++ {
		x = x*1664525 + 1013904223
		b = append(b, byte(x>>24))
	}
	join(t, strings.Split(string(b), "\n")...)
	join(t, string(b))
}

func TestFlushWaits(t *testing.T) {
	var got []string
	take := func(e Entry) { got = append(got, e.Text) }
	j := NewJoiner(nil)
	j.Flush(noon, take)
	j.Add([]byte("a"), noon, take)
	j.Flush(noon.Add(IdleEntry-1), take)
	if len(got) != 0 {
		t.Fatalf("%q came too early", got)
	}
	j.Add([]byte(" b"), noon.Add(IdleEntry-1), take)
	j.Flush(noon.Add(IdleEntry), take)
	j.Flush(noon.Add(2*IdleEntry), take)
	j.Flush(noon.Add(3*IdleEntry), take)
	j.Add([]byte("c"), noon, take)
	j.Flush(noon.Add(-1), take) // the clock was set back
	if want := []string{"a\n b", "c"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzJoiner(f *testing.F) {
	for _, c := range shapes {
		f.Add("x\n" + c.raw + "\n\ty")
	}
	for _, seed := range []string{
		"", "\n\n", "Traceback (most recent call last):\n  File\nMemoryError\n\nDuring handling of the above exception, another", "panic: x\n\ngoroutine 1 [running]:\nmain.main()\n",
		"a.B: c\n\tat d(E.java:1)\nCaused by: f\n\t... 3 more", "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", strings.Repeat(" x\n", 2*MaxLines), "a" + strings.Repeat("\n "+strings.Repeat("ä", 300), 9),
		"INFO:\n\x1b[m\n \n\xef\xbb\xbf",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { join(t, strings.Split(text, "\n")...) })
}

func BenchmarkJoiner(b *testing.B) {
	lines := [][]byte{[]byte(shapes[0].raw), []byte(shapes[4].raw), []byte("2026-11-24 10:46:37,123 - bot - ERROR - it failed"), []byte("Traceback (most recent call last):"), []byte("  File \"a.py\", line 1, in f"), []byte("ValueError: no")}
	n := 0
	for _, l := range lines {
		n += len(l)
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	j := NewJoiner(time.UTC)
	for b.Loop() {
		for _, l := range lines {
			j.Add(l, noon, func(Entry) {})
		}
	}
}
