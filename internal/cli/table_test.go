package cli

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func plain(_, _ int, cell string) string { return cell }

func TestTableAligns(t *testing.T) {
	tab := table{columns: []column{{head: "SERVICE", shrink: true}, {head: "MB", right: true}, {head: "STATUS"}}}
	tab.add("bot", "1.5", "NORMAL")
	tab.add("日本語サービス", "388  ", "HIGH")
	var out strings.Builder
	if err := tab.write(&out, plain); err != nil {
		t.Fatal(err)
	}
	want := "SERVICE            MB  STATUS\nbot               1.5  NORMAL\n日本語サービス  388    HIGH\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	tab := table{width: 40, columns: []column{{head: "SERVICE", shrink: true}, {head: "PRIVATE MB", right: true}, {head: "STATUS"}}}
	tab.add(strings.Repeat("long-name-", 8), "1.5", "NORMAL")
	tab.add("short", "388  ", "HIGH")
	var out strings.Builder
	if err := tab.write(&out, plain); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if w := ansi.StringWidth(strings.TrimRight(line, "\n")); w > 40 {
			t.Errorf("%q is %d cells wide", line, w)
		}
	}
	if !strings.Contains(out.String(), "…") || !strings.Contains(out.String(), "NORMAL") {
		t.Errorf("the wrong column was cut:\n%s", out.String())
	}
}

// Where cutting is not enough the least telling columns go, and the table says so.
func TestTableOnANarrowTerminal(t *testing.T) {
	tab := table{width: 30, columns: []column{{head: "SERVICE", shrink: true}, {head: "PRIVATE MB", right: true}, {head: "THREADS", right: true, spare: 1}, {head: "FDS", right: true, spare: 2}, {head: "STATUS"}}}
	tab.add(strings.Repeat("long-name-", 8), "1.5", "7", "12", "NORMAL")
	var out strings.Builder
	if err := tab.write(&out, plain); err != nil {
		t.Fatal(err)
	}
	want := "SERVICE       PRIVATE MB  STATUS\nlong-name-l…         1.5  NORMAL\n(left out for want of room: THREADS, FDS)\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestInkIsForTerminals(t *testing.T) {
	if got := ink(false).paint(red, "HIGH"); got != "HIGH" {
		t.Errorf("%q", got)
	}
	if got := ink(true).paint(colourOf("HIGH"), "HIGH"); ansi.Strip(got) != "HIGH" || got == "HIGH" {
		t.Errorf("%q", got)
	}
}
