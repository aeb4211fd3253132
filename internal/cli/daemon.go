package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/daemon"
)

// daemonFlags are what the command line says over the configuration.
type daemonFlags struct {
	listen, data, interval string

	tokens, webConfig, hosts, rateLimit string
	insecure                            bool
}

func (a *app) dashboard() *cobra.Command {
	f := &daemonFlags{}
	c := &cobra.Command{
		Use:   "dashboard",
		Short: "Watch for months: sample, store, judge, and serve it on port 8509",
		Long: `dashboard reads every process each 5 seconds, keeps what it read in one small file, judges
what grows, and serves it over HTTP on 127.0.0.1:8509. It goes on where it was after a
restart: samples, verdicts and what the judges have learnt are in the file.

SIGTERM and Ctrl-C end it in good order, a second one at once. SIGHUP reads the configuration
again; a bad one is refused and the old one holds. Under systemd it says when it is ready
and feeds the watchdog (packaging/systemd/zol0.service).

On an address that others can reach it listens only where somebody is asked who they are: with
a file of tokens, or with users or client certificates in a web configuration. --insecure
insists.

Exit codes: 0 ended by a signal, 1 failure, 2 wrong usage or configuration, an address
that is refused among them.`,
		Example: `  zol0 dashboard
  zol0 dashboard --listen 127.0.0.1:9000 --data /srv/zol0 --interval 10s
  curl -s http://127.0.0.1:8509/api/services
  zol0 self                                   how the daemon itself does`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.serve(c, f, true) },
	}
	f.add(c)
	c.Flags().StringVar(&f.listen, "listen", "", "`ADDRESS` to serve on (default "+config.DefaultListen+")")
	c.Flags().StringVar(&f.tokens, "tokens", "", "`FILE` of tokens, which everybody has to show then; see zol0 token")
	c.Flags().StringVar(&f.webConfig, "web-config", "", "web configuration `FILE` for TLS, passwords and client certificates")
	c.Flags().StringVar(&f.hosts, "hosts", "", "further `NAMES` that it is asked by, with commas between")
	c.Flags().StringVar(&f.rateLimit, "rate-limit", "", fmt.Sprintf("`REQUESTS` a second that one address may send; 0: any number (default %d)", config.DefaultRateLimit))
	c.Flags().BoolVar(&f.insecure, "insecure", false, "listen where others can reach it though nobody is asked who they are")
	return c
}

func (a *app) daemonCommand() *cobra.Command {
	f := &daemonFlags{}
	c := &cobra.Command{
		Use:   "daemon",
		Short: "Watch for months without serving anything",
		Long: `daemon does all that dashboard does but listen: it samples, stores and judges. What it
keeps is read with zol0 store, beside it or later.

With daemon.receive in the configuration it is a hub: then it listens where daemon.listen says, as
dashboard does, for other hosts to write to.

Signals and exit codes are those of zol0 dashboard.`,
		Example: `  zol0 daemon --data /srv/zol0
  zol0 store info --data /srv/zol0`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.serve(c, f, false) },
	}
	f.add(c)
	return c
}

func (f *daemonFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.data, "data", "", "`DIRECTORY` of what is kept (default: daemon.data of the configuration, else the system's place for it)")
	c.Flags().StringVar(&f.interval, "interval", "", "`TIME` between two readings, 1s to 5m (default 5s)")
}

// loadDaemon reads the configuration with the flags of the daemon over it.
func (a *app) loadDaemon(c *cobra.Command, f *daemonFlags) (*config.Config, error) {
	cfg, err := a.load()
	if err != nil {
		return nil, err
	}
	var flags []config.Flag
	for _, x := range []struct{ name, key, value string }{
		{"listen", "daemon.listen", f.listen}, {"data", "daemon.data", f.data}, {"interval", "daemon.interval", f.interval},
		{"tokens", "daemon.tokens", f.tokens}, {"web-config", "daemon.web_config", f.webConfig}, {"hosts", "daemon.hosts", f.hosts},
		{"rate-limit", "daemon.rate_limit", f.rateLimit}, {"insecure", "daemon.insecure", strconv.FormatBool(f.insecure)},
	} {
		if flag := c.Flags().Lookup(x.name); flag == nil || !flag.Changed {
			continue
		}
		if x.name == "data" || x.name == "tokens" || x.name == "web-config" {
			if x.value, err = filepath.Abs(x.value); err != nil {
				return nil, usageError("name a place that exists", "cannot use --%s: %w", x.name, err)
			}
		}
		flags = append(flags, config.Flag{Name: "--" + x.name, Key: x.key, Value: x.value})
	}
	if err := cfg.Apply(flags...); err != nil {
		return nil, err
	}
	cfg.Daemon.Data, err = cfg.DataDir()
	return cfg, err
}

// serve runs the daemon until a signal ends it.
func (a *app) serve(c *cobra.Command, f *daemonFlags, web bool) error {
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// A second signal ends the program at once, but not one that comes with the first:
	// timeout(1) sends two, to the process and to its group.
	context.AfterFunc(ctx, func() { time.Sleep(secondSignal); stop() })
	reloads := make(chan os.Signal, 1)
	if runtime.GOOS != "windows" {
		signal.Notify(reloads, syscall.SIGHUP)
		defer signal.Stop(reloads)
	}
	cfg, err := a.loadDaemon(c, f)
	if err != nil {
		return err
	}
	o := daemon.Options{
		Config: cfg, Reloads: reloads, Version: Version, ConfigPath: cfg.Path, Log: a.log(), Demo: a.demonstrating,
		Reload: func() (*config.Config, error) { return a.loadDaemon(c, f) },
	}
	served := &door{}
	web = web || cfg.Daemon.Receive // others must reach it
	if web {
		if served, err = openDoor(ctx, &cfg.Daemon); err != nil {
			return err
		}
		o.Listener, o.Tokens = served.Listener, served.tokens
	}
	d, err := daemon.Open(o)
	if err != nil {
		if o.Listener != nil {
			o.Listener.Close() //nolint:errcheck // nothing was served
		}
		return err
	}
	if web {
		fmt.Fprintf(a.Err, "zol0: serving on %s://%s, data in %s\n", served.scheme(), o.Listener.Addr(), cfg.Daemon.Data) //nolint:errcheck // nowhere to say it
	} else {
		fmt.Fprintf(a.Err, "zol0: watching, data in %s\n", cfg.Daemon.Data) //nolint:errcheck // nowhere to say it
	}
	return d.Run(ctx)
}
