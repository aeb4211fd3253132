package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// daemon is the real program.
type daemon struct {
	dir, url string
	command  *exec.Cmd
	ended    chan struct{}

	mu    sync.Mutex
	lines []string
}

// start runs it over a directory until it serves. Nothing of this user's configuration holds.
func start(ctx context.Context, program, dir string) (*daemon, error) {
	d := &daemon{dir: dir, command: exec.CommandContext(ctx, program, "dashboard", "--listen", "127.0.0.1:0", "--data", dir, "--rate-limit", "0"), ended: make(chan struct{})}
	d.command.Env = append(os.Environ(), "XDG_CONFIG_HOME="+dir)
	pipe, err := d.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := d.command.Start(); err != nil {
		return nil, err
	}
	serving := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			d.mu.Lock()
			d.lines = append(d.lines, lines.Text())
			d.mu.Unlock()
			if _, rest, ok := strings.Cut(lines.Text(), "serving on "); ok {
				url, _, _ := strings.Cut(rest, ",")
				serving <- url
			}
		}
		_ = d.command.Wait() // it was told to end
		close(d.ended)
	}()
	select {
	case d.url = <-serving:
		return d, nil
	case <-d.ended:
		return nil, fmt.Errorf("the daemon ended: %s", d.said())
	case <-time.After(time.Minute):
		d.end()
		return nil, errors.New("the daemon does not serve")
	}
}

func (d *daemon) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, "; ")
}

func (d *daemon) end() {
	if err := d.command.Process.Signal(syscall.SIGTERM); err == nil {
		<-d.ended
	}
}

// rss is its resident memory in MB.
func (d *daemon) rss() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(text), "VmRSS:")
	line, _, _ := strings.Cut(rest, "kB")
	n, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
	if !ok || err != nil {
		return 0, fmt.Errorf("no VmRSS in %q", text)
	}
	return n * 1024 / 1e6, nil
}

// watcher reads it ten times a second.
type watcher struct {
	done chan struct{}
	out  chan error
	all  []float64
}

func (d *daemon) watch() *watcher {
	w := &watcher{done: make(chan struct{}), out: make(chan error, 1)}
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			v, err := d.rss()
			if err != nil {
				w.out <- err
				return
			}
			w.all = append(w.all, v)
			select {
			case <-w.done:
				w.out <- nil
				return
			case <-tick.C:
			}
		}
	}()
	return w
}

func (w *watcher) stop() ([]float64, error) {
	close(w.done)
	err := <-w.out
	return w.all, err
}
