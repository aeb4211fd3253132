package cli

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/detect"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// mostSentences is up to how many series each gets a sentence. Of more, those that do not
// grow are left to the table.
const mostSentences = 20

// text is the answer for a person: the table, a sentence or an explanation for each
// series, and the plots.
func (n *analysis) text() error {
	pen, width := n.ink(), widthOf(n.Out)
	t := table{width: width, columns: []column{
		{head: "FILE", shrink: true}, {head: "SERIES", shrink: true}, {head: "METRIC", shrink: true}, {head: "STATE"},
		{head: "RATE/H (95 %)"}, {head: "GROWTH", right: true, spare: 2}, {head: "SINCE", spare: 1},
		{head: "FORECAST", spare: 3}, {head: "SCORE", right: true},
	}}
	own, states := false, 3
	for i := range n.judged {
		own = own || n.judged[i].own != ""
		t.add(n.judged[i].cells()...)
	}
	if !own {
		t.drop(1)
		states--
	}
	err := t.write(n.Out, func(row, column int, cell string) string {
		if row < 0 || column != states {
			return cell
		}
		return pen.paint(colourOf(strings.TrimSpace(cell)), cell)
	})
	if err != nil {
		return writeError("standard output", err)
	}
	return n.words(pen, width)
}

// drop takes a column out.
func (t *table) drop(at int) {
	t.columns = append(t.columns[:at:at], t.columns[at+1:]...)
	for i, row := range t.rows {
		t.rows[i] = append(row[:at:at], row[at+1:]...)
	}
}

// words are what stands below the table.
func (n *analysis) words(pen ink, width int) error {
	several := n.severalFiles()
	quiet := 0
	for i := range n.judged {
		j := &n.judged[i]
		if n.explain {
			if err := n.print("\n%s\n%s\n", pen.paint(strong, j.label(several)), leak.Explain(j.verdict, j.amount)); err != nil {
				return err
			}
			continue
		}
		if len(n.judged) > mostSentences && j.verdict.State < leak.Filling {
			quiet++
			continue
		}
		if i == quiet { // the first
			if err := n.print("\n"); err != nil {
				return err
			}
		}
		if err := n.print("%s: %s\n", pen.paint(strong, j.label(several)), j.sentence()); err != nil {
			return err
		}
	}
	if quiet > 0 {
		if err := n.print("\n%s, left to the table; --explain and --json have their words.\n", units.Count(quiet, "series is learning or steady", "series are learning or steady")); err != nil {
			return err
		}
	}
	return n.drawAll(pen, width)
}

func (n *analysis) severalFiles() bool {
	for i := range n.judged {
		if n.judged[i].file != n.judged[0].file {
			return true
		}
	}
	return false
}

// sentence is the verdict in words, with what must be borne in mind.
func (j *judged) sentence() string {
	text := j.verdict.Sentence(j.amount)
	if len(j.verdict.Caveats) > 0 {
		text += " (" + strings.Join(j.verdict.Caveats, "; ") + ")"
	}
	return text
}

// cells are the row of a series.
func (j *judged) cells() []string {
	v := &j.verdict
	growth, since := units.Unknown, units.Unknown
	if v.State != leak.Learning && !math.IsNaN(v.Growth) {
		growth = j.delta(v.Growth)
	}
	if v.State >= leak.Filling && v.Onset.Known() {
		since = j.since()
	}
	return []string{j.file, j.own, j.series.Metric, v.State.String(), j.rate(), growth, since, j.forecast(), score(v.Score)}
}

// rate is the growth per hour with its interval: "+1.2 MB (+1.1 to +1.3 MB)".
func (j *judged) rate() string {
	r := j.verdict.Rate
	if !r.Known() {
		return units.Unknown
	}
	low, high := j.delta(r.Low), j.delta(r.High)
	if low == high {
		return j.delta(r.Value)
	}
	if figure, unit, found := strings.Cut(low, " "); found && strings.HasSuffix(high, " "+unit) {
		low = figure // the unit is said once
	}
	return j.delta(r.Value) + " (" + low + " to " + high + ")"
}

// rounding is the share of the level below which a change is none: it comes from the last
// digits of the fit.
const rounding = 1e-12

// delta is a change with its sign.
func (j *judged) delta(v float64) string {
	if math.Abs(v) < rounding*math.Abs(j.verdict.Level) {
		v = 0
	}
	switch {
	case math.IsInf(v, 1):
		return "+∞"
	case math.IsInf(v, -1):
		return "−∞"
	case math.IsNaN(v):
		return units.Unknown
	case j.series.Unit == detect.Bytes:
		return units.Delta(v)
	}
	text := j.amount(v)
	if v > 0 && text != "0" {
		return "+" + text
	}
	return text
}

// epoch is the time from which on seconds are taken for those since 1970: a recording
// that counts from its own beginning would have to be three years long.
const epoch = 1e8

// since is when the growth began, in the file's own time.
func (j *judged) since() string {
	onset := j.verdict.Onset
	switch {
	case math.IsInf(onset.Low, -1):
		return "the start"
	case onset.Value >= epoch:
		return time.Unix(int64(onset.Value), 0).UTC().Format("2006-01-02 15:04")
	}
	return "at " + lasting(onset.Value)
}

// forecast is what comes next, in a few words.
func (j *judged) forecast() string {
	f := j.verdict.Forecast
	switch f.Outlook {
	case leak.Settles:
		if math.IsNaN(f.Near.Value) || math.IsInf(f.Near.Value, 0) {
			return "settles"
		}
		return "near " + j.amount(f.Near.Value)
	case leak.Reaches:
		if f.In.Value <= 0 {
			return "limit reached"
		}
		if f.In.Known() {
			return "limit in " + lasting(f.In.Value)
		}
	}
	return units.Unknown
}

// lasting is a span of seconds.
func lasting(seconds float64) string {
	const year = 365 * 24 * 3600
	if seconds > year {
		return "more than a year"
	}
	return units.Duration(time.Duration(seconds * float64(time.Second)))
}

// score is the evidence with its sign.
func score(v float64) string {
	if math.IsNaN(v) {
		return units.Unknown
	}
	return strings.Replace(fmt.Sprintf("%+.1f", v), "-", "−", 1)
}
