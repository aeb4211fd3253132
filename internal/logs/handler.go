package logs

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// handler passes records on and keeps those from info up.
type handler struct {
	next  slog.Handler
	ring  *Ring
	attrs string // those of With, ready to stand behind a message
	group string // the prefix of keys: "a.b."
}

// Tee returns a handler that hands every record to next, if that wants it, and keeps those
// of level info and worse in ring whether next wants them or not.
func Tee(next slog.Handler, ring *Ring) slog.Handler { return &handler{next: next, ring: ring} }

// Enabled reports whether either of the two wants the level.
func (h *handler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelInfo || h.next.Enabled(ctx, l)
}

// Handle keeps the record and passes it on; the error is that of the next handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelInfo {
		var b builder
		b.text(r.Message)
		b.raw(h.attrs)
		r.Attrs(func(a slog.Attr) bool {
			b.attr(h.group, a)
			return !b.full()
		})
		h.ring.add(r.Time, rankOf(r.Level), b.line())
	}
	if !h.next.Enabled(ctx, r.Level) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

// WithAttrs returns a handler whose lines all have these.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b builder
	b.raw(h.attrs)
	for _, a := range attrs {
		b.attr(h.group, a)
	}
	return &handler{h.next.WithAttrs(attrs), h.ring, b.line(), h.group}
}

// WithGroup returns a handler that puts name before the keys to come.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &handler{h.next.WithGroup(name), h.ring, h.attrs, h.group + name + "."}
}

// builder puts a line together and never holds much more than a line may.
type builder struct{ b strings.Builder }

func (b *builder) full() bool { return b.b.Len() > MaxLineBytes }

func (b *builder) raw(s string) {
	if !b.full() {
		b.b.WriteString(s)
	}
}

// text adds what somebody wrote, made printable.
func (b *builder) text(s string) { b.raw(printable(s, MaxLineBytes+1)) }

// attr adds " key=value"; the attributes of a group stand under its name.
func (b *builder) attr(group string, a slog.Attr) {
	v := a.Value.Resolve()
	if b.full() || a.Equal(slog.Attr{}) {
		return
	}
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, x := range v.Group() {
			b.attr(group, x)
		}
		return
	}
	b.raw(" ")
	b.text(group + a.Key)
	b.raw("=")
	text := printable(written(v), MaxLineBytes+1)
	if text == "" || strings.ContainsAny(text, " \"=") {
		text = strconv.Quote(text)
	}
	b.raw(text)
}

// written is a value as a person would write it.
func written(v slog.Value) string {
	switch v.Kind() {
	case slog.KindTime:
		return v.Time().UTC().Format(time.RFC3339Nano)
	case slog.KindAny:
		return fmt.Sprint(v.Any())
	}
	return v.String()
}

// line is what was put together, cut to its bound at a whole character.
func (b *builder) line() string {
	s := b.b.String()
	if len(s) <= MaxLineBytes {
		return s
	}
	end := MaxLineBytes - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// printable is the beginning of s, about so many bytes of it, without anything that a
// terminal or a page could take for more than text: line ends and tabs become blanks,
// other control and format characters and broken UTF-8 become "?".
func printable(s string, most int) string {
	var out strings.Builder
	for i := 0; i < len(s) && out.Len() < most; {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			r = ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			r = '?'
		}
		out.WriteRune(r)
		i += n
	}
	return out.String()
}
