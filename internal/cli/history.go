package cli

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/client"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/plot"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

// historyFlags are what a person asks of `zol0 history`.
type historyFlags struct {
	url, since, metric, step string
	points                   int
	json, csv                bool
}

// seriesMetric is a figure of a service whose course can be shown.
type seriesMetric struct {
	word, series, title string
	unit                string // bytes or count, as package plot has them
}

// metricTitles are metrics in more words than their own.
var metricTitles = map[memory.Metric]string{
	memory.Private: "private memory", memory.Shmem: "shared memory", memory.RSS: "RSS", memory.FDs: "descriptors",
}

// seriesMetrics are those that are no counters: the course of a counter says nothing.
func seriesMetrics() (out []seriesMetric) {
	for _, m := range memory.Metrics {
		if m.Cumulative {
			continue
		}
		word, unit := strings.TrimSuffix(m.Name, "_bytes"), "count"
		if word != m.Name {
			unit = "bytes"
		}
		title, named := metricTitles[m.Metric]
		if !named {
			title = word
		}
		out = append(out, seriesMetric{word, "zol0_service_" + m.Name, title, unit})
	}
	return append(out, seriesMetric{"instances", "zol0_service_instances", "processes", "count"})
}

func metricWords() (words []string) {
	for _, m := range seriesMetrics() {
		words = append(words, m.word)
	}
	return words
}

// historyPoints is as many as a terminal has dots across.
const historyPoints = 240

func (a *app) history() *cobra.Command {
	var f historyFlags
	c := &cobra.Command{
		Use:   "history SERVICE",
		Short: "Show what a service used over hours or months",
		Long: `history asks the running daemon for what it stored of a service and draws it, with the
lowest, mean, highest and last value and what happened meanwhile: restarts, deploys and
changes of verdict.

Each point stands for a step of time, in which --csv and --json say the lowest, mean,
highest and last sample. Steps in which nobody watched have no point.

Exit codes: 0 shown, 1 no daemon answers or it knows no such service, 2 wrong usage or
configuration.`,
		Example: `  zol0 history nginx
  zol0 history nginx --since 7d --metric fds
  zol0 history nginx --since 30d --step 1h --csv > nginx.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.runHistory(c.Context(), args[0], &f) },
	}
	a.askFlags(c, &f.url)
	c.Flags().StringVar(&f.since, "since", "24h", "how far back, such as 90m, 24h or 7d: a `TIME` from 1m to 400d")
	c.Flags().StringVar(&f.metric, "metric", "private", "`FIGURE` to show: "+strings.Join(metricWords(), ", "))
	c.Flags().StringVar(&f.step, "step", "", "`TIME` that a point stands for, in whole seconds (default: what fits)")
	c.Flags().IntVar(&f.points, "points", historyPoints, "show at most so many `POINTS` where --step is not given, up to 2000")
	c.Flags().BoolVar(&f.json, "json", false, "write JSON: the answer of /api/series and the marks of /api/marks")
	c.Flags().BoolVar(&f.csv, "csv", false, "write CSV, one row per point, in bytes or counts")
	c.MarkFlagsMutuallyExclusive("json", "csv")
	c.MarkFlagsMutuallyExclusive("step", "points")
	if err := c.RegisterFlagCompletionFunc("metric", cobra.FixedCompletions(metricWords(), cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic("BUG: " + err.Error())
	}
	return c
}

// query checks the words.
func (f *historyFlags) query(service string, now time.Time) (q client.SeriesQuery, m seriesMetric, err error) {
	metrics := seriesMetrics()
	i := slices.IndexFunc(metrics, func(m seriesMetric) bool { return m.word == f.metric })
	if i < 0 {
		return q, m, usageError("use one of: "+strings.Join(metricWords(), ", "), "there is no history of %q", f.metric)
	}
	m = metrics[i]
	since, err := units.ParseDuration(f.since)
	if err != nil || since < time.Minute || since > 400*24*time.Hour {
		return q, m, usageError("give a span from 1m to 400d, such as 24h or 7d", "--since cannot be %q", f.since)
	}
	q = client.SeriesQuery{Names: []string{m.series}, Service: service, From: now.Add(-since), To: now, Points: f.points}
	if f.points < 1 || f.points > 2000 {
		return q, m, usageError("give a number from 1 to 2000", "--points cannot be %d", f.points)
	}
	if f.step != "" {
		q.Points = 0
		if q.Step, err = units.ParseDuration(f.step); err != nil || q.Step < time.Second || q.Step%time.Second != 0 {
			return q, m, usageError("give whole seconds, as in 30s, 5m or 1h", "--step cannot be %q", f.step)
		}
	}
	return q, m, nil
}

// serviceHistory is what `zol0 history --json` writes.
type serviceHistory struct {
	Service string `json:"service"`
	Metric  string `json:"metric"`
	Unit    string `json:"unit"`
	wire.SeriesAnswer
	Marks          []wire.Mark `json:"marks"`
	MarksTruncated bool        `json:"marks_truncated"` // there were more; the newest are here
}

func (a *app) runHistory(ctx context.Context, service string, f *historyFlags) error {
	q, m, err := f.query(service, a.Now())
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
	answer, err := asked.Series(ctx, q)
	if err != nil {
		return askError(err)
	}
	// An import may have given a series more labels; the daemon's own has this one alone.
	slices.SortStableFunc(answer.Series, func(a, b wire.Series) int { return len(a.Labels) - len(b.Labels) })
	if len(answer.Series) == 0 {
		return missing(ctx, asked, service, m.word, f.since)
	}
	x := &answer.Series[0]
	if n := len(x.Times); n == 0 || len(x.Min) != n || len(x.Mean) != n || len(x.Max) != n || len(x.Last) != n {
		return failure("check that the daemon is of the same version as this zol0", fmt.Errorf("the daemon at %s sent a series with columns of different length", asked.URL()))
	}
	marks, err := asked.Marks(ctx, client.MarksQuery{Service: service, From: q.From, To: q.To, Limit: maxShownMarks})
	if err != nil {
		return askError(err)
	}
	switch {
	case f.json:
		return a.json(serviceHistory{service, m.word, m.unit, answer, marks.Marks, marks.Truncated})
	case f.csv:
		return a.historyCSV(x)
	}
	return a.historyText(service, m, f.since, &answer, &marks)
}

// maxShownMarks are as many as the daemon gives.
const maxShownMarks = 500

func (a *app) historyCSV(x *wire.Series) error {
	w := csv.NewWriter(a.Out)
	rows := [][]string{{"time", "min", "mean", "max", "last"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	for i, t := range x.Times {
		rows = append(rows, []string{time.Unix(t, 0).UTC().Format(time.RFC3339), number(x.Min[i]), number(x.Mean[i]), number(x.Max[i]), number(x.Last[i])})
	}
	return writeError("standard output", w.WriteAll(rows))
}

// historyHeight is that of the chart, in lines.
const historyHeight = 14

// historyText draws the course and says what is in it.
func (a *app) historyText(service string, m seriesMetric, since string, answer *wire.SeriesAnswer, marks *wire.Marks) error {
	x := &answer.Series[0]
	pen, width := a.ink(), widthOf(a.Out)
	if width == 0 {
		width = 80
	}
	p := plot.Picture{Title: fmt.Sprintf("%s: %s over the last %s", service, m.title, since), Unit: m.unit, Verdict: leak.Judge(nil, leak.Options{})}
	lowest, highest, sum := math.Inf(1), math.Inf(-1), 0.0
	for i, t := range x.Times {
		at := float64(t)
		// A gap is where more than one step has no sample; in short steps there is not one in each.
		if gap := math.Max(2*answer.StepSeconds, shortGap.Seconds()); i > 0 && at-float64(x.Times[i-1]) > gap {
			p.Points = append(p.Points, plot.Point{T: at - answer.StepSeconds, Value: math.NaN()})
		}
		p.Points = append(p.Points, plot.Point{T: at, Value: x.Min[i]}, plot.Point{T: at, Value: x.Max[i]})
		lowest, highest, sum = math.Min(lowest, x.Min[i]), math.Max(highest, x.Max[i]), sum+x.Mean[i]
	}
	for i := range marks.Marks {
		if k := &marks.Marks[i]; k.Kind == "start" || k.Kind == "deploy" {
			p.Restarts = append(p.Restarts, float64(k.Time.UnixMilli())/1000)
		}
	}
	if err := plot.Terminal(a.Out, p, width, historyHeight, bool(pen)); err != nil {
		return writeError("standard output", err)
	}
	n := len(x.Times)
	amount := func(v float64) string { return metricAmount(m, v) }
	first, last := time.Unix(x.Times[0], 0), time.Unix(x.Times[n-1], 0)
	var out strings.Builder
	fmt.Fprintf(&out, "\nlowest %s, mean %s, highest %s, last %s\n", amount(lowest), amount(sum/float64(n)), amount(highest), amount(x.Last[n-1]))
	fmt.Fprintf(&out, "from %s to %s: %s, one for %s (%s)\n", localTime(first), localTime(last), units.Count(n, "point", "points"), units.Interval(seconds(answer.StepSeconds)), answer.Tier)
	out.WriteString(markLines(pen, marks))
	return a.print("%s", out.String())
}

// shortGap is the longest time between two samples of a daemon at its usual pace, and some.
const shortGap = 2 * time.Minute

func metricAmount(m seriesMetric, v float64) string {
	if m.unit == "bytes" {
		return tally.Amount(memory.Private, v)
	}
	return units.Significant(v)
}

func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }

// shownMarks is how many lines of marks a person reads; --json has them all.
const shownMarks = 20

// markLines say what happened, the newest last.
func markLines(pen ink, marks *wire.Marks) string {
	var out strings.Builder
	list := marks.Marks
	if left := len(list) - shownMarks; left > 0 {
		list = list[left:]
		fmt.Fprintf(&out, "… and %s before these; --json has them\n", units.Count(left, "event", "events"))
	}
	for i := range list {
		k := &list[i]
		fmt.Fprintf(&out, "%s  %s %s\n", k.Time.Local().Format("2006-01-02 15:04:05"), pen.paint(strong, fmt.Sprintf("%-8s", shownPath(k.Kind))), shownPath(k.Text))
	}
	return out.String()
}

// missing says that there is no history, and names a service that may be meant.
func missing(ctx context.Context, asked *client.Client, service, metric, since string) error {
	all, err := asked.Services(ctx)
	if err != nil {
		return askError(err)
	}
	var names []string
	for i := range all.Services {
		if all.Services[i].Name == service {
			return failure("a service has a history once one of its processes is a minute old; see it now with: zol0 services",
				fmt.Errorf("the daemon has no %s of %s in the last %s", metric, shownPath(service), since))
		}
		names = append(names, all.Services[i].Name)
	}
	hint := "see the services with: zol0 services"
	if like := similar(service, names); like != "" {
		hint = fmt.Sprintf("did you mean %s? %s", shownPath(like), hint)
	}
	return failure(hint, fmt.Errorf("the daemon knows no service %q in the last %s", service, since))
}
