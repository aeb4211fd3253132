package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// Exit codes of monitoring plugins (Monitoring Plugins Development Guidelines, "Plugin
// Return Codes"), which Nagios, Icinga and their kin read.
const (
	pluginOK       = 0
	pluginWarning  = 1
	pluginCritical = 2
	pluginUnknown  = 3
)

var pluginWords = [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}

// checking is one run of `zol0 check`.
type checking struct {
	*app
	selection
	over   time.Duration
	every  time.Duration
	gate   gate
	asJSON bool
	// visible leaves out that the system hides processes from this user.
	visible bool

	own      int // PID of this program
	findings []finding
	seen     seen
}

// finding is one thing that is not OK.
type finding struct {
	level int
	text  string
}

func (a *app) check() *cobra.Command {
	k := &checking{app: a, selection: selection{sort: "private"}, own: os.Getpid()}
	c := &cobra.Command{
		Use:   "check",
		Short: "One line and an exit code, for cron, Nagios and systemd timers",
		Long: `check compares every watched service with its thresholds and prints one line in the
format of monitoring plugins, with performance data behind the bar.

One reading cannot tell a leak. With --over it watches for that long first, 24 readings
at least, and judges private and shared memory, descriptors and threads of every process too.

A leak is confirmed only after hours. For a test run of minutes --max-growth gives a
limit to the rate: the check fails where the whole 95 % interval of a process's growth
of private memory lies above it. Let the program warm up first.

Exit codes:
  0  OK
  1  WARNING: a process is ELEVATED or above a limit of its own, the watched services
     together are above 3 GB, or a process is suspect (with --over; of its memory not
     with --max-growth)
  2  CRITICAL: a process is HIGH, or leaking (with --over), or grows faster than
     --max-growth
  3  UNKNOWN: nothing could be read or nothing is watched; wrong usage or configuration;
     with --max-growth: no process was there for long enough`,
		Example: `  zol0 check
  zol0 check --filter '^Enhanced Dashboard$'
  zol0 check --over 10m --every 10s
  zol0 check --over 10m --max-growth 5MB/h --filter '^my-service$'
  zol0 check || mail -s "memory" ops@example.org < /dev/null`,
		Args: func(c *cobra.Command, args []string) error {
			return k.unknown(cobra.NoArgs(c, args))
		},
		RunE: func(c *cobra.Command, _ []string) error { return k.run(c.Context()) },
	}
	c.Flags().StringVar(&k.filter, "filter", "", "check only services whose name or kind fits this regular `EXPRESSION`, in any case")
	c.Flags().DurationVar(&k.over, "over", 0, "watch for this `LONG` before judging, like 10m")
	c.Flags().DurationVar(&k.every, "every", 10*time.Second, "with --over: the interval between two readings")
	c.Flags().Var(&k.gate, "max-growth", "with --over: fail where a process surely grows faster than this `RATE`, like 5MB/h")
	c.Flags().BoolVar(&k.visible, "visible", false, "judge what this user may see; without it hidden processes make the answer UNKNOWN")
	c.Flags().BoolVar(&k.asJSON, "json", false, "write JSON instead of the line; the exit codes stay")
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return k.unknown(err) })
	return c
}

// unknown turns whatever kept the check from its answer into the answer UNKNOWN, on
// standard output, where monitoring systems look.
func (k *checking) unknown(err error) error {
	var status exitStatus
	if err == nil || errors.As(err, &status) {
		return err
	}
	text := err.Error()
	if hint := hintOf(err); hint != "" {
		text += " (" + hint + ")"
	}
	if k.asJSON {
		answer := wire.Check{Time: k.Now().UTC().Truncate(time.Millisecond), Status: pluginWords[pluginUnknown], Code: pluginUnknown, Summary: text, Findings: []wire.Finding{}}
		k.json(answer) //nolint:errcheck // the exit code says it too
	} else {
		fmt.Fprintf(k.Out, "ZOL0 UNKNOWN - %s\n", oneLine(text)) //nolint:errcheck // the exit code says it too
	}
	return exitStatus(pluginUnknown)
}

// oneLine keeps a text from ending the line or beginning the performance data.
func oneLine(text string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "|", "/").Replace(text)
}

func (k *checking) run(ctx context.Context) error {
	if err := k.valid(); err != nil {
		return k.unknown(err)
	}
	m, err := k.open(scansOnce)
	if err != nil {
		return k.unknown(err)
	}
	defer m.reader.Close() //nolint:errcheck // nothing was written
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(garbagePercent))
	started := k.Now()
	account := tally.New()
	for {
		now := k.Now()
		snapshot, err := m.sampler.Take(now)
		if err != nil {
			return k.unknown(failure(procfsHint, err))
		}
		chosen := k.choose(snapshot)
		if k.over > 0 {
			account.Observe(now, chosen)
		}
		if now.Sub(started) >= k.over {
			return k.answer(snapshot, chosen, account)
		}
		select {
		case <-ctx.Done():
			return k.unknown(fmt.Errorf("interrupted after %s of %s", units.Duration(now.Sub(started)), units.Duration(k.over)))
		case <-time.After(min(k.every, k.over-now.Sub(started))):
		}
	}
}

func (k *checking) valid() error {
	switch {
	case k.over < 0 || k.over > maxMinutes*time.Minute:
		return usageError("for example: --over 10m", "--over must be between 0 and 31 days, not %s", k.over)
	case k.over > 0 && (k.every < minInterval || k.every > k.over):
		return usageError("for example: --over 10m --every 10s", "--every must be between %s and --over, not %s", minInterval, k.every)
	case k.over > 0 && k.over < (tally.MinSamples-1)*k.every:
		return usageError("watch for longer or read more often, like: --over 4m --every 10s", "%s of readings every %s are too few to judge: %d are needed", k.over, k.every, tally.MinSamples)
	case k.gate.set && k.over == 0:
		return usageError("for example: --over 10m --max-growth 5MB/h", "--max-growth needs --over: one reading tells no growth")
	}
	return k.compile()
}

// answer judges and speaks.
func (k *checking) answer(s *sampler.Snapshot, chosen []sampler.Service, account *tally.Tally) error {
	if len(chosen) == 0 {
		return k.unknown(errors.New("no watched service is running, or none fits the filter"))
	}
	processes, private := 0, units.Bytes(0)
	for i := range chosen {
		processes += len(chosen[i].Instances)
		total, _ := chosen[i].Total.Get(memory.Private)
		private += units.Bytes(total)
		k.thresholds(&chosen[i])
	}
	if s.OverWatched() {
		k.find(pluginWarning, "all watched services together use %s, above %s: review", s.Watched, s.WatchedLimit)
	}
	k.trends(account)
	if k.gate.set && k.seen.judged == 0 {
		k.find(pluginUnknown, "no process was there for long enough to judge its growth")
	}
	if s.Denied > 0 && !k.visible {
		k.find(pluginUnknown, "%s cannot be read by this user", units.Count(s.Denied, "process", "processes"))
	}
	if s.Hidden && !k.visible {
		k.find(pluginUnknown, "the system hides processes of other users (hidepid)")
	}
	slices.SortStableFunc(k.findings, func(a, b finding) int { return severity(b.level) - severity(a.level) })
	level, text := pluginOK, fmt.Sprintf("%s in %s use %s of private memory%s", units.Count(processes, "process", "processes"), units.Count(len(chosen), "service", "services"), private, k.seenWords())
	if len(k.findings) > 0 {
		level = k.findings[0].level
		var all []string
		for _, f := range k.findings[:min(len(k.findings), maxFindings)] {
			all = append(all, f.text)
		}
		if left := len(k.findings) - maxFindings; left > 0 {
			all = append(all, fmt.Sprintf("and %d more", left))
		}
		text = strings.Join(all, "; ")
	}
	if k.asJSON {
		if err := k.json(k.wire(level, text, s, chosen)); err != nil {
			return exitStatus(pluginUnknown) // nobody heard the answer
		}
		return exitStatus(level)
	}
	line := fmt.Sprintf("ZOL0 %s - %s | %s\n", pluginWords[level], oneLine(text), k.performance(s, chosen))
	if _, err := k.Out.Write([]byte(line)); err != nil {
		return exitStatus(pluginUnknown) // nobody heard the answer
	}
	return exitStatus(level)
}

// severity orders the levels: what is known to be bad outranks what is not known.
func severity(level int) int {
	return [...]int{pluginOK: 0, pluginUnknown: 1, pluginWarning: 2, pluginCritical: 3}[level]
}

func (k *checking) find(level int, format string, args ...any) {
	k.findings = append(k.findings, finding{level, fmt.Sprintf(format, args...)})
}

func (k *checking) thresholds(v *sampler.Service) {
	for i := range v.Instances {
		x := &v.Instances[i]
		private, _ := x.Sample.Get(memory.Private)
		switch x.Status {
		case sampler.Unknown:
			k.find(pluginUnknown, "%s (PID %d): its memory cannot be read", v.Name, x.Sample.ID.PID)
		case sampler.High:
			k.find(pluginCritical, "%s (PID %d) is HIGH: %s, above %s", v.Name, x.Sample.ID.PID, units.Bytes(private), x.Passed)
		case sampler.Elevated, sampler.Investigate:
			k.find(pluginWarning, "%s (PID %d) is %s: %s, above %s", v.Name, x.Sample.ID.PID, x.Status, units.Bytes(private), x.Passed)
		}
	}
}

// maxFindings and maxPerformance bound the line: some monitoring systems cut it at 8 KB.
// The worst findings come first; --json has them all.
const (
	maxFindings    = 10
	maxPerformance = 50
)

// performance is the data behind the bar: label=value[unit];warn;crit;min;max.
func (k *checking) performance(s *sampler.Snapshot, chosen []sampler.Service) string {
	data := []string{
		fmt.Sprintf("watched_private=%dB;%d;;0;", uint64(s.Watched), uint64(s.WatchedLimit)),
		fmt.Sprintf("services=%d;;;0;", len(chosen)),
	}
	for i := range chosen[:min(len(chosen), maxPerformance)] {
		if private, ok := chosen[i].Total.Get(memory.Private); ok {
			data = append(data, fmt.Sprintf("'%s'=%dB;;;0;", label(chosen[i].Name), private))
		}
	}
	return strings.Join(data, " ")
}

// label is a name without what ends a label: "=" and, doubled, the quote.
func label(name string) string {
	return strings.NewReplacer("=", "_", "'", "''", "|", "_").Replace(name)
}

func (k *checking) wire(level int, text string, s *sampler.Snapshot, chosen []sampler.Service) wire.Check {
	out := wire.Check{
		Time: s.Time.UTC().Truncate(time.Millisecond), Status: pluginWords[level], Code: level, Summary: text, Findings: make([]wire.Finding, 0, len(k.findings)),
		Services: len(chosen), DeniedProcesses: s.Denied, Partial: s.Hidden, WatchedPrivateBytes: uint64(s.Watched), WatchedLimitBytes: uint64(s.WatchedLimit),
	}
	if k.over > 0 {
		out.JudgedProcesses, out.UnjudgedProcesses, out.SmallestBytesPerHour = &k.seen.judged, &k.seen.unjudged, whole(k.seen.smallest)
	}
	if k.gate.set {
		out.MaxGrowthBytesPerHour = &k.gate.perHour
	}
	for _, f := range k.findings {
		out.Findings = append(out.Findings, wire.Finding{Status: pluginWords[f.level], Text: f.text})
	}
	return out
}
