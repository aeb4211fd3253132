package cli

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/demo"
)

func (a *app) demo() *cobra.Command {
	f := &daemonFlags{interval: "2s"}
	python, seed := "python3", 7
	if runtime.GOOS == "windows" {
		python = "python"
	}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show the product on real programs: a paper-trading core, and one that leaks",
		Long: `demo starts four programs in Python, each a real process, and serves the page that watches them:

  Trading Core      trades on paper on a simulated market: strategies, components, a log
  Leaky Dashboard   keeps what each page load rendered, and never deletes it: 240 MB an hour
  Filling Cache     fills a bounded cache, and then stays
  Sawtooth          gathers garbage until its collector runs

The market is a seeded random walk; all trades, logs and memory are real. The leak is named
within minutes. Everything is in a directory of its own that goes with the demonstration; the
programs end also where zol0 is killed.

Exit codes: 0 ended by a signal, 1 failure (Python is missing, the port is taken), 2 wrong
usage.`,
		Example: `  zol0 demo
  zol0 demo --listen 127.0.0.1:9000
  curl -s http://127.0.0.1:8509/api/strategies`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			dir, err := os.MkdirTemp("", "zol0-demo-")
			if err != nil {
				return failure("see that the directory for temporary files can be written", fmt.Errorf("cannot make a directory: %w", err))
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGTERM, syscall.SIGINT)
			defer stop()
			fmt.Fprintln(a.Err, "zol0: starting the programs of the demonstration") //nolint:errcheck // nowhere to say it
			d, err := demo.Start(ctx, demo.Options{Dir: dir, Python: python, Seed: seed})
			if err != nil {
				return failure("install Python 3.9 or later, or name it with --python", err)
			}
			defer func() { err = errors.Join(err, d.Stop()) }()
			a.configPath = filepath.Join(dir, "zol0.yaml")
			if err := os.WriteFile(a.configPath, []byte(d.Config()), 0o600); err != nil {
				return failure("see that the directory for temporary files can be written", fmt.Errorf("cannot write the configuration: %w", err))
			}
			f.data = filepath.Join(dir, "data")
			for _, name := range []string{"data", "interval"} {
				if err := c.Flags().Set(name, map[string]string{"data": f.data, "interval": f.interval}[name]); err != nil {
					return err
				}
			}
			a.demonstrating = true
			return a.serve(c, f, true)
		},
	}
	c.Flags().StringVar(&f.listen, "listen", "", "`ADDRESS` to serve on (default "+config.DefaultListen+")")
	c.Flags().StringVar(&f.interval, "interval", f.interval, "`TIME` between two readings, 1s to 5m")
	c.Flags().StringVar(&python, "python", python, "Python 3.9 or later")
	c.Flags().IntVar(&seed, "seed", seed, "`NUMBER` that the market follows from")
	c.Flags().StringVar(&f.data, "data", "", "")
	c.Flags().MarkHidden("data") //nolint:errcheck // it was just made
	return c
}
