package tally

import (
	"fmt"
	"strings"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// Thing is what a metric of Judged counts, in the plural: what an alarm is about.
func Thing(m memory.Metric) string {
	switch m {
	case memory.Shmem:
		return "shared memory"
	case memory.FDs:
		return "descriptors"
	case memory.Threads:
		return "threads"
	}
	return "memory"
}

// Amount is a figure of a metric of Judged with its unit: "14.2 MB", "−3 threads".
func Amount(m memory.Metric, v float64) string {
	switch {
	case m == memory.FDs || m == memory.Threads:
		return strings.Replace(units.Significant(v), "-", "−", 1) + " " + Thing(m)
	case v < 0:
		return strings.TrimPrefix(units.Delta(v), "+")
	}
	return units.Bytes(v).String()
}

// Words is the verdict as one sentence, without its caveats.
func (j *Judgement) Words() string {
	return j.Sentence(func(v float64) string { return Amount(j.Metric, v) })
}

// Bearing is what must be borne in mind with the verdict, on one line; empty where there
// is nothing.
func (j *Judgement) Bearing() string { return strings.Join(j.Caveats, "; ") }

// Missing says what a verdict still needs; empty where there is one. A watch too short for
// the verdict of one process may be long enough for that of another.
func (x *Instance) Missing() string {
	switch worst := x.Worst(); {
	case worst == nil || worst.State != leak.Learning:
		return ""
	case x.Samples < MinSamples:
		return fmt.Sprintf("%d are needed", MinSamples)
	}
	return "samples are missing in too many parts of the watch"
}
