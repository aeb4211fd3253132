package cli

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
)

// The defaults are those of the original system's `monitor 10 30`.
const (
	defaultMinutes  = 10
	defaultInterval = 30 // seconds
	// maxMinutes is 31 days: a longer watch is the daemon's work.
	maxMinutes = 31 * 24 * 60
	// minInterval bounds the monitor's own cost: a scan of 1,000 processes through procfs
	// takes about 24 ms of processor time (make bench), a quarter of a core at this interval.
	minInterval = 100 * time.Millisecond
	// garbagePercent is how much garbage may gather beside what is kept, mostly detectors,
	// 2 MB that stay: by default the heap would grow to twice as much, and a watch that
	// sees itself would take that for growth.
	garbagePercent = 40
	// secondSignal is how long after the first signal a second one counts as another.
	secondSignal = time.Second
)

// monitoring is one run of `zol0 monitor`.
type monitoring struct {
	*app
	selection
	out      string
	asJSON   bool
	pss      bool
	duration time.Duration
	interval time.Duration

	machine  *machine
	tally    *tally.Tally
	record   *record
	shared   *shares
	progress *progress
	started  time.Time
	ended    time.Time
	samples  int
	readings int // the samples and those between them
	skipped  int
	previous float64
	denied   int  // the most processes that could not be read at one time
	hidden   bool // the system hides processes of other users
}

func (a *app) monitor() *cobra.Command {
	m := &monitoring{app: a, selection: selection{sort: "private"}, tally: tally.New()}
	c := &cobra.Command{
		Use:   "monitor [MINUTES [INTERVAL_SECONDS]]",
		Short: "Watch services for a while and say what each process's memory does",
		Long: `monitor reads the processes at every interval (default 30 seconds for 10 minutes),
reports what changed, and ends with a summary: for each service its private memory at
start and end, mean, max, min, standard deviation, the growth of its processes in their
own lives and their rate per hour; for each process a verdict on its private memory, and
on its shared memory, descriptors and threads where those grow. Every sample goes to a
CSV file as it is made.

  learning  too short to tell: 24 readings are needed
  steady    no growth that stands out of the noise, and how small a growth would have
            been seen
  filling   growth that levels off
  suspect   growth that looks like a leak, not confirmed
  leaking   growth that was confirmed as a leak

A watch of fewer than 30 samples reads in between too, for the verdicts, every 5 seconds
at most. At most 100 processes are judged at a time, the largest and the fastest growing.
Ctrl-C ends the watch with the summary and the CSV of what was seen; a second one ends
at once. Exit codes: 0 finished or interrupted, 1 failure, 2 wrong usage or
configuration, 141 the reader of the output went away.`,
		Example: `  zol0 monitor
  zol0 monitor 30 60 --out weekly.csv
  zol0 monitor 0.5 1 --filter dashboard --json`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if err := m.arguments(args); err != nil {
				return err
			}
			return m.run(c.Context())
		},
	}
	c.Flags().BoolVar(&m.all, "all", false, "watch every process, not only the watched services")
	c.Flags().StringVar(&m.filter, "filter", "", "watch only services whose name or kind fits this regular `EXPRESSION`, in any case")
	c.Flags().StringVar(&m.out, "out", "", "CSV `FILE` (default memory_monitoring_YYYYMMDD_HHMMSS.csv here)")
	c.Flags().BoolVar(&m.pss, "pss", false, "add PSS and USS to the CSV, stalling each process for at most 20 ms a minute")
	c.Flags().BoolVar(&m.asJSON, "json", false, "write the summary as JSON, and no reports")
	return c
}

// arguments reads how long and how often.
func (m *monitoring) arguments(args []string) error {
	minutes, seconds := float64(defaultMinutes), float64(defaultInterval)
	for i, to := range []*float64{&minutes, &seconds} {
		if i >= len(args) {
			break
		}
		what := [...]string{"minutes", "the interval in seconds"}[i]
		v, err := strconv.ParseFloat(args[i], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 {
			return usageError("for example: zol0 monitor 10 30", "%s must be a number above 0, not %q", what, args[i])
		}
		*to = v
	}
	if minutes > maxMinutes {
		return usageError("31 days are the most; for longer, start it anew from a timer", "%s minutes are too many: %d at most", args[0], maxMinutes)
	}
	m.duration = time.Duration(minutes * float64(time.Minute))
	m.interval = time.Duration(min(seconds, 2*60*maxMinutes) * float64(time.Second))
	if m.interval < minInterval {
		return usageError("memory does not leak faster than that", "an interval of %s seconds is too short: 0.1 at least", args[1])
	}
	if m.interval > m.duration {
		return usageError("choose more minutes or a shorter interval, like: zol0 monitor 10 30", "an interval of %s is longer than the watch of %s", strconv.FormatFloat(seconds, 'f', -1, 64)+" seconds", units.Interval(m.duration))
	}
	return m.compile()
}

// heeded are the signals that end a watch in good order. Those that whoever started us
// wants ignored stay so: nohup(1) lives by that.
func heeded() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}

func (m *monitoring) run(ctx context.Context) error {
	ctx, stop := signal.NotifyContext(ctx, heeded()...)
	defer stop()
	// A second signal ends the program at once, but not one that comes with the first:
	// timeout(1) sends two, to the process and to its group.
	context.AfterFunc(ctx, func() { time.Sleep(secondSignal); stop() })
	defer debug.SetGCPercent(debug.SetGCPercent(garbagePercent))
	m.started = m.Now()
	switch m.out {
	case "-":
		return usageError("name a file with --out; for the summary on standard output use --json", "the CSV cannot go to standard output, where the reports are")
	case "":
		m.out = m.started.Format("memory_monitoring_20060102_150405.csv")
	}
	var err error
	if m.machine, err = m.open(scansOften); err != nil {
		return err
	}
	defer m.machine.reader.Close() //nolint:errcheck // nothing was written
	if m.pss {
		m.shared = &shares{reader: m.machine.reader, budget: new(probe.StallBudget)}
	}
	if m.record, err = openRecord(m.out, m.shared); err != nil {
		return err
	}
	m.progress = newProgress(m.Err, m.started, m.duration)
	defer m.progress.clear()
	err = m.watch(ctx)
	m.progress.clear()
	if err == nil {
		err = m.summary()
	}
	if e := m.record.close(); err == nil {
		err = e
	}
	return err
}

// watch samples until the time is over or somebody interrupts. What comes late, after a
// suspend, is counted and left out.
func (m *monitoring) watch(ctx context.Context) error {
	parts := parts(m.duration, m.interval)
	pulse := m.interval / time.Duration(parts)
	last := int(m.duration/m.interval) * parts
	for i := 0; i <= last; i++ {
		due := time.Duration(i) * pulse
		if !m.wait(ctx, m.started.Add(due)) {
			return nil
		}
		next := (i + parts - 1) / parts // the sample that is due now or next
		if late := m.Now().Sub(m.started) - due; late >= pulse {
			i = min(i+int(late/pulse), last)
		}
		take := m.between
		if n := i / parts; n >= next {
			m.skipped += n - next
			take = func() error { return m.sample(n) }
		}
		if err := take(); err != nil {
			return err
		}
	}
	return nil
}

// Readings between the samples.
const (
	// wantedReadings are what a verdict needs and some that may come late: the watch of
	// 10 minutes with a sample every 30 seconds would otherwise end without any.
	wantedReadings = tally.MinSamples + 6
	// minPulse is how closely they follow each other: a watch of less than two minutes
	// says little about a service, and its own cost must not be what it sees.
	minPulse = 5 * time.Second
)

// parts is into how many parts the readings cut the interval between two samples.
func parts(duration, interval time.Duration) int {
	wanted := math.Ceil(wantedReadings * float64(interval) / float64(duration))
	return max(1, min(int(wanted), int(interval/minPulse)))
}

// wait sleeps until due, drawing the progress, and reports false when it was interrupted.
func (m *monitoring) wait(ctx context.Context, due time.Time) bool {
	for {
		now := m.Now()
		left := due.Sub(now)
		if left <= 0 {
			return ctx.Err() == nil
		}
		m.progress.draw(now)
		timer := time.NewTimer(min(left, time.Second))
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-timer.C:
		}
	}
}

// observe reads the machine.
func (m *monitoring) observe() (*sampler.Snapshot, []sampler.Service, error) {
	now := m.Now()
	s, err := m.machine.sampler.Take(now)
	if err != nil {
		return nil, nil, failure(procfsHint, err)
	}
	chosen := m.choose(s)
	m.tally.Observe(now, chosen)
	m.denied, m.hidden = max(m.denied, s.Denied), s.Hidden
	m.readings++
	m.ended = now
	return s, chosen, nil
}

// between reads for the verdicts alone.
func (m *monitoring) between() error {
	_, _, err := m.observe()
	return err
}

// sample reads, writes the rows of the CSV and reports.
func (m *monitoring) sample(n int) error {
	s, chosen, err := m.observe()
	if err != nil {
		return err
	}
	now := s.Time
	if m.shared != nil {
		if err := m.shared.take(now, chosen); err != nil {
			return err
		}
	}
	m.samples++
	wasFailing := m.record.failed != nil
	if err := m.record.add(s, chosen); err != nil && !wasFailing {
		m.progress.clear()
		// The monitoring is worth more than its file: it goes on and tries again.
		fmt.Fprintf(m.Err, "zol0: %v; keeping the rows and trying again at every interval\n", err) //nolint:errcheck // nowhere to say it
	}
	if m.asJSON {
		return nil
	}
	m.progress.clear()
	if err := m.report(now, s, n); err != nil {
		return err
	}
	m.tally.Mark()
	return nil
}

// reported is how many growing processes a report names.
const reported = 3

// report is one line on the whole and one on who grew most.
func (m *monitoring) report(now time.Time, s *sampler.Snapshot, n int) error {
	total := m.tally.Total()
	living, begun, ended := m.tally.Counts()
	change := ""
	if m.samples > 1 {
		change = " (" + units.Delta(total-m.previous) + ")"
	}
	m.previous = total
	host := ""
	if used, ok := s.Host.UsedBytes().Get(); ok {
		host = ", host " + units.Percent(100*float64(used)/float64(s.Host.TotalBytes))
	}
	line := fmt.Sprintf("%s  %s of %s  %s in %s%s%s", now.Format(time.TimeOnly), units.Interval(time.Duration(n)*m.interval), units.Duration(m.duration),
		units.Bytes(total), units.Count(living, "process", "processes"), change, host)
	if begun+ended > 0 {
		line += fmt.Sprintf(", %d begun and %d ended since the start", begun, ended)
	}
	var grew []string
	for _, c := range m.tally.Changes(reported) {
		grew = append(grew, fmt.Sprintf("%s (PID %d) %s to %s", c.Service, c.ID.PID, units.Delta(c.Delta), units.Bytes(c.Private)))
	}
	second := ""
	if len(grew) > 0 {
		second = "          grew most: " + strings.Join(grew, "; ")
	} else if m.samples > 1 {
		second = "          nothing grew"
	}
	if width := widthOf(m.Out); width > 0 { // on a terminal a report stays two lines
		line, second = ansi.Truncate(line, width, "…"), ansi.Truncate(second, width, "…")
	}
	if second != "" {
		line += "\n" + second
	}
	return m.print("%s\n", line)
}
