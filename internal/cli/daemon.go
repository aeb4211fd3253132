package cli

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/daemon"
)

// daemonFlags are what the command line says over the configuration.
type daemonFlags struct {
	listen, data, interval string
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

Exit codes: 0 ended by a signal, 1 failure, 2 wrong usage or configuration.`,
		Example: `  zol0 dashboard
  zol0 dashboard --listen 127.0.0.1:9000 --data /srv/zol0 --interval 10s
  curl -s http://127.0.0.1:8509/api/services
  zol0 self                                   how the daemon itself does`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.serve(c, f, true) },
	}
	f.add(c)
	c.Flags().StringVar(&f.listen, "listen", "", "`ADDRESS` to serve on (default "+config.DefaultListen+")")
	return c
}

func (a *app) daemonCommand() *cobra.Command {
	f := &daemonFlags{}
	c := &cobra.Command{
		Use:   "daemon",
		Short: "Watch for months without serving anything",
		Long: `daemon does all that dashboard does but listen: it samples, stores and judges. What it
keeps is read with zol0 store, beside it or later.

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
	} {
		if flag := c.Flags().Lookup(x.name); flag == nil || !flag.Changed {
			continue
		}
		if x.name == "data" {
			if x.value, err = filepath.Abs(x.value); err != nil {
				return nil, usageError("name a directory that exists", "cannot use --data: %w", err)
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
		Config: cfg, Reloads: reloads, Version: Version, ConfigPath: cfg.Path, Log: a.log(),
		Reload: func() (*config.Config, error) { return a.loadDaemon(c, f) },
	}
	if web {
		if o.Listener, err = listen(cfg.Daemon.Listen); err != nil {
			return err
		}
	}
	d, err := daemon.Open(o)
	if err != nil {
		if o.Listener != nil {
			o.Listener.Close() //nolint:errcheck // nothing was served
		}
		return err
	}
	if web {
		fmt.Fprintf(a.Err, "zol0: serving on http://%s, data in %s\n", o.Listener.Addr(), cfg.Daemon.Data) //nolint:errcheck // nowhere to say it
	} else {
		fmt.Fprintf(a.Err, "zol0: watching, data in %s\n", cfg.Daemon.Data) //nolint:errcheck // nowhere to say it
	}
	return d.Run(ctx)
}

// listen opens the address of the API. Only this machine may ask while there is no way to
// tell who does.
func listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usageError("write an address and a port, like 127.0.0.1:8509", "cannot listen on %q: %w", address, err)
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, usageError("listen on 127.0.0.1 or [::1], and reach it from elsewhere through ssh -L or a proxy that asks who is there", "will not listen on %s: others could read what runs here, and nobody is asked who they are yet", address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, failure("another zol0 may be running (see: zol0 self), or choose another port with --listen", fmt.Errorf("cannot listen on %s: %w", address, err))
	}
	return l, nil
}
