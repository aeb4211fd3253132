package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/units"
)

// progress is the bar of a monitoring with the time left, on a terminal; elsewhere it
// is nothing, so that a log file holds plain lines only.
type progress struct {
	w        io.Writer
	started  time.Time
	duration time.Duration
	shown    bool
}

func newProgress(w io.Writer, started time.Time, duration time.Duration) *progress {
	if !isTerminal(w) {
		w = nil
	}
	return &progress{w: w, started: started, duration: duration}
}

const barCells = 30

func (p *progress) draw(now time.Time) {
	if p.w == nil {
		return
	}
	elapsed := min(now.Sub(p.started), p.duration)
	full := int(barCells * elapsed / p.duration)
	// A bar that cannot be drawn is no reason to end the watch.
	fmt.Fprintf(p.w, "\r\x1b[K%s%s %3d %%  %s left", strings.Repeat("█", full), strings.Repeat("░", barCells-full), //nolint:errcheck // see above
		100*elapsed/p.duration, units.Duration(p.duration-elapsed))
	p.shown = true
}

// clear takes the bar off the screen, so that a line can be printed in its place.
func (p *progress) clear() {
	if p.w != nil && p.shown {
		fmt.Fprint(p.w, "\r\x1b[K") //nolint:errcheck // see draw
		p.shown = false
	}
}
