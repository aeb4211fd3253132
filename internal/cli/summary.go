package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// interrupted reports whether the watch ended before its time.
func (m *monitoring) interrupted() bool { return m.samples+m.skipped < int(m.duration/m.interval)+1 }

// summary says what was seen, for a person or as JSON.
func (m *monitoring) summary() error {
	summaries := m.tally.Summaries()
	if m.asJSON {
		return m.json(m.wire(summaries))
	}
	pen, width := m.ink(), widthOf(m.Out)
	asked := ""
	if m.interrupted() {
		asked = fmt.Sprintf(" (interrupted; %s were asked for)", units.Duration(m.duration))
	}
	between := ""
	if n := m.readings - m.samples; n > 0 {
		between = fmt.Sprintf(", and %s between them for the verdicts", units.Count(n, "reading", "readings"))
	}
	if err := m.print("\nWatched for %s%s: %s, one every %s%s.\nPrivate memory in MB; RATE/H with its 95 %% interval LOW to HIGH.\n\n", units.Duration(m.ended.Sub(m.started)), asked, units.Count(m.samples, "sample", "samples"), units.Interval(m.interval), between); err != nil {
		return err
	}
	if len(summaries) == 0 {
		return m.print("No process was watched: no service fits. See all with: zol0 quick --all\n")
	}
	if err := m.serviceSummary(pen, width, summaries); err != nil {
		return err
	}
	if err := m.verdicts(pen, width, summaries); err != nil {
		return err
	}
	return m.print("%s", m.closing(summaries))
}

func (m *monitoring) serviceSummary(pen ink, width int, summaries []tally.Summary) error {
	t := table{width: width, columns: []column{
		{head: "SERVICE", shrink: true}, {head: "START", right: true}, {head: "END", right: true}, {head: "MEAN", right: true, spare: 3},
		{head: "MAX", right: true, spare: 4}, {head: "MIN", right: true, spare: 2}, {head: "STD DEV", right: true, spare: 1}, {head: "GROWTH", right: true},
		{head: "RATE/H", right: true}, {head: "LOW", right: true}, {head: "HIGH", right: true}, {head: "TREND"},
	}}
	for i := range summaries {
		s := &summaries[i]
		rate, low, high := rateCells(s.Rate)
		if s.Rated < s.Living && s.Rated > 0 {
			rate += "*"
		}
		end, word := amountCell(s.End), s.State.String()
		if s.Worst != memory.Private {
			word += " (" + tally.Thing(s.Worst) + ")"
		}
		if s.Living == 0 {
			end, word = units.UnknownFigure, word+", ended"
		}
		t.add(s.Name, amountCell(s.Start), end, amountCell(s.Mean()), amountCell(s.Max), amountCell(s.Min),
			amountCell(s.Deviation()), units.MegabytesDelta(s.Growth), rate, low, high, word)
	}
	return writeError("standard output", t.write(m.Out, func(row, column int, cell string) string {
		switch {
		case row < 0:
			return pen.paint(faint, cell)
		case column == len(t.columns)-1:
			return pen.paint(colourOf(summaries[row].State.String()), cell)
		}
		return cell
	}))
}

// shownVerdicts is how many processes the summary names; those that grow come first, and
// the JSON has them all.
const shownVerdicts = 20

// judgedInstances are those that have a verdict.
func judgedInstances(summaries []tally.Summary) []tally.Instance {
	var all []tally.Instance
	for i := range summaries {
		for _, x := range summaries[i].Instances {
			if x.Worst().State != leak.Learning {
				all = append(all, x)
			}
		}
	}
	return all
}

// verdicts says for each process what was found, as a sentence with what to bear in mind.
func (m *monitoring) verdicts(pen ink, width int, summaries []tally.Summary) error {
	all := judgedInstances(summaries)
	slices.SortStableFunc(all, func(a, b tally.Instance) int {
		return cmp.Or(cmp.Compare(b.Worst().State, a.Worst().State), compareEnded(a, b), cmp.Compare(b.End-b.Start, a.End-a.Start))
	})
	left := max(0, len(all)-shownVerdicts)
	var out strings.Builder
	for i := range all[:len(all)-left] {
		x := &all[i]
		fmt.Fprintf(&out, "\n%s", pen.paint(strong, fmt.Sprintf("%s (PID %d)", x.Service, x.ID.PID)))
		fmt.Fprintf(&out, ", %s to %s", units.Bytes(x.Start), units.Bytes(x.End))
		if x.Ended {
			out.WriteString(", ended")
		}
		out.WriteByte('\n')
		for k := range x.Verdicts {
			v := &x.Verdicts[k]
			if v.Metric == memory.Private || v.State >= leak.Filling {
				out.WriteString(pen.paint(colourOf(v.State.String()), indented(verdictWords(v), width)))
			}
		}
	}
	if left > 0 {
		fmt.Fprintf(&out, "\n… and %s; --json names them all\n", units.Count(left, "more process", "more processes"))
	}
	return m.print("%s", out.String())
}

// verdictWords are a verdict with all that belongs to it, one line each.
func verdictWords(v *tally.Judgement) string {
	text := v.Words()
	if bearing := v.Bearing(); bearing != "" {
		text += "\nBear in mind: " + bearing + "."
	}
	return text
}

// indented wraps text into the terminal and moves it to the right.
func indented(text string, width int) string {
	const indent = "  "
	if width > 2*len(indent) {
		text = ansi.Wordwrap(text, width-len(indent), "")
	}
	return indent + strings.ReplaceAll(text, "\n", "\n"+indent) + "\n"
}

// compareEnded puts the living before the ended.
func compareEnded(a, b tally.Instance) int {
	switch {
	case a.Ended == b.Ended:
		return 0
	case b.Ended:
		return -1
	}
	return 1
}

// learning counts the instances without a verdict among those that are judged.
func learning(summaries []tally.Summary) int {
	n := -len(judgedInstances(summaries))
	for i := range summaries {
		n += len(summaries[i].Instances)
	}
	return n
}

// closing is what a reader must know about the figures, and where they are.
func (m *monitoring) closing(summaries []tally.Summary) string {
	var out strings.Builder
	out.WriteString("\nGROWTH is what processes gained in their own lives; one that began or ended is no growth.\n")
	if living, _, _ := m.tally.Counts(); living > m.tally.Judged() {
		fmt.Fprintf(&out, "* The rate holds %d of %d processes: the largest and the fastest growing are judged.\n", m.tally.Judged(), living)
	}
	if m.readings < tally.MinSamples {
		fmt.Fprintf(&out, "learning: %d readings are needed before a verdict; there were %d. Try: zol0 monitor 5 10\n", tally.MinSamples, m.readings)
	} else if n := learning(summaries); n > 0 {
		fmt.Fprintf(&out, "learning: %s not there for %d readings, which are needed before a verdict.\n", units.Count(n, "process was", "processes were"), tally.MinSamples)
	}
	for _, n := range []struct {
		count int
		text  string
	}{
		{m.denied, "processes at a time could not be read by this user: run as root to see all"},
		{m.skipped, "samples came due while the machine slept or was too busy, and were left out"},
		{m.tally.Unjudged, "processes ended without ever being among those that are judged"},
		{m.tally.Crowded, "series of shared memory, descriptors or threads at a time were not judged: 220 are"},
		{m.tally.Forgotten, "ended processes have no verdict here: 100 are kept"},
		{m.tally.Untracked(), "services beyond 1,000 at a time are not in this summary"},
	} {
		if n.count > 0 {
			fmt.Fprintf(&out, "note: %d %s.\n", n.count, n.text)
		}
	}
	if m.hidden {
		out.WriteString("note: the system hides processes of other users (hidepid); run as root to see all.\n")
	}
	for _, n := range m.shared.notes() {
		fmt.Fprintf(&out, "%s\n", n)
	}
	if m.record.failed == nil && m.record.Dropped == 0 {
		fmt.Fprintf(&out, "Every sample is in %s\n", m.out)
	}
	return out.String()
}

func amountCell(v float64) string {
	if math.IsNaN(v) {
		return units.UnknownFigure
	}
	return units.Megabytes(math.Max(0, v))
}

func rateCells(i leak.Interval) (rate, low, high string) {
	return deltaCell(i.Value), deltaCell(i.Low), deltaCell(i.High)
}

func deltaCell(v float64) string {
	if math.IsNaN(v - v) {
		return units.UnknownFigure
	}
	return units.MegabytesDelta(v)
}
