// Package target compares what was measured with what the product promises.
package target

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Outcome says how a comparison ended.
type Outcome string

// The outcomes.
const (
	Met    Outcome = "met"
	Missed Outcome = "missed"
	NotRun Outcome = "NOT RUN"
)

// Target is one promise with its measured figure.
type Target struct {
	Outcome Outcome `json:"outcome"`
	// Wanted is the promise, for people: "eBPF at most 0.10 of the floor".
	Wanted string `json:"wanted"`
	// Measured is the figure behind the outcome, or the reason why there is none.
	Measured string `json:"measured"`
}

// Of returns Met or Missed.
func Of(met bool) Outcome {
	if met {
		return Met
	}
	return Missed
}

// Unmeasured returns a target that could not be compared.
func Unmeasured(wanted, reason string) Target {
	return Target{Outcome: NotRun, Wanted: wanted, Measured: reason}
}

// Print writes one line per target.
func Print(w io.Writer, targets []Target) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, t := range targets {
		if _, err := fmt.Fprintf(table, "  %s\t%s\t%s\n", t.Outcome, t.Wanted, t.Measured); err != nil {
			return err
		}
	}
	return table.Flush()
}
