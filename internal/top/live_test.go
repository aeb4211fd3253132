package top

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/zol0/zol0/internal/sampler"
)

// exclusive is a machine that tells when it is read twice at a time.
type exclusive struct {
	t     *testing.T
	mu    sync.Mutex
	play  *play
	taken int
}

func (e *exclusive) Take(now time.Time) (*sampler.Snapshot, error) {
	if !e.mu.TryLock() {
		e.t.Error("the machine was read twice at a time")
		e.mu.Lock()
	}
	defer e.mu.Unlock()
	e.taken++
	time.Sleep(time.Millisecond)
	return e.play.Take(now)
}

// TestLiveUnderAStormOfKeys runs the program as it is run in a terminal, with its own
// goroutines, and ends it from outside.
func TestLiveUnderAStormOfKeys(t *testing.T) {
	began := time.Now()
	p := newPlay(t, theCast()...)
	p.began = began.Add(-time.Hour)
	machine := &exclusive{t: t, play: p}
	o := Options{Machine: machine, Source: func() string { return "ebpf" }, Now: time.Now, Interval: 5 * time.Millisecond}
	m := newModel(&o)
	keys, typed := io.Pipe()
	var screen bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	program := tea.NewProgram(m, tea.WithInput(keys), tea.WithOutput(&screen), tea.WithWindowSize(100, 30),
		tea.WithColorProfile(colorprofile.ANSI), tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithoutSignalHandler())
	go func() {
		defer cancel()
		for i := 0; time.Since(began) < time.Second; i++ {
			if _, err := io.WriteString(typed, string("jkaslh rpp\x1b[B\x1b[A/g\r\x1b"[i%20])); err != nil {
				t.Errorf("cannot type: %v", err)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if err := run(ctx, program); err != nil {
		t.Fatal(err)
	}
	m.watch.close()
	before := machine.taken
	m.watch.read(false)
	if machine.taken != before {
		t.Error("the machine was read after the end")
	}
	if before < 20 {
		t.Errorf("the machine was read %d times in a second", before)
	}
	text := screen.String()
	for what, sequence := range map[string]string{"the alternate screen was entered": "\x1b[?1049h", "it was left": "\x1b[?1049l", "the cursor is shown again": "\x1b[?25h"} {
		if !strings.Contains(text, sequence) {
			t.Errorf("nothing says that %s", what)
		}
	}
	if !strings.Contains(text, "enhanced-dashboard") {
		t.Error("no service was drawn")
	}
}
