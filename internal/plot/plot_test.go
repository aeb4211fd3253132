package plot

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/zol0/zol0/leak"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a plot with the file that holds it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the plot is not that of %s (write it anew with -update):\n%s", path, got)
	}
}

// known is an interval around v.
func known(v, half float64) leak.Interval {
	return leak.Interval{Value: v, Low: v - half, High: v + half}
}

// series makes a point a minute. Its values are whole numbers, so that no processor rounds
// them in its own way.
func series(minutes int, value func(minute int) float64) []Point {
	points := make([]Point, minutes)
	for i := range points {
		points[i] = Point{T: 60 * float64(i), Value: value(i)}
	}
	return points
}

// verdict knows nothing but where the series ends.
func verdict(points []Point) leak.Verdict {
	last := points[len(points)-1]
	return leak.Verdict{At: last.T, Value: last.Value, Level: last.Value, Rate: leak.Unknown(), Onset: leak.Unknown()}
}

// sawtooth is a garbage collector over a floor that rises by 1 MB/h from the third hour.
func sawtooth() Picture {
	points := series(720, func(m int) float64 {
		return 40e6 + float64(max(0, m-180))*1e6/60 + float64(m%40)*300e3
	})
	v := verdict(points)
	v.State, v.Level, v.Rate, v.Onset = leak.Leaking, 49e6, known(1e6, 0.3e6), known(10800, 600)
	v.Forecast = leak.Forecast{Outlook: leak.Reaches, In: known(54000, 3600)}
	return Picture{
		Title: "payments: private memory", Unit: "bytes", Points: points, Limit: 64e6, Verdict: v,
		Sentence: "leaking since 9h: the floor rises by 1 MB/h",
	}
}

// restarted falls back to its start four times a day, with one hour that nobody saw.
func restarted() Picture {
	points := series(1440, func(m int) float64 {
		if m >= 600 && m < 660 {
			return math.NaN()
		}
		return 120 + float64(m%360)
	})
	v := verdict(points)
	v.State = leak.Steady
	return Picture{
		Title: "spool: descriptors", Unit: "count", Points: points, Limit: 65536, Verdict: v,
		Restarts: []float64{21600, 43200, 64800}, Sentence: "steady",
	}
}

// filling nears 90 in steps that become smaller.
func filling() Picture {
	points := series(5*1440, func(m int) float64 { return 90 - 50/float64(1+m/720) })
	v := verdict(points)
	v.State, v.Level, v.Rate, v.Onset = leak.Filling, 86, known(0.1, 0.04), known(172800, 3600)
	v.Forecast = leak.Forecast{Outlook: leak.Settles, Near: known(92, 2)}
	return Picture{Points: points, Verdict: v}
}

func terminal(t *testing.T, p Picture, width, height int, colour bool) string {
	t.Helper()
	var out strings.Builder
	if err := Terminal(&out, p, width, height, colour); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTerminalPlots(t *testing.T) {
	for name, p := range map[string]Picture{"sawtooth": sawtooth(), "restarted": restarted(), "filling": filling()} {
		got := terminal(t, p, 80, 16, false)
		golden(t, name, got)
		if strings.Contains(got, "\x1b") {
			t.Errorf("%s: an escape sequence without colour", name)
		}
		painted := terminal(t, p, 80, 16, true)
		if !strings.Contains(painted, "\x1b[") {
			t.Errorf("%s: no colour", name)
		}
		if ansi.Strip(painted) != got {
			t.Errorf("%s: colour changes more than colours:\n%s", name, ansi.Strip(painted))
		}
	}
}

func TestStatesHaveTheirColours(t *testing.T) {
	for state, want := range map[leak.State]string{leak.Leaking: "31", leak.Suspect: "33", leak.Filling: "34"} {
		p := sawtooth()
		p.Verdict.State = state
		if got := terminal(t, p, 80, 16, true); !strings.Contains(got, "\x1b["+want+"m") {
			t.Errorf("a trend that is %s has not the colour %s", state, want)
		}
	}
}

// fits checks what Terminal promises about the size of its text.
func fits(t *testing.T, text string, width, height int) {
	t.Helper()
	width, height = min(max(width, minWidth), maxWidth), min(max(height, minHeight), maxHeight)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) > height {
		t.Errorf("%d lines where there is room for %d:\n%s", len(lines), height, text)
	}
	for _, line := range lines {
		if n := ansi.StringWidth(line); n > width {
			t.Errorf("a line of %d columns where there is room for %d: %q", n, width, line)
		}
	}
}

func TestTerminalKeepsToItsSize(t *testing.T) {
	p := sawtooth()
	p.Sentence = strings.Repeat("a sentence of many words. ", 40)
	p.Title = strings.Repeat("界", 300)
	p.Restarts = []float64{7200}
	for _, size := range [][2]int{{80, 24}, {30, 8}, {0, 0}, {-5, -5}, {31, 50}, {2000, 9}, {200, 5000}} {
		text := terminal(t, p, size[0], size[1], false)
		fits(t, text, size[0], size[1])
		if !strings.ContainsAny(text, "┤") {
			t.Errorf("%v: no axis:\n%s", size, text)
		}
	}
}

// One sample among a million is seen, whether it rises or falls.
func TestSpikesStayVisible(t *testing.T) {
	points := make([]Point, 1_000_000)
	for i := range points {
		points[i] = Point{T: float64(i), Value: 500}
	}
	points[123_456].Value, points[654_321].Value = 1000, 1
	v := view{from: 0, to: 999_999, low: 0, high: 1000}
	columns := reduction(points, v, 1, 100)
	total := 0
	for i, c := range columns {
		low, high := 500.0, 500.0
		if i == 12 {
			high = 1000
		}
		if i == 65 {
			low = 1
		}
		if c.low != low || c.high != high || c.first != 500 || c.last != 500 || c.broken {
			t.Errorf("column %d is %+v", i, c)
		}
		total += c.points
	}
	if total != len(points) {
		t.Errorf("%d of %d points are in a column", total, len(points))
	}
}

func TestGapsBreakTheLine(t *testing.T) {
	points := series(60, func(m int) float64 {
		if m >= 20 && m < 30 {
			return math.NaN()
		}
		return 5
	})
	columns := reduction(points, view{from: 0, to: 3600, high: 10}, 60, 60)
	for i, c := range columns {
		if want := i == 30; c.broken != want {
			t.Errorf("column %d: broken is %v", i, c.broken)
		}
		if seen := i < 20 || i >= 30; (c.points > 0) != seen {
			t.Errorf("column %d has %d points", i, c.points)
		}
	}
	// The same without points that say so: a silence far longer than usual.
	silent := append(append([]Point{}, points[:20]...), Point{T: 6000, Value: 5}, Point{T: 6060, Value: 5})
	columns = reduction(silent, view{from: 0, to: 6060, high: 10}, 60, 101)
	if c := columns[100]; !c.broken || c.points != 2 {
		t.Errorf("after a silence of 81 minutes the column is %+v", c)
	}
}

// Memory beyond the input depends on the size of the picture, not on the number of points.
func TestMemoryDoesNotGrowWithThePoints(t *testing.T) {
	for _, format := range []struct {
		name  string
		bound uint64
		draw  func(Picture) error
	}{
		{"a terminal plot", 1 << 20, func(p Picture) error { return Terminal(discard{}, p, 120, 30, true) }},
		// Some 900 columns of four places each, every one a string in the library's path.
		{"an SVG", 10 << 20, func(p Picture) error { return SVG(discard{}, p) }},
		// 8.3 MB are the pixels. Drawn as one stroke, columns as dense as these took 55 MB and,
		// the rasteriser being quadratic, half a minute.
		{"a PNG", 20 << 20, func(p Picture) error { return PNG(discard{}, p) }},
	} {
		bytes := func(n int) uint64 {
			p := sawtooth()
			p.Points = series(n, func(m int) float64 { return float64(m % 1000) })
			p.Verdict.At = p.Points[n-1].T
			return allocated(t, func() error { return format.draw(p) })
		}
		small, large := bytes(10_000), bytes(1_000_000)
		if large > format.bound || large > small+small/2 {
			t.Errorf("%s allocates %d bytes for 1,000,000 points, %d for 10,000", format.name, large, small)
		}
	}
}
