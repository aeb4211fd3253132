// Package scan measures what it costs to read all processes once: with the product's
// readers, with the libraries a Go program would otherwise use, and with a C program that
// is the floor. It compares them as ratios to the floor of the same round.
package scan

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/prometheus/procfs"
	"github.com/shirou/gopsutil/v4/process"

	"github.com/zol0/zol0/internal/probe"
)

// Names of the readers, as the table shows them.
const (
	Floor      = "floor"      // C: stat + status
	Procfs     = "procfs"     // ours: stat + status + descriptors
	EBPF       = "ebpf"       // ours: a task iterator
	Prometheus = "prometheus" // prometheus/procfs: stat + status + descriptors
	Gopsutil   = "gopsutil"   // gopsutil: the same fields
)

// Readers is every reader in the order of the table. The floor is the first.
var Readers = [...]string{Floor, EBPF, Procfs, Prometheus, Gopsutil}

// description says what stands behind a reader's name.
func description(reader string) string {
	switch reader {
	case Floor:
		return "C: openat, read, close of stat and status, every number converted"
	case EBPF:
		return "zol0: eBPF task iterator, all figures"
	case Procfs:
		return "zol0: stat, status and number of descriptors by raw system calls"
	case Prometheus:
		return "prometheus/procfs: Stat, NewStatus, FileDescriptorsLen"
	case Gopsutil:
		return "gopsutil: name, ppid, create time, status, times, threads, memory ex, fds"
	}
	panic("BUG: there is no reader " + reader)
}

// reader reads all processes once and returns how many there were.
type reader func() (int, error)

// errUnavailable wraps the reason why a reader cannot run on this machine.
var errUnavailable = errors.New("unavailable")

// open returns the reader of that name. The process ends after measuring one reader, so
// that nothing needs closing.
func open(name string) (reader, error) {
	switch name {
	case EBPF:
		return openOurs(probe.Options{}, "ebpf")
	case Procfs:
		return openOurs(probe.Options{Light: true}, "procfs")
	case Prometheus:
		return openPrometheus()
	case Gopsutil:
		process.EnableBootTimeCache(true) // what its users do who care: else it reads /proc/stat for every process
		return scanGopsutil, nil
	}
	return nil, fmt.Errorf("there is no reader %q; there are %s", name, strings.Join(Readers[:], ", "))
}

func openOurs(o probe.Options, source string) (reader, error) {
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: onlyReason}))
	r, err := probe.Open(o)
	if err != nil {
		return nil, err
	}
	if r.Source() != source {
		return nil, fmt.Errorf("%w: the product chose %s, %s", errUnavailable, r.Source(), strings.TrimSpace(log.String()))
	}
	return func() (int, error) {
		out, err := r.Scan()
		return len(out.Samples), err
	}, nil
}

// onlyReason keeps of the product's log line what this program does not say itself.
func onlyReason(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return slog.Attr{}
	}
	return a
}

// A process that ends between being listed and being read is no error of a reader; in a
// population none does, so that every failure counts.

func openPrometheus() (reader, error) {
	fs, err := procfs.NewFS("/proc")
	if err != nil {
		return nil, err
	}
	return func() (int, error) {
		all, err := fs.AllProcs()
		if err != nil {
			return 0, err
		}
		for _, p := range all {
			_, statErr := p.Stat()
			_, statusErr := p.NewStatus()
			_, fdErr := p.FileDescriptorsLen()
			if err := errors.Join(statErr, statusErr, fdErr); err != nil {
				return 0, err
			}
		}
		return len(all), nil
	}, nil
}

func scanGopsutil() (int, error) {
	all, err := process.Processes()
	if err != nil {
		return 0, err
	}
	for _, p := range all {
		_, nameErr := p.Name()
		_, parentErr := p.Ppid()
		_, createErr := p.CreateTime()
		_, statusErr := p.Status()
		_, timesErr := p.Times()
		_, threadsErr := p.NumThreads()
		_, memoryErr := p.MemoryInfoEx()
		_, fdErr := p.NumFDs()
		if err := errors.Join(nameErr, parentErr, createErr, statusErr, timesErr, threadsErr, memoryErr, fdErr); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
