package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/zol0/zol0/bench/daemon"
	"github.com/zol0/zol0/bench/history"
	"github.com/zol0/zol0/bench/native"
	"github.com/zol0/zol0/bench/peer"
)

// What the daemon is measured at, as its promises have it.
const (
	daemonServices  = 60
	daemonSleepers  = 500
	settledBeats    = 1280 // of a short run: its last quarter is what counts
	settle          = 20 * time.Second
	aged            = 65 * time.Second // the population is, when the first daemon starts
	queries         = 30
	starts          = 5
	psutilSleepers  = 230
	compressedEvery = 5 * time.Second
)

// beatSleepers are the populations at which the cost of a beat is promised.
var beatSleepers = []int{230, 1000}

// watching holds what the measurements of the daemon share.
type watching struct {
	options
	programs native.Programs
	zol0     string
	self     string
	dir      string // for stores
	history  string // a store that is copied, never written again
	end      time.Time
	report   daemon.Report
}

// daemon measures zol0 dashboard.
func (o options) daemon(ctx context.Context, programs native.Programs, zol0 string) (report *daemon.Report, err error) {
	w := &watching{options: o, programs: programs, zol0: zol0, end: time.Now().Truncate(compressedEvery)}
	if w.self, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("cannot find this program: %w", err)
	}
	if w.dir, err = os.MkdirTemp("", "zol0-bench-"); err != nil {
		return nil, fmt.Errorf("cannot make a directory for stores: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(w.dir)) }()
	w.history = filepath.Join(w.dir, "history")
	for _, step := range []struct {
		what string
		run  func(context.Context) error
	}{
		{fmt.Sprintf("history of %d days", o.days), w.fill}, {fmt.Sprintf("dashboard, %s", o.watch), w.live},
		{"an hour's end", w.turn}, {"compressed beats", w.beats}, {"import", w.imported}, {"peers", w.peers},
	} {
		fmt.Fprintf(os.Stderr, "zol0 dashboard: %s\n", step.what)
		if err := step.run(ctx); err != nil {
			return nil, err
		}
	}
	return &w.report, nil
}

// fill writes the history in a process of its own, so that this one stays small.
func (w *watching) fill(ctx context.Context) error {
	plan := history.Plan{Dir: w.history, Span: time.Duration(w.days) * 24 * time.Hour, End: w.end, Seed: 1, Services: daemonServices, Processes: daemonSleepers, FullHour: true}
	return runSelf(ctx, w.self, insideHistory, plan, &w.report.History)
}

// inside runs a plan of this program inside a population of services.
func (w *watching) inside(ctx context.Context, sleepers int, command string, plan, result any) error {
	text, err := json.Marshal(plan)
	if err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	cmd, err := w.programs.Services(ctx, daemonServices, sleepers, w.self, command, string(text))
	if err != nil {
		return err
	}
	return outcome(cmd, command, result)
}

func runSelf(ctx context.Context, self, command string, plan, result any) error {
	text, err := json.Marshal(plan)
	if err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	return outcome(exec.CommandContext(ctx, self, command, string(text)), command, result)
}

func outcome(cmd *exec.Cmd, command string, result any) error {
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("cannot run %s: %w", command, err)
	}
	if err := json.Unmarshal(out, result); err != nil {
		return fmt.Errorf("cannot understand what %s printed: %w", command, err)
	}
	return nil
}

// copied is a fresh copy of the history.
func (w *watching) copied(name string) (string, error) {
	dir := filepath.Join(w.dir, name)
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("cannot remove an old store: %w", err)
	}
	return dir, history.Copy(w.history, dir)
}

// live measures the real program.
func (w *watching) live(ctx context.Context) error {
	ebpf := daemon.Plan{Zol0: w.zol0, Data: filepath.Join(w.dir, "live"), Settle: settle, Watch: w.watch, Queries: queries, Services: daemonServices, Processes: daemonSleepers}
	plans := daemon.Plans{Aged: aged, Plans: []daemon.Plan{ebpf}}
	if _, err := exec.LookPath("setpriv"); err != nil {
		w.report.NotRun = append(w.report.NotRun, "zol0 dashboard with procfs: no setpriv(1) to take away the rights of eBPF; install util-linux")
	} else {
		procfs := ebpf
		procfs.Data, procfs.Procfs, procfs.Watch, procfs.Queries = filepath.Join(w.dir, "live procfs"), true, w.watch/4, 0
		plans.Plans = append(plans.Plans, procfs)
	}
	for _, p := range plans.Plans {
		if err := history.Copy(w.history, p.Data); err != nil {
			return err
		}
	}
	return w.inside(ctx, daemonSleepers, insideDaemon, plans, &w.report.Live)
}

// turn measures starts that find a whole hour open, which the first beat ends. One start
// says little on a busy machine.
func (w *watching) turn(ctx context.Context) error {
	full := filepath.Join(w.dir, "full hour")
	last := w.end.Truncate(time.Hour).Add(-history.Beat)
	if err := runSelf(ctx, w.self, insideHistory, history.Plan{Dir: full, Span: 6 * time.Hour, End: last, Seed: 2, Services: daemonServices, Processes: daemonSleepers}, new(history.Cost)); err != nil {
		return err
	}
	var plans daemon.Plans
	for i := range starts {
		plan := daemon.Plan{Zol0: w.zol0, Data: filepath.Join(w.dir, fmt.Sprint("turn ", i)), Settle: 2 * time.Second, Services: daemonServices, Processes: daemonSleepers}
		if err := history.Copy(full, plan.Data); err != nil {
			return err
		}
		plans.Plans = append(plans.Plans, plan)
	}
	return w.inside(ctx, daemonSleepers, insideDaemon, plans, &w.report.Turns)
}

// beats drives compressed beats: short runs where the cost of one is promised, and a long one.
func (w *watching) beats(ctx context.Context) error {
	plan := daemon.Compressed{Began: w.end.Add(compressedEvery), Interval: compressedEvery, Beats: settledBeats, Every: settledBeats / 16}
	drive := func() (flat daemon.Flat, err error) {
		if plan.Data, err = w.copied("beats"); err != nil {
			return flat, err
		}
		if err = w.inside(ctx, plan.Processes, insideBeats, plan, &flat); err == nil && flat.Services < daemonServices {
			err = fmt.Errorf("compressed beats stored %d of %d services", flat.Services, daemonServices)
		}
		return flat, err
	}
	for _, plan.Processes = range beatSleepers {
		for _, plan.Procfs = range []bool{false, true} {
			flat, err := drive()
			if err != nil {
				return err
			}
			w.report.Settled = append(w.report.Settled, flat)
		}
	}
	plan.Processes, plan.Procfs, plan.Beats, plan.Every, plan.Profile = daemonSleepers, false, w.flat, w.flat/10, w.profile
	flat, err := drive()
	w.report.Flat = &flat
	return err
}

func (w *watching) imported(ctx context.Context) error {
	x, err := daemon.ImportAll(ctx, w.programs, w.zol0, w.dir, w.end)
	w.report.Imported = &x
	return err
}

func (w *watching) peers(ctx context.Context) error {
	x, err := peer.Psutil(ctx, w.programs, daemonServices, psutilSleepers)
	w.report.Peers = append(w.report.Peers, x)
	w.report.NotRun = append(w.report.NotRun, "netdata, Prometheus with exporters, PM2: they are services of a whole machine and are not installed by a benchmark")
	return err
}
