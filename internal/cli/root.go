// Package cli is the command line of zol0: one file per command. It owns the terminal:
// nothing below it prints, exits or asks what time it is.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
)

// World is everything a command touches outside of itself.
type World struct {
	Args []string // without the program's name
	In   io.Reader
	Out  io.Writer
	Err  io.Writer
	Env  config.Environment
	// Now is the wall clock.
	Now func() time.Time
}

// app is one run of zol0.
type app struct {
	World
	configPath string
	procRoot   string
	verbose    bool
	asking     asking
	// demonstrating says that what is watched is the demonstration.
	demonstrating bool
}

// Main runs the command that the arguments name and returns the exit code.
func Main(ctx context.Context, w World) int {
	a := &app{World: w}
	root := a.root()
	root.SetArgs(w.Args)
	root.SetIn(w.In)
	out := &remembering{Writer: w.Out}
	root.SetOut(out)
	root.SetErr(w.Err)
	addCompletion(root) // it remembers where to write
	wrapArgs(root)
	err := root.ExecuteContext(ctx)
	if out.err != nil && (err == nil || errors.Is(err, out.err)) {
		err = writeError("standard output", out.err) // of the library's own texts
	}
	a.report(err)
	return codeOf(err)
}

// remembering keeps the first error of a writer whose user ignores them.
type remembering struct {
	io.Writer
	err error
}

func (r *remembering) Write(b []byte) (int, error) {
	n, err := r.Writer.Write(b)
	if err != nil && r.err == nil {
		r.err = err
	}
	return n, err
}

// report says what went wrong and what to do next.
func (a *app) report(err error) {
	var status exitStatus
	if err == nil || errors.As(err, &status) || errors.Is(err, syscall.EPIPE) {
		return
	}
	// Where even the error stream is gone, the exit code is what is left to say.
	fmt.Fprintf(a.Err, "zol0: %v\n", err) //nolint:errcheck // see above
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(a.Err, "hint: %s\n", hint) //nolint:errcheck // see above
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "zol0",
		Short: "See which service leaks memory, how fast, and when it runs out",
		Long: `zol0 watches the memory of the long-running services of a machine from outside.

It reads every process, names the service each belongs to, and tells growth from noise
by the private memory of each process. It changes nothing in what it watches.`,
		Example: `  zol0 quick                 one table of every service, now
  zol0 monitor 10 30         watch for 10 minutes, a report every 30 seconds
  zol0 top                   a live view
  zol0 check                 one line and an exit code, for cron and Nagios
  zol0 analyze FILE...       judge what somebody recorded`,
		Args:              cobra.NoArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		// The library looks at this later, and what it finds is no wrong usage to it.
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if err := c.ValidateFlagGroups(); err != nil {
				return usageError("give one of them alone; see: "+c.CommandPath()+" --help", "%w", err)
			}
			return nil
		},
	}
	root.PersistentFlags().StringVar(&a.configPath, "config", "", "configuration `FILE` (default: the first of "+a.searched()+")")
	root.PersistentFlags().StringVar(&a.procRoot, "proc-root", "", "`DIRECTORY` where procfs is mounted, for containers (default "+probe.DefaultRoot+")")
	root.PersistentFlags().BoolVarP(&a.verbose, "verbose", "v", false, "say on standard error how processes are read")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if negative := regexp.MustCompile(`flag: '[\d.]' in -([\d.]\S*)`).FindStringSubmatch(err.Error()); negative != nil {
			return usageError("see: "+c.CommandPath()+" --help", "%q is neither an option nor a number above 0", "-"+negative[1])
		}
		return usageError("see: "+c.CommandPath()+" --help", "%w", err)
	})
	root.AddCommand(a.quick(), a.monitor(), a.top(), a.check(), a.analyze(), a.backtest(), a.services(), a.history(), a.query(), a.dashboard(), a.demo(), a.daemonCommand(), a.self(), a.store(), a.config(), a.token(), a.version(), a.man())
	return root
}

// addCompletion adds the library's command, which of itself takes any word for a wish for
// help.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd("zol0")
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
			c.Args = cobra.NoArgs
		}
	}
}

// searched names the places of the configuration without naming the user, as manual pages
// made here are read elsewhere.
func (a *app) searched() string {
	all := strings.Join(config.SearchPaths(a.Env), ", ")
	if home, ok := a.Env("HOME"); ok && home != "" {
		all = strings.ReplaceAll(all, home, "~")
	}
	return all
}

// wrapArgs makes mistakes in the arguments of every command mistakes of usage, which
// have their own exit code and a hint.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usageError("see: "+c.CommandPath()+" --help", "%w", err)
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// load reads the configuration with the flags over it.
func (a *app) load() (*config.Config, error) {
	c, err := config.Load(a.configPath, a.Env)
	if err != nil {
		return nil, err
	}
	if a.procRoot != "" {
		if err := c.Apply(config.Flag{Name: "--proc-root", Key: "proc_root", Value: a.procRoot}); err != nil {
			return nil, err
		}
	}
	if c.ProcRoot == "" {
		c.ProcRoot = probe.DefaultRoot
	}
	return c, nil
}

// machine is an open reader with everything that names and adds up what it reads.
type machine struct {
	config   *config.Config
	reader   *probe.Reader
	resolver *service.Resolver
	sampler  *sampler.Sampler
}

// procfsHint is the next step when the machine cannot be read.
const procfsHint = "zol0 reads procfs: name its mount point with --proc-root"

// scanMode says how often a command scans.
type scanMode bool

const (
	scansOnce  scanMode = true  // procfs: loading eBPF costs more than one scan
	scansOften scanMode = false // eBPF where the system and the user's rights allow it
)

func (a *app) open(mode scanMode) (*machine, error) {
	c, err := a.load()
	if err != nil {
		return nil, err
	}
	reader, err := probe.Open(probe.Options{Root: c.ProcRoot, Light: bool(mode), Log: a.log()})
	if err != nil {
		return nil, failure(procfsHint, err)
	}
	resolver := service.New(service.Options{Rules: c.Rules, HostRoot: filepath.Dir(filepath.Clean(c.ProcRoot))})
	return &machine{c, reader, resolver, sampler.New(reader, resolver, c.Limits)}, nil
}

// log writes to the error stream: what a person asked for with --verbose, warnings always.
func (a *app) log() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: level}))
}
