package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/zol0/zol0/internal/plot"
	"github.com/zol0/zol0/internal/units"
)

// drawing says what is drawn in the terminal.
type drawing struct {
	on    bool // every series
	asked bool // on was said; otherwise a terminal gets the worst series
	kept  int  // points that are kept for drawing
}

const (
	// plotWidth is that of a plot which goes to no terminal.
	plotWidth = 100
	// plotHeight leaves room for the table and the sentences on a usual screen.
	plotHeight = 18
	// maxPlotPoints are kept for plots: 100 series of a month at a sample a minute, 160 MB.
	maxPlotPoints = 4_000_000
)

// keepPoints lets go of the points of series that will not be drawn, once the newest of
// the judged series is known.
func (n *analysis) keepPoints() error {
	last := len(n.judged) - 1
	text := !n.asJSON && !n.events
	switch {
	case n.svg != "" || n.png != "":
		if last > 0 {
			n.letGo(last) // more than one series is refused when all are known
		}
	case text && n.plots.on:
		n.plots.kept += len(n.judged[last].series.Points)
		if n.plots.kept > maxPlotPoints {
			return failure("choose fewer with --series and --metric", fmt.Errorf("the series to be drawn have more than %d points", maxPlotPoints))
		}
	case text && !n.plots.asked && isTerminal(n.Out):
		if worst := n.worst(); worst == last {
			for i := range last {
				n.letGo(i)
			}
		} else {
			n.letGo(last)
		}
	default:
		n.letGo(last)
	}
	return nil
}

func (n *analysis) letGo(i int) { n.judged[i].series.Points = nil }

// worst is the series that a person should look at first.
func (n *analysis) worst() int {
	worst := 0
	for i := range n.judged {
		a, b := &n.judged[i].verdict, &n.judged[worst].verdict
		if a.State > b.State || a.State == b.State && a.Score > b.Score {
			worst = i
		}
	}
	return worst
}

// drawAll draws in the terminal what is to be drawn there.
func (n *analysis) drawAll(pen ink, width int) error {
	if !n.plots.on && (n.plots.asked || !isTerminal(n.Out)) {
		return nil
	}
	if width == 0 {
		width = plotWidth
	}
	for i := range n.judged {
		j := &n.judged[i]
		if !n.plots.on && i != n.worst() || j.series.Points == nil {
			continue
		}
		p := j.picture()
		p.Sentence = "" // it stands above
		if err := n.print("\n"); err != nil {
			return err
		}
		if err := plot.Terminal(n.Out, p, width, plotHeight, bool(pen)); err != nil {
			return writeError("standard output", err)
		}
	}
	return nil
}

// picture is a series with its verdict, ready to be drawn.
func (j *judged) picture() plot.Picture {
	p := plot.Picture{
		Title: j.label(true), Sentence: j.sentence(), Unit: j.series.Unit,
		Points: make([]plot.Point, len(j.series.Points)), Restarts: j.restarts, Limit: j.limit, Verdict: j.verdict,
	}
	for i, at := range j.series.Points {
		p.Points[i] = plot.Point{T: at.T, Value: at.Value}
	}
	// The series meets its limit where what stands beside it leaves no more room.
	if j.limit > 0 && j.beside > 0 {
		p.Limit = math.Max(0, j.limit-j.beside)
		p.Title += fmt.Sprintf("; limit %s, %s of it beside this", units.Bytes(j.limit), units.Bytes(j.beside))
	}
	return p
}

// pictures writes the files that were asked for; there is one series then.
func (n *analysis) pictures() error {
	for _, f := range []struct {
		path string
		draw func(io.Writer, plot.Picture) error
	}{{n.svg, plot.SVG}, {n.png, plot.PNG}} {
		if f.path == "" || len(n.judged) == 0 {
			continue
		}
		var out bytes.Buffer
		if err := f.draw(&out, n.judged[0].picture()); err != nil {
			return fmt.Errorf("BUG: %w", err)
		}
		if err := createFile(f.path, out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// createFile writes a new file. It overwrites nothing.
func createFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		hint := "name another place"
		if errors.Is(err, os.ErrExist) {
			hint = "zol0 overwrites nothing: remove the file or choose another name"
		}
		return failure(hint, fmt.Errorf("cannot create %s: %w", shownPath(path), cause(err)))
	}
	_, err = f.Write(content)
	return writeError(shownPath(path), errors.Join(err, f.Close()))
}
