package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// record hands one record to a handler, at noon.
func record(t testing.TB, h slog.Handler, level slog.Level, message string, attrs ...any) {
	t.Helper()
	r := slog.NewRecord(noon, level, message, 0)
	r.Add(attrs...)
	if err := h.Handle(context.Background(), r); err != nil {
		t.Fatal(err)
	}
}

func texts(r *Ring) []string {
	var out []string
	for _, l := range r.Query(Query{Limit: MaxLines}) {
		out = append(out, l.Text)
	}
	return out
}

func TestLinesAreKeptWithTheirAttributes(t *testing.T) {
	var next bytes.Buffer
	r := NewRings(1).Ring("source", "zol0")
	h := Tee(slog.NewTextHandler(&next, &slog.HandlerOptions{Level: slog.LevelWarn}), r)
	record(t, h, slog.LevelDebug, "too small")
	record(t, h, slog.LevelInfo, "began", "pid", 12, "path", "/a b", "error", errors.New(`no "x"`))
	record(t, h.WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithGroup("g").WithGroup("").WithAttrs([]slog.Attr{slog.Duration("d", time.Second)}), slog.LevelWarn, "warned",
		slog.Group("h", "at", noon, slog.Group("", "x", true)), slog.Attr{}, "empty", "")
	want := []string{`began pid=12 path="/a b" error="no \"x\""`, `warned a=1 g.d=1s g.h.at=2026-03-01T12:00:00Z g.h.x=true g.empty=""`}
	if got := texts(r); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("kept is %q, want %q", got, want)
	}
	if s := next.String(); strings.Contains(s, "began") || !strings.Contains(s, "a=1 g.d=1s") || strings.Contains(s, "too small") {
		t.Errorf("the next handler got %q", s)
	}
	if !h.Enabled(context.Background(), slog.LevelInfo) || h.Enabled(context.Background(), slog.LevelDebug) {
		t.Error("info is wanted and debug is not")
	}
}

func TestLevelsAndQueries(t *testing.T) {
	r := NewRings(1).Ring("source", "zol0")
	h := Tee(slog.DiscardHandler, r)
	for _, l := range []slog.Level{slog.LevelInfo, slog.LevelInfo + 1, slog.LevelWarn, slog.LevelError, slog.LevelError + 4} {
		record(t, h, l, l.String())
	}
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Limit: 9}, "1 info, 2 info, 3 warning, 4 error, 5 critical"},
		{Query{Limit: 2}, "4 error, 5 critical"},
		{Query{Limit: 9, Level: "debug"}, "1 info, 2 info, 3 warning, 4 error, 5 critical"},
		{Query{Limit: 9, Level: "warning"}, "3 warning, 4 error, 5 critical"},
		{Query{Limit: 1, Level: "warning"}, "5 critical"},
		{Query{Limit: 9, After: 3}, "4 error, 5 critical"},
		{Query{Limit: 9, After: 5}, ""},
		{Query{Limit: 9, Service: "zol0", After: 4}, "5 critical"},
		{Query{Limit: 9, Service: "bot"}, ""},
		{Query{Limit: 9, Level: "loud"}, ""},
		{Query{}, ""},
	} {
		lines := r.Query(c.q)
		var got []string
		for _, l := range lines {
			got = append(got, fmt.Sprint(l.ID, " ", l.Level))
			if l.Service != "zol0" || l.Source != "source" || !l.Time.Equal(noon) {
				t.Errorf("a line is %+v", l)
			}
		}
		if s := strings.Join(got, ", "); s != c.want || lines == nil {
			t.Errorf("%+v gives %q, want %q", c.q, s, c.want)
		}
	}
	if rankOf(slog.LevelDebug) != 0 {
		t.Error("debug is not the mildest")
	}
}

// TestRingIsBounded writes more lines than there may be, short ones and long ones.
func TestRingIsBounded(t *testing.T) {
	for _, c := range []struct {
		name string
		text string
	}{{"short", "x"}, {"long", strings.Repeat("x", 3*MaxLineBytes)}, {"wide", strings.Repeat("ж", MaxLineBytes)}} {
		r := NewRings(1).Ring("source", "zol0")
		h := Tee(slog.DiscardHandler, r)
		const written = 3*MaxLines + 7
		for range written {
			record(t, h, slog.LevelInfo, c.text)
		}
		lines, total := r.Query(Query{Limit: written}), 0
		for _, l := range lines {
			total += len(l.Text)
			if len(l.Text) > MaxLineBytes || !utf8.ValidString(l.Text) {
				t.Fatalf("%s: a line has %d bytes", c.name, len(l.Text))
			}
		}
		s := r.Source()
		if len(lines) > MaxLines || total > MaxBytes || total != r.bytes || s.Lines != written || s.Dropped != uint64(written-len(lines)) || lines[len(lines)-1].ID != written {
			t.Errorf("%s: %d lines of %d bytes (%d counted), %+v", c.name, len(lines), total, r.bytes, s)
		}
		if most := min(MaxLines, MaxBytes/len(lines[0].Text)); len(lines) != most {
			t.Errorf("%s: %d lines are kept and %d fit", c.name, len(lines), most)
		}
		if cap(r.lines) > 2*MaxLines {
			t.Errorf("%s: there is room for %d lines", c.name, cap(r.lines))
		}
	}
}

// hostile is what a file name, a process or another machine may have written.
var hostile = []string{"\x1b[31mred\x1b[0m", "a\nb\tc\rd", "\x00\x07\x7f", "\xff\xfe broken", "\u202eright to left", "\u2028line", "\u009b2J", "<script>alert(1)</script>"}

func TestLinesArePrintable(t *testing.T) {
	r := NewRings(1).Ring("source", "zol0")
	h := Tee(slog.DiscardHandler, r)
	for _, s := range hostile {
		record(t, h, slog.LevelInfo, s, s, s, "error", errors.New(s), "any", []string{s})
	}
	for _, text := range texts(r) {
		if !isPrintable(text) {
			t.Errorf("%q is not printable", text)
		}
	}
}

func isPrintable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func FuzzLine(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, s, s)
	}
	f.Add(strings.Repeat("é", MaxLineBytes), "k", strings.Repeat("\x1b", MaxLineBytes))
	f.Fuzz(func(t *testing.T, message, key, value string) {
		r := NewRings(1).Ring("source", "zol0")
		record(t, Tee(slog.DiscardHandler, r).WithAttrs([]slog.Attr{slog.String(value, key)}), slog.LevelError, message, key, value)
		lines := r.Query(Query{Limit: 9})
		if len(lines) != 1 || len(lines[0].Text) > MaxLineBytes || !isPrintable(lines[0].Text) {
			t.Errorf("%+q", fmt.Sprint(lines))
		}
	})
}

// TestAtATime writes and asks from several goroutines; the race detector looks on.
func TestAtATime(t *testing.T) {
	r := NewRings(1).Ring("source", "zol0")
	log := slog.New(Tee(slog.DiscardHandler, r))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 200 {
				log.Info("line", "i", i)
				r.Query(Query{Limit: 10})
				r.Source()
			}
		})
	}
	all.Wait()
	if s := r.Source(); s.Lines != 800 {
		t.Errorf("%+v", s)
	}
}
