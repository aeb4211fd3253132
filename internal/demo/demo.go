// Package demo starts the live demonstration: real programs in Python, each a process of its
// own, that trade on paper, gather garbage, fill a cache and leak per session. Nothing that is
// shown of them is made up: zol0 watches them as it watches any other program.
//
// They end with the demonstration: by a signal, and by themselves where their parent is gone.
package demo

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed python/*.py
var programs embed.FS

// Options are where the demonstration runs.
type Options struct {
	// Dir is a directory of its own, which exists. Python is the interpreter.
	Dir, Python string
	// Seed is that of the market.
	Seed int
}

// Program is one that runs.
type Program struct {
	Service string // what it is called
	Script  string
	Address string // host:port
	// Log is the file it writes to.
	Log string
	cmd *exec.Cmd
	out *os.File
}

// Demo is a demonstration that runs.
type Demo struct {
	Programs []*Program
	dir      string
	trades   string
}

// script is one program and its arguments.
type script struct {
	service, file string
	args          []string
}

// started is how long a program may take until it listens: the core trades through 120 days
// first.
const started = 30 * time.Second

// Start starts all programs and waits until each listens. Where one does not, none is left.
func Start(ctx context.Context, o Options) (*Demo, error) {
	d := &Demo{dir: o.Dir, trades: filepath.Join(o.Dir, "trades.csv")}
	python, err := exec.LookPath(o.Python)
	if err != nil {
		return nil, fmt.Errorf("the demonstration runs programs in Python 3.9 or later, and %q is not there: %w", o.Python, err)
	}
	code := filepath.Join(o.Dir, "programs")
	if err := unpack(code); err != nil {
		return nil, err
	}
	for _, s := range []script{
		{"Trading Core", "core.py", []string{"--seed", strconv.Itoa(o.Seed), "--trades", d.trades, "--log", filepath.Join(o.Dir, "core.log")}},
		{"Leaky Dashboard", "leaky_dashboard.py", nil},
		{"Filling Cache", "filling_cache.py", nil},
		{"Sawtooth", "sawtooth.py", nil},
	} {
		p, err := d.start(ctx, python, code, &s)
		if err != nil {
			return nil, errors.Join(err, d.Stop())
		}
		d.Programs = append(d.Programs, p)
	}
	return d, nil
}

// unpack writes the programs.
func unpack(to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("cannot write the programs: %w", err)
	}
	return fs.WalkDir(programs, "python", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := programs.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, e.Name()), text, 0o600)
	})
}

// start starts one program and waits for its address.
func (d *Demo) start(ctx context.Context, python, code string, s *script) (*Program, error) {
	p := &Program{Service: s.service, Script: s.file, Log: filepath.Join(d.dir, strings.TrimSuffix(s.file, ".py")+".log")}
	said := p.Log
	if s.file == "core.py" {
		said += ".out" // its log is its own
	}
	var err error
	if p.out, err = os.Create(said); err != nil {
		return nil, fmt.Errorf("cannot write the log of %s: %w", s.file, err)
	}
	p.cmd = exec.Command(python, append([]string{"-u", filepath.Join(code, s.file)}, s.args...)...)
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1", "LANG=C.UTF-8"}
	p.cmd.Dir = d.dir
	alone(p.cmd)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, p.out.Close())
	}
	p.cmd.Stderr = p.out
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start %s: %w", s.file, err), p.out.Close())
	}
	first := make(chan string, 1)
	go func() {
		in := bufio.NewReader(stdout)
		line, err := in.ReadString('\n')
		if err == nil {
			first <- strings.TrimSpace(line)
		}
		close(first)
		_, _ = io.Copy(p.out, in) // until it ends; a log that cannot be written is no reason to end it
	}()
	timer := time.NewTimer(started)
	defer timer.Stop()
	select {
	case line := <-first:
		address, ok := strings.CutPrefix(line, "listening on ")
		if !ok {
			return nil, errors.Join(fmt.Errorf("%s said %q and does not listen; its log is %s", s.file, line, said), p.stop())
		}
		p.Address = address
		return p, nil
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), p.stop())
	case <-timer.C:
		return nil, errors.Join(fmt.Errorf("%s does not listen after %s; its log is %s", s.file, started, said), p.stop())
	}
}

// ending is how long a program may take to end before it is killed.
const ending = 3 * time.Second

// stop ends a program and waits for it.
func (p *Program) stop() error {
	err := terminate(p.cmd)
	done := make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // it was told to end
		close(done)
	}()
	timer := time.NewTimer(ending)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		err = errors.Join(err, p.cmd.Process.Kill())
		<-done
	}
	return errors.Join(err, p.out.Close())
}

// Stop ends all programs.
func (d *Demo) Stop() (err error) {
	for _, p := range d.Programs {
		err = errors.Join(err, p.stop())
	}
	d.Programs = nil
	return err
}

// PID is that of a program.
func (p *Program) PID() int { return p.cmd.Process.Pid }

// Config is a configuration of zol0 that watches the programs, asks the core for its trades
// and follows the logs.
func (d *Demo) Config() string {
	var b strings.Builder
	b.WriteString("# Written by: zol0 demo\nservices:\n")
	addresses := make(map[string]string)
	for _, p := range d.Programs {
		addresses[p.Script] = p.Address
		fmt.Fprintf(&b, "  - name: %s\n    kind: demo\n    match: {command: '%s/%s'}\n", p.Service, "programs", strings.ReplaceAll(p.Script, ".", `\.`))
	}
	fmt.Fprintf(&b, `  - name: zol0
    kind: monitor
    match: {command: 'zol0.* demo'}
sources:
  - name: core
    kind: zol0
    url: http://%[1]s
    service: Trading Core
    interval: 5s
    only: [components, series]
  - name: ledger
    kind: trades
    file: %[2]q
    service: Trading Core
    interval: 5s
    balance: 10000
    currency: USDT
  - name: metrics
    kind: openmetrics
    url: http://%[1]s/metrics
    service: Trading Core
    interval: 5s
    work: bot_ticks_total
    keep: [bot_*, strategy_open_positions]
  - name: dashboard
    kind: openmetrics
    url: http://%[3]s/metrics
    service: Leaky Dashboard
    interval: 5s
    work: app_page_loads_total
    keep: [app_*]
logs:
`, addresses["core.py"], d.trades, addresses["leaky_dashboard.py"])
	for _, p := range d.Programs {
		fmt.Fprintf(&b, "  - service: %s\n    file: %q\n", p.Service, p.Log)
	}
	return b.String()
}
