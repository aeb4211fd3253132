package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	"github.com/zol0/zol0/leak"
)

// queryFlags are what a person asks of `zol0 query`.
type queryFlags struct {
	url, at, since, step string
	json, csv            bool
}

func (a *app) query() *cobra.Command {
	var f queryFlags
	c := &cobra.Command{
		Use:   "query PROMQL",
		Short: "Ask the running daemon in PromQL",
		Long: `query asks the running daemon a PromQL expression about all that it keeps: at one moment,
or with --since at every step up to it.

At one moment it lists the value of each series. Over a time it lists the lowest, mean,
highest and last value of each, and draws the course where there is one series alone.
--csv has every value, --json the answer as Prometheus's API gives it.

Exit codes: 0 answered, even with nothing; 1 no daemon answers, or it cannot; 2 wrong
usage, configuration or expression.`,
		Example: `  zol0 query 'topk(5, zol0_service_private_bytes)'
  zol0 query 'zol0_service_private_bytes - zol0_service_private_bytes offset 24h'
  zol0 query 'rate(zol0_service_cpu_seconds_total{service="nginx"}[5m])' --since 6h
  zol0 query zol0_service_fds --since 7d --step 1h --csv > descriptors.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.runQuery(c.Context(), args[0], &f) },
	}
	a.askFlags(c, &f.url)
	c.Flags().StringVar(&f.at, "at", "", "`TIME` to ask about, such as 2026-03-01T10:00:00Z or \"2026-03-01 10:00\" (default: now)")
	c.Flags().StringVar(&f.since, "since", "", "ask about this `TIME` before --at too, such as 90m, 24h or 7d")
	c.Flags().StringVar(&f.step, "step", "", "`TIME` between two values, in whole seconds (default: what fits)")
	c.Flags().BoolVar(&f.json, "json", false, "write JSON: resultType, result, warnings and infos as Prometheus's API has them")
	c.Flags().BoolVar(&f.csv, "csv", false, "write CSV, one row per value, with a column for each label")
	c.MarkFlagsMutuallyExclusive("json", "csv")
	return c
}

// span reads the times; a step of 0 asks about one moment.
func (f *queryFlags) span(now time.Time) (from, at time.Time, step time.Duration, err error) {
	at = now
	if f.at != "" {
		if at, err = time.Parse(time.RFC3339, f.at); err != nil {
			at, err = time.ParseInLocation("2006-01-02 15:04", f.at, time.Local)
		}
		if err != nil {
			return from, at, 0, usageError("give one such as 2026-03-01T10:00:00Z, or \"2026-03-01 10:00\" in local time", "--at cannot be %q", f.at)
		}
	}
	if f.since == "" {
		if f.step != "" {
			return from, at, 0, usageError("say how far back with --since, as in --since 24h", "--step alone asks for nothing")
		}
		return at, at, 0, nil
	}
	since, err := units.ParseDuration(f.since)
	if err != nil || since < time.Minute || since > 400*24*time.Hour {
		return from, at, 0, usageError("give a span from 1m to 400d, such as 24h or 7d", "--since cannot be %q", f.since)
	}
	step = max(time.Second, (since / historyPoints).Round(time.Second))
	if f.step != "" {
		if step, err = units.ParseDuration(f.step); err != nil || step < time.Second || step%time.Second != 0 {
			return from, at, 0, usageError("give whole seconds, as in 30s, 5m or 1h", "--step cannot be %q", f.step)
		}
	}
	return at.Add(-since), at, step, nil
}

// queryAnswer is what `zol0 query --json` writes.
type queryAnswer struct {
	Type     string          `json:"resultType"`
	Result   json.RawMessage `json:"result"`
	Warnings []string        `json:"warnings"`
	Infos    []string        `json:"infos"`
}

func (a *app) runQuery(ctx context.Context, expression string, f *queryFlags) error {
	from, at, step, err := f.span(a.Now())
	if err != nil {
		return err
	}
	asked, err := a.client(f.url)
	if err != nil {
		return err
	}
	defer asked.Close()
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	var answer client.Answer
	if step == 0 {
		answer, err = asked.Instant(ctx, expression, at)
	} else {
		answer, err = asked.Range(ctx, expression, from, at, step)
	}
	var e *client.Error
	if errors.As(err, &e) && e.Code == "bad_data" {
		return usageError("see docs/promql.md, or which series there are with: zol0 query 'count by (__name__) ({__name__!=\"\"})'", "%w", err)
	}
	if err != nil {
		return askError(err)
	}
	switch {
	case f.json:
		return a.json(queryAnswer{answer.Type, answer.Result, answer.Warnings, answer.Infos})
	case f.csv:
		return a.queryCSV(&answer)
	}
	if err := a.queryText(expression, f.since, &answer); err != nil {
		return err
	}
	pen := a.ink()
	for _, note := range slices.Concat(answer.Warnings, answer.Infos) {
		if err := a.print("%s  %s\n", pen.paint(strong, "note"), note); err != nil {
			return err
		}
	}
	return nil
}

// queryTime is more than the daemon gives a query, so that its own words come through.
const queryTime = 15 * time.Second

func (a *app) queryCSV(answer *client.Answer) error {
	w := csv.NewWriter(a.Out)
	if answer.Type == client.String {
		return writeError("standard output", w.WriteAll([][]string{{"text"}, {inert(answer.Text)}}))
	}
	names := map[string]bool{}
	for i := range answer.Series {
		for name := range answer.Series[i].Labels {
			names[name] = true
		}
	}
	columns := slices.Sorted(maps.Keys(names))
	head := []string{"time", "value"}
	for _, name := range columns {
		head = append(head, inert(shownPath(name)))
	}
	if err := w.Write(head); err != nil {
		return writeError("standard output", err)
	}
	for i := range answer.Series {
		x := &answer.Series[i]
		for _, p := range x.Points {
			row := []string{p.Time.Format(time.RFC3339Nano), strconv.FormatFloat(p.Value, 'f', -1, 64)}
			for _, name := range columns {
				row = append(row, inert(shownPath(x.Labels[name])))
			}
			if err := w.Write(row); err != nil {
				return writeError("standard output", err)
			}
		}
	}
	w.Flush()
	return writeError("standard output", w.Error())
}

// queryText lists the series, and draws one that is alone.
func (a *app) queryText(expression, since string, answer *client.Answer) error {
	pen := a.ink()
	if answer.Type == client.String {
		return a.print("%s\n", answer.Text)
	}
	if len(answer.Series) == 0 {
		return a.print("no series: nothing that is kept matches at that time\n")
	}
	t := instantTable(answer.Series)
	if answer.Type == client.Matrix {
		t = rangeTable(answer.Series)
		if len(answer.Series) == 1 && len(answer.Series[0].Points) > 1 {
			if err := a.course(expression, since, &answer.Series[0], bool(pen)); err != nil {
				return err
			}
		}
	}
	t.width = widthOf(a.Out)
	return writeError("standard output", t.write(a.Out, func(row, _ int, cell string) string {
		if row < 0 {
			return pen.paint(faint, cell)
		}
		return cell
	}))
}

// instantTable has the exact value of each series, and the amount of one in bytes.
func instantTable(all []client.QueriedSeries) *table {
	t := &table{columns: []column{{head: "SERIES", shrink: true}, {head: "VALUE", right: true}}}
	measured := slices.ContainsFunc(all, func(s client.QueriedSeries) bool { return inBytes(&s) })
	if measured {
		t.columns = append(t.columns, column{head: "ABOUT", right: true})
	}
	for i := range all {
		s := &all[i]
		v := s.Points[0].Value
		name := s.Name()
		if name == "{}" {
			name = "–" // a number that belongs to no series
		}
		cells := []string{name, strconv.FormatFloat(v, 'f', -1, 64)}
		if measured {
			about := ""
			if inBytes(s) {
				about = queriedAmount(s, v)
			}
			cells = append(cells, about)
		}
		t.add(cells...)
	}
	return t
}

// rangeTable sums up the course of each series.
func rangeTable(all []client.QueriedSeries) *table {
	t := &table{columns: []column{{head: "SERIES", shrink: true}, {head: "VALUES", right: true, spare: 1}, {head: "LOWEST", right: true}, {head: "MEAN", right: true, spare: 2}, {head: "HIGHEST", right: true}, {head: "LAST", right: true}}}
	for i := range all {
		s := &all[i]
		lowest, highest, sum, n := math.Inf(1), math.Inf(-1), 0.0, 0
		for _, p := range s.Points {
			if !math.IsNaN(p.Value) {
				lowest, highest, sum, n = math.Min(lowest, p.Value), math.Max(highest, p.Value), sum+p.Value, n+1
			}
		}
		cells := []string{s.Name(), strconv.Itoa(len(s.Points)), "–", "–", "–", "–"}
		if n > 0 {
			cells = []string{s.Name(), strconv.Itoa(len(s.Points)), queriedAmount(s, lowest), queriedAmount(s, sum/float64(n)), queriedAmount(s, highest), queriedAmount(s, s.Points[len(s.Points)-1].Value)}
		}
		t.add(cells...)
	}
	return t
}

// inBytes says that the name of a series tells its unit.
func inBytes(s *client.QueriedSeries) bool { return strings.HasSuffix(s.Metric(), "_bytes") }

func queriedAmount(s *client.QueriedSeries, v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return strconv.FormatFloat(v, 'f', -1, 64)
	case inBytes(s):
		return tally.Amount(memory.Private, v)
	}
	return units.Significant(v)
}

// course draws one series.
func (a *app) course(expression, since string, s *client.QueriedSeries, colours bool) error {
	width := widthOf(a.Out)
	if width == 0 {
		width = 80
	}
	p := plot.Picture{Title: fmt.Sprintf("%s over the last %s", shownPath(expression), since), Unit: "count", Verdict: leak.Judge(nil, leak.Options{})}
	if inBytes(s) {
		p.Unit = "bytes"
	}
	// A gap is where values are missing between two others.
	usual := math.Inf(1)
	for i := 1; i < len(s.Points); i++ {
		usual = math.Min(usual, s.Points[i].Time.Sub(s.Points[i-1].Time).Seconds())
	}
	last := math.NaN()
	for _, x := range s.Points {
		at := float64(x.Time.UnixMilli()) / 1000
		if at-last > 1.5*usual {
			p.Points = append(p.Points, plot.Point{T: last + usual, Value: math.NaN()})
		}
		v := x.Value
		if math.IsInf(v, 0) {
			v = math.NaN()
		}
		p.Points = append(p.Points, plot.Point{T: at, Value: v})
		last = at
	}
	if err := plot.Terminal(a.Out, p, width, historyHeight, colours); err != nil {
		return writeError("standard output", err)
	}
	return a.print("\n")
}
