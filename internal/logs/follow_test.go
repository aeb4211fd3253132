package logs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// follow is a follower of a file that is there.
func follow(t *testing.T, o Options, text string) (*Follower, *Ring, *[]Out, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if o.Docker != "" {
		o.Docker = path
	} else {
		o.File = path
	}
	o.Zone = time.UTC
	var outs []Out
	ring := NewRings(1).Ring(o.Title(), o.Service)
	f := Follow(o, ring, func(x Out) { outs = append(outs, x) })
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, ring, &outs, path
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
}

func TestAFileIsFollowed(t *testing.T) {
	f, ring, outs, path := follow(t, Options{Service: "bot"}, "2026-03-01 11:59:58,123 - bot - WARNING - slow\n")
	f.Step(noon)
	appendTo(t, path, `2026-03-01 11:59:59,500 - bot - ERROR - it broke
Traceback (most recent call last):
  File "bot.py", line 3, in load
    rows.append(row)
MemoryError
2026-03-01 11:59:59,600 - bot - INFO - `+"\x1b[31mred\x1b[0m token=abcdef0123456789\n")
	f.Step(noon)
	f.Step(noon.Add(2 * time.Second)) // what is open is complete by now
	got := ring.Query(Query{Limit: 10})
	if len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	if got[0].Level != "warning" || got[0].Service != "bot" || !strings.Contains(got[0].Text, "slow") || !got[0].Time.Equal(time.Date(2026, 3, 1, 11, 59, 58, 123e6, time.UTC)) {
		t.Errorf("%+v", got[0])
	}
	if e := got[1]; e.Level != "error" || !strings.Contains(e.Text, "it broke\n") || !strings.HasSuffix(e.Text, "MemoryError") {
		t.Errorf("%+v", e)
	}
	if e := got[2]; strings.ContainsRune(e.Text, 0x1b) || strings.Contains(e.Text, "abcdef0123456789") {
		t.Errorf("%q", e.Text)
	}
	if len(*outs) != 1 || (*outs)[0].Of != "python" || (*outs)[0].Service != "bot" {
		t.Errorf("%+v", *outs)
	}
	if counts := ring.Counts(); counts != [5]uint64{0, 1, 1, 1, 0} {
		t.Errorf("%v", counts)
	}
	if err := os.Remove(path); err == nil && runtime.GOOS != "windows" {
		f.Step(noon)
		if s := ring.Source(); s.Error != "" {
			t.Errorf("a file between two names: %q", s.Error)
		}
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	ring := NewRings(1).Ring("x", "y")
	f := Follow(Options{File: filepath.Join(t.TempDir(), "none.log"), Service: "y"}, ring, nil)
	if wait := f.Step(noon); wait != lookEvery || !strings.Contains(ring.Source().Error, "not there yet") {
		t.Errorf("%s, %q", wait, ring.Source().Error)
	}
}

func TestAContainer(t *testing.T) {
	f, ring, _, _ := follow(t, Options{Service: "api", Docker: "x"}, `{"log":"{\"level\":\"error\",\"msg\":\"in ","stream":"stdout","time":"2026-03-01T11:00:00Z"}
{"log":"parts\"}\n","stream":"stdout","time":"2026-03-01T11:00:00Z"}
no json
`)
	f.Step(noon)
	f.Step(noon.Add(2 * time.Second))
	got := ring.Query(Query{Limit: 10})
	if len(got) != 2 || got[0].Level != "error" || got[0].Text != "in parts" || got[1].Text != "no json" {
		t.Errorf("%+v", got)
	}
}

// TestAFlood writes far more than is read: memory and work stay, and what was left out is
// counted to the byte.
func TestAFlood(t *testing.T) {
	f, ring, _, path := follow(t, Options{Service: "loud"}, "")
	f.Step(noon)
	line := "2026-03-01 11:59:59,500 - loud - INFO - " + strings.Repeat("x", 159) + "\n"
	written := 0
	const steps = 10
	for i := range steps {
		appendTo(t, path, strings.Repeat(line, 62_500)) // 12.5 MB a step of 250 ms: 50 MB/s
		written += 62_500 * len(line)
		f.Step(noon.Add(time.Duration(i) * stepEvery))
	}
	s := ring.Source()
	read := int(s.Lines)*len(line) + int(s.UnreadBytes)
	if s.UnreadBytes == 0 || read > written || written-read > (steps+1)*(len(line)+keepUnread) {
		t.Errorf("%d bytes written; %d lines and %d bytes left out are %d", written, s.Lines, s.UnreadBytes, read)
	}
	if n := int(s.Lines) * len(line); n > steps*(stepBytes+keepUnread) {
		t.Errorf("%d bytes were read in %d steps", n, steps)
	}
	if ring.bytes > MaxBytes || len(ring.lines) > 2*MaxLines {
		t.Errorf("%d bytes in %d lines are held", ring.bytes, len(ring.lines))
	}
}

func TestRingsAreMerged(t *testing.T) {
	rings := NewRings(40)
	a, b := rings.Ring("a", "one"), rings.Ring("b", "two")
	for i := range 10 {
		[]*Ring{a, b}[i%2].Take(noon, "warn", fmt.Sprint("line ", i))
	}
	got := rings.Query(Query{Limit: 4})
	if len(got) != 4 || got[0].Text != "line 6" || got[3].Text != "line 9" || got[3].Service != "two" || got[3].Level != "warning" {
		t.Errorf("%+v", got)
	}
	if got := rings.Query(Query{Limit: 4, Service: "one", After: got[0].ID}); len(got) != 1 || got[0].Text != "line 8" {
		t.Errorf("%+v", got)
	}
	if len(rings.Sources()) != 2 || rings.bytes != MaxAllBytes/40 {
		t.Errorf("%+v, %d bytes each", rings.Sources(), rings.bytes)
	}
	a.Take(noon, "info", "\n")
	if a.Source().Lines != 6 && a.Source().Lines != 5 {
		t.Errorf("%+v", a.Source())
	}
}

// TestTheJournal reads a real journal file, and says it where journalctl is missing.
func TestTheJournal(t *testing.T) {
	const remote = "/lib/systemd/systemd-journal-remote"
	if _, err := os.Stat(remote); err != nil {
		t.Skip("NOT RUN: following a real journal: systemd-journal-remote is missing; on Debian: apt-get install systemd-journal-remote")
	}
	file := filepath.Join(t.TempDir(), "test.journal")
	write := exec.Command(remote, "-o", file, "-")
	at := noon.UnixMicro()
	write.Stdin = strings.NewReader(fmt.Sprintf("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=1\n_BOOT_ID=0123456789abcdef0123456789abcdef\nMESSAGE=Out of memory: Killed process 42 (bot) total-vm:1kB\nPRIORITY=3\n_TRANSPORT=kernel\n\n"+
		"__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=2\n_BOOT_ID=0123456789abcdef0123456789abcdef\nMESSAGE=plain words\nPRIORITY=4\n_SYSTEMD_UNIT=bot.service\n\n", at, at+1e6))
	if text, err := write.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	var outs []Out
	ring := NewRings(1).Ring("kernel", "host")
	f := Follow(Options{Kernel: true, Service: "host"}, ring, func(x Out) { outs = append(outs, x) })
	f.args = []string{"--file", file}
	f.Round(t.Context(), func() time.Time { return noon })
	got := ring.Query(Query{Limit: 10})
	if len(got) != 2 || got[0].Level != "error" && got[0].Level != "critical" || got[1].Level != "warning" || !got[0].Time.Equal(noon) {
		t.Errorf("%+v; %+v", got, ring.Source())
	}
	if len(outs) != 1 || outs[0].Of != "kernel" {
		t.Errorf("%+v", outs)
	}
	f = Follow(Options{Unit: "bot.service", Service: "bot"}, ring, nil)
	f.program = filepath.Join(t.TempDir(), "none")
	if wait := f.Round(t.Context(), time.Now); wait != lookEvery || !strings.Contains(ring.Source().Error, "cannot read the journal") {
		t.Errorf("%s, %q", wait, ring.Source().Error)
	}
}
