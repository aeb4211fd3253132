package cli

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/detect"
	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// analysis is one run of `zol0 analyze`.
type analysis struct {
	*app
	columns   trace.Options // those that a person named
	series    string
	metrics   []string
	limit     string
	manifest  string
	threshold float64
	failOn    string
	svg, png  string

	asJSON, events, explain bool
	plots                   drawing

	pattern *regexp.Regexp
	limits  *limits
	gate    leak.State // 0 (learning) is no gate

	judged []judged
	passed names // of series that the filters left out
	unheld names // of series without a unit: a limit in bytes says nothing about them
	failed []fileError
}

// judged is a series with its verdict.
type judged struct {
	file, own string       // the file as shown, and the series' name where it has one of its own
	series    trace.Series // without its points, unless they are to be drawn
	restarts  []float64    // times
	limit     float64      // in the unit of the series; 0 is none
	beside    float64      // what else counts towards the limit, last; 0 is unknown
	verdict   leak.Verdict
	amount    func(float64) string
}

// fileError is a file that could not be read, or not to its end.
type fileError struct {
	file string
	err  error
}

func (a *app) analyze() *cobra.Command {
	n := &analysis{app: a}
	c := &cobra.Command{
		Use:   "analyze FILE...",
		Short: "Judge recorded series: which one leaks, how fast, since when",
		Long: fmt.Sprintf(`analyze reads recordings and says of every series what its memory, descriptors or
threads do. It feeds each to the detector sample by sample, as if it were seen live.
"-" is standard input.

It reads the CSV of zol0 monitor and quick, leakbench traces, the CSV of memory_monitor.py,
psrecord, mprof, answers of Prometheus (/api/v1/query_range), any CSV with a column t_s, and
any other CSV whose columns are named with --time and --value; plain or gzip.

The states:
  learning  too short to tell
  steady    no growth that stands out of the noise
  filling   growth that levels off
  suspect   growth that looks like a leak, not confirmed
  leaking   growth that was confirmed as a leak

SCORE is the evidence in log-odds: 0 is even, +2 is 88 %% for a leak. --threshold (default
%+.1f) says from which score on growth is called a leak: lower finds leaks sooner and cries
wolf more often. zol0 backtest measures what a threshold costs.

Exit codes: 0 judged, 1 something could not be read or written, 2 wrong usage,
%d a series reached the state of --fail-on, 141 the reader of the output went away.`, leak.DefaultThreshold, exitReached),
		Example: `  zol0 analyze zol0_monitor.csv
  zol0 analyze --metric private --limit 512MB --plot monitor.csv
  zol0 analyze --series '^api' --metric private --svg api.svg monitor.csv
  zol0 analyze --time ts --value heap_used --unit MiB --work requests heap.csv
  zol0 analyze --fail-on leaking --json soak.csv > verdict.json
  curl -s "$QUERY_RANGE" | zol0 analyze -
  zol0 analyze --events *.csv.gz | jq 'select(.state == "leaking")'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			n.plots.asked = c.Flags().Changed("plot")
			return n.run(args)
		},
	}
	f := c.Flags()
	f.StringVar(&n.columns.Time, "time", "", "`COLUMN` with the times of a CSV")
	f.StringVar(&n.columns.Value, "value", "", "`COLUMN` with the figures of a CSV")
	f.StringVar(&n.columns.Work, "work", "", "`COLUMN` with a counter of the work done (CPU seconds, requests): growth that follows the load is told from growth that does not")
	f.StringVar(&n.columns.Unit, "unit", "", "`UNIT` of --value: bytes, count, kB, MB, KiB, MiB, …")
	f.StringVar(&n.series, "series", "", "judge only series whose name fits this regular `EXPRESSION`, in any case")
	f.StringSliceVar(&n.metrics, "metric", nil, "judge only this `METRIC` (private, shmem, fds, threads, rss, uss, or a column); repeat it for more")
	f.StringVar(&n.limit, "limit", "", "what memory will hit first, a `SIZE` like 512MB or 2GiB: for the forecast, and as evidence")
	f.StringVar(&n.manifest, "manifest", "", "take the limit of each file from limit_kb in this `FILE`, by the file's name without .csv or .csv.gz")
	f.Float64Var(&n.threshold, "threshold", leak.DefaultThreshold, "`SCORE` from which growth is called a leak")
	f.StringVar(&n.failOn, "fail-on", "", fmt.Sprintf("exit with code %d where a series ends in this `STATE` or a worse one: suspect or leaking", exitReached))
	f.BoolVar(&n.plots.on, "plot", false, "draw every series; without it the worst one is drawn on a terminal, with --plot=false none")
	f.StringVar(&n.svg, "svg", "", "draw the one series that is chosen into this SVG `FILE`")
	f.StringVar(&n.png, "png", "", "draw the one series that is chosen into this PNG `FILE`")
	f.BoolVar(&n.explain, "explain", false, "say which evidence each verdict rests on")
	f.BoolVar(&n.asJSON, "json", false, "write JSON")
	f.BoolVar(&n.events, "events", false, "write one line of JSON for every change of state, as it would have been seen live")
	c.MarkFlagsMutuallyExclusive("json", "events", "explain")
	c.MarkFlagsMutuallyExclusive("json", "events", "plot")
	c.MarkFlagsMutuallyExclusive("limit", "manifest")
	err := errors.Join(
		c.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"suspect", "leaking"}, cobra.ShellCompDirectiveNoFileComp)),
		c.RegisterFlagCompletionFunc("metric", cobra.FixedCompletions([]string{"private", "shmem", "fds", "threads", "rss", "uss"}, cobra.ShellCompDirectiveNoFileComp)))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return c
}

func (n *analysis) run(files []string) error {
	if err := n.valid(files); err != nil {
		return err
	}
	n.report(n.limits.lacks(files))
	for _, path := range files {
		if err := n.file(path); err != nil {
			return err
		}
	}
	if err := n.chosen(); err != nil {
		return err
	}
	if err := n.answer(); err != nil {
		return err
	}
	return n.verdict()
}

// answer writes what was asked for.
func (n *analysis) answer() error {
	switch {
	case n.events: // written file by file
	case n.asJSON:
		if err := n.json(n.wire()); err != nil {
			return err
		}
	case len(n.judged) > 0:
		if err := n.text(); err != nil {
			return err
		}
	}
	return n.pictures()
}

// verdict is the exit code: a leak that was found outranks what could not be read.
func (n *analysis) verdict() error {
	if n.unheld.count > 0 {
		n.report(failure("say what the figures are, like --value COLUMN --unit MiB", fmt.Errorf("judged without the limit, which needs --unit: the unit is unknown of %s", n.unheld.String())))
	}
	for _, f := range n.failed {
		n.report(f.err)
	}
	if n.gate != 0 {
		reached := 0
		for i := range n.judged {
			if n.judged[i].verdict.State >= n.gate {
				reached++
			}
		}
		if reached > 0 {
			n.report(fmt.Errorf("%d of %d series: %s (--fail-on %s)", reached, len(n.judged), n.gateWords(), n.failOn))
			return exitStatus(exitReached)
		}
	}
	if len(n.failed) > 0 {
		return exitStatus(exitFailure)
	}
	return nil
}

func (n *analysis) gateWords() string {
	if n.gate == leak.Suspect {
		return "suspect or leaking"
	}
	return n.gate.String()
}

// valid checks the words before anything is read.
func (n *analysis) valid(files []string) error {
	var err error
	if n.pattern, err = filterOf("--series", n.series); err != nil {
		return err
	}
	if err := validThreshold(&n.threshold); err != nil {
		return err
	}
	switch n.failOn {
	case "":
	case "suspect":
		n.gate = leak.Suspect
	case "leaking":
		n.gate = leak.Leaking
	default:
		return usageError("use suspect or leaking", "--fail-on cannot be %q", n.failOn)
	}
	for _, path := range []string{n.svg, n.png} {
		if path == "-" {
			return usageError("name a file, like --svg growth.svg", "a picture cannot go to standard output")
		}
	}
	if first := slices.Index(files, "-"); first >= 0 && slices.Contains(files[first+1:], "-") {
		return usageError("name - once", "standard input can be read once only")
	}
	n.limits, err = limitsOf(n.limit, n.manifest)
	return err
}

// maxThreshold is a probability of one in 500 million: a score beyond it is a slip.
const maxThreshold = 20

// validThreshold checks a threshold. To the detector 0 means the default; what a person
// means by it is next to it.
func validThreshold(threshold *float64) error {
	if !(math.Abs(*threshold) <= maxThreshold) {
		return usageError(fmt.Sprintf("the default is %g; 0 takes what is more likely a leak than not", leak.DefaultThreshold), "--threshold must be between -%d and %d, not %g", maxThreshold, maxThreshold, *threshold)
	}
	if *threshold == 0 {
		*threshold = math.SmallestNonzeroFloat64
	}
	return nil
}

// filterOf is a regular expression that a person typed, in any case.
func filterOf(flag, text string) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(text); err != nil { // for an error that shows what was typed
		return nil, usageError("see https://pkg.go.dev/regexp/syntax; a literal dot is \\.", "bad regular expression %q in %s: %s", text, flag, shownPath(err.Error()))
	}
	return regexp.MustCompile("(?i)" + text), nil
}

// fits reports whether a person wants to see a series.
func (n *analysis) fits(s *trace.Series) bool {
	if !n.pattern.MatchString(s.Name) {
		return false
	}
	return len(n.metrics) == 0 || slices.ContainsFunc(n.metrics, func(m string) bool { return strings.EqualFold(m, s.Metric) })
}

// chosen refuses filters that leave nothing, and pictures of more than one series.
func (n *analysis) chosen() error {
	if len(n.judged) == 0 && n.passed.count > 0 {
		return usageError("there are: "+n.passed.String(), "no series fits --series and --metric")
	}
	if n.svg == "" && n.png == "" || len(n.judged) < 2 {
		return nil
	}
	var all names
	for i := range n.judged {
		all.add(n.judged[i].label(true))
	}
	return usageError("choose one with --series and --metric; there are: "+all.String(), "a picture shows one series, and these are %d", all.count)
}

// maxListedSeries is how many series an error names.
const maxListedSeries = 20

// names are those of series, as an error lists them.
type names struct {
	first []string // maxListedSeries at most
	count int
}

func (n *names) add(name string) {
	if n.count++; n.count <= maxListedSeries {
		n.first = append(n.first, name)
	}
}

func (n *names) String() string {
	text := strings.Join(n.first, "; ")
	if left := n.count - len(n.first); left > 0 {
		text += fmt.Sprintf("; and %d more", left)
	}
	return text
}

// judge replays one series.
func (n *analysis) judge(path string, s trace.Series, each func(detect.Change)) judged {
	j := judged{file: shownPath(path), own: ownName(path, s.Name), amount: amountIn(s.Unit)}
	o := detect.Options(s.Metric, s.Unit)
	o.Threshold = n.threshold
	switch limit := n.limits.of(path); {
	case limit == 0: // none
	case s.Unit == detect.Bytes:
		j.limit, o.Limit = limit, limit
	case s.Unit == "":
		n.unheld.add(j.file + " " + nameOf(j.own, s.Metric))
	}
	d := leak.New(o)
	detect.Replay(s, d, each)
	j.verdict = d.Verdict()
	for _, i := range s.Restarts {
		j.restarts = append(j.restarts, s.Points[i].T)
	}
	for _, p := range s.Points {
		if p.Beside == p.Beside { // NaN is the only value that differs from itself
			j.beside = p.Beside
		}
	}
	j.series = s
	return j
}

// amountIn writes figures of a unit for a person.
func amountIn(unit string) func(float64) string {
	if unit == detect.Bytes {
		return func(v float64) string { return strings.TrimPrefix(units.Delta(v), "+") }
	}
	return func(v float64) string {
		text := units.Significant(v)
		if v != 0 && math.Abs(v) < leastPlain && unit != detect.Count {
			text = strconv.FormatFloat(v, 'g', 3, 64)
		}
		if digits, negative := strings.CutPrefix(text, "-"); negative {
			return "−" + digits
		}
		return text
	}
}

// leastPlain is the magnitude below which two decimals say nothing.
const leastPlain = 0.01
