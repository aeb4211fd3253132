package cli

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

// servicesFlags are what a person asks of `zol0 services`.
type servicesFlags struct {
	url, sort, filter string
	states            []string
	json              bool
}

// rowOrder orders services of the running daemon, the largest first but for names. The
// daemon's own order, the worst verdict first, is the tie-break.
type rowOrder struct {
	word    string
	compare func(a, b *wire.ServiceRow) int
}

var rowOrders = []rowOrder{
	{"verdict", func(*wire.ServiceRow, *wire.ServiceRow) int { return 0 }},
	{"private", largest(func(r *wire.ServiceRow) *uint64 { return r.PrivateBytes })},
	{"rss", largest(func(r *wire.ServiceRow) *uint64 { return r.RSSBytes })},
	{"swap", largest(func(r *wire.ServiceRow) *uint64 { return r.SwapBytes })},
	{"threads", largest(func(r *wire.ServiceRow) *uint64 { return r.Threads })},
	{"fds", largest(func(r *wire.ServiceRow) *uint64 { return r.FDs })},
	{"cpu", largest(func(r *wire.ServiceRow) *float64 { return r.CPUPercent })},
	{"growth", largest(func(r *wire.ServiceRow) *float64 { return r.GrowthBytes })},
	{"rate", largest(func(r *wire.ServiceRow) *float64 {
		if r.Rate == nil {
			return nil
		}
		return &r.Rate.BytesPerHour
	})},
	{"uptime", func(a, b *wire.ServiceRow) int { return cmp.Compare(b.UptimeSeconds, a.UptimeSeconds) }},
	{"name", func(a, b *wire.ServiceRow) int { return cmp.Compare(a.Name, b.Name) }},
}

// largest puts the largest figure first and what is not known last.
func largest[T uint64 | float64](of func(*wire.ServiceRow) *T) func(a, b *wire.ServiceRow) int {
	return func(a, b *wire.ServiceRow) int {
		x, y := of(a), of(b)
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		return cmp.Compare(*y, *x)
	}
}

func rowWords() (words []string) {
	for _, o := range rowOrders {
		words = append(words, o.word)
	}
	return words
}

// stateWords are the states of verdicts, the worst first.
func stateWords() (words []string) {
	for s := leak.Leaking; ; s-- {
		words = append(words, s.String())
		if s == leak.Learning {
			return words
		}
	}
}

func (f *servicesFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.sort, "sort", rowOrders[0].word, "order by `KEY`: "+strings.Join(rowWords(), ", "))
	c.Flags().StringVar(&f.filter, "filter", "", "show only services whose name or kind fits this regular `EXPRESSION`, in any case")
	c.Flags().StringSliceVar(&f.states, "state", nil, "show only these `VERDICTS`, with commas: "+strings.Join(stateWords(), ", "))
	c.Flags().BoolVar(&f.json, "json", false, "write JSON")
	for name, words := range map[string][]string{"sort": rowWords(), "state": stateWords()} {
		if err := c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic("BUG: " + err.Error())
		}
	}
}

// choose checks the words and returns what makes the choice of a table.
func (f *servicesFlags) choose() (func([]wire.ServiceRow) []wire.ServiceRow, error) {
	order := slices.IndexFunc(rowOrders, func(o rowOrder) bool { return o.word == f.sort })
	if order < 0 {
		return nil, usageError("use one of: "+strings.Join(rowWords(), ", "), "cannot sort by %q", f.sort)
	}
	for _, s := range f.states {
		if !slices.Contains(stateWords(), s) {
			return nil, usageError("use some of: "+strings.Join(stateWords(), ", "), "%q is no verdict", s)
		}
	}
	if _, err := regexp.Compile(f.filter); err != nil { // for an error that shows what was typed
		return nil, usageError("see https://pkg.go.dev/regexp/syntax; a literal dot is \\.", "bad regular expression %q in --filter: %w", f.filter, err)
	}
	pattern := regexp.MustCompile("(?i)" + f.filter)
	return func(rows []wire.ServiceRow) []wire.ServiceRow {
		out := []wire.ServiceRow{}
		for i := range rows {
			r := &rows[i]
			if len(f.states) > 0 && !slices.Contains(f.states, r.State) {
				continue
			}
			if pattern.MatchString(r.Name) || r.Kind != "" && pattern.MatchString(r.Kind) {
				out = append(out, *r)
			}
		}
		slices.SortStableFunc(out, func(a, b wire.ServiceRow) int { return rowOrders[order].compare(&a, &b) })
		return out
	}, nil
}

// runServices shows the services of the running daemon.
func (a *app) runServices(ctx context.Context, f *servicesFlags) error {
	choose, err := f.choose()
	if err != nil {
		return err
	}
	asked, err := a.client(f.url)
	if err != nil {
		return err
	}
	defer asked.Close()
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	all, err := asked.Services(ctx)
	if err != nil {
		return askError(err)
	}
	total := len(all.Services)
	all.Services = choose(all.Services)
	if f.json {
		return a.json(all)
	}
	pen := a.ink()
	if err := writeError("standard output", liveTable(all.Services, widthOf(a.Out)).write(a.Out, func(row, column int, cell string) string {
		switch {
		case row < 0:
			return pen.paint(faint, cell)
		case column == 1:
			return pen.paint(colourOf(all.Services[row].State), cell)
		}
		return cell
	})); err != nil {
		return err
	}
	return a.print("%s", liveNotes(pen, &all, total))
}

// liveTable is the table of the daemon's services, in the words of `zol0 top`.
func liveTable(rows []wire.ServiceRow, width int) *table {
	t := &table{width: width, columns: []column{
		{head: "SERVICE", shrink: true}, {head: "VERDICT"}, {head: "PRIVATE MB", right: true}, {head: "RATE MB/H", right: true},
		{head: "95 % INTERVAL", right: true, spare: 3}, {head: "LIMIT IN", right: true}, {head: "CPU %", right: true, spare: 1},
		{head: "UPTIME", right: true, spare: 2}, {head: "PROCS", right: true},
	}}
	for i := range rows {
		r := &rows[i]
		word, rate, interval := r.State, units.UnknownFigure, units.Unknown
		if m, ok := judgedMetric(r.StateMetric); ok && m != memory.Private && r.State != leak.Learning.String() {
			word += " (" + tally.Thing(m) + ")"
		}
		if r.Rate != nil {
			rate = units.MegabytesDelta(r.Rate.BytesPerHour)
			interval = strings.TrimSpace(units.MegabytesDelta(r.Rate.LowBytesPerHour)) + " to " + strings.TrimSpace(units.MegabytesDelta(r.Rate.HighBytesPerHour))
			if r.RatedInstances < r.Instances {
				rate += "*"
			}
		}
		private, cpu := units.UnknownFigure, units.Unknown
		if r.PrivateBytes != nil {
			private = units.Megabytes(float64(*r.PrivateBytes))
		}
		if r.CPUPercent != nil {
			cpu = decimal(*r.CPUPercent, 1)
		}
		t.add(shownPath(r.Name), shownPath(word), private, rate, interval, limitIn(r), cpu, units.Duration(seconds(r.UptimeSeconds)), strconv.Itoa(r.Instances))
	}
	return t
}

// judgedMetric finds a metric by its word.
func judgedMetric(word string) (memory.Metric, bool) {
	for _, m := range tally.Judged {
		if m.String() == word {
			return m, true
		}
	}
	return 0, false
}

// year is how far a forecast says something; beyond it stands no figure, as on the page.
const year = 365 * 24 * time.Hour

// limitIn is the time until the growth reaches the limit that binds first.
func limitIn(r *wire.ServiceRow) string {
	if f := r.Forecast; f != nil && f.Outlook == "reaches" && f.InSeconds != nil {
		if in := seconds(*f.InSeconds); in <= year {
			return units.Duration(in)
		}
		return "> 1 y"
	}
	return units.Unknown
}

// seconds is a span of time; a foreign one may be beyond what a span can be.
func seconds(v float64) time.Duration {
	const most = 100 * 365 * 24 * time.Hour
	return time.Duration(max(-most.Seconds(), min(v, most.Seconds())) * float64(time.Second))
}

// liveNotes are what stands below the table: the sentences of what grows, how many there
// are, and of when it is.
func liveNotes(pen ink, all *wire.ServiceTable, total int) string {
	var out strings.Builder
	said := 0
	for i := range all.Services {
		r := &all.Services[i]
		if r.State != leak.Leaking.String() && r.State != leak.Suspect.String() || r.Sentence == "" {
			continue
		}
		if said++; said > shownStatuses {
			continue
		}
		fmt.Fprintf(&out, "%s %s: %s\n", pen.paint(colourOf(r.State), fmt.Sprintf("%-8s", r.State)), shownPath(r.Name), shownPath(r.Sentence))
	}
	if left := said - shownStatuses; left > 0 {
		fmt.Fprintf(&out, "note     … and %s; --json has them all\n", units.Count(left, "more that grows", "more that grow"))
	}
	for i := range all.Services {
		if r := &all.Services[i]; r.Rate != nil && r.RatedInstances < r.Instances {
			out.WriteString("note     * the rate is that of some of its processes; of the others it is not known\n")
			break
		}
	}
	switch n := len(all.Services); {
	case total == 0:
		out.WriteString("note     no service fits: see every process with zol0 quick --all\n")
	case n < total:
		fmt.Fprintf(&out, "note     %d shown of %s\n", n, units.Count(total, "service", "services"))
	}
	fmt.Fprintf(&out, "as of    %s (beat %d, one every %s)\n", all.Time.Local().Format("2006-01-02 15:04:05 MST"), all.Beat, units.Interval(seconds(all.IntervalSeconds)))
	return "\n" + out.String()
}
