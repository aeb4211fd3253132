package top

import (
	"fmt"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// shuffled are services whose sizes change places all the time.
func shuffled(n int) []actor {
	var out []actor
	for i := range n {
		out = append(out, actor{name: fmt.Sprintf("service-%02d", i), pids: []int32{int32(100 + i)}, private: func(_ int, since time.Duration) float64 {
			return 100 + float64((i*7+int(since.Seconds())*3)%n)
		}})
	}
	return out
}

func TestRowsStayUntilTheyHaveSettled(t *testing.T) {
	s := newStage(newPlay(t, shuffled(20)...), func(o *Options) { o.Sort = ByPrivate })
	s.finish(s.Init())
	first := s.names()
	for range 4 {
		s.read(2 * time.Second)
		if got := s.names(); !slices.Equal(got, first) {
			t.Fatalf("rows moved after %s:\n%v\n%v", s.play.now.Sub(opening), first, got)
		}
	}
	s.read(2 * time.Second)
	sorted := s.names()
	if slices.Equal(sorted, first) {
		t.Fatalf("rows were not sorted anew after %s", settled)
	}
	if !slices.IsSortedFunc(sorted, func(a, b string) int { return s.by.services(s.list.rows[a], s.list.rows[b]) }) {
		t.Errorf("the rows are out of order: %v", sorted)
	}
	s.read(2 * time.Second)
	if got := s.names(); !slices.Equal(got, sorted) {
		t.Error("rows moved right after they had been sorted")
	}
	s.press("r")
	reversed := s.names()
	if a, b := s.list.rows[reversed[0]], s.list.rows[sorted[0]]; a.private.value >= b.private.value {
		t.Errorf("r did not reverse the order at once: %v", reversed)
	}
	if !slices.IsSortedFunc(reversed, func(a, b string) int { return s.by.services(s.list.rows[a], s.list.rows[b]) }) {
		t.Errorf("the reversed rows are out of order: %v", reversed)
	}
}

func TestMovingTheCursorSortsNothing(t *testing.T) {
	s := newStage(newPlay(t, shuffled(20)...), func(o *Options) { o.Sort = ByPrivate })
	s.finish(s.Init())
	first := s.names()
	s.read(2 * time.Second)
	s.press("down", "down", "up", "end", "pgup", "enter", "left", "home", "p")
	if got := s.names(); !slices.Equal(got, first) {
		t.Errorf("rows moved:\n%v\n%v", first, got)
	}
}

func TestTheCursorSticksToItsService(t *testing.T) {
	s := newStage(newPlay(t, shuffled(60)...), func(o *Options) { o.Sort = ByPrivate })
	s.finish(s.Init())
	s.press("down", "down", "down")
	want := s.cursorOn()
	line := s.list.cursor.at - s.list.cursor.top
	moved := 0
	for range 40 {
		before := s.list.cursor.at
		s.read(2 * time.Second)
		if got := s.cursorOn(); got != want {
			t.Fatalf("after %s the cursor is on %s, not on %s", s.play.now.Sub(opening), got, want)
		}
		if s.list.cursor.at != before {
			moved++
			if on := s.list.cursor.at - s.list.cursor.top; on != line && s.list.cursor.top > 0 && s.list.cursor.top+s.bodyHeight() < len(s.list.lines) {
				t.Errorf("the cursor jumped from line %d of the screen to line %d", line, on)
			}
		}
		line = s.list.cursor.at - s.list.cursor.top
	}
	if moved < 5 {
		t.Fatalf("the service moved %d times only: the test shows nothing", moved)
	}
	s.press("home")
	for range 20 {
		s.read(2 * time.Second)
		if s.list.cursor.at != 0 || s.list.cursor.top != 0 {
			t.Fatal("after Home the cursor left the first line")
		}
	}
}

func TestTheCursorOutlivesItsService(t *testing.T) {
	s := newStage(newPlay(t,
		actor{name: "big", pids: []int32{1, 2}, private: constant(300)},
		actor{name: "middle", pids: []int32{3, 4}, private: constant(200), to: 5 * time.Second},
		actor{name: "small", pids: []int32{5}, private: constant(100)},
	))
	s.finish(s.Init())
	s.press("down", "right", "down", "down")
	if got := s.cursorOn(); got != "4" {
		t.Fatalf("the cursor is on %q, want PID 4", got)
	}
	s.read(6 * time.Second)
	if got := s.cursorOn(); got != "middle" {
		t.Errorf("its process ended: the cursor is on %q, want the service", got)
	}
	if got := s.names(); !slices.Equal(got, []string{"big", "middle", "small"}) {
		t.Errorf("the service that ended gave up its place at once: %v", got)
	}
	s.read(6 * time.Second)
	if got := s.names(); !slices.Equal(got, []string{"big", "small"}) {
		t.Errorf("the service that ended is still there after the rows were sorted: %v", got)
	}
	if got := s.cursorOn(); got != "small" {
		t.Errorf("the cursor is on %q, want what took the place", got)
	}
}

func TestNewcomersGoToTheEnd(t *testing.T) {
	s := newStage(newPlay(t,
		actor{name: "big", pids: []int32{1}, private: constant(300)},
		actor{name: "small", pids: []int32{5}, private: constant(100)},
		actor{name: "huge", pids: []int32{6}, private: constant(900), from: time.Second},
	))
	s.finish(s.Init())
	s.read(2 * time.Second)
	if got := s.names(); !slices.Equal(got, []string{"big", "small", "huge"}) {
		t.Errorf("the rows are %v", got)
	}
	s.read(8 * time.Second)
	if got := s.names(); !slices.Equal(got, []string{"huge", "big", "small"}) {
		t.Errorf("sorted, the rows are %v", got)
	}
}

func TestOrders(t *testing.T) {
	s := anHour(t)
	for _, c := range []struct {
		by    ordering
		first string
		last  string
	}{
		// bot-momentum grew as a whole nearly as much, but is levelling off.
		{ordering{key: ByGrowth}, "enhanced-dashboard", "a-name-that-is-much-longer-than-any-column-would-ever-want-it-to-be.service"},
		{ordering{key: ByPrivate}, "enhanced-dashboard", "a-name-that-is-much-longer-than-any-column-would-ever-want-it-to-be.service"},
		{ordering{key: ByName}, "a-name-that-is-much-longer-than-any-column-would-ever-want-it-to-be.service", "データ収集サービス"},
		{ordering{key: ByName, reversed: true}, "データ収集サービス", "a-name-that-is-much-longer-than-any-column-would-ever-want-it-to-be.service"},
		{ordering{key: ByThreads}, "bot-momentum", "a-name-that-is-much-longer-than-any-column-would-ever-want-it-to-be.service"},
		{ordering{key: ByFDs}, "bot-momentum", "a-name-that-is-much-longer-than-any-column-would-ever-want-it-to-be.service"},
		{ordering{key: ByStatus}, "enhanced-dashboard", "a-name-that-is-much-longer-than-any-column-would-ever-want-it-to-be.service"},
		{ordering{key: ByUptime}, "enhanced-dashboard", "newcomer"},
	} {
		s.by = c.by
		s.sort()
		if got := s.names(); got[0] != c.first || got[len(got)-1] != c.last {
			t.Errorf("by %s (reversed %v): %v", c.by.key, c.by.reversed, got)
		}
	}
}

func TestWhatIsSuspectComesBeforeWhatMerelyGrew(t *testing.T) {
	s := newStage(newPlay(t,
		actor{name: "grew", pids: []int32{1}, private: func(_ int, since time.Duration) float64 { // at once, and never again
			if since > time.Minute {
				return 300
			}
			return 100
		}},
		actor{name: "grows", pids: []int32{2}, private: rising(50, 60)},
		actor{name: "noise", pids: []int32{3}, private: func(_ int, since time.Duration) float64 { return 800 + float64(int(since.Seconds())%7) }},
	))
	s.watchFor(40*time.Minute, 30*time.Second)
	if got := s.names(); !slices.Equal(got, []string{"grows", "grew", "noise"}) {
		t.Errorf("the rows are %v:\n%s", got, s.text())
	}
}

func TestScrollingKeepsTheCursorOnTheScreen(t *testing.T) {
	s := newStage(newPlay(t, shuffled(200)...))
	s.finish(s.Init())
	keys := []string{"down", "pgdown", "end", "up", "pgup", "home", "pgdown", "enter", "down", "end", "pgup", "left", "right", "G", "g"}
	for i := range 300 {
		key := keys[(i*i+3*i)%len(keys)]
		s.press(key)
		if i%11 == 0 {
			s.Update(tea.WindowSizeMsg{Width: 60 + i%100, Height: 10 + i%50})
		}
		c := s.list.cursor
		if c.at < c.top || c.at >= c.top+s.bodyHeight() || c.at >= len(s.list.lines) || c.top < 0 {
			t.Fatalf("after %q the cursor is at %d, the screen begins at %d and shows %d of %d lines", key, c.at, c.top, s.bodyHeight(), len(s.list.lines))
		}
		if c.top > 0 && c.top+s.bodyHeight() > len(s.list.lines) {
			t.Fatalf("after %q the screen goes beyond the last line", key)
		}
	}
}
