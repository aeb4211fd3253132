package scan

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/native"
)

// Row sums up what the rounds say of one reader at one size.
type Row struct {
	Reader   string `json:"reader"`
	Sleepers int    `json:"sleepers"`
	// MedianUS is the median of the rounds' medians, MinimumUS the least of all scans, in
	// microseconds of processor time per process.
	MedianUS  float64 `json:"median_us"`
	MinimumUS float64 `json:"minimum_us"`
	// Ratio is the median of the ratios to the floor of the same round, RatioLow and
	// RatioHigh the least and the greatest of them.
	Ratio     float64 `json:"ratio"`
	RatioLow  float64 `json:"ratio_low"`
	RatioHigh float64 `json:"ratio_high"`
	// AllocationsPerScan and AllocationsPerProcess count Go heap allocations; -1 for C.
	AllocationsPerScan    float64 `json:"allocations_per_scan"`
	AllocationsPerProcess float64 `json:"allocations_per_process"`
	// OpenMS is the median processor time to open the reader, in milliseconds.
	OpenMS float64 `json:"open_ms"`
	NotRun string  `json:"not_run,omitempty"`
}

// Rows sums up the rounds of one size, a row per reader. It fails when a reader saw
// another number of processes than there were: its figures would mean nothing.
func Rows(sleepers int, rounds []Round) ([]Row, error) {
	var rows []Row
	for _, reader := range Readers {
		row := Row{Reader: reader, Sleepers: sleepers}
		var medians, minima, ratios, allocations, opens []float64
		for _, round := range rounds {
			m, floor := round.of(reader), round.of(Floor)
			if m == nil || floor == nil {
				return nil, fmt.Errorf("a round of %d processes lacks %s or the floor", sleepers, reader)
			}
			if m.NotRun != "" {
				row.NotRun = m.NotRun
				break
			}
			if m.Processes != sleepers+native.Companions {
				return nil, fmt.Errorf("%s saw %d processes where %d sleepers and %d companions were", reader, m.Processes, sleepers, native.Companions)
			}
			medians = append(medians, m.MedianUS)
			minima = append(minima, m.MinimumUS)
			ratios = append(ratios, m.MedianUS/floor.MedianUS)
			allocations = append(allocations, m.Allocations)
			opens = append(opens, m.OpenMS)
		}
		if row.NotRun == "" && len(rounds) > 0 {
			row.MedianUS, row.MinimumUS = figure.Median(medians), slices.Min(minima)
			row.Ratio, row.RatioLow, row.RatioHigh = figure.Median(ratios), slices.Min(ratios), slices.Max(ratios)
			row.OpenMS = figure.Median(opens)
			row.AllocationsPerScan = figure.Median(allocations)
			row.AllocationsPerProcess = row.AllocationsPerScan / float64(sleepers+native.Companions)
			if reader == Floor {
				row.AllocationsPerProcess = -1
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (r Round) of(reader string) *Measurement {
	for i := range r {
		if r[i].Reader == reader {
			return &r[i]
		}
	}
	return nil
}

// Print writes the rows as a table, and below it what the names mean and what did not run.
func Print(w io.Writer, rows []Row) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%-10s\tprocesses\tµs/process median\tminimum\tratio to floor\t(least–most)\tallocations/scan\t/process\topening ms\t\n", "reader")
	for _, r := range rows {
		if r.NotRun != "" {
			fmt.Fprintf(table, "%-10s\t%s\tNOT RUN\t\t\t\t\t\t\t\n", r.Reader, figure.Thousands(r.Sleepers))
			continue
		}
		fmt.Fprintf(table, "%-10s\t%s\t%.2f\t%.2f\t%s\t(%s–%s)\t%s\t%s\t%s\t\n", r.Reader, figure.Thousands(r.Sleepers),
			r.MedianUS, r.MinimumUS, ratio(r.Ratio), ratio(r.RatioLow), ratio(r.RatioHigh), count(r.AllocationsPerScan), count(r.AllocationsPerProcess), opening(r))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, reader := range Readers {
		fmt.Fprintf(w, "  %-10s  %s\n", reader, description(reader))
	}
	for _, r := range rows {
		if r.NotRun != "" {
			fmt.Fprintf(w, "NOT RUN: %s at %s processes: %s\n", r.Reader, figure.Thousands(r.Sleepers), r.NotRun)
		}
	}
	return nil
}

// ratio shows the digits that tell readers apart, down to a fiftieth of the floor.
func ratio(x float64) string {
	if x < 0.2 {
		return fmt.Sprintf("%.3f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

func opening(r Row) string {
	if r.Reader == Floor {
		return "-"
	}
	return fmt.Sprintf("%.1f", r.OpenMS)
}

// count writes a number of allocations: "-" for C, which has no Go heap.
func count(n float64) string {
	if n < 0 {
		return "-"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0")
}
