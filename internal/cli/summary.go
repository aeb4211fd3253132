package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/trend"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
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
	if err := m.print("\nWatched for %s%s: %s, one every %s.\nPrivate memory in MB; RATE/H with its 95 %% interval LOW to HIGH.\n\n", units.Duration(m.ended.Sub(m.started)), asked, units.Count(m.samples, "sample", "samples"), units.Interval(m.interval)); err != nil {
		return err
	}
	if len(summaries) == 0 {
		return m.print("No process was watched: no service fits. See all with: zol0 quick --all\n")
	}
	if err := m.serviceSummary(pen, width, summaries); err != nil {
		return err
	}
	if err := m.instanceReadings(pen, width, summaries); err != nil {
		return err
	}
	return m.print("%s", m.closing())
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

// shownReadings is how many processes the summary names; those that grow come first, and
// the JSON has them all.
const shownReadings = 20

func (m *monitoring) instanceReadings(pen ink, width int, summaries []tally.Summary) error {
	t := table{width: width, columns: []column{
		{head: "PROCESS", shrink: true}, {head: "PID", right: true}, {head: "START", right: true}, {head: "END", right: true}, {head: "READING", shrink: true},
	}}
	var all []tally.Instance
	for i := range summaries {
		all = append(all, summaries[i].Instances...)
	}
	slices.SortStableFunc(all, func(a, b tally.Instance) int {
		return cmp.Or(cmp.Compare(b.Reading.State, a.Reading.State), compareEnded(a, b), cmp.Compare(b.End-b.Start, a.End-a.Start))
	})
	left := max(0, len(all)-shownReadings)
	all = all[:len(all)-left]
	for _, x := range all {
		reading := x.Reading.String()
		if x.Ended {
			reading += ", ended"
		}
		t.add(x.Service, fmt.Sprint(x.ID.PID), amountCell(x.Start), amountCell(x.End), reading)
	}
	if err := m.print("\n"); err != nil {
		return err
	}
	err := t.write(m.Out, func(row, column int, cell string) string {
		switch {
		case row < 0:
			return pen.paint(faint, cell)
		case column == len(t.columns)-1:
			return pen.paint(colourOf(all[row].Reading.State.String()), cell)
		}
		return cell
	})
	if err == nil && left > 0 {
		err = m.print("… and %s; --json names them all\n", units.Count(left, "more process", "more processes"))
	}
	return writeError("standard output", err)
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

// learning reports whether the watch was too short for any trend.
func (m *monitoring) learning() bool {
	return m.samples < trend.MinSamples || m.ended.Sub(m.started) < trend.MinSpan
}

// closing is what a reader must know about the figures, and where they are.
func (m *monitoring) closing() string {
	var out strings.Builder
	out.WriteString("\nGROWTH is what processes gained in their own lives; one that began or ended is no growth.\n")
	if living, _, _ := m.tally.Counts(); living > m.tally.Detectors() {
		fmt.Fprintf(&out, "* The rate holds %d of %d processes: the largest and the fastest growing carry a trend.\n", m.tally.Detectors(), living)
	}
	if m.learning() {
		fmt.Fprintf(&out, "learning: %d samples over %s are needed before a trend says anything.\n", trend.MinSamples, units.Duration(trend.MinSpan))
	}
	for _, n := range []struct {
		count int
		text  string
	}{
		{m.denied, "processes at a time could not be read by this user: run as root to see all"},
		{m.skipped, "samples came due while the machine slept or was too busy, and were left out"},
		{m.tally.Unjudged, "processes ended without ever being among those that carry a trend"},
		{m.tally.Forgotten, "ended processes have no reading here: 100 are kept"},
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

func rateCells(s trend.Slope) (rate, low, high string) {
	if math.IsNaN(s.PerHour) {
		return units.UnknownFigure, units.UnknownFigure, units.UnknownFigure
	}
	return units.MegabytesDelta(s.PerHour), units.MegabytesDelta(s.Low), units.MegabytesDelta(s.High)
}

func (m *monitoring) wire(summaries []tally.Summary) wire.Monitoring {
	out := wire.Monitoring{
		Start: m.started.UTC(), End: m.ended.UTC(), IntervalSeconds: m.interval.Seconds(), Samples: m.samples, SkippedSamples: m.skipped,
		Interrupted: m.interrupted(), DeniedProcesses: m.denied, Partial: m.hidden, CSVPath: m.out, Services: make([]wire.MonitoredService, 0, len(summaries)),
		UntrackedServices: m.tally.Untracked(), UnjudgedInstances: m.tally.Unjudged, ForgottenInstances: m.tally.Forgotten,
	}
	for i := range summaries {
		s := &summaries[i]
		v := wire.MonitoredService{
			Name: s.Name, State: s.State.String(), Samples: s.Samples, StartBytes: s.Start, EndBytes: s.End, MeanBytes: math.Round(s.Mean()),
			MaxBytes: s.Max, MinBytes: s.Min, StdDevBytes: math.Round(s.Deviation()), GrowthBytes: s.Growth, Rate: rateWire(s.Rate),
			LivingInstances: s.Living, RatedInstances: s.Rated, BegunInstances: s.Begun, EndedInstances: s.Ended,
			Instances: make([]wire.MonitoredInstance, 0, len(s.Instances)),
		}
		for _, x := range s.Instances {
			v.Instances = append(v.Instances, wire.MonitoredInstance{
				ID: x.ID.String(), PID: x.ID.PID, Name: x.Name, State: x.Reading.State.String(), StartBytes: x.Start, EndBytes: x.End,
				Rate: rateWire(x.Reading.Slope), Samples: x.Reading.Samples, SpanSeconds: math.Round(100*x.Reading.Span.Seconds()) / 100,
				Caveat: x.Reading.Caveat, Ended: x.Ended,
			})
		}
		out.Services = append(out.Services, v)
	}
	return out
}

func rateWire(s trend.Slope) *wire.Rate {
	if math.IsNaN(s.PerHour) {
		return nil
	}
	return &wire.Rate{BytesPerHour: math.Round(s.PerHour), LowBytesPerHour: math.Round(s.Low), HighBytesPerHour: math.Round(s.High)}
}
