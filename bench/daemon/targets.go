package daemon

import (
	"fmt"

	"github.com/zol0/zol0/bench/target"
)

// What the product promises of its daemon at 500 processes in 60 services with 7 days of
// history. MB and kB are of 10^6 and 10^3 bytes.
const (
	MaxRSSMB      = 24 // 30 once queries in PromQL and the page are in it
	MaxPeakMB     = 40 // while hours end and files are imported
	MaxSampleByte = 1.2
	MaxWrittenKB  = 25
	MaxStartMS    = 300
)

// maxBeatMS is processor time of a whole beat.
var maxBeatMS = []struct {
	processes int
	reader    string
	most      float64
}{{230, "ebpf", 3}, {230, "procfs", 9}, {1000, "ebpf", 8}, {1000, "procfs", 32}}

var maxQueryMS = map[string]float64{OneSeries: 5, ServiceTable: 2, TopTen: 30}

// Targets compares a report with the promises.
func Targets(r *Report) (out []target.Target) {
	most := func(wanted string, measured, limit float64, unit string) {
		out = append(out, target.Target{
			Outcome: target.Of(measured <= limit), Wanted: fmt.Sprintf("%s at most %g %s", wanted, limit, unit),
			Measured: fmt.Sprintf("%.3g %s, %.2f of it", measured, unit, measured/limit),
		})
	}
	most("bytes of the file per sample", r.History.Whole(), MaxSampleByte, "bytes")
	for i := range r.Live {
		c := &r.Live[i]
		if c.NotRun != "" {
			out = append(out, target.Unmeasured(fmt.Sprintf("zol0 dashboard at %d processes", c.Processes), c.NotRun))
			continue
		}
		if len(c.Queries) == 0 {
			continue // the others are only for the beat
		}
		most(fmt.Sprintf("start with %.3g days of history", r.History.Days), c.ReadyMS, MaxStartMS, "ms")
		most("RSS", c.RSSMB, MaxRSSMB, "MB")
		most("peak RSS while questions are asked", max(c.PeakMB, c.QueriesPeakMB), MaxPeakMB, "MB")
		most("written to disk per beat", c.WrittenKB, MaxWrittenKB, "kB")
		for _, q := range c.Queries {
			most(q.What+", processor", q.CPUMS, maxQueryMS[q.What], "ms")
		}
	}
	if ready, peak, why := r.turn(); why != "" {
		out = append(out, target.Unmeasured("a start that ends an hour", why))
	} else {
		most("start with an hour to end", ready, MaxStartMS, "ms")
		most("peak RSS when an hour ends", peak, MaxPeakMB, "MB")
	}
	for _, x := range maxBeatMS {
		for _, f := range r.Settled {
			if f.Processes == x.processes && f.Reader == x.reader {
				most(fmt.Sprintf("a whole beat, %d processes, %s,", x.processes, x.reader), f.BeatMS(), x.most, "ms")
			}
		}
	}
	if x := r.Imported; x != nil {
		if x.NotRun != "" {
			out = append(out, target.Unmeasured("import", x.NotRun))
		} else {
			most("peak RSS of an import", x.PeakMB, MaxPeakMB, "MB")
		}
	}
	if f := r.Flat; f != nil {
		out = append(out, target.Target{
			Outcome: target.Of(f.State == "steady"), Wanted: fmt.Sprintf("steady by its own verdict after %d beats", f.Marks[len(f.Marks)-1].Beat), Measured: f.Sentence,
		})
	}
	return out
}
