package top

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a screen with the file that holds it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the screen is not that of %s (write it anew with -update):\n%s", path, got)
	}
}

func TestScreens(t *testing.T) {
	for _, size := range []struct{ width, height int }{{60, 15}, {100, 30}, {200, 50}} {
		s := anHour(t)
		s.Update(tea.WindowSizeMsg{Width: size.width, Height: size.height})
		golden(t, fmt.Sprintf("%dx%d", size.width, size.height), s.text())
	}
	s := anHour(t)
	s.press("enter")
	golden(t, "expanded", s.text())
	s.Update(tea.WindowSizeMsg{Width: 160, Height: 30})
	s.press("a", "down")
	golden(t, "expanded-wide", s.text())
	s.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.press("?")
	golden(t, "help", s.text())
	s.press("?", "/", "a", "p", "i", "[")
	golden(t, "filter", s.text())
}

// TestNothingIsWiderThanTheTerminal draws every kind of screen at every size.
func TestNothingIsWiderThanTheTerminal(t *testing.T) {
	s := anHour(t, func(o *Options) { o.All = true })
	s.press("end", "up", "up")
	check := func(what string, step int) {
		for width := 1; width <= 250; width += step {
			for _, height := range []int{1, 10, 19, 20, 80} {
				s.Update(tea.WindowSizeMsg{Width: width, Height: height})
				lines := strings.Split(s.View().Content, "\n")
				if len(lines) > height {
					t.Fatalf("%s at %d × %d: %d lines", what, width, height, len(lines))
				}
				for _, line := range lines {
					if w := ansi.StringWidth(line); w > width {
						t.Fatalf("%s at %d × %d: a line is %d cells wide: %q", what, width, height, w, ansi.Strip(line))
					}
				}
			}
		}
	}
	for key := range keyCount {
		s.by = ordering{key: key}
		s.sort()
		check("sorted by "+key.String(), 7)
	}
	s.press("?")
	check("help", 3)
	s.press("x", "/", "[")
	check("a mistake in the filter", 3)
	s.press("esc", "p")
	check("paused", 3)
	s.play.failure = errGone
	s.finish(s.press("p"))
	check("a failure", 1)
}

// TestEveryColumnKeepsItsPlace checks that all rows of a screen have their cells below the
// heads, whatever the figures and the names are.
func TestEveryColumnKeepsItsPlace(t *testing.T) {
	actors := theCast()
	for i, mb := range []float64{0, 0.004, 0.0996, 9.996, 99.96, 999.6, 12345, 123456, 1234567} {
		actors = append(actors, actor{name: fmt.Sprintf("size-%d", i), pids: []int32{int32(1000 + i)}, private: func(_ int, since time.Duration) float64 {
			return mb * (1 + since.Hours()/7)
		}})
	}
	s := newStage(newPlay(t, actors...))
	s.finish(s.Init())
	for range 60 {
		s.read(time.Minute)
	}
	for _, width := range []int{60, 80, 100, 140, 200, 250} {
		s.Update(tea.WindowSizeMsg{Width: width, Height: 40})
		chosen := layout(width, s.by.key, s.longestName())
		whole := markWidth(width) + gap*(len(chosen)-1)
		for i := range chosen {
			whole += chosen[i].width
		}
		if whole > width {
			t.Errorf("the columns at %d cells are %d wide", width, whole)
		}
		for i := range s.list.lines {
			for k := range chosen {
				c := &chosen[k]
				text := c.cells(s.model, s.list.lines[i], c.width)
				if c.head != "SERVICE" && c.head != "LAST" && ansi.StringWidth(text) > c.width {
					t.Errorf("at %d cells %s of %s is %q, wider than %d", width, c.head, s.list.lines[i].service.name, text, c.width)
				}
			}
			if row := s.row(chosen, s.list.lines[i], false); ansi.StringWidth(row) != whole {
				t.Errorf("at %d cells the row of %s is %d wide, not %d", width, s.list.lines[i].service.name, ansi.StringWidth(row), whole)
			}
		}
	}
}

func TestVerdictsAreToldByShapeToo(t *testing.T) {
	seen := map[string]bool{}
	for state, shape := range shapes {
		if shape == "" || seen[shape] || ansi.StringWidth(shape) != 1 {
			t.Errorf("the shape %q of state %d does not tell it apart", shape, state)
		}
		seen[shape] = true
	}
	screen := anHour(t).text()
	for _, word := range []string{"◆ suspect", "◐ filling", "○ steady", "◌ learning"} {
		if !strings.Contains(screen, word) {
			t.Errorf("%q is nowhere on the screen:\n%s", word, screen)
		}
	}
}
