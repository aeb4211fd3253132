package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is what a process took, as /proc says.
type process struct {
	cpu time.Duration
	rss int64
}

// clockTick is the unit of times in /proc/PID/stat: USER_HZ, 100 on every Linux.
const clockTick = 10 * time.Millisecond

// processOf reads a process; PID 0 is none.
func processOf(pid int) (process, error) {
	if pid == 0 {
		return process{}, nil
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return process{}, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	var out process
	for _, field := range fields[11:13] { // utime, stime
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return out, err
		}
		out.cpu += time.Duration(ticks) * clockTick
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return out, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			if err != nil {
				return out, err
			}
			out.rss = kilobytes << 10
		}
	}
	return out, nil
}

// onDisk is what files below a directory take.
func onDisk(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok {
			n += s.Blocks * 512
		}
		return nil
	})
	return n, err
}

// report prints what came of a load.
func (l *load) report(out io.Writer, took time.Duration, before, after process, peak int64) {
	samples := l.samples.Load()
	line := func(name, format string, args ...any) {
		fmt.Fprintf(out, "%-24s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("load", "%d hosts of %d series at %s, for %s", l.hosts, l.series, l.interval, took.Round(time.Second))
	line("offered", "%.0f samples/s", float64(l.offered.Load())/took.Seconds())
	line("taken in", "%d samples, %.0f/s", samples, float64(samples)/took.Seconds())
	if samples > 0 {
		line("on the wire", "%.2f bytes a sample, %.0f kB/s", float64(l.bytes.Load())/float64(samples), float64(l.bytes.Load())/1000/took.Seconds())
	}
	line("latency", "p50 %s, p99 %s", quantile(l.took, 0.5).Round(10*time.Microsecond), quantile(l.took, 0.99).Round(10*time.Microsecond))
	line("messages", "%d answered, %d tried again, %d rejected, %d late by a beat", l.sent.Load(), l.failed.Load(), l.rejected.Load(), l.late.Load())
	if l.pid != 0 {
		cpu := after.cpu - before.cpu
		line("target", "%.1f %% of a core, %.1f MB at the end, %.1f MB at most", 100*cpu.Seconds()/took.Seconds(), float64(after.rss)/1e6, float64(peak)/1e6)
		if samples > 0 {
			line("for 100,000 samples/s", "%.2f cores", cpu.Seconds()/float64(samples)*1e5)
		}
	}
	if l.dir != "" {
		if n, err := onDisk(l.dir); err != nil {
			line("on disk", "%v", err)
		} else if samples > 0 {
			line("on disk", "%.1f MB, %.2f bytes a sample", float64(n)/1e6, float64(n)/float64(samples))
		}
	}
}
