// Package quick measures what one run of `zol0 quick` costs on a machine with so many
// processes, and of `zol0 version` beside it: the cost of starting the binary at all.
package quick

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/native"
	"github.com/zol0/zol0/bench/target"
)

// What the product promises of one quick look at 1,000 processes.
const (
	MaxProcessorMS = 90
	MaxPeakRSSMB   = 20 // MB of 10^6 bytes
	MaxWallMS      = 300
)

// Cost is what one run of a command costs: the median over the runs.
type Cost struct {
	// Command is what was run, without the path of the binary.
	Command string `json:"command"`
	// ProcessorMS is milliseconds of processor time, user and system.
	ProcessorMS float64 `json:"processor_ms"`
	// PeakRSSMB is the highest resident set in MB of 10^6 bytes.
	PeakRSSMB float64 `json:"peak_rss_mb"`
	WallMS    float64 `json:"wall_ms"`
	Runs      int     `json:"runs"`
	NotRun    string  `json:"not_run,omitempty"`
}

// Measure runs every command several times inside a population of sleepers processes.
func Measure(ctx context.Context, p native.Programs, zol0 string, sleepers, runs int) ([]Cost, error) {
	var costs []Cost
	for _, args := range [][]string{{"version"}, {"quick"}, {"quick", "--json"}} {
		cost := Cost{Command: strings.Join(args, " ")}
		cmd := p.Inside(ctx, sleepers, append([]string{p.Launch, strconv.Itoa(runs), zol0}, args...)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if _, exited := err.(*exec.ExitError); exited {
			cost.NotRun = fmt.Sprintf("%s %s failed: %s", zol0, cost.Command, bytes.TrimSpace(stderr.Bytes()))
		} else if err != nil {
			return nil, fmt.Errorf("cannot start the population: %w", err)
		} else if err := cost.read(string(out)); err != nil {
			return nil, err
		}
		costs = append(costs, cost)
	}
	return costs, nil
}

// read takes the medians of what launch.c printed, a line per run.
func (c *Cost) read(out string) error {
	var processor, peak, wall []float64
	for line := range strings.Lines(out) {
		var user, system, kib, us float64
		if _, err := fmt.Sscanf(line, "user_us=%f system_us=%f peak_rss_kib=%f wall_us=%f\n", &user, &system, &kib, &us); err != nil {
			return fmt.Errorf("cannot understand what launch printed (%q): %w", line, err)
		}
		processor = append(processor, (user+system)/1e3)
		peak = append(peak, kib*1024/1e6)
		wall = append(wall, us/1e3)
	}
	if len(processor) == 0 {
		return fmt.Errorf("launch printed nothing of %s", c.Command)
	}
	c.ProcessorMS, c.PeakRSSMB, c.WallMS, c.Runs = figure.Median(processor), figure.Median(peak), figure.Median(wall), len(processor)
	return nil
}

// Targets compares `zol0 quick` with the promises.
func Targets(costs []Cost) []target.Target {
	var targets []target.Target
	for _, c := range costs {
		if c.Command == "version" {
			continue
		}
		for _, t := range []struct {
			what, unit string
			measured   float64
			most       float64
			met        bool
		}{
			{"at most %.0f %s processor time", "ms", c.ProcessorMS, MaxProcessorMS, c.ProcessorMS <= MaxProcessorMS},
			{"at most %.0f %s peak RSS", "MB", c.PeakRSSMB, MaxPeakRSSMB, c.PeakRSSMB <= MaxPeakRSSMB},
			{"under %.0f %s on the clock", "ms", c.WallMS, MaxWallMS, c.WallMS < MaxWallMS},
		} {
			wanted := c.Command + " " + fmt.Sprintf(t.what, t.most, t.unit)
			if c.NotRun != "" {
				targets = append(targets, target.Unmeasured(wanted, c.NotRun))
				continue
			}
			targets = append(targets, target.Target{Outcome: target.Of(t.met), Wanted: wanted, Measured: fmt.Sprintf("%.1f %s", t.measured, t.unit)})
		}
	}
	return targets
}

// Print writes a line per command.
func Print(w io.Writer, costs []Cost) {
	for _, c := range costs {
		if c.NotRun != "" {
			fmt.Fprintf(w, "NOT RUN: zol0 %s: %s\n", c.Command, c.NotRun)
			continue
		}
		fmt.Fprintf(w, "  zol0 %-12s  %6.1f ms processor  %5.1f MB peak RSS  %6.1f ms wall  (median of %d)\n", c.Command, c.ProcessorMS, c.PeakRSSMB, c.WallMS, c.Runs)
	}
}
