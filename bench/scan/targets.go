package scan

import (
	"fmt"
	"strings"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/target"
)

// What the product promises of its readers, as ratios to the floor of the same round.
const (
	// EBPFRatio: reading through eBPF costs a tenth of what the least program on procfs costs.
	EBPFRatio = 0.10
	// ProcfsRatio: procfs in Go, with the number of descriptors in addition, costs little
	// more than C without it.
	ProcfsRatio = 1.3
)

// Targets compares the rows with the promises. A promise is met when every size meets it.
func Targets(rows []Row) []target.Target {
	return []target.Target{
		eachSize(fmt.Sprintf("ebpf at most %.2f × floor", EBPFRatio), rows, EBPF, func(r Row) (bool, string) {
			return r.Ratio <= EBPFRatio, ratio(r.Ratio)
		}),
		eachSize(fmt.Sprintf("procfs with descriptors at most %.1f × floor", ProcfsRatio), rows, Procfs, func(r Row) (bool, string) {
			return r.Ratio <= ProcfsRatio, ratio(r.Ratio)
		}),
		eachSize("procfs without an allocation per scan", rows, Procfs, func(r Row) (bool, string) {
			return r.AllocationsPerScan == 0, count(r.AllocationsPerScan)
		}),
		faster(rows, EBPF, Prometheus),
		faster(rows, EBPF, Gopsutil),
		faster(rows, Procfs, Prometheus),
		faster(rows, Procfs, Gopsutil),
	}
}

func faster(rows []Row, ours, peer string) target.Target {
	return eachSize(ours+" faster than "+peer, rows, ours, func(r Row) (bool, string) {
		for _, p := range rows {
			if p.Reader == peer && p.Sleepers == r.Sleepers && p.NotRun == "" {
				return r.Ratio < p.Ratio, fmt.Sprintf("%.1f times", p.Ratio/r.Ratio)
			}
		}
		return false, "no figure of " + peer
	})
}

// eachSize judges every row of one reader.
func eachSize(wanted string, rows []Row, reader string, judge func(Row) (bool, string)) target.Target {
	met := true
	var measured []string
	for _, r := range rows {
		if r.Reader != reader {
			continue
		}
		if r.NotRun != "" {
			return target.Unmeasured(wanted, r.NotRun)
		}
		ok, text := judge(r)
		met = met && ok
		measured = append(measured, fmt.Sprintf("%s at %s", text, figure.Thousands(r.Sleepers)))
	}
	if len(measured) == 0 {
		return target.Unmeasured(wanted, "no rows")
	}
	return target.Target{Outcome: target.Of(met), Wanted: wanted, Measured: strings.Join(measured, ", ")}
}
