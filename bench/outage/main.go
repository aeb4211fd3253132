// Command outage takes an engine away from a sender and gives it back: a process of its own
// puts samples in real time, VictoriaMetrics is stopped for a while and started again, and
// every sample is looked for in it afterwards.
//
//	go run ./outage -down 20s
//	go run ./outage -wire        # bytes of a sample on the wire, without an engine
//
// It needs Linux, for /proc, and Debian's package victoria-metrics.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

type outage struct {
	series         int
	interval       time.Duration
	before, down   time.Duration
	after, patient time.Duration
	engine         string

	mu   sync.Mutex
	last report        // what the sender said last
	peak int64         // resident memory of the sender
	most report        // with the most bytes waiting
	gone chan struct{} // closed when the sender said all it says
	fail error
}

func main() {
	o := &outage{gone: make(chan struct{})}
	wire := flag.Bool("wire", false, "tell the bytes of a sample on the wire, and nothing else")
	sending := flag.String("sender", "", "be the sender, with its spool in this directory")
	target := flag.String("target", "", "where the sender writes to")
	flag.IntVar(&o.series, "series", 20_000, "series")
	flag.DurationVar(&o.interval, "interval", time.Second, "between two samples of a series")
	flag.DurationVar(&o.before, "before", 15*time.Second, "how long the engine is there before")
	flag.DurationVar(&o.down, "down", 20*time.Second, "how long it is away")
	flag.DurationVar(&o.after, "after", 10*time.Second, "how long it goes on once nothing waits any more")
	flag.DurationVar(&o.patient, "patience", 5*time.Minute, "how long to wait until nothing waits any more")
	flag.StringVar(&o.engine, "engine", "victoria-metrics", "program of VictoriaMetrics")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case *wire:
		err = tellWire(os.Stdout)
	case *sending != "":
		err = send(ctx, *sending, *target, o.series, o.interval)
	default:
		err = o.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "outage:", err)
		os.Exit(1)
	}
}

// run takes the engine away and gives it back, and prints what came of it.
func (o *outage) run(ctx context.Context) (err error) {
	if o.series < 1 || o.interval <= 0 {
		return errors.New("series and interval are to be more than nothing")
	}
	if _, err := exec.LookPath(o.engine); err != nil {
		fmt.Printf("NOT RUN: an outage of an engine: %s is missing; on Debian: apt-get install victoria-metrics\n", o.engine)
		return nil
	}
	dir, err := os.MkdirTemp("", "outage")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	e, err := newEngine(o.engine, filepath.Join(dir, "engine"))
	if err != nil {
		return err
	}
	if err := e.start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	began := time.Now()
	sender, err := o.startSender(filepath.Join(dir, "spool"), e.url()+"/api/v1/write")
	if err != nil {
		return err
	}
	ended := false
	defer func() {
		if !ended {
			err = errors.Join(err, sender.Process.Kill())
			_ = sender.Wait() // it was killed
		}
	}()
	if err := pause(ctx, o.before); err != nil {
		return err
	}
	if err := e.stop(); err != nil {
		return err
	}
	if err := pause(ctx, o.down); err != nil {
		return err
	}
	if err := e.start(ctx); err != nil {
		return err
	}
	back := time.Now()
	waited := o.report().Bytes
	for o.report().Records > recordsOf(o.series) || o.report().Failed > 0 {
		if time.Since(back) > o.patient {
			return fmt.Errorf("after %s there wait still %+v", o.patient, o.report())
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	live := time.Since(back)
	if err := pause(ctx, o.after); err != nil {
		return err
	}
	ended = true
	if err := sender.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-o.gone
	if err := errors.Join(sender.Wait(), o.fail); err != nil {
		return fmt.Errorf("the sender: %w", err)
	}
	return o.print(ctx, e, began, waited, live)
}

// recordsOf one beat may wait while nothing is behind: 5,000 samples each.
func recordsOf(series int) int64 { return int64(series+4999) / 5000 }

// print counts what arrived and prints it all.
func (o *outage) print(ctx context.Context, e *engine, began time.Time, waited int64, live time.Duration) error {
	got, err := e.count(ctx, began)
	if err != nil {
		return err
	}
	end := o.report()
	line := func(name, format string, args ...any) { fmt.Printf("%-22s %s\n", name, fmt.Sprintf(format, args...)) }
	line("load", "%d series at %s: %.0f samples/s, for %s", o.series, o.interval, float64(o.series)/o.interval.Seconds(), time.Since(began).Round(time.Second))
	line("engine away", "%s", o.down)
	line("spool when it is back", "%.1f MB, %.2f bytes a sample; %.1f MB at most", float64(waited)/1e6, float64(o.most.Bytes)/max(1, float64(o.most.Put-o.most.sent(o.series))), float64(o.most.Bytes)/1e6)
	line("back to live", "%.1f s", live.Seconds())
	line("memory of the sender", "%.1f MB resident at most", float64(o.peak)/1e6)
	line("processor of it", "%.1f s", end.CPU)
	line("on the wire", "%.2f bytes a sample", float64(end.SentBytes)/float64(end.Put))
	line("put", "%d samples, their sum %.0f, in %d series", end.Put, end.Sum, o.series)
	line("in the engine", "%.0f samples, their sum %.0f, in %.0f series", got.samples, got.sum, got.series)
	line("dropped, refused", "%d, %d", end.Dropped+end.Damaged, end.Refused)
	if got.samples != float64(end.Put) || got.sum != end.Sum || got.series != float64(o.series) {
		return errors.New("what arrived is not what was put")
	}
	return nil
}

// startSender starts the process that puts and sends, and follows what it says.
func (o *outage) startSender(spool, target string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.Command(self, "-sender", spool, "-target", target, "-series", fmt.Sprint(o.series), "-interval", o.interval.String())
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	go o.follow(out, c.Process.Pid)
	return c, nil
}

// follow reads what the sender says, and its resident memory each time.
func (o *outage) follow(out io.Reader, pid int) {
	defer close(o.gone)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var r report
		err := json.Unmarshal(lines.Bytes(), &r)
		rss, cpu, e := processOf(pid)
		o.mu.Lock()
		r.CPU = cpu.Seconds()
		if o.fail = errors.Join(o.fail, err, e); err == nil {
			o.last = r
			if r.Bytes > o.most.Bytes {
				o.most = r
			}
		}
		o.peak = max(o.peak, rss)
		o.mu.Unlock()
	}
}

func (o *outage) report() report {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// freeAddress is one on loopback that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
