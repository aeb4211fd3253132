package cli

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/backtest"
	"github.com/zol0/zol0/internal/detect"
	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// backtesting is one run of `zol0 backtest`.
type backtesting struct {
	*app
	detectors []string
	threshold float64
	unlimited bool // the detector of zol0 is not told the limits
	byClass   bool // of every detector
	noClass   bool
	asJSON    bool

	set     *backtest.Set
	name    string // of the set, printable
	results []scored
}

// scored is a detector with its score.
type scored struct {
	name string
	backtest.Result
}

// ownDetector is what tables call the detector of this product.
const ownDetector = "zol0"

// trainingSet is the set that the built-in weights were trained on, beside synthetic
// series.
const trainingSet = "dev"

func (a *app) backtest() *cobra.Command {
	b := &backtesting{app: a}
	c := &cobra.Command{
		Use:   "backtest DIRECTORY",
		Short: "Measure the detector on recorded traces whose truth is known",
		Long: `backtest replays every trace of a folder through the detector of zol0 and through the
rules in common use, each without a look ahead, and scores what they said against what
happened. The folder holds a manifest.json and the traces it lists; docs/backtest.md
describes both, and how to make one of your own.

  FOUND      leaks that were detected, after they could be known
  FALSE      traces with an alarm that no leak justified
  PRECISION  share of the alarmed traces that were right; RECALL: share of the leaks that
             were found; F1: their harmonic mean. Of memory; F1 ALL: of descriptors and
             threads too
  FA/100 D   false alarms per 100 days of traces without a leak; each one counts
  HOURS      median time from the first leaked byte to the detection

Exit codes: 0 scored, 1 something could not be read or written, 2 wrong usage, 141 the
reader of the output went away.`,
		Example: `  zol0 backtest internal/backtest/testdata/leakbench/dev
  zol0 backtest leakbench/dev --threshold 1 --detector zol0
  zol0 backtest leakbench/dev --json | jq '.detectors[0].traces[] | select(.false_alarms > 0)'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			b.noClass = c.Flags().Changed("by-class") && !b.byClass
			return b.run(args[0])
		},
	}
	c.Flags().StringArrayVar(&b.detectors, "detector", nil, "score only detectors whose name contains `NAME`, in any case; repeat it for more")
	c.Flags().Float64Var(&b.threshold, "threshold", leak.DefaultThreshold, "`SCORE` from which the detector of zol0 calls growth a leak")
	c.Flags().BoolVar(&b.unlimited, "without-limits", false, "do not tell the detector of zol0 the limits that the manifest names")
	c.Flags().BoolVar(&b.byClass, "by-class", false, "show how every detector did on each class of traces; without it that of zol0 is shown, with --by-class=false none")
	c.Flags().BoolVar(&b.asJSON, "json", false, "write JSON, with what every detector made of every trace")
	return c
}

func (b *backtesting) run(dir string) error {
	if err := validThreshold(&b.threshold); err != nil {
		return err
	}
	chosen, err := b.choose()
	if err != nil {
		return err
	}
	if b.set, err = backtest.Load(dir); err != nil {
		var wrong *backtest.Error
		if errors.As(err, &wrong) {
			wrong.File = shownPath(wrong.File)
		}
		return err
	}
	m, err := readManifest(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return err
	}
	b.name = shownPath(m.set)
	for _, d := range chosen {
		judged, err := backtest.Replay(b.set, d)
		if err != nil {
			return err
		}
		b.results = append(b.results, scored{d.Name(), backtest.Score(b.set, judged)})
	}
	if b.asJSON {
		return b.json(b.wire(dir))
	}
	return b.text(dir)
}

// choose are the detectors that a person wants to see, that of zol0 first.
func (b *backtesting) choose() ([]backtest.Detector, error) {
	all := append([]backtest.Detector{backtest.Func{Label: ownDetector, Run: b.judge}}, backtest.Baselines()...)
	if len(b.detectors) == 0 {
		return all, nil
	}
	var chosen []backtest.Detector
	for _, d := range all {
		if slices.ContainsFunc(b.detectors, func(part string) bool { return strings.Contains(strings.ToLower(d.Name()), strings.ToLower(part)) }) {
			chosen = append(chosen, d)
		}
	}
	if len(chosen) == 0 {
		var known names
		for _, d := range all {
			known.add(d.Name())
		}
		return nil, usageError("there are: "+known.String(), "no detector is named like %q", b.detectors[0])
	}
	return chosen, nil
}

// judge is the detector of zol0 on one trace: a leak is claimed as long as any of the
// trace's series is leaking.
func (b *backtesting) judge(l backtest.Labelled) ([]backtest.Event, error) {
	all, err := trace.Open(l.File, trace.Options{})
	if err != nil {
		return nil, err
	}
	claims := detect.Claims(all, func(s trace.Series) *leak.Detector {
		o := detect.Options(s.Metric, s.Unit)
		o.Threshold = b.threshold
		if s.Unit == detect.Bytes && !b.unlimited {
			o.Limit = l.Limit
		}
		return leak.New(o)
	})
	events := make([]backtest.Event, len(claims))
	for i, c := range claims {
		events[i] = backtest.Event{T: c.T, Alarm: c.Leaking, Rate: c.Rate}
	}
	return events, nil
}

// text is the answer for a person.
func (b *backtesting) text(dir string) error {
	pen, width := b.ink(), widthOf(b.Out)
	f := &b.results[0].Mem
	if err := b.print("%s: %s, %s of traces without a leak\n\n", shownPath(dir), b.counts(), units.Count(int(math.Round(f.OKDays)), "day", "days")); err != nil {
		return err
	}
	if err := b.scores(pen, width); err != nil {
		return err
	}
	for i := range b.results {
		if r := &b.results[i]; b.byClass || r.name == ownDetector && !b.noClass {
			if err := b.classes(pen, width, r); err != nil {
				return err
			}
		}
	}
	for _, note := range b.notes() {
		if err := b.print("%s\n", note); err != nil {
			return err
		}
	}
	return nil
}

// counts says what the set holds.
func (b *backtesting) counts() string {
	f := &b.results[0].All
	text := fmt.Sprintf("%s, %d with a leak, %d without", units.Count(len(b.set.Traces), "trace", "traces"), f.Leaks, f.OK)
	if f.Ambiguous > 0 {
		text += fmt.Sprintf(", %d ambiguous", f.Ambiguous)
	}
	return text
}

func (b *backtesting) scores(pen ink, width int) error {
	t := table{width: width, columns: []column{
		{head: "DETECTOR", shrink: true}, {head: "FOUND", right: true}, {head: "FALSE", right: true}, {head: "PRECISION", right: true},
		{head: "RECALL", right: true}, {head: "F1", right: true}, {head: "F1 ALL", right: true, spare: 1}, {head: "FA/100 D", right: true}, {head: "HOURS", right: true},
	}}
	for i := range b.results {
		f := &b.results[i].Mem
		t.add(b.results[i].name, fmt.Sprintf("%d/%d", f.TP, f.Leaks), fmt.Sprint(f.FP), share(f.Precision), share(f.Recall), share(f.F1),
			share(b.results[i].All.F1), cellOf(f.FalseAlarms, 0), cellOf(f.DetectHours, 1))
	}
	return writeError("standard output", t.write(b.Out, func(row, _ int, cell string) string {
		if row >= 0 && b.results[row].name == ownDetector {
			return pen.paint(strong, cell)
		}
		return cell
	}))
}

// classes shows how a detector did on each class.
func (b *backtesting) classes(pen ink, width int, r *scored) error {
	if err := b.print("\n%s by class\n", pen.paint(strong, r.name)); err != nil {
		return err
	}
	t := table{width: width, columns: []column{
		{head: "LABEL"}, {head: "CLASS", shrink: true}, {head: "TRACES", right: true}, {head: "FOUND", right: true}, {head: "ALARMED FALSELY", right: true}, {head: "FALSE ALARMS", right: true},
	}}
	for _, c := range r.Classes {
		found := units.Unknown
		if c.Label == backtest.Leak {
			found = fmt.Sprint(c.Detected)
		}
		t.add(c.Label, c.Class, fmt.Sprint(c.Traces), found, fmt.Sprint(c.Alarmed), fmt.Sprint(c.FalseAlarms))
	}
	return writeError("standard output", t.write(b.Out, func(_, _ int, cell string) string { return cell }))
}

// inSample reports whether the weights were trained on these traces.
func (b *backtesting) inSample() bool { return b.name == trainingSet }

// notes say what the figures do not.
func (b *backtesting) notes() []string {
	var notes []string
	for i := range b.results {
		r := &b.results[i]
		if r.name != ownDetector {
			continue
		}
		if r.Mem.Ambiguous > 0 {
			notes = append(notes, fmt.Sprintf("\nnote     %d of %s had an alarm: bounded, but not full within the trace. They count nowhere else.",
				r.Mem.AmbiguousAlarmed, units.Count(r.Mem.Ambiguous, "ambiguous trace", "ambiguous traces")))
		}
		switch {
		case b.unlimited:
			notes = append(notes, "note     zol0 was not told the limits of the manifest (--without-limits)")
		case slices.ContainsFunc(b.set.Traces, func(l backtest.Labelled) bool { return l.Limit > 0 }):
			notes = append(notes, "note     zol0 knew the limits of the manifest; --without-limits keeps them from it")
		}
		if b.inSample() {
			notes = append(notes, `note     in-sample: the built-in weights were trained on the set "dev". On traces that it has not
         seen expect less; docs/detection.md has the figures of cross-validation.`)
		} else {
			notes = append(notes, `note     held-out, unless these are traces of the set "dev" under another name: the built-in weights
         were trained on that one and on synthetic series.`)
		}
		if len(b.results) > 1 {
			notes = append(notes, "note     the other detectors are rules in common use with their usual figures, tuned to no set; they judge RSS")
		}
	}
	return notes
}

// share is a share with two decimals.
func share(v float64) string { return cellOf(v, 2) }

// cellOf is a figure with so many decimals.
func cellOf(v float64, decimals int) string {
	switch {
	case math.IsNaN(v):
		return units.Unknown
	case math.IsInf(v, 1):
		return "never"
	}
	return decimal(v, decimals)
}
