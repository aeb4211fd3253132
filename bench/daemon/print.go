package daemon

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/history"
	"github.com/zol0/zol0/bench/peer"
)

// Report is everything this part measured.
type Report struct {
	History history.Cost `json:"history"`
	Live    []Cost       `json:"live,omitempty"`
	// Turns are starts of a daemon whose history ends with a full hour, which its first
	// beat closes.
	Turns    []Cost      `json:"turns,omitempty"`
	Settled  []Flat      `json:"settled,omitempty"` // short runs of compressed beats
	Flat     *Flat       `json:"flat,omitempty"`    // the long one
	Imported *Import     `json:"import,omitempty"`
	Peers    []peer.Cost `json:"peers,omitempty"`
	NotRun   []string    `json:"not_run,omitempty"`
}

// Print writes the tables.
func (r *Report) Print(w io.Writer) error {
	h := &r.History
	fmt.Fprintf(w, "  history of %.1f days, synthetic values: %d beats, %d series, %d samples, %.0f s to write\n", h.Days, h.Beats, h.Series, h.Samples, h.Seconds)
	fmt.Fprintf(w, "  a beat: Record %.0f µs processor (Append %.0f µs on the clock), Tidy %.0f µs; slowest beat %.0f ms; %.1f kB handed to the file system\n", h.RecordUS, h.AppendUS, h.TidyUS, h.SlowestMS, h.WrittenBytes/1e3)
	fmt.Fprintf(w, "  bytes per sample: %.3f in rows of samples, %.3f of the whole file (%.1f MB); heap at most %.1f MB\n\n", h.PerSample(), h.Whole(), float64(h.FileBytes)/1e6, h.HeapMB)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  zol0 dashboard\tready ms\tRSS MB\tprivate\tfile\tpeak\tpeak at start\tkB/min\tbeat ms\tkB written/beat\tbeats")
	for _, c := range r.Live {
		c.row(table, fmt.Sprintf("%d processes, %s", c.Processes, c.Reader))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if ready, peak, why := r.turn(); why != "" {
		fmt.Fprintf(w, "\n  NOT RUN: a start that ends an hour: %s\n", why)
	} else {
		fmt.Fprintf(w, "\n  %d starts whose first beat ends an hour: %.0f ms to its end (median), peak RSS %.1f MB (highest)\n\n", len(r.Turns), ready, peak)
	}
	for _, c := range r.Live {
		for _, q := range c.Queries {
			fmt.Fprintf(w, "  %-28s %6.1f ms processor  %6.1f ms on the clock  %7.0f bytes  (median of %d)\n", q.What, q.CPUMS, q.WallMS, q.Bytes, q.Times)
		}
	}
	r.printBeats(w)
	if x := r.Imported; x != nil && x.NotRun == "" {
		fmt.Fprintf(w, "\n  zol0 store import of %.1f MB, %d samples: %.1f MB peak RSS, %.1f s\n", x.FileMB, x.Samples, x.PeakMB, x.Seconds)
	}
	for _, p := range r.Peers {
		if p.NotRun != "" {
			fmt.Fprintf(w, "  NOT RUN: %s: %s\n", p.Name, p.NotRun)
			continue
		}
		fmt.Fprintf(w, "  %s at %d processes: %.1f ms processor a scan (median of %d), nothing stored or judged\n", p.Name, p.Processes, p.ScanMS, p.Scans)
	}
	for _, why := range r.NotRun {
		fmt.Fprintf(w, "  NOT RUN: %s\n", why)
	}
	return nil
}

// turn is the median time to the end of the first beat and the highest resident set, or why
// there is none.
func (r *Report) turn() (readyMS, peakMB float64, notRun string) {
	var ready []float64
	for _, c := range r.Turns {
		if c.NotRun != "" {
			return 0, 0, c.NotRun
		}
		ready, peakMB = append(ready, c.ReadyMS), max(peakMB, c.StartPeakMB)
	}
	if len(ready) == 0 {
		return 0, 0, "no start"
	}
	return figure.Median(ready), peakMB, ""
}

func (c *Cost) row(w io.Writer, name string) {
	if c.NotRun != "" {
		fmt.Fprintf(w, "  %s\tNOT RUN: %s\n", name, c.NotRun)
		return
	}
	fmt.Fprintf(w, "  %s\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%+.0f\t%.1f\t%.1f\t%d\n", name, c.ReadyMS, c.RSSMB, c.PrivateMB, c.FileMB, max(c.PeakMB, c.QueriesPeakMB), c.StartPeakMB, c.SlopeKBPerMinute, c.BeatMS, c.WrittenKB, c.Beats)
}

func (r *Report) printBeats(w io.Writer) {
	for _, f := range r.Settled {
		fmt.Fprintf(w, "\n  compressed beats, %d processes, %s: %.1f ms processor a beat in the last quarter of %d", f.Processes, f.Reader, f.BeatMS(), f.Marks[len(f.Marks)-1].Beat)
	}
	fmt.Fprintln(w)
	if r.Flat == nil {
		return
	}
	fmt.Fprintf(w, "\n  compressed beats, %d processes, %s\n", r.Flat.Processes, r.Flat.Reader)
	for _, m := range r.Flat.Marks {
		fmt.Fprintf(w, "  %7d beats  RSS %.1f MB  private %.1f  heap %.1f  peak %.1f  %.1f ms a beat\n", m.Beat, m.RSSMB, m.PrivateMB, m.HeapMB, m.PeakMB, m.BeatMS)
	}
	fmt.Fprintf(w, "  its own verdict: %s\n", r.Flat.Sentence)
}
