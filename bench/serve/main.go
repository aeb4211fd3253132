// Command serve measures the whole daemon while it serves: the real program, with a week of
// history, asked by live clients, by scrapes and by range queries.
//
// The history is synthetic and no measurement of anything (../query); what is measured is
// memory and latency of the product. README.md of the directory above says how to read it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench/serve:", err)
		os.Exit(1)
	}
}

// plan is what is measured.
type plan struct {
	zol0    string
	days    int
	span    time.Duration // of each part
	clients int
	rate    int // requests a second
	ranges  int // queries at a time
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var p plan
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&p.zol0, "zol0", "../bin/zol0", "the `program`, as make build leaves it")
	flags.IntVar(&p.days, "days", 7, "days of history")
	flags.DurationVar(&p.span, "span", time.Minute, "how long each part takes")
	flags.IntVar(&p.clients, "clients", 200, "live clients")
	flags.IntVar(&p.rate, "rate", 200, "requests a second, half of them /metrics, half the table of services")
	flags.IntVar(&p.ranges, "ranges", 10, "range queries at a time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if p.days < 2 || p.span < 10*time.Second || p.clients < 1 || p.rate < 1 || p.ranges < 1 {
		return errors.New("the least are 2 days, a span of 10s and one of each")
	}
	dir, err := os.MkdirTemp("", "zol0-serve-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	fill := exec.CommandContext(ctx, "go", "run", "./query", "-only", "fill", "-dir", dir, "-days", fmt.Sprint(p.days), "-end", time.Now().UTC().Format(time.RFC3339))
	fill.Stderr = os.Stderr
	if err := fill.Run(); err != nil {
		return fmt.Errorf("the history: %w", err)
	}
	d, err := start(ctx, p.zol0, dir)
	if err != nil {
		return err
	}
	defer d.end()
	report, err := measure(ctx, d, &p)
	if err != nil {
		return fmt.Errorf("%w; the daemon said: %s", err, d.said())
	}
	_, err = io.WriteString(out, report)
	return err
}

// measure goes through the parts.
func measure(ctx context.Context, d *daemon, p *plan) (string, error) {
	var out strings.Builder
	row := func(what, measured, asked string, met bool) {
		word := "met"
		if !met {
			word = "**missed**"
		}
		if asked == "none" {
			word = ""
		} else {
			asked += ": "
		}
		fmt.Fprintf(&out, "| %s | %s | %s%s |\n", what, measured, asked, word)
	}
	rest := func(span time.Duration) (middle, most float64, err error) {
		w := d.watch()
		err = sleep(ctx, span)
		all, failed := w.stop()
		return median(all), slices.Max(append(all, 0)), errors.Join(err, failed)
	}
	if err := sleep(ctx, p.span/2); err != nil { // what was read at the start is given back
		return "", err
	}
	steady, most, err := rest(p.span)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(filepath.Join(d.dir, "zol0.db"))
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&out, "| the daemon with %d days of history, %.0f MB | measured | asked |\n| --- | --- | --- |\n", p.days, float64(info.Size())/1e6)
	row("RSS at rest, median and most", fmt.Sprintf("%.1f, %.1f MB", steady, most), "30 MB", steady <= 30)

	l, err := follow(ctx, d, p.clients, p.span)
	if err != nil {
		return "", err
	}
	row(fmt.Sprintf("RSS more with %d live clients, median", p.clients), fmt.Sprintf("%.1f MB", l.rss-steady), "10 MB", l.rss-steady <= 10)
	row("beats missed by any of them", fmt.Sprintf("%d of %d each", l.missed, l.beats), "0", l.missed == 0)

	before, _, err := rest(p.span / 2)
	if err != nil {
		return "", err
	}
	x, err := load(ctx, d, p.rate, p.span)
	if err != nil {
		return "", err
	}
	after, _, err := rest(p.span)
	if err != nil {
		return "", err
	}
	row(fmt.Sprintf("%d requests a second for %s: failed", p.rate, p.span), fmt.Sprintf("%d of %d", x.failed, x.asked), "0", x.failed == 0)
	row("latency from its moment on: p50, p99, most", fmt.Sprintf("%.1f, %.1f, %.1f ms", x.p50, x.p99, x.most), "p99 50 ms", x.p99 <= 50)
	row("RSS before and a while after", fmt.Sprintf("%.1f, %.1f MB", before, after), "no growth", after <= before+1)

	peak, answered, err := ranges(ctx, d, p.ranges, p.span/2)
	if err != nil {
		return "", err
	}
	row(fmt.Sprintf("RSS at most under %d range queries at a time", p.ranges), fmt.Sprintf("%.1f MB, %d answers", peak, answered), "45 MB", peak <= 45 && answered > 0)
	return out.String(), nil
}

// sleep waits or ends with the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	all = slices.Clone(all)
	slices.Sort(all)
	return all[len(all)/2]
}
