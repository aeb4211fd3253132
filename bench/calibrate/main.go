package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/zol0/zol0/internal/backtest"
	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/leak"
)

func main() {
	data := flag.String("data", "../internal/backtest/testdata/leakbench", "folder with the labelled set dev and the unlabelled set real")
	write := flag.String("write", "", "file for the weights of a model trained on everything, e.g. ../leak/weights.go")
	validate := flag.Bool("validate", true, "leave programs out in turn and print what the rest is worth on them")
	ablate := flag.Bool("ablate", false, "print what is lost without each group of evidence")
	flag.Parse()
	if err := calibrate(os.Stdout, *data, *write, *validate, *ablate); err != nil {
		fmt.Fprintln(os.Stderr, "calibrate:", err)
		os.Exit(1)
	}
}

// thresholds are the places on the curve that are measured.
var thresholds = []float64{-4, -3, -2, -1, .5, 1, leak.DefaultThreshold, 1.6, 1.9, 2.5}

func calibrate(out io.Writer, data, write string, crossValidate, ablate bool) error {
	set, err := backtest.Load(filepath.Join(data, "dev"))
	if err != nil {
		return err
	}
	series := opened{}
	for _, l := range set.Traces {
		if series[l.ID], err = trace.Open(l.File, trace.Options{}); err != nil {
			return err
		}
	}
	subjects, err := recorded(set)
	if err != nil {
		return err
	}
	made, err := synthetic(syntheticSeeds, 1000)
	if err != nil {
		return err
	}
	subjects = append(subjects, mixed(subjects)...)
	examples := gather(append(subjects, made...))
	model := train(examples.without(set, nil))
	if write != "" {
		text, err := source(model)
		if err != nil {
			return err
		}
		if err := os.WriteFile(write, text, 0o644); err != nil {
			return err
		}
	}
	if crossValidate {
		fmt.Fprintf(out, "programs left out, mean of %d draws of %d folds:\n", draws, foldCount)
		print(out, validate(set, series, examples, thresholds))
	}
	if ablate {
		for _, g := range groups {
			fmt.Fprintln(out, "without", g.name)
			print(out, validate(set, series, examples, []float64{leak.DefaultThreshold}, g.terms...))
		}
	}
	fmt.Fprintln(out, "in sample, which says nothing about other programs:")
	for _, t := range thresholds {
		judged := map[string][]backtest.Event{}
		for _, l := range set.Traces {
			judged[l.ID] = replay(series[l.ID], l.Limit, model, t)
		}
		p := point{threshold: t, missed: map[string]int{}, wrong: map[string]int{}}
		for range draws {
			p.add(backtest.Score(set, judged))
		}
		fmt.Fprintln(out, p)
	}
	if err := weeks(out, model); err != nil {
		return err
	}
	return machines(out, filepath.Join(data, "real"), model)
}

func print(out io.Writer, curve []point) {
	for _, p := range curve {
		fmt.Fprintln(out, p)
		if p.threshold == leak.DefaultThreshold {
			fmt.Fprintln(out, "   missed, in how many draws:", sorted(p.missed))
			fmt.Fprintln(out, "   alarmed without a leak:   ", sorted(p.wrong))
		}
	}
}

func (p point) String() string {
	return fmt.Sprintf("  threshold %3.1f  precision %.3f  recall %.3f  F1 %.3f  false alarms/100 days %5.1f  hours to detect %.2f",
		p.threshold, p.precision, p.recall, p.f1, p.false100, p.detect)
}

func sorted(counts map[string]int) []string {
	var list []string
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%s %d", id, counts[id]))
	}
	return list
}

// weeks judges synthetic series of a week with seeds that were not trained on.
func weeks(out io.Writer, model *leak.Model) error {
	made, err := synthetic(8, 500000)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "synthetic weeks with seeds that were not trained on:")
	for _, t := range thresholds {
		var leaks, found, alarms int
		var days float64
		wrong, missed := map[string]int{}, map[string]int{}
		for _, s := range made {
			points := s.series.Points
			if points[len(points)-1].T < 6*86400 {
				continue
			}
			at, early := math.NaN(), 0
			for _, e := range replay([]trace.Series{s.series}, s.limit, model, t) {
				if e.Alarm && e.T < s.evidence {
					early++
				} else if e.Alarm && math.IsNaN(at) {
					at = e.T
				}
			}
			if early > 0 {
				wrong[s.series.Name]++
			}
			alarms += early
			days += (min(s.evidence, points[len(points)-1].T) - points[0].T) / 86400
			if s.leaks {
				leaks++
				if math.IsNaN(at) {
					missed[s.series.Name]++
				} else {
					found++
				}
			}
		}
		fmt.Fprintf(out, "  threshold %3.1f  recall %.3f of %d  false alarms/100 days %.2f over %.0f days\n",
			t, float64(found)/float64(leaks), leaks, 100*float64(alarms)/days, days)
		if t == leak.DefaultThreshold {
			fmt.Fprintln(out, "   missed:", sorted(missed), " alarmed:", sorted(wrong))
		}
	}
	return nil
}

// machines judges the unlabelled machines, which are presumed not to leak.
func machines(out io.Writer, dir string, model *leak.Model) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.csv.gz"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no *.csv.gz in %s: %v", dir, err)
	}
	fmt.Fprintf(out, "unlabelled machines that ever alarm, of %d:", len(files))
	for _, t := range thresholds {
		alarmed := 0
		for _, f := range files {
			s, err := trace.Open(f, trace.Options{})
			if err != nil {
				return err
			}
			if len(replay(s, 0, model, t)) > 0 {
				alarmed++
			}
		}
		fmt.Fprintf(out, "  %.1f: %d", t, alarmed)
	}
	fmt.Fprintln(out)
	return nil
}
