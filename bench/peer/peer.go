// Package peer measures what other programs pay for a look at a population, in the same
// run: a psutil script, as people write it to watch memory.
package peer

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/native"
)

//go:embed psutil.py
var script []byte

// scans is how many scans are asked for; the first, which fills psutil's caches, is left out.
const scans = 21

// Cost is what one peer costs.
type Cost struct {
	Name      string  `json:"name"`
	Processes int     `json:"processes"`
	ScanMS    float64 `json:"scan_ms"` // processor time, median
	Scans     int     `json:"scans"`
	NotRun    string  `json:"not_run,omitempty"`
}

// pythons are where psutil may be: Debian's package is of the system's own Python.
var pythons = []string{"/usr/bin/python3", "python3"}

// Psutil measures the script in a population of that many processes of services programs.
func Psutil(ctx context.Context, p native.Programs, services, sleepers int) (cost Cost, err error) {
	cost = Cost{Name: "psutil script", Processes: sleepers}
	python := ""
	for _, candidate := range pythons {
		if exec.CommandContext(ctx, candidate, "-c", "import psutil").Run() == nil {
			python = candidate
			break
		}
	}
	if python == "" {
		cost.NotRun = "no Python with psutil; install it (Debian: apt install python3-psutil)"
		return cost, nil
	}
	file, err := os.CreateTemp("", "zol0-bench-*.py")
	if err != nil {
		return cost, fmt.Errorf("cannot write the psutil script: %w", err)
	}
	defer os.Remove(file.Name()) //nolint:errcheck // a file of the system's temporary directory
	if _, err = file.Write(script); err == nil {
		err = file.Close()
	}
	if err != nil {
		return cost, fmt.Errorf("cannot write the psutil script: %w", err)
	}
	cmd, err := p.Services(ctx, services, sleepers, python, file.Name(), fmt.Sprint(scans))
	if err != nil {
		return cost, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return cost, fmt.Errorf("the psutil script failed: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return cost, cost.read(string(out), sleepers)
}

func (c *Cost) read(out string, sleepers int) error {
	var ms []float64
	for line := range strings.Lines(out) {
		var seen int
		var took float64
		if _, err := fmt.Sscan(line, &seen, &took); err != nil {
			return fmt.Errorf("cannot understand what the psutil script printed (%q): %w", line, err)
		}
		if seen < sleepers {
			return fmt.Errorf("the psutil script saw %d of %d processes", seen, sleepers)
		}
		ms = append(ms, took)
	}
	if len(ms) < 2 {
		return fmt.Errorf("the psutil script printed %d scans", len(ms))
	}
	c.ScanMS, c.Scans = figure.Median(ms[1:]), len(ms)-1
	return nil
}
