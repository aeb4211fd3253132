package logline

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// noon is now in all tests, in a zone that is not UTC.
var (
	berlin = time.FixedZone("CET", 3600)
	noon   = time.Date(2026, 11, 24, 12, 0, 0, 0, berlin)
)

// shapes are lines with what is to be read in them; the time is in UTC, "-" where there is none.
var shapes = []struct{ raw, at, level, text string }{
	// Python
	{"2026-11-24 10:46:37,123 - freqtrade.worker - INFO - Bot heartbeat. PID=12, state='RUNNING'", "11-24 09:46:37.123", "info", "freqtrade.worker - Bot heartbeat. PID=12, state='RUNNING'"},
	{"2026-11-24 10:46:37,123 - name - WARNING - a - b", "11-24 09:46:37.123", "warning", "name - a - b"},
	{"2026-11-24 10:46:37,123 - name - info - x", "11-24 09:46:37.123", "info", "name - x"},
	{"ERROR:root:it failed: no", "-", "error", "root:it failed: no"},
	{"2026-11-24 10:46:37,123 DEBUG my.name: it runs", "11-24 09:46:37.123", "debug", "my.name: it runs"},
	{"2026-11-24 10:46:37,123 bot CRITICAL stopped", "11-24 09:46:37.123", "critical", "bot stopped"},
	{"2026-11-24 10:46:37,123 ccxt         INFO     started", "11-24 09:46:37.123", "info", "ccxt started"},
	{"[2026-11-24 10:46:37,123] ERROR in app: no database", "11-24 09:46:37.123", "error", "in app: no database"},
	{"[2026-11-24 10:46:37 +0000] [123] [INFO] Booting worker with pid: 124", "11-24 10:46:37.000", "info", "[123] Booting worker with pid: 124"},
	{"2026-11-24 10:46:37.123 | INFO     | mod:fn:1 - it runs", "11-24 09:46:37.123", "info", "mod:fn:1 - it runs"},
	{"INFO:     127.0.0.1:5000 - \"GET / HTTP/1.1\" 200 OK", "-", "info", `127.0.0.1:5000 - "GET / HTTP/1.1" 200 OK`},
	{"[2026-11-24, 10:46:37 UTC] {task.py:12} INFO - ran", "11-24 10:46:37.000", "info", "{task.py:12} ran"},
	// Java
	{"2026-11-24 10:46:37,123 [main] INFO  com.x.Y - started", "11-24 09:46:37.123", "info", "[main] com.x.Y - started"},
	{"10:46:37.123 [main] WARN com.x.Y - slow", "11-24 09:46:37.123", "warning", "[main] com.x.Y - slow"},
	{"2026-11-24T10:46:37.123Z  INFO 123 --- [main] c.x.Y : started", "11-24 10:46:37.123", "info", "123 --- [main] c.x.Y : started"},
	// JSON
	{`{"level":"error","time":"2026-11-24T10:46:37Z","msg":"no","port":80,"who":"a b","deep":{"er":true},"list":[1,2]}`, "11-24 10:46:37.000", "error", `no port=80 who="a b" deep.er=true list=[1,2]`},
	{`{"level":30,"time":1795517197123,"pid":1,"msg":"up"}`, "11-24 10:46:37.123", "info", "up pid=1"},
	{`{"level":60,"ts":1795517197.5,"message":"gone"}`, "11-24 10:46:37.500", "critical", "gone"},
	{`{"lvl":"warn","ts":1795517197123456,"message":"slow"}`, "11-24 10:46:37.123", "warning", "slow"},
	{`{"severity":"NOTICE","timestamp":1795517197123456789,"message":"x"}`, "11-24 10:46:37.123", "info", "x"},
	{`{"levelname": "DEBUG", "asctime": "2026-11-24 10:46:37,123", "message": "x\ty\n\u00e4\ud83d\ude00"}`, "11-24 09:46:37.123", "debug", "x y ä😀"},
	{`{"@timestamp":"2026-11-24T10:46:37.123+01:00","log":{"level":"ERROR"},"message":"x"}`, "11-24 09:46:37.123", "error", "x"},
	{`{"log.level":"ERROR+2","event":"a","message":"b"}`, "-", "error", "b event=a"},
	{`{"event":"a","level":"loud","n":null}`, "-", "unknown", "a level=loud n=null"},
	{`{"ts":1.795517197e+09,"level":"info","msg":"zap"}`, "11-24 10:46:37.000", "info", "zap"},
	{`{"a":1}`, "-", "unknown", "a=1"},
	{`{"level":"info","msg":"x"} y`, "-", "unknown", `{"level":"info","msg":"x"} y`},
	{`{"level":"info","msg":"x`, "-", "unknown", `{"level":"info","msg":"x`},
	{`{}`, "-", "unknown", "{}"},
	{`2026-11-24T10:46:37Z {"level":"info","msg":"x"}`, "11-24 10:46:37.000", "info", "x"},
	{`{"msg":"in","password":"a\"b c","ctx":{"api_key":"k k"},"l":[{"token":"a\"b c"}]}`, "-", "unknown", `in password=*** ctx.api_key=*** l=[{"token":"***"}]`},
	// logfmt
	{`time=2026-11-24T10:46:37.123+01:00 level=WARN msg="it is slow" took=3s who="a b"`, "11-24 09:46:37.123", "warning", `it is slow took=3s who="a b"`},
	{`ts=2026-11-24T10:46:37Z caller=main.go:1 level=info msg=up`, "11-24 10:46:37.000", "info", "up caller=main.go:1"},
	{`level=error msg="a \"b\"" done`, "-", "error", `a "b" done`},
	{`level=info password="a\"b c"`, "-", "info", "password=***"},
	{"a=1 b=2 level=info", "-", "unknown", "a=1 b=2 level=info"},
	// Go, Kubernetes
	{"2026/11/24 10:46:37 listening on :80", "11-24 09:46:37.000", "unknown", "listening on :80"},
	{"2026/11/24 10:46:37.123456 main.go:12: ERROR: no", "11-24 09:46:37.123", "error", "main.go:12: no"},
	{"2026/11/24 10:46:37 the ERROR was mine", "11-24 09:46:37.000", "unknown", "the ERROR was mine"},
	{"2026/11/24 10:46:37 error rate is 0", "11-24 09:46:37.000", "unknown", "error rate is 0"},
	{"2026-11-24T10:46:37.123Z\tinfo\tmain.go:1\tup", "11-24 10:46:37.123", "info", "main.go:1 up"},
	{"I1124 10:46:37.123456   12345 file.go:12] message", "11-24 09:46:37.123", "info", "file.go:12] message"},
	{"E0101 10:46:37.123456 1 f.go:1] x", "01-01 09:46:37.123", "error", "f.go:1] x"},
	{"2026-11-24T10:46:37.123456789Z stderr F WARN slow", "11-24 10:46:37.123", "warning", "slow"},
	// syslog, systemd
	{"Nov 24 10:46:37 host prog[12]: message", "11-24 09:46:37.000", "unknown", "prog[12]: message"},
	{"<13>Nov 24 10:46:37 host prog[12]: message", "11-24 09:46:37.000", "info", "prog[12]: message"},
	{"<11>Nov  4 10:46:37 host prog: message", "11-04 09:46:37.000", "error", "prog: message"},
	{"Nov 24 10:46:37 host bot[1]: 2026-11-24 10:46:37,123 - x - ERROR - no", "11-24 09:46:37.123", "error", "bot[1]: x - no"},
	{"Nov 24 10:46:37 ERROR: no", "11-24 09:46:37.000", "error", "no"},
	{"Nov 24 10:46:37 last message repeated 2 times", "11-24 09:46:37.000", "unknown", "last message repeated 2 times"},
	{"2026-11-24T10:46:37.003123+01:00 host prog[12]: WARNING: x", "11-24 09:46:37.003", "warning", "prog[12]: x"},
	{"<165>1 2026-11-24T10:46:37.003Z host app 123 ID47 - message", "11-24 10:46:37.003", "info", "app[123]: message"},
	{`<34>1 2026-11-24T10:46:37Z h su - - [a@1 b="]"][c] ` + "\xef\xbb\xbfdenied", "11-24 10:46:37.000", "critical", "su: denied"},
	{"<34>1 - - - - - -", "-", "critical", ""},
	{"<3>message", "-", "error", "message"},
	{"<3>", "-", "error", ""},
	{"<7> DEBUG: x", "-", "debug", "x"},
	{"<999>x", "-", "unknown", "<999>x"},
	// others
	{"2026/11/24 10:46:37 [error] 12#12: *1 open() failed", "11-24 09:46:37.000", "error", "12#12: *1 open() failed"},
	{"Tue Nov 24 10:46:37 2026 up", "11-24 09:46:37.000", "unknown", "up"},
	{"2026-11-24T10:46:37Z up", "11-24 10:46:37.000", "unknown", "up"},
	{"2026-11-24T10:46:37.123456-05:30 up", "11-24 16:16:37.123", "unknown", "up"},
	{"2026-11-24 10:46:37 +0000 UTC up", "11-24 10:46:37.000", "unknown", "up"},
	{"2026-11-24 10:46:37.123 UTC [12] FATAL:  no", "11-24 10:46:37.123", "critical", "[12] no"},
	{"2026-11-24T10:46:37.123456Z 0 [Warning] [MY-1] [Server] x", "11-24 10:46:37.123", "warning", "0 [MY-1] [Server] x"},
	{"[2026-11-24 10:46:37] local.ERROR: no {}", "11-24 09:46:37.000", "error", "local: no {}"},
	{"E, [2026-11-24T10:46:37.123456 #12] ERROR -- : no", "11-24 09:46:37.123", "error", "no"},
	{"2026-11-24 10:46:37 [main] info: up", "11-24 09:46:37.000", "info", "[main] up"},
	{"[WARN] message", "-", "warning", "message"},
	{"[ info ] message", "-", "info", "message"},
	{"WARN message", "-", "warning", "message"},
	{"Warning: message", "-", "warning", "message"},
	{"\x1b[32mINFO\x1b[0m:     up", "-", "info", "up"},
	{"INFO 2026-11-24 10:46:37,123 up", "11-24 09:46:37.123", "info", "up"},
	// no level, no time
	{"no error was found", "-", "unknown", "no error was found"},
	{"Error handling works", "-", "unknown", "Error handling works"},
	{"error::Kind", "-", "unknown", "error::Kind"},
	{"ERRORS 3", "-", "unknown", "ERRORS 3"},
	{"info", "-", "unknown", "info"},
	{"[core] info about it", "-", "unknown", "[core] info about it"},
	{"panic: no", "-", "error", "panic: no"},
	{"1969-12-31 10:46:37 x", "-", "unknown", "1969-12-31 10:46:37 x"},
	{"2026-11-26 10:46:37 ERROR x", "-", "error", "2026-11-26 10:46:37 x"},
	{"2026-02-30 10:46:37 x", "-", "unknown", "2026-02-30 10:46:37 x"},
	{"2026-13-30 10:46:37 x", "-", "unknown", "2026-13-30 10:46:37 x"},
	{"10:46:37abc", "-", "unknown", "10:46:37abc"},
	{"Dec 24 10:46:37 host p: x", "2025-12-24 09:46:37.000", "unknown", "p: x"},
	{"11:30:00.000 x", "11-24 10:30:00.000", "unknown", "x"},
	{"13:30:00.000 x", "11-23 12:30:00.000", "unknown", "x"},
	// hostile
	{"a\tb\rc\x00d\x7fe", "-", "unknown", "a b c?d?e"},
	{"a\u202eb\u200bc\u2028d\u00a0e", "-", "unknown", "a?b?c?d e"},
	{"a\xffb\xc3", "-", "unknown", "a?b?"},
	{"a\x1b[31;1mb\x1b]0;title\x07c\x1b]8;;http://x\x1b\\d\x1b(Be\u009b31mf\x1bcg\x1b", "-", "unknown", "abcdefg"},
	{"a\xc2\x1b[m\x9b31mb", "-", "unknown", "a?31mb"},
	{"a\x1b]0;no end", "-", "unknown", "a0;no end"},
	{"connect to postgres://u:hunter2@h/db", "-", "unknown", "connect to postgres://u:***@h/db"},
	{"sent token=abcdef to https://h/?api_key=xyz", "-", "unknown", "sent token=*** to https://h/?api_key=***"},
	{"GET /bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/x", "-", "unknown", "GET /bot***/x"},
	{"key -----BEGIN PRIVATE KEY----- MIIEabc", "-", "unknown", "key ***"},
	{"x\r\n", "-", "unknown", "x"},
	{"\xef\xbb\xbfINFO x", "-", "info", "x"},
}

func TestShapes(t *testing.T) {
	for _, c := range shapes {
		l := Parse([]byte(c.raw), noon, berlin)
		at := "-"
		if !l.Time.IsZero() {
			at = strings.TrimPrefix(l.Time.Format("2006-01-02 15:04:05.000"), "2026-")
		}
		if at != c.at || l.Level.String() != c.level || l.Text != c.text {
			t.Errorf("%q\n  is %s %s %q\nwant %s %s %q", c.raw, at, l.Level, l.Text, c.at, c.level, c.text)
		}
		if !l.Start {
			t.Errorf("%q begins no entry", c.raw)
		}
	}
}

func TestLinesThatContinue(t *testing.T) {
	for _, raw := range []string{
		"", "\n", "  ", "\t", "\x1b[0m", "  File \"x.py\", line 1", "\tat com.x.Y.z(Y.java:12)", "    at fn (file.js:1:2)", "Caused by: java.io.IOException: no",
		"... 23 more", "Traceback (most recent call last):", "During handling of the above exception, another exception occurred:",
		"The above exception was the direct cause of the following exception:", "goroutine 1 [running]:", "main.f(0xc000012345, 0x2)",
		"main.(*T).Run(...)", "created by main.main in goroutine 1",
	} {
		if l := Parse([]byte(raw), noon, nil); l.Start || l.Level != Unknown || !l.Time.IsZero() {
			t.Errorf("%q is %+v", raw, l)
		}
	}
	for _, raw := range []string{"x", "goroutines", "... and so on", "main.main()", "see (above)", "Traceback", "Caused"} {
		if l := Parse([]byte(raw), noon, nil); !l.Start {
			t.Errorf("%q continues", raw)
		}
	}
}

func TestOutOfMemory(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"MemoryError", "python"}, {"numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8 GiB", "python"},
		{"java.lang.OutOfMemoryError: Java heap space", "java"}, {"Terminating due to java.lang.OutOfMemoryError", "java"},
		{"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "node"},
		{"Nov 24 10:46:37 h kernel: [1.2] Out of memory: Killed process 12 (python3) total-vm:1kB", "kernel"},
		{"oom-kill:constraint=CONSTRAINT_MEMCG", "kernel"}, {"Memory cgroup out of memory: Killed process 1", "kernel"},
		{"fatal error: runtime: out of memory", "go"}, {"memory allocation of 123 bytes failed", "rust"},
		{"terminate called after throwing an instance of 'std::bad_alloc'", "c"},
		{`{"level":"error","msg":"x","exc_info":"` + strings.Repeat("x", 3*MaxText) + `MemoryError"}`, "python"},
		{"memory usage is 12 MB", ""}, {"memory allocation of x bytes failed", ""}, {"out of memory", ""}, {"torch.OutOfMemoryError: CUDA out of memory", ""},
	} {
		if l := Parse([]byte(c.raw), noon, nil); l.OOM != c.want {
			t.Errorf("%q tells of %q, want %q", c.raw, l.OOM, c.want)
		}
	}
}

func TestYearsAndZones(t *testing.T) {
	eve := time.Date(2027, 1, 1, 0, 0, 5, 0, time.UTC)
	for _, c := range []struct {
		raw, want string
		now       time.Time
	}{
		{"Dec 31 23:59:59 h p: x", "2026-12-31 23:59:59", eve},
		{"Jan  1 00:00:04 h p: x", "2027-01-01 00:00:04", eve.Add(-10 * time.Second)},
		{"23:59:59.000 x", "2026-12-31 23:59:59", eve},
		{"Feb 29 10:00:00 h p: x", "2024-02-29 10:00:00", time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)},
		{"Jan  2 00:00:04 h p: x", "2027-01-02 00:00:04", eve},
		{"Jan  3 00:00:04 h p: x", "2026-01-03 00:00:04", eve},
	} {
		if got := Parse([]byte(c.raw), c.now, nil).Time.Format(time.DateTime); got != c.want {
			t.Errorf("%q at %v is at %s, want %s", c.raw, c.now, got, c.want)
		}
	}
}

func TestLongLinesAreCut(t *testing.T) {
	for _, raw := range []string{
		strings.Repeat("ä", 5<<20), strings.Repeat("x", 10<<20), "INFO " + strings.Repeat("x ", MaxText), strings.Repeat("\xff", MaxRaw+1),
		`{"level":"info","msg":"` + strings.Repeat("x", 10<<20) + `"}`, `{"level":"info","a":[` + strings.Repeat("[", 1<<20), strings.Repeat(`{"a":`, 1<<20),
		"level=info " + strings.Repeat("a=b ", 1<<20), "x token=x " + strings.Repeat("y ", 1<<20), strings.Repeat("[", 1<<20),
	} {
		start := time.Now()
		l := Parse([]byte(raw), noon, nil)
		check(t, l.Text)
		if !strings.HasSuffix(l.Text, "…") || len(l.Text) < MaxText/3 {
			t.Errorf("%.20q… became %d bytes that end in %q", raw, len(l.Text), l.Text[max(0, len(l.Text)-8):])
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%.20q… takes %v", raw, took)
		}
	}
}

// check is what holds for every text.
func check(t testing.TB, text string) {
	t.Helper()
	if len(text) > MaxText || !utf8.ValidString(text) {
		t.Fatalf("a text of %d bytes: %q", len(text), text)
	}
	for _, c := range text {
		if c != '\n' && !unicode.IsPrint(c) {
			t.Fatalf("%q in %q", c, text)
		}
	}
}

func TestParseAllocatesTheText(t *testing.T) {
	raw := []byte("2026-11-24 10:46:37,123 - freqtrade.worker - INFO - Bot heartbeat. PID=12345, version='2026.10', state='RUNNING'")
	if n := testing.AllocsPerRun(100, func() { Parse(raw, noon, berlin) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

func TestLevels(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"trace", "debug"}, {"Notice", "info"}, {"WARN", "warning"}, {"severe", "error"}, {"FATAL", "critical"}, {"x", "unknown"}, {"", "unknown"},
		{"INFO-2", "info"}, {"10", "debug"}, {"20", "debug"}, {"30", "info"}, {"40", "warning"}, {"50", "error"}, {"60", "critical"}, {"3", "error"}, {"100", "unknown"},
	} {
		if got := ofValue([]byte(c.word)).String(); got != c.want {
			t.Errorf("%q is %s, want %s", c.word, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range shapes {
		f.Add([]byte(c.raw), int64(0))
	}
	f.Add([]byte("Feb 29 10:46:37 h p: x"), int64(1<<40))
	f.Fuzz(func(t *testing.T, raw []byte, seconds int64) {
		now := noon.Add(time.Duration(seconds%(1<<32)) * time.Second)
		before := string(raw)
		l := Parse(raw, now, berlin)
		if string(raw) != before {
			t.Fatal("the line was changed")
		}
		check(t, l.Text)
		if strings.Contains(l.Text, "\n") {
			t.Fatalf("a line end in %q", l.Text)
		}
		if !l.Time.IsZero() && (l.Time.Unix() < 0 || l.Time.Sub(now) > 24*time.Hour) {
			t.Fatalf("%v at %v", l.Time, now)
		}
		if l.Level > Critical || l.Level.String() == "" {
			t.Fatalf("level %d", l.Level)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, raw string }{
		{"python", shapes[0].raw},
		{"plain", "2026-11-24 10:46:37,123 DEBUG my.name: it runs and runs and it will run for ever and a day"},
		{"prose", "this line has neither a time nor a level and is as long as most of the lines in a log are"},
		{"log4j", "2026-11-24 10:46:37,123 [main] INFO  com.example.Service - Started in 12 seconds and is ready to serve"},
		{"syslog", "Nov 24 10:46:37 host prog[12]: Started the service in 12 seconds, ready to serve requests"},
		{"klog", "I1124 10:46:37.123456   12345 controller.go:12] Started the service in 12 seconds"},
		{"nginx", "2026/11/24 10:46:37 [error] 12#12: *1 open() \"/srv/x\" failed (2: No such file or directory)"},
		{"logfmt", `time=2026-11-24T10:46:37.123+01:00 level=INFO msg="it runs" took=3s who=me addr=127.0.0.1:80`},
		{"json", `{"level":"info","time":"2026-11-24T10:46:37.123Z","msg":"it runs","took":3,"who":"me"}`},
		{"secret", "2026-11-24 10:46:37,123 - bot - INFO - connect to postgres://u:hunter2@h/db"},
		{"colour", "\x1b[32mINFO\x1b[0m:     127.0.0.1:5000 - \"GET / HTTP/1.1\" 200 OK"},
		{"long", strings.Repeat("0123456789 ", 1<<10)},
	} {
		b.Run(c.name, func(b *testing.B) {
			raw := []byte(c.raw)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(raw, noon, time.UTC)
			}
		})
	}
}

func ExampleParse() {
	l := Parse([]byte("2026-11-24 10:46:37,123 - bot - WARNING - slow"), noon, time.UTC)
	fmt.Println(l.Level, l.Text)
	// Output: warning bot - slow
}
