package main

import (
	"fmt"
	"io"

	"github.com/zol0/zol0/bench/daemon"
	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/monitor"
	"github.com/zol0/zol0/bench/quick"
	"github.com/zol0/zol0/bench/scan"
	"github.com/zol0/zol0/bench/target"
)

// report is everything one run measured.
type report struct {
	Machine machine          `json:"machine"`
	Rounds  int              `json:"rounds"`
	Scan    []scan.Row       `json:"scan,omitempty"`
	Quick   []quick.Cost     `json:"quick,omitempty"`
	Monitor []monitor.Growth `json:"monitor,omitempty"`
	Daemon  *daemon.Report   `json:"daemon,omitempty"`
	Targets []target.Target  `json:"targets"`
	// NotRun are the parts that could not run here, with the reason and the next step.
	NotRun []string `json:"not_run,omitempty"`
}

func (r report) print(w io.Writer) error {
	m := r.Machine
	fmt.Fprintf(w, "%s, %d × %s, %s, load before the run %s\n", m.Kernel, m.Processors, m.Processor, m.Go, m.Load)
	if len(r.Scan) > 0 {
		fmt.Fprintf(w, "\nReading all processes once: processor time, %d interleaved rounds\n\n", r.Rounds)
		if err := scan.Print(w, r.Scan); err != nil {
			return err
		}
	}
	if len(r.Quick) > 0 {
		fmt.Fprintf(w, "\nOne quick look at %s processes\n\n", figure.Thousands(quickSleepers))
		quick.Print(w, r.Quick)
	}
	if len(r.Monitor) > 0 {
		fmt.Fprintf(w, "\nThe monitor's own memory while it watches %s processes every second\n\n", figure.Thousands(quickSleepers))
		monitor.Print(w, r.Monitor)
	}
	if r.Daemon != nil {
		fmt.Fprintf(w, "\nThe daemon, with %s services\n\n", figure.Thousands(daemonServices))
		if err := r.Daemon.Print(w); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	for _, reason := range r.NotRun {
		fmt.Fprintf(w, "NOT RUN: %s\n", reason)
	}
	if len(r.Targets) == 0 {
		return nil
	}
	fmt.Fprintf(w, "Targets\n\n")
	return target.Print(w, r.Targets)
}
