package tail

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestARealJournal reads a journal file that systemd's own program wrote.
func TestARealJournal(t *testing.T) {
	const remote = "/lib/systemd/systemd-journal-remote"
	if _, err := os.Stat(remote); err != nil {
		t.Skip("NOT RUN: reading a real journal: systemd-journal-remote is missing; on Debian: apt-get install systemd-journal-remote")
	}
	if _, err := exec.LookPath("journalctl"); err != nil {
		t.Skip("NOT RUN: reading a real journal: journalctl is missing; on Debian: apt-get install systemd")
	}
	var export bytes.Buffer
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro()
	entry := func(i int, fields string) {
		fmt.Fprintf(&export, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\n%s\n", at+int64(i)*1e6, 1e6+i, fields)
	}
	entry(0, "MESSAGE=started\nPRIORITY=6\n_SYSTEMD_UNIT=bot.service\nSYSLOG_IDENTIFIER=bot\n_TRANSPORT=journal\n")
	binary := "two\nlines \xff\x00"
	var size [8]byte
	size[0] = byte(len(binary))
	entry(1, "MESSAGE\n"+string(size[:])+binary+"\nPRIORITY=3\n_SYSTEMD_UNIT=bot.service\n")
	entry(2, "MESSAGE=Out of memory: Killed process 42 (bot)\nPRIORITY=3\n_TRANSPORT=kernel\n")
	entry(3, "MESSAGE=of another\nPRIORITY=4\n_SYSTEMD_UNIT=web.service\n")
	file := filepath.Join(t.TempDir(), "test.journal")
	write := exec.Command(remote, "-o", file, "-")
	write.Stdin = &export
	if text, err := write.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	read := func(units ...string) (out []JournalEntry) {
		t.Helper()
		if err := Journal(t.Context(), JournalOptions{Args: []string{"--file", file}, Units: units}, func(e JournalEntry) { out = append(out, e) }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	got := read()
	if len(got) != 4 {
		t.Fatalf("%d entries: %+v", len(got), got)
	}
	if e := got[0]; e.Message != "started" || e.Priority != 6 || e.Unit != "bot.service" || e.Identifier != "bot" || e.Time.UnixMicro() != at {
		t.Errorf("%+v", e)
	}
	if e := got[1]; e.Message != binary || e.Priority != 3 {
		t.Errorf("%+q", e.Message)
	}
	if e := got[2]; !e.Kernel || !strings.Contains(e.Message, "Killed process 42") {
		t.Errorf("%+v", e)
	}
	if got := read("web.service"); len(got) != 1 || got[0].Message != "of another" {
		t.Errorf("%+v", got)
	}
}

// script is a program that behaves as a test says.
func script(t *testing.T, text string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("NOT RUN: there is no journal on Windows")
	}
	path := filepath.Join(t.TempDir(), "journalctl")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAJournalctlThatMisbehaves(t *testing.T) {
	garbage := script(t, `printf 'no json\n{"a":1}\n\377\376\n{"__REALTIME_TIMESTAMP":"5","MESSAGE":null,"PRIORITY":"9"}\n'; head -c 10000000 /dev/zero | tr '\0' 'x'; printf '\n{"__REALTIME_TIMESTAMP":"7","MESSAGE":"last"}\n'; echo "it is broken" >&2; exit 3`)
	var got []JournalEntry
	err := Journal(t.Context(), JournalOptions{Program: garbage}, func(e JournalEntry) { got = append(got, e) })
	if err == nil || !strings.Contains(err.Error(), "it is broken") {
		t.Errorf("it ended with %v", err)
	}
	if len(got) != 3 || got[0].Priority != -1 || got[0].Message != "" || !strings.Contains(got[1].Message, "left out") || got[2].Message != "last" {
		t.Errorf("%+v", got)
	}
	if err := Journal(t.Context(), JournalOptions{Program: filepath.Join(t.TempDir(), "none")}, nil); err == nil {
		t.Error("a program that is not there runs")
	}
	for _, name := range []string{"", "--all", "-x", "a b", "a;b", "a\n", strings.Repeat("x", 300)} {
		if CheckUnit(name) == nil || Journal(t.Context(), JournalOptions{Units: []string{name}}, nil) == nil {
			t.Errorf("%q is taken for a unit", name)
		}
	}
	for _, name := range []string{"bot.service", "user@1000.service", `dev-disk-by\x2duuid.swap`} {
		if err := CheckUnit(name); err != nil {
			t.Error(err)
		}
	}
}

// TestAJournalctlThatNeverEnds is killed with what it started.
func TestAJournalctlThatNeverEnds(t *testing.T) {
	mark := fmt.Sprint(time.Now().UnixNano() % 1e9)
	endless := script(t, `echo '{"__REALTIME_TIMESTAMP":"7","MESSAGE":"first"}'; sleep 1`+mark+` & sleep 1`+mark)
	ctx, cancel := context.WithCancel(t.Context())
	began := time.Now()
	if err := Journal(ctx, JournalOptions{Program: endless}, func(JournalEntry) { cancel() }); err != nil {
		t.Errorf("it was told to end: %v", err)
	}
	if time.Since(began) > 10*time.Second {
		t.Errorf("it took %s", time.Since(began))
	}
	time.Sleep(100 * time.Millisecond)
	if out, err := exec.Command("pgrep", "-f", "sleep 1"+mark).Output(); err == nil && len(out) > 0 {
		t.Errorf("still there: %s", out)
	}
}

func TestDocker(t *testing.T) {
	for _, c := range []struct {
		line, text  string
		partial, ok bool
	}{
		{`{"log":"hello\n","stream":"stdout","time":"2026-03-01T12:00:00.5Z"}`, "hello", false, true},
		{`{"log":"half ","stream":"stderr","time":"2026-03-01T12:00:00Z"}`, "half ", true, true},
		{`{"log":"","time":"x"}`, "", true, true},
		{`{"message":"hello"}`, "", false, false},
		{`hello`, "", false, false}, {``, "", false, false}, {`{"log":5}`, "", false, false},
	} {
		text, at, partial, ok := Docker([]byte(c.line))
		if string(text) != c.text || partial != c.partial || ok != c.ok {
			t.Errorf("%s: %q, %v, %v", c.line, text, partial, ok)
		}
		if c.text == "hello" && at.Nanosecond() != 5e8 {
			t.Errorf("%v", at)
		}
	}
}

func FuzzDocker(f *testing.F) {
	f.Add([]byte(`{"log":"hello\n","time":"2026-03-01T12:00:00.5Z"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if text, _, _, ok := Docker(line); ok && len(text) > 8*len(line) {
			t.Errorf("%d bytes of %d", len(text), len(line))
		}
	})
}

func FuzzJournalEntry(f *testing.F) {
	f.Add([]byte(`{"__REALTIME_TIMESTAMP":"7","MESSAGE":[104,105],"PRIORITY":"3"}`))
	f.Add([]byte(`{"__REALTIME_TIMESTAMP":"7","MESSAGE":["a",[98]],"_TRANSPORT":"kernel"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, _ := JournalEntryOf(line)
		if e.Priority < -1 || e.Priority > 7 || len(e.Message) > 8*len(line)+64 {
			t.Errorf("%+v", e)
		}
	})
}
