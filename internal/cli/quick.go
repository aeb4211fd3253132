package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// quickFlags are what a person asks of `zol0 quick`.
type quickFlags struct {
	selection
	tree, pss, json, csv bool
}

func (a *app) quick() *cobra.Command {
	var f quickFlags
	c := &cobra.Command{
		Use:   "quick",
		Short: "Show the memory of every service, now",
		Long: `quick reads every process once and prints one table: the services, their private
memory, and whether it is above a threshold.

Private memory is what only that process can give back (Linux: anonymous pages in RAM
and in swap). MB is 10^6 bytes. CPU is the mean since the process started, in percent
of one core. "–" is a figure the system did not give.

STATUS compares the private memory of each process with the thresholds:
  NORMAL       below all of them
  INVESTIGATE  above a limit of its own (zol0 itself: 100 MB)
  ELEVATED     above 300 MB
  HIGH         above 500 MB: immediate attention
  UNKNOWN      its memory could not be read

Watched services are those a rule of the configuration names, or all where it has no
rule. Exit codes: 0 shown, 1 failure, 2 wrong usage or configuration, 141 the reader of
the output went away.`,
		Example: `  zol0 quick
  zol0 quick --all --sort cpu
  zol0 quick --filter 'dashboard|api' --tree
  zol0 quick --json | jq '.services[] | select(.status != "NORMAL")'
  sudo zol0 quick --pss`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.runQuick(&f) },
	}
	f.flags(c)
	c.Flags().BoolVar(&f.tree, "tree", false, "show the processes of each service as a tree")
	c.Flags().BoolVar(&f.pss, "pss", false, "add PSS and USS; reading them holds each target's memory lock for about 10 ms per GB")
	c.Flags().BoolVar(&f.json, "json", false, "write JSON")
	c.Flags().BoolVar(&f.csv, "csv", false, "write CSV, one row per process")
	c.MarkFlagsMutuallyExclusive("json", "csv", "tree")
	return c
}

func (a *app) runQuick(f *quickFlags) error {
	if err := f.compile(); err != nil {
		return err
	}
	m, err := a.open(scansOnce)
	if err != nil {
		return err
	}
	defer m.reader.Close() //nolint:errcheck // nothing was written
	snapshot, err := m.sampler.Take(a.Now())
	if err != nil {
		return failure(procfsHint, err)
	}
	chosen := f.choose(snapshot)
	var shared *shares
	if f.pss {
		if shared, err = readShares(m.reader, chosen); err != nil {
			return err
		}
	}
	switch {
	case f.json:
		return a.json(quickWire(snapshot, chosen, shared))
	case f.csv:
		return a.quickCSV(snapshot, chosen, shared)
	}
	t := &serviceTable{ink: a.ink(), width: widthOf(a.Out), snapshot: snapshot, shared: shared}
	switch {
	case f.tree:
		t.trees(chosen)
	case f.all:
		t.processes(chosen)
	default:
		t.services(chosen)
	}
	if err := t.write(a.Out); err != nil {
		return writeError("standard output", err)
	}
	return a.quickNotes(t.ink, snapshot, chosen, shared)
}

func quickWire(s *sampler.Snapshot, chosen []sampler.Service, shared *shares) wire.Snapshot {
	out := s.Wire(chosen)
	shared.wire(&out, chosen)
	return out
}

// quickNotes prints what stands below the table: totals, what is above a threshold, and
// what this user was not shown.
func (a *app) quickNotes(pen ink, s *sampler.Snapshot, chosen []sampler.Service, shared *shares) error {
	total := fmt.Sprintf("%s private memory of %s", s.Watched, s.WatchedLimit)
	if s.OverWatched() {
		total = pen.paint(amber, total+": REVIEW")
	}
	if err := a.print("\nwatched  %s in %s\nhost     %s\n", total, units.Count(watchedProcesses(s), "process", "processes"), hostLine(&s.Host)); err != nil {
		return err
	}
	notes := statusLines(pen, chosen)
	if len(chosen) == 0 {
		notes = append(notes, "note     no service fits: see every process with zol0 quick --all")
	}
	if s.Denied > 0 {
		notes = append(notes, fmt.Sprintf("note     %s could not be read by this user: run as root to see all", units.Count(s.Denied, "process", "processes")))
	}
	if s.Hidden {
		notes = append(notes, "note     the system hides processes of other users (hidepid): the totals are a part of the whole; run as root to see all")
	}
	notes = append(notes, shared.notes()...)
	for _, n := range notes {
		if err := a.print("%s\n", n); err != nil {
			return err
		}
	}
	return nil
}

// shownStatuses bounds the lines below the table; the table itself has every status.
const shownStatuses = 20

// statusLines say why instances are not NORMAL, the worst first.
func statusLines(pen ink, chosen []sampler.Service) []string {
	var lines []string
	for _, status := range []sampler.Status{sampler.High, sampler.Elevated, sampler.Investigate} {
		for k := range chosen {
			for i := range chosen[k].Instances {
				if x := &chosen[k].Instances[i]; x.Status == status {
					lines = append(lines, statusLine(pen, &chosen[k], x))
				}
			}
		}
	}
	if left := len(lines) - shownStatuses; left > 0 {
		lines = append(lines[:shownStatuses], fmt.Sprintf("note     … and %s above a threshold; --json names them all", units.Count(left, "more process", "more processes")))
	}
	return lines
}

// statusLine says why an instance is not NORMAL.
func statusLine(pen ink, v *sampler.Service, x *sampler.Instance) string {
	private, _ := x.Sample.Get(memory.Private)
	advice := map[sampler.Status]string{
		sampler.High: "needs immediate attention", sampler.Elevated: "elevated", sampler.Investigate: "investigate",
	}[x.Status]
	return fmt.Sprintf("%s %s (PID %d) has %s of private memory, above %s: %s", pen.paint(colourOf(x.Status.String()), fmt.Sprintf("%-8s", x.Status)),
		v.Name, x.Sample.ID.PID, units.Bytes(private), x.Passed, advice)
}

func watchedProcesses(s *sampler.Snapshot) int {
	n := 0
	for k := range s.Services {
		for i := range s.Services[k].Instances {
			if s.Services[k].Instances[i].Identity.Watched && !s.Services[k].Instances[i].Sample.Kernel {
				n++
			}
		}
	}
	return n
}

// hostLine is the machine's own memory in words.
func hostLine(h *memory.Host) string {
	total := units.Bytes(h.TotalBytes)
	memoryText := fmt.Sprintf("%s of memory", total)
	if available, ok := h.AvailableBytes.Get(); ok {
		used := total - units.Bytes(available)
		memoryText = fmt.Sprintf("%s of %s used (%s), %s available", used, total, units.Percent(100*float64(used)/float64(total)), units.Bytes(available))
	}
	swap := "swap unknown"
	if size, ok := h.SwapTotalBytes.Get(); ok && size == 0 {
		swap = "no swap"
	} else if free, known := h.SwapFreeBytes.Get(); ok && known {
		swap = fmt.Sprintf("%s of %s swap used", units.Bytes(size-free), units.Bytes(size))
	}
	return fmt.Sprintf("%s, %s, up %s", memoryText, swap, units.Duration(h.Uptime.Truncate(time.Second)))
}
