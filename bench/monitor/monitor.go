// Package monitor watches how much memory `zol0 monitor` itself takes while it watches a
// population: the monitor must stay small and must not grow.
package monitor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zol0/zol0/bench/figure"
)

// Growth is the resident set of the monitor over its run, in MB of 10^6 bytes.
type Growth struct {
	// Command is what was run, without the binary and without --out.
	Command  string  `json:"command"`
	StartMB  float64 `json:"start_mb"` // one second after its start
	MedianMB float64 `json:"median_mb"`
	MaxMB    float64 `json:"max_mb"`
	// SlopeKBPerMinute is the slope of the second half; the first holds the start-up.
	SlopeKBPerMinute float64 `json:"slope_kb_per_minute"`
	Readings         int     `json:"readings"`
	NotRun           string  `json:"not_run,omitempty"`
}

// WatchBoth watches `zol0 monitor MINUTES 1`, which follows the services it knows, and
// the same with --all, which follows every process, side by side. Both write their
// samples to files in dir. It is called inside the population.
func WatchBoth(ctx context.Context, zol0, dir string, minutes int) ([]Growth, error) {
	commands := [][]string{{"monitor", strconv.Itoa(minutes), "1"}, {"monitor", strconv.Itoa(minutes), "1", "--all"}}
	growths, errs := make([]Growth, len(commands)), make([]error, len(commands))
	var all sync.WaitGroup
	for i, command := range commands {
		all.Go(func() {
			growths[i], errs[i] = watch(ctx, zol0, filepath.Join(dir, fmt.Sprintf("%d.csv", i)), command)
		})
	}
	all.Wait()
	return growths, errors.Join(errs...)
}

// watch runs one command and reads its resident set every second until it ends.
func watch(ctx context.Context, zol0, out string, command []string) (Growth, error) {
	growth := Growth{Command: strings.Join(command, " ")}
	cmd := exec.CommandContext(ctx, zol0, append(command, "--out", out)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return growth, fmt.Errorf("cannot start %s %s: %w", zol0, growth.Command, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	every := time.NewTicker(time.Second)
	defer every.Stop()
	var seconds, megabytes []float64
	for {
		select {
		case err := <-ended:
			if err != nil {
				growth.NotRun = fmt.Sprintf("it ended with %v: %s", err, bytes.TrimSpace(stderr.Bytes()))
				return growth, nil
			}
			growth.sum(seconds, megabytes)
			return growth, nil
		case <-every.C:
			bytes, err := residentBytes(cmd.Process.Pid)
			if err != nil {
				continue // it is ending: the other case says how
			}
			seconds = append(seconds, float64(len(seconds)+1))
			megabytes = append(megabytes, float64(bytes)/1e6)
		}
	}
}

func (g *Growth) sum(seconds, megabytes []float64) {
	g.Readings = len(megabytes)
	if len(megabytes) < 4 {
		g.NotRun = fmt.Sprintf("it ended after %d seconds: too few to say anything", len(megabytes))
		return
	}
	half := len(seconds) / 2
	g.StartMB, g.MedianMB, g.MaxMB = megabytes[0], figure.Median(megabytes), slices.Max(megabytes)
	g.SlopeKBPerMinute = figure.Slope(seconds[half:], megabytes[half:]) * 60 * 1e3
}

// residentBytes reads VmRSS of /proc/PID/status, which is in KiB (proc_pid_status(5)).
func residentBytes(pid int) (uint64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parseResident(string(text))
}

func parseResident(status string) (uint64, error) {
	_, rest, found := strings.Cut(status, "\nVmRSS:")
	if !found {
		return 0, fmt.Errorf("there is no VmRSS line: the process has ended")
	}
	var kib uint64
	if _, err := fmt.Sscanf(rest, "%d kB", &kib); err != nil {
		return 0, fmt.Errorf("cannot understand the VmRSS line: %w", err)
	}
	return kib * 1024, nil
}

// Print writes a line per command.
func Print(w io.Writer, growths []Growth) {
	for _, g := range growths {
		if g.NotRun != "" {
			fmt.Fprintf(w, "NOT RUN: zol0 %s: %s\n", g.Command, g.NotRun)
			continue
		}
		fmt.Fprintf(w, "  zol0 %-18s  VmRSS %.1f MB at the start, %.1f MB median, %.1f MB at most, %+.0f kB per minute in the second half  (%d readings)\n",
			g.Command, g.StartMB, g.MedianMB, g.MaxMB, g.SlopeKBPerMinute, g.Readings)
	}
}
