package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/monitor"
	"github.com/zol0/zol0/bench/native"
	"github.com/zol0/zol0/bench/scan"
)

// scan measures every size in a population of its own.
func (o options) scan(ctx context.Context, programs native.Programs) ([]scan.Row, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find this program: %w", err)
	}
	plan, err := json.Marshal(scan.Plan{Floor: programs.Floor, Self: self, MeasureArg: insideMeasure, Rounds: o.rounds, Budget: o.budget})
	if err != nil {
		return nil, fmt.Errorf("cannot write the plan: %w", err)
	}
	var rows []scan.Row
	for _, sleepers := range o.sizes {
		fmt.Fprintf(os.Stderr, "reading %s processes\n", figure.Thousands(sleepers))
		var rounds []scan.Round
		if err := runInside(ctx, programs, sleepers, &rounds, self, insideRounds, string(plan)); err != nil {
			return nil, err
		}
		more, err := scan.Rows(sleepers, rounds)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// monitor watches `zol0 monitor`, which writes its samples to files nobody keeps.
func (o options) monitor(ctx context.Context, programs native.Programs, zol0 string) (growths []monitor.Growth, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find this program: %w", err)
	}
	dir, err := os.MkdirTemp("", "zol0-bench-")
	if err != nil {
		return nil, fmt.Errorf("cannot make a directory for the samples: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(dir); err == nil {
			err = e
		}
	}()
	err = runInside(ctx, programs, quickSleepers, &growths, self, insideMonitor, zol0, dir, strconv.Itoa(o.minutes))
	return growths, err
}

// runInside runs a command inside a population and reads the JSON it prints.
func runInside(ctx context.Context, programs native.Programs, sleepers int, result any, command ...string) error {
	cmd := programs.Inside(ctx, sleepers, command...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("cannot run %s among %d processes: %w", command[1], sleepers, err)
	}
	if err := json.Unmarshal(out, result); err != nil {
		return fmt.Errorf("cannot understand what %s printed: %w", command[1], err)
	}
	return nil
}
