// Package top is the live view of a machine's services in a terminal: a sentence that
// answers whether anything grows, and a table of services below it. It judges nothing
// itself: states and rates come from package leak through package tally.
//
// The view keeps one history of 120 points per service, at most tally.MaxServices of them,
// and about 100 bytes per living process, however long it runs.
//
//	err := top.Run(ctx, top.Options{Machine: sampler, Now: clock, Interval: 2 * time.Second, …})
package top

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/zol0/zol0/internal/sampler"
)

// DefaultInterval is short enough to see a service start and long enough to cost little.
const DefaultInterval = 2 * time.Second

// Taker takes snapshots of a machine; *sampler.Sampler is one.
type Taker interface {
	Take(now time.Time) (*sampler.Snapshot, error)
}

// Options say what is shown, how, and where.
type Options struct {
	Machine Taker
	// Source names how processes are read, like "ebpf". It is asked after each reading.
	Source func() string
	// Now is the wall clock.
	Now      func() time.Time
	Interval time.Duration
	Sort     Key
	// Filter is what the name or kind of a service must fit; nil lets every one through.
	Filter *regexp.Regexp
	// All shows services that no rule watches too, and the kernel's threads.
	All bool
	// In and Out are terminals.
	In, Out *os.File
	// Env looks up a variable of the environment.
	Env func(name string) (string, bool)
}

// Run shows the view until somebody quits it or ctx ends, and leaves the terminal as it
// was. When it returns no reading is under way any more.
func Run(ctx context.Context, o Options) error {
	m := newModel(&o)
	defer m.watch.close()
	var err error
	if word, _ := o.Env("TERM"); word == "dumb" {
		err = runPlain(ctx, m, &o)
	} else {
		err = run(ctx, tea.NewProgram(m, tea.WithInput(o.In), tea.WithOutput(o.Out),
			tea.WithEnvironment(environment(o.Env)), tea.WithColorProfile(profile(o.Env)), tea.WithoutSignalHandler()))
	}
	if err != nil && !errors.Is(err, tea.ErrInterrupted) {
		return fmt.Errorf("cannot go on with the live view: %w", err)
	}
	return nil
}

// run lets ctx end the program the way a person would, so that the last screen is drawn
// and the terminal is restored.
func run(ctx context.Context, p *tea.Program) error {
	stop := context.AfterFunc(ctx, p.Quit)
	defer stop()
	_, err := p.Run()
	return err
}

// profile is what the terminal may be sent. Only the sixteen colours that a person chose
// for the terminal are used: they suit its background, light or dark. NO_COLOR, set to
// anything (https://no-color.org), leaves bold, faint and reverse.
func profile(env func(string) (string, bool)) colorprofile.Profile {
	if word, _ := env("NO_COLOR"); word != "" {
		return colorprofile.ASCII
	}
	return colorprofile.ANSI
}

// environment is the part of the environment that the terminal library decides by.
func environment(env func(string) (string, bool)) []string {
	var out []string
	for _, name := range []string{"TERM", "TERM_PROGRAM", "SSH_TTY", "WT_SESSION", "COLUMNS", "LINES"} {
		if v, ok := env(name); ok {
			out = append(out, name+"="+v)
		}
	}
	return out
}
