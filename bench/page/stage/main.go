// Command stage lets the real daemon watch the real processes of this machine while its
// clock runs ahead: days of a history in the time it takes to read the processes so often.
// What grows, grows for real, and what is said of it is the detector's own verdict; only
// the hours are short. It ends at the present, so that `zol0 dashboard` goes on with the same
// directory, the same processes and what was learnt of them.
//
// It prints the number of beats that passed, a line each time, for whoever acts on the stage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/internal/config"
	"github.com/zol0/zol0/internal/daemon"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "stage:", err)
		os.Exit(1)
	}
}

// act is what is played.
type act struct {
	data, config string
	hours        int
	interval     time.Duration // of the daemon's clock, between two beats
	pace         time.Duration // of the world's clock, at least
	every        int           // beats between two lines
}

func run(ctx context.Context, args []string) error {
	var a act
	flags := flag.NewFlagSet("stage", flag.ContinueOnError)
	flags.StringVar(&a.data, "data", "", "`directory` of the store")
	flags.StringVar(&a.config, "config", "", "configuration `file` of the daemon")
	flags.IntVar(&a.hours, "hours", 168, "hours to let pass")
	flags.DurationVar(&a.interval, "interval", time.Minute, "time between two beats by the daemon's clock")
	flags.DurationVar(&a.pace, "pace", 2*time.Millisecond, "time between two beats in the world, at least: what leaks needs it to leak")
	flags.IntVar(&a.every, "every", 100, "beats between two lines of output")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if a.data == "" || a.hours < 1 || a.every < 1 || a.interval < time.Second {
		return errors.New("cannot begin: give --data, and hours, beats and an interval of 1 s or more")
	}
	return a.play(ctx)
}

// play runs the daemon until its clock is the world's.
func (a *act) play(ctx context.Context) (err error) {
	cfg, err := config.Load(a.config, func(string) (string, bool) { return "", false })
	if err != nil {
		return err
	}
	cfg.Daemon.Data, cfg.Daemon.Interval = a.data, a.interval
	reader, err := probe.Open(probe.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	beats := int(time.Duration(a.hours) * time.Hour / a.interval)
	monotonic, err := sinceBoot()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// The daemon's time ends where the world's will be by then, or a little before it: what
	// goes on with the store must not find times to come in it.
	span := time.Duration(beats) * a.interval
	began := time.Now()
	c := &clock{
		Reader: reader, act: a, beats: beats, stop: stop, began: began,
		now: began.Round(0).Add(-span).Truncate(a.interval), elapsed: monotonic - span,
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	d, err := daemon.Open(daemon.Options{Config: cfg, Version: "stage", Log: log, Clock: c, Machine: c})
	if err != nil {
		return err
	}
	c.opened = true
	if err := d.Run(ctx); err != nil {
		return err
	}
	if c.passed < beats {
		return fmt.Errorf("the daemon ended after %d of %d beats", c.passed, beats)
	}
	return nil
}

// sinceBoot is the clock by which the daemon's judges go on after a restart.
func sinceBoot() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0, fmt.Errorf("cannot read the monotonic clock: %w", err)
	}
	return time.Duration(t.Nano()), nil
}

// clock is the daemon's, and the machine it watches, as what it asks of the machine tells
// how far a beat is. A beat begins on a multiple of the interval. While it is at work the
// clock goes on to just before the next one, for which the daemon then waits as long as
// is left: a microsecond.
type clock struct {
	*probe.Reader
	act     *act
	now     time.Time
	elapsed time.Duration
	began   time.Time // by the world's clock
	beats   int
	passed  int
	opened  bool
	working bool // a beat is
	stop    context.CancelFunc
}

const left = time.Microsecond

func (c *clock) Now() time.Time { return c.now }

// Elapsed is asked when a beat begins, and when it is over.
func (c *clock) Elapsed() time.Duration {
	if c.opened && c.working {
		c.working = false
		c.now = c.now.Add(left)
		c.elapsed += left
		return c.elapsed - left
	}
	return c.elapsed
}

// Scan lets processes age with the clock: what has lived for less than a minute is not
// stored.
func (c *clock) Scan() (probe.Scan, error) {
	out, err := c.Reader.Scan()
	ahead := c.ahead()
	for i := range out.Samples {
		out.Samples[i].Age += ahead
	}
	return out, err
}

// Host lets the machine age as well.
func (c *clock) Host() (memory.Host, error) {
	out, err := c.Reader.Host()
	out.Uptime += c.ahead()
	return out, err
}

// ahead is by how much more the daemon's clock has gone on than the world's.
func (c *clock) ahead() time.Duration {
	return time.Duration(c.passed)*c.act.interval - time.Since(c.began)
}

// Load is asked once a beat, when the time of the beat is known.
func (c *clock) Load(dir string) (memory.Load, error) {
	c.working = true
	c.passed++
	c.now = c.now.Add(c.act.interval - left)
	c.elapsed += c.act.interval - left
	if c.passed%c.act.every == 0 {
		fmt.Println(c.passed)
	}
	if c.passed >= c.beats {
		c.stop()
	}
	time.Sleep(time.Until(c.began.Add(time.Duration(c.passed) * c.act.pace)))
	return c.Reader.Load(dir)
}
