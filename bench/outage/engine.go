package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// engine is a VictoriaMetrics of its own.
type engine struct {
	program, dir, address string
	command               *exec.Cmd
}

func newEngine(program, dir string) (*engine, error) {
	address, err := freeAddress()
	return &engine{program: program, dir: dir, address: address}, err
}

func (e *engine) url() string { return "http://" + e.address }

// start starts it and waits until it answers. A message that was taken when its answer was
// lost is sent again: what stands there twice at the same millisecond counts once.
func (e *engine) start(ctx context.Context) error {
	e.command = exec.Command(e.program, "-storageDataPath="+e.dir, "-httpListenAddr="+e.address, "-loggerLevel=ERROR", "-search.disableCache", "-search.latencyOffset=0s", "-dedup.minScrapeInterval=1ms", "-retentionPeriod=1y")
	e.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	e.command.Stderr = os.Stderr
	if err := e.command.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		if answer, err := http.Get(e.url() + "/health"); err == nil {
			if err := answer.Body.Close(); err == nil && answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("%s does not answer on %s", e.program, e.address), e.stop())
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return errors.Join(err, e.stop())
		}
	}
}

// stop ends it in good order: it keeps samples of the last seconds in memory, which kill -9
// would lose on its side.
func (e *engine) stop() error {
	if e.command == nil {
		return nil
	}
	err := e.command.Process.Signal(syscall.SIGTERM)
	_ = e.command.Wait() // it was told to end
	e.command = nil
	return err
}

// counted is what the engine has.
type counted struct{ samples, sum, series float64 }

// count asks for all samples since a moment. What came last is visible after a second or two.
func (e *engine) count(ctx context.Context, since time.Time) (out counted, err error) {
	if err := pause(ctx, 3*time.Second); err != nil {
		return out, err
	}
	window := fmt.Sprintf(`{__name__=~"zol0_.+"}[%ds]`, int(time.Since(since).Seconds())+60)
	for _, x := range []struct {
		to   *float64
		text string
	}{
		{&out.samples, "sum(count_over_time(" + window + "))"},
		{&out.sum, "sum(sum_over_time(" + window + "))"},
		{&out.series, "count(count_over_time(" + window + "))"},
	} {
		if *x.to, err = e.ask(ctx, x.text); err != nil {
			return out, err
		}
	}
	return out, nil
}

// ask asks for one number.
func (e *engine) ask(ctx context.Context, text string) (float64, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url()+"/api/v1/query?"+url.Values{"query": {text}}.Encode(), nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, err
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return 0, err
	}
	var got struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if err := json.Unmarshal(body, &got); err != nil || len(got.Data.Result) != 1 {
		return 0, fmt.Errorf("%s is answered with %.200s (%w)", text, body, err)
	}
	value, _ := got.Data.Result[0].Value[1].(string)
	return strconv.ParseFloat(value, 64)
}

// processOf reads the resident memory and the processor time of a process.
func processOf(pid int) (rss int64, cpu time.Duration, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0, 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	for _, field := range fields[11:13] { // utime, stime, in hundredths of a second
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, 0, err
		}
		cpu += time.Duration(ticks) * 10 * time.Millisecond
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kilobytes << 10, cpu, err
		}
	}
	return 0, cpu, nil // it ended a moment ago
}
