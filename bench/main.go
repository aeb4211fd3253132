// Command bench measures what ZoL0 Monitor costs: its process readers against a C floor
// and against the libraries of the field, `zol0 quick`, `zol0 monitor` and `zol0 dashboard`,
// all against the promises the project makes. README.md says how to run and read it.
package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/zol0/zol0/bench/daemon"
	"github.com/zol0/zol0/bench/history"
	"github.com/zol0/zol0/bench/monitor"
	"github.com/zol0/zol0/bench/native"
	"github.com/zol0/zol0/bench/quick"
	"github.com/zol0/zol0/bench/scan"
)

//go:embed floor/floor.c launch/launch.c population/spawner.c population/sleeper.c
var sources embed.FS

// Commands this program calls itself with, inside a population.
const (
	insideRounds  = "inside-rounds"  // PLAN as JSON: the rounds of one size
	insideMeasure = "inside-measure" // READER BUDGET: one reader in one round
	insideMonitor = "inside-monitor" // ZOL0 DIRECTORY MINUTES
	insideDaemon  = "inside-daemon"  // PLAN as JSON: daemons
	insideBeats   = "inside-beats"   // PLAN as JSON: compressed beats
	insideHistory = "inside-history" // PLAN as JSON: a store to fill
)

// quickSleepers is the number of processes `zol0 quick` and `zol0 monitor` are measured
// at: a busy server.
const quickSleepers = 1000

const allParts = "scan,quick,monitor,daemon"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && strings.HasPrefix(args[0], "inside-") {
		result, err := inside(ctx, args[0], args[1:])
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(result)
	}
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	r, err := o.measure(ctx)
	if err != nil {
		return err
	}
	if o.json {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	return r.print(out)
}

// inside runs a command of this program inside a population and returns what to print.
func inside(ctx context.Context, command string, args []string) (any, error) {
	switch {
	case command == insideRounds && len(args) == 1:
		var plan scan.Plan
		if err := json.Unmarshal([]byte(args[0]), &plan); err != nil {
			return nil, fmt.Errorf("cannot understand the plan %q: %w", args[0], err)
		}
		return plan.Run(ctx, os.Stderr)
	case command == insideDaemon && len(args) == 1:
		return planned(ctx, args[0], daemon.MeasureAll)
	case command == insideBeats && len(args) == 1:
		return planned(ctx, args[0], daemon.Drive)
	case command == insideHistory && len(args) == 1:
		return planned(ctx, args[0], history.Fill)
	case command == insideMeasure && len(args) == 2:
		budget, err := time.ParseDuration(args[1])
		if err != nil {
			return nil, fmt.Errorf("cannot understand the budget: %w", err)
		}
		return scan.Measure(args[0], budget)
	case command == insideMonitor && len(args) == 3:
		minutes, err := strconv.Atoi(args[2])
		if err != nil {
			return nil, fmt.Errorf("cannot understand the minutes: %w", err)
		}
		return monitor.WatchBoth(ctx, args[0], args[1], minutes)
	}
	return nil, fmt.Errorf("cannot run %s with %d arguments: this command is for the program itself", command, len(args))
}

// planned runs what takes a plan as JSON.
func planned[P, R any](ctx context.Context, text string, run func(context.Context, P) (R, error)) (any, error) {
	var plan P
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		return nil, fmt.Errorf("cannot understand the plan %q: %w", text, err)
	}
	return run(ctx, plan)
}

// options are the flags.
type options struct {
	sizes   []int
	rounds  int
	budget  time.Duration
	parts   map[string]bool
	zol0    string
	runs    int
	minutes int
	days    int
	watch   time.Duration
	flat    int
	profile string
	cache   string
	json    bool
}

func parseOptions(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("sizes", "100,1000,5000", "numbers of idle `processes` to scan")
	parts := flags.String("parts", allParts, "`parts` to run")
	only := flags.String("only", "", "the one `part` to run")
	flags.IntVar(&o.rounds, "rounds", 5, "interleaved rounds of every reader")
	flags.DurationVar(&o.budget, "budget", 400*time.Millisecond, "processor `time` of one reader in one round")
	flags.StringVar(&o.zol0, "zol0", "../bin/zol0", "`path` of the binary to measure")
	flags.IntVar(&o.runs, "runs", 9, "runs of zol0 quick")
	flags.IntVar(&o.minutes, "minutes", 1, "minutes zol0 monitor is watched")
	flags.IntVar(&o.days, "days", 7, "days of history of zol0 dashboard")
	flags.DurationVar(&o.watch, "watch", 2*time.Minute, "how long zol0 dashboard is watched")
	flags.IntVar(&o.flat, "beats", 10_000, "compressed beats of the long run")
	flags.StringVar(&o.profile, "profile", "", "`directory` for profiles of the long run; they cost it a megabyte")
	flags.StringVar(&o.cache, "cache", "", "`directory` of the compiled C programs (default: zol0-bench in the user's cache)")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	for size := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 || n > 30000 {
			return o, fmt.Errorf("cannot use the size %q: give numbers from 1 to 30000", size)
		}
		o.sizes = append(o.sizes, n)
	}
	if *only != "" {
		*parts = *only
	}
	o.parts = make(map[string]bool)
	for part := range strings.SplitSeq(*parts, ",") {
		if !slices.Contains(strings.Split(allParts, ","), part) {
			return o, fmt.Errorf("there is no part %q; there are %s", part, allParts)
		}
		o.parts[part] = true
	}
	if o.rounds < 1 || o.runs < 1 || o.minutes < 1 || o.days < 1 || o.flat < 10 || o.watch < 8*time.Second {
		return o, fmt.Errorf("cannot measure less than once: -rounds %d, -runs %d, -minutes %d, -days %d, -beats %d, -watch %s", o.rounds, o.runs, o.minutes, o.days, o.flat, o.watch)
	}
	if o.profile != "" {
		absolute, err := filepath.Abs(o.profile)
		if err != nil {
			return o, fmt.Errorf("cannot find %s: %w", o.profile, err)
		}
		o.profile = absolute
	}
	if o.cache == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return o, fmt.Errorf("cannot find a cache directory, give -cache: %w", err)
		}
		o.cache = filepath.Join(cache, "zol0-bench")
	}
	return o, nil
}

// measure runs the parts one after the other.
func (o options) measure(ctx context.Context) (report, error) {
	r := report{Machine: thisMachine(), Rounds: o.rounds}
	if missing := native.Missing(); len(missing) > 0 {
		r.NotRun = missing
		return r, nil
	}
	programs, err := native.Build(ctx, sources, o.cache)
	if err != nil {
		return r, err
	}
	if o.parts["scan"] {
		if r.Scan, err = o.scan(ctx, programs); err != nil {
			return r, err
		}
		r.Targets = scan.Targets(r.Scan)
	}
	if !o.parts["quick"] && !o.parts["monitor"] && !o.parts["daemon"] {
		return r, nil
	}
	zol0, err := filepath.Abs(o.zol0)
	if err != nil {
		return r, fmt.Errorf("cannot find %s: %w", o.zol0, err)
	}
	if _, err := os.Stat(zol0); err != nil {
		r.NotRun = append(r.NotRun, fmt.Sprintf("zol0 quick, monitor and dashboard: there is no %s; build it (make build) or give -zol0", zol0))
		return r, nil
	}
	if o.parts["quick"] {
		fmt.Fprintln(os.Stderr, "zol0 quick")
		if r.Quick, err = quick.Measure(ctx, programs, zol0, quickSleepers, o.runs); err != nil {
			return r, err
		}
		r.Targets = append(r.Targets, quick.Targets(r.Quick)...)
	}
	if o.parts["monitor"] {
		fmt.Fprintf(os.Stderr, "zol0 monitor, %d min\n", o.minutes)
		if r.Monitor, err = o.monitor(ctx, programs, zol0); err != nil {
			return r, err
		}
	}
	if o.parts["daemon"] {
		if r.Daemon, err = o.daemon(ctx, programs, zol0); err != nil {
			return r, err
		}
		r.Targets = append(r.Targets, daemon.Targets(r.Daemon)...)
	}
	return r, nil
}
