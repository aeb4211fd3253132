package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// askTime is how long a daemon on this machine may take to answer.
const askTime = 10 * time.Second

func (a *app) self() *cobra.Command {
	var url string
	var asJSON bool
	c := &cobra.Command{
		Use:   "self",
		Short: "Show how the running daemon itself does",
		Long: `self asks the running daemon for its own memory and what it does to keep it small, for
its beats and what each step of them costs, and for what its own judges say of it.

Exit codes: 0 it answered, 1 nobody did, 2 wrong usage or configuration.`,
		Example: `  zol0 self
  zol0 self --json
  zol0 self --url http://127.0.0.1:9000`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asked, err := a.client(url)
			if err != nil {
				return err
			}
			defer asked.Close()
			ctx, cancel := context.WithTimeout(c.Context(), askTime)
			defer cancel()
			s, err := asked.Self(ctx)
			if err != nil {
				return askError(err)
			}
			if asJSON {
				return a.json(s)
			}
			return a.print("%s", selfText(&s))
		},
	}
	a.askFlags(c, &url)
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

// selfText is the report for a person.
func selfText(s *wire.Self) string {
	var out strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&out, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	m := &s.Memory
	line("zol0", "%s on %s, PID %d, up %s, on %s", s.Version, s.Host, s.PID, units.Duration(time.Duration(s.UptimeSeconds)*time.Second), s.Listen)
	line("Memory", "%s resident, %s private; budget %s, step %s", bytesOf(m.RSSBytes), bytesOf(m.PrivateBytes), units.Bytes(m.BudgetBytes), m.StepName)
	line("", "Go: %s of heap in use, %s held, limit %s, %d collections", units.Bytes(m.HeapBytes), units.Bytes(m.HeldBytes), units.Bytes(m.LimitBytes), m.Collections)
	for i := range s.Verdicts {
		v := &s.Verdicts[i]
		name := "Verdict"
		if i > 0 {
			name = ""
		}
		line(name, "%s: %s", strings.TrimSuffix(v.Metric, "_bytes"), v.Sentence)
	}
	b := &s.Beat
	line("Beat", "every %s through %s: %d done, %d late; last %s, median %s, longest %s", units.Interval(time.Duration(b.IntervalSeconds*float64(time.Second))), s.Reader,
		b.Number, b.Late, millis(b.LastSeconds), millis(b.MedianSeconds), millis(b.LongestSeconds))
	steps := make([]string, 0, len(s.Steps))
	for i := range s.Steps {
		text := s.Steps[i].Name + " " + millis(&s.Steps[i].LastSeconds)
		if n := s.Steps[i].Errors; n > 0 {
			text += fmt.Sprintf(" (%s, the last: %s)", units.Count(int(n), "error", "errors"), s.Steps[i].LastError)
		}
		steps = append(steps, text)
	}
	line("", "%s", strings.Join(steps, ", "))
	cpu := "–"
	if s.CPUPercent != nil {
		cpu = units.Percent(*s.CPUPercent)
	}
	line("Processor", "%s of one core, %d goroutines", cpu, s.Goroutines)
	line("Judges", "%d on memory, %d on descriptors and threads: %s", s.Detectors.Memory, s.Detectors.Counts, units.Bytes(s.Detectors.Bytes))
	line("Cache", "%d of %d entries, %s; %d hits, %d misses", s.Cache.Entries, s.Cache.MaxEntries, units.Bytes(s.Cache.Bytes), s.Cache.Hits, s.Cache.Misses)
	line("Clients", "%d of %d live, %d dropped, %d refused; %d requests answered", s.Live.Clients, s.Live.MaxClients, s.Live.Dropped, s.Live.Refused, s.HTTP.Requests)
	line("Sessions", "%d, %s, %d page loads", s.Sessions.Sessions, units.Bytes(s.Sessions.Bytes), s.Sessions.PageLoads)
	line("Store", "%s", s.StorePath)
	if s.ConfigError != "" {
		line("Config", "refused, the one before holds: %s", s.ConfigError)
	} else if s.ConfigPath != "" {
		line("Config", "%s", s.ConfigPath)
	}
	return out.String()
}

func bytesOf(v *uint64) string {
	if v == nil {
		return "–"
	}
	return units.Bytes(*v).String()
}

// millis is a span of seconds in milliseconds; "–" where it is not known.
func millis(seconds *float64) string {
	if seconds == nil {
		return "–"
	}
	return units.Significant(*seconds*1000) + " ms"
}
