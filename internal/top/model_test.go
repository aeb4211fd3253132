package top

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

func TestReadingsDoNotOverlap(t *testing.T) {
	s := newStage(newPlay(t, theCast()...))
	first := s.Init()
	if s.press("a") != nil || s.press("p") != nil || s.press("p") != nil {
		t.Error("a key started a second reading while one was under way")
	}
	if _, cmd := s.Update(tickMsg(s.ticket)); cmd != nil {
		t.Error("a timer started a second reading while one was under way")
	}
	s.finish(first)
	before := s.ticket
	s.press("+") // a new timer
	if _, cmd := s.Update(tickMsg(before)); cmd != nil {
		t.Error("the timer that + replaced started a reading")
	}
	if s.play.taken != 1 {
		t.Errorf("the machine was read %d times", s.play.taken)
	}
}

func TestPause(t *testing.T) {
	s := newStage(newPlay(t, theCast()...))
	s.finish(s.Init())
	if cmd := s.press("p"); cmd != nil {
		t.Error("pausing started something")
	}
	if _, cmd := s.Update(tickMsg(s.ticket)); cmd != nil {
		t.Error("a paused view read the machine")
	}
	if !strings.Contains(s.text(), "PAUSED at 12:03:00") {
		t.Errorf("the screen does not say that it is paused:\n%s", s.text())
	}
	before := s.names()
	s.press("s", "S", "down", "enter", "enter", "home")
	if got := s.names(); !slices.Equal(got, before) {
		t.Errorf("keys do not work while paused: %v, then %v", before, got)
	}
	s.play.now = s.play.now.Add(time.Hour)
	s.finish(s.press("p"))
	if !strings.Contains(s.text(), "13:03:00  every 2s") {
		t.Errorf("going on did not read at once:\n%s", s.text())
	}
}

// TestPauseDuringAReading takes the reading in, and starts no other.
func TestPauseDuringAReading(t *testing.T) {
	s := newStage(newPlay(t, theCast()...))
	reading := s.Init()
	s.press("p")
	if _, cmd := s.Update(reading()); cmd != nil {
		t.Error("a paused view set a timer")
	}
	if len(s.names()) == 0 {
		t.Error("what had been read was thrown away")
	}
}

func TestAFailedReadingIsToldAndTriedAgain(t *testing.T) {
	s := newStage(newPlay(t, theCast()...))
	s.play.failure = errGone
	_, cmd := s.Update(s.Init()())
	if cmd == nil {
		t.Fatal("nothing is tried again")
	}
	if screen := s.text(); !strings.Contains(screen, "cannot read /proc: it is gone; trying again every 2s") {
		t.Errorf("the failure of the first reading is not told:\n%s", screen)
	}
	s.play.failure = nil
	s.read(2 * time.Second)
	before := s.names()
	if strings.Contains(s.text(), "cannot read") || len(before) == 0 {
		t.Errorf("the failure outlived the next reading:\n%s", s.text())
	}
	s.play.failure = errGone
	s.read(2 * time.Second)
	screen := s.text()
	if !strings.Contains(screen, "STALE since 12:03:02") || !strings.Contains(screen, "it is gone") || !slices.Equal(s.names(), before) {
		t.Errorf("old figures must stay and be called old:\n%s", screen)
	}
}

func TestIntervals(t *testing.T) {
	s := newStage(newPlay(t, theCast()...), func(o *Options) { o.Interval = 3 * time.Second })
	s.finish(s.Init())
	for _, c := range []struct {
		key  string
		want time.Duration
	}{
		{"-", 2 * time.Second}, {"-", time.Second}, {"-", 500 * time.Millisecond}, {"-", 500 * time.Millisecond},
		{"+", time.Second}, {"+", 2 * time.Second}, {"+", 5 * time.Second}, {"=", 10 * time.Second}, {"+", 30 * time.Second},
		{"+", time.Minute}, {"+", 5 * time.Minute}, {"+", 5 * time.Minute}, {"-", time.Minute},
	} {
		if cmd := s.press(c.key); cmd == nil {
			t.Errorf("%s set no timer", c.key)
		}
		if s.interval != c.want {
			t.Errorf("%s made the interval %s, want %s", c.key, s.interval, c.want)
		}
	}
	s.interval = time.Hour // from the command line
	if s.press("+"); s.interval != time.Hour {
		t.Errorf("+ made an hour %s", s.interval)
	}
}

func TestSortKeysGoRound(t *testing.T) {
	s := newStage(newPlay(t, theCast()...))
	s.finish(s.Init())
	for _, key := range []string{"s", "S"} {
		seen := map[Key]bool{}
		for range keyCount {
			seen[s.by.key] = true
			s.press(key)
		}
		if len(seen) != int(keyCount) || s.by.key != ByGrowth {
			t.Errorf("%s went through %d keys and ended at %s", key, len(seen), s.by.key)
		}
	}
	s.press("r", "s")
	if s.by != (ordering{key: ByPrivate}) {
		t.Errorf("a new key is %+v: its largest should come first", s.by)
	}
	for key := range keyCount {
		if got, err := ParseKey(key.String()); err != nil || got != key {
			t.Errorf("%s is read as %v, %v", key, got, err)
		}
	}
	if _, err := ParseKey("colour"); err == nil || !strings.Contains(err.Error(), `"colour"`) {
		t.Errorf("ParseKey took colour: %v", err)
	}
}

func TestAllAndWatched(t *testing.T) {
	s := anHour(t)
	if got := s.names(); slices.Contains(got, "sshd") || slices.Contains(got, "kernel") {
		t.Errorf("unwatched services are shown: %v", got)
	}
	s.finish(s.press("a"))
	if got := s.names(); !slices.Contains(got, "sshd") || !slices.Contains(got, "kernel") {
		t.Errorf("not all services are shown: %v", got)
	}
	for range 20 {
		s.read(time.Minute)
	}
	if v := &s.list.rows["sshd"].verdict; !v.given() {
		t.Error("sshd was shown for 20 minutes and not judged")
	}
	s.finish(s.press("a"))
	s.read(time.Minute)
	s.finish(s.press("a"))
	s.read(time.Minute)
	if v := &s.list.rows["sshd"].verdict; v.span() < 20*time.Minute {
		t.Errorf("hiding sshd threw its history away: %s are left", v.span())
	}
}

func TestExpanding(t *testing.T) {
	s := anHour(t)
	closed := s.names()
	for _, keys := range [][2]string{{"enter", "enter"}, {"space", "space"}, {"right", "left"}, {"l", "h"}} {
		s.press(keys[0])
		if got := s.names(); !slices.Equal(got[:3], []string{"enhanced-dashboard", "812", "813"}) {
			t.Errorf("%s opened %v", keys[0], got)
		}
		s.press("down", "down", keys[1])
		if got := s.names(); !slices.Equal(got, closed) || s.cursorOn() != "enhanced-dashboard" {
			t.Errorf("%s on an instance left %v with the cursor on %s", keys[1], got, s.cursorOn())
		}
		s.press("home")
	}
	s.press("enter", "down")
	if screen := s.text(); !strings.Contains(screen, "python3 (PID 812): Suspect: growing by 14.2 MB/h (") {
		t.Errorf("the verdict of the instance is not shown:\n%s", screen)
	}
}

func TestFilter(t *testing.T) {
	s := anHour(t, fits("API|strat")) // a name in any case, and a kind
	if got := s.names(); !slices.Equal(got, []string{"bot-momentum", "api-server"}) {
		t.Fatalf("the filter of the command line lets through %v", got)
	}
	if !strings.Contains(s.text(), "enhanced-dashboard is suspect") {
		t.Error("the filter hides a suspect from the sentence")
	}
	s.press("esc")
	if got := s.names(); len(got) != 7 {
		t.Errorf("Esc left %v", got)
	}
	s.press("/", "p", "o", "s")
	if got := s.names(); !slices.Equal(got, []string{"postgresql"}) {
		t.Errorf("while typing, the filter lets through %v", got)
	}
	s.press("[")
	if got := s.names(); !slices.Equal(got, []string{"postgresql"}) || !strings.Contains(s.text(), "missing closing ]") {
		t.Errorf("a mistake lets through %v:\n%s", got, s.text())
	}
	s.press("enter")
	if s.filter.editing || s.filter.text != "pos" {
		t.Errorf("Enter after a mistake left %+v", s.filter)
	}
	s.press("q"[:0] + "/")
	s.press("backspace", "backspace", "backspace", "backspace")
	if got := s.names(); len(got) != 7 {
		t.Errorf("an empty filter lets through %v", got)
	}
	s.Update(tea.PasteMsg{Content: "api\x1b[31m\nrm -rf"})
	if s.filter.text != "api[31m" {
		t.Errorf("pasted text became %q", s.filter.text)
	}
	s.press("ctrl+u")
	for range 3 * maxFilter {
		s.press("é")
	}
	if len(s.filter.text) > maxFilter {
		t.Errorf("the filter grew to %d bytes", len(s.filter.text))
	}
	s.press("backspace", "x")
	if c := s.View().Cursor; c == nil || c.Y != 29 || !strings.Contains(s.text(), "\nfilter: …é") || c.X != ansi.StringWidth("filter: ")+50 {
		t.Errorf("of a long filter the end is not in sight; the cursor is at %+v:\n%s", c, s.text())
	}
	s.press("esc", "/", "n", "o", "t", "h", "e", "r", "e", "enter")
	if !strings.Contains(s.text(), "no service fits the filter; Esc clears it") {
		t.Errorf("an empty table does not say why:\n%s", s.text())
	}
	s.press("down", "up", "enter", "left", "end", "home", "pgdown") // nothing to stand on
}

func TestFilterAlternativesArePartOfOneExpression(t *testing.T) {
	f := newFilter(regexp.MustCompile(ignoreCase + "a|B"))
	if f.text != "a|B" || !f.fits(&service{name: "A"}) || !f.fits(&service{name: "b"}) || f.fits(&service{name: "c"}) {
		t.Errorf("the filter is %+v", f)
	}
}

func TestQuitting(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		for _, before := range []string{"down", "?"} {
			s := anHour(t)
			s.press(before)
			cmd := s.press(key)
			if cmd == nil {
				t.Fatalf("%s after %s does nothing", key, before)
			}
			if _, ok := cmd().(tea.QuitMsg); !ok {
				t.Errorf("%s after %s does not quit", key, before)
			}
		}
	}
	s := anHour(t)
	s.press("/", "q")
	if s.filter.text != "q" {
		t.Error("q cannot be typed into the filter")
	}
}

func TestAClosedWatchReadsNoMore(t *testing.T) {
	s := newStage(newPlay(t, theCast()...))
	cmd := s.Init()
	s.watch.close()
	cmd()
	if s.play.taken != 0 {
		t.Error("the machine was read after the watch was closed")
	}
}

// TestHelpNamesEveryKey keeps the help complete.
func TestHelpNamesEveryKey(t *testing.T) {
	s := newStage(newPlay(t))
	s.Update(tea.WindowSizeMsg{Width: 160, Height: 80})
	s.press("?")
	screen := s.text()
	for _, b := range s.keys.listed() {
		if !strings.Contains(screen, b.Help().Key) || !strings.Contains(screen, b.Help().Desc) {
			t.Errorf("the help does not name %q (%s)", b.Help().Key, b.Help().Desc)
		}
	}
	if !strings.Contains(screen, "stay where they are for 10s") {
		t.Error("the help does not say when rows move")
	}
	s.Update(tea.WindowSizeMsg{Width: 60, Height: 10})
	s.press("end")
	if !strings.Contains(s.text(), "by some processes only") {
		t.Errorf("the help cannot be scrolled to its end:\n%s", s.text())
	}
	s.press("x")
	if s.help {
		t.Error("a key does not leave the help")
	}
}
