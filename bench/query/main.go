// Command query measures what PromQL over the store costs: processor time per query and
// memory, over days of history of a machine with 800 series.
//
// The values are synthetic and no measurement of anything (fill.go); what is measured is
// the engine and the store of the product. README.md of the directory above says how to
// read it.
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
	"strconv"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench/query:", err)
		os.Exit(1)
	}
}

// plan is what is measured.
type plan struct {
	dir     string
	days    int
	churn   int // new series an hour
	rounds  int
	only    string // a part, in a process of its own
	profile string
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var p plan
	flags := flag.NewFlagSet("query", flag.ContinueOnError)
	flags.StringVar(&p.dir, "dir", "", "`directory` of the store; one that has a store already is measured as it is; empty: a temporary one")
	flags.Func("end", "RFC 3339 `time` of the last beat (default "+end.Format(time.RFC3339)+")", func(text string) (err error) {
		end, err = time.Parse(time.RFC3339, text)
		return err
	})
	flags.IntVar(&p.days, "days", 7, "days of history")
	flags.IntVar(&p.churn, "churn", 200, "new series an hour")
	flags.IntVar(&p.rounds, "rounds", 9, "runs of each query; the median is shown")
	flags.StringVar(&p.only, "only", "", "fill or measure, in this process")
	flags.StringVar(&p.profile, "profile", "", "write a processor profile of the queries to `file`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if p.days < 2 || p.rounds < 5 || p.churn < 0 {
		return fmt.Errorf("-days %d, -rounds %d, -churn %d: the least are 2, 5 and 0", p.days, p.rounds, p.churn)
	}
	switch p.only {
	case "fill":
		return fill(ctx, p, out)
	case "measure":
		return measure(ctx, p, out)
	case "":
	default:
		return fmt.Errorf("-only %q: it is fill or measure", p.only)
	}
	if p.dir == "" {
		dir, err := os.MkdirTemp("", "zol0-query-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
		p.dir = dir
	}
	if _, err := os.Stat(filepath.Join(p.dir, "zol0.db")); err != nil {
		if err := p.again(ctx, "fill", out); err != nil {
			return err
		}
	}
	return p.again(ctx, "measure", out)
}

// again runs a part in a process of its own: its memory is then its own.
func (p plan) again(ctx context.Context, part string, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, self, "-only", part, "-dir", p.dir, "-days", strconv.Itoa(p.days), "-churn", strconv.Itoa(p.churn), "-rounds", strconv.Itoa(p.rounds), "-profile", p.profile, "-end", end.Format(time.RFC3339))
	c.Stdout, c.Stderr = out, os.Stderr
	c.WaitDelay = 10 * time.Second
	if err := c.Run(); err != nil {
		return fmt.Errorf("-only %s: %w", part, err)
	}
	return nil
}
