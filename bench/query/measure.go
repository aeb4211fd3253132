package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/prometheus/prometheus/promql"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/internal/query"
	"github.com/zol0/zol0/internal/store"
)

// asked is one query with what it may cost.
type asked struct {
	name, text string
	span, step time.Duration // 0: an instant
	budget     float64       // ms of processor time; 0: none
	refused    bool
}

const everything = `{__name__=~"zol0_(service|process)_private_bytes"}`

var queries = []asked{
	{name: "24 h of one series", text: `zol0_service_private_bytes{service="service-07"}`, span: 24 * time.Hour, step: time.Minute, budget: 10},
	{name: "7 d of one series, hourly", text: `zol0_service_private_bytes{service="service-07"}`, span: 7 * 24 * time.Hour, step: time.Hour},
	{name: "all services now", text: `zol0_service_private_bytes`, budget: 10},
	{name: "all 800 series now", text: `{__name__=~"zol0_(service|process)_.+"}`},
	{name: "x - x offset 24h, all", text: everything + " - " + everything + " offset 24h", budget: 15},
	{name: "topk(10, delta(x[24h])), services", text: `topk(10, delta(zol0_service_private_bytes[24h]))`, budget: 120},
	{name: "topk(10, delta(x[24h])), all", text: `topk(10, delta(` + everything + `[24h]))`, budget: 120},
	{name: "max_over_time(x[7d]), services", text: `max_over_time(zol0_service_private_bytes[7d])`},
	{name: "24 h of 100 series by minute", text: everything, span: 24 * time.Hour, step: time.Minute},
	{name: "over the limit: samples in memory", text: `{__name__=~"zol0_.+"}`, span: 24 * time.Hour, step: 10 * time.Second, budget: 100, refused: true},
	{name: "over the limit: samples read", text: `sum(rate({__name__=~"zol0_.+"}[1d]))`, span: 24 * time.Hour, step: time.Minute, budget: 100, refused: true},
	{name: "over the limit: just above", text: `zol0_service_private_bytes`, span: 24 * time.Hour, step: 10 * time.Second, budget: 100, refused: true},
	{name: "over the limit: a subquery", text: `max_over_time(rate(zol0_service_cpu_seconds_total[1m])[7d:1s])`, budget: 100, refused: true},
}

// ask computes one query and says how many series and points it has.
func ask(ctx context.Context, e *query.Engine, a asked) (series, points int, err error) {
	var answer *query.Answer
	if a.step == 0 {
		answer, err = e.Instant(ctx, query.Instant{Text: a.text, At: end})
	} else {
		answer, err = e.Range(ctx, query.Range{Text: a.text, From: end.Add(-a.span), To: end, Step: a.step})
	}
	if err != nil {
		return 0, 0, err
	}
	defer answer.Close()
	switch v := answer.Value.(type) {
	case promql.Vector:
		return len(v), len(v), nil
	case promql.Matrix:
		return len(v), v.TotalSamples(), nil
	}
	return 0, 0, fmt.Errorf("%s is a %T", a.text, answer.Value)
}

// measure opens the store as the daemon does and asks.
func measure(ctx context.Context, p plan, out io.Writer) (err error) {
	debug.SetGCPercent(50) // as the daemon
	s, err := store.Open(store.Options{Dir: p.dir, Now: end, Raw: time.Duration(p.days+1) * 24 * time.Hour})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	e := query.New(s, query.Options{})
	before, err := rss()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-36s %8s %8s %9s %9s %7s\n", "query", "series", "points", "ms CPU", "ms clock", "budget")
	if p.profile != "" {
		f, err := os.Create(p.profile)
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // a profile
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
	}
	for _, q := range queries {
		var series, points int
		var cpu, clock []float64
		for i := range p.rounds + 2 {
			a, began := processor(), time.Now()
			series, points, err = ask(ctx, e, q)
			var known *query.Error
			switch {
			case q.refused && err == nil:
				return fmt.Errorf("%s: it was not refused", q.name)
			case q.refused && !errors.As(err, &known), !q.refused && err != nil:
				return fmt.Errorf("%s: %w", q.name, err)
			}
			if i >= 2 { // it is warm
				cpu, clock = append(cpu, (processor()-a).Seconds()*1e3), append(clock, time.Since(began).Seconds()*1e3)
			}
		}
		fmt.Fprintf(out, "%-36s %8d %8d %9.2f %9.2f %7s\n", q.name, series, points, figure.Median(cpu), figure.Median(clock), budget(q.budget))
	}
	pprof.StopCPUProfile()
	after, err := rss()
	if err != nil {
		return err
	}
	if err := resetPeak(); err != nil {
		return err
	}
	most, asked, err := together(ctx, e)
	if err != nil {
		return err
	}
	peak, err := status("VmHWM:")
	if err != nil {
		return err
	}
	debug.FreeOSMemory()
	rest, err := rss()
	fmt.Fprintf(out, "RSS in MB (10^6): %.1f after opening, %.1f after the queries, %.1f at most under 10 range queries at a time (%d answered, seen every 5 ms %.1f), %.1f at rest\n", before, after, peak, asked, most, rest)
	return err
}

func budget(ms float64) string {
	if ms == 0 {
		return "–"
	}
	return strconv.FormatFloat(ms, 'f', 0, 64)
}

// together asks range queries from ten sides for ten seconds, and reports the most memory.
func together(ctx context.Context, e *query.Engine) (most float64, answered int64, err error) {
	ranges := slices.DeleteFunc(slices.Clone(queries), func(a asked) bool { return a.step == 0 || a.refused })
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	var n atomic.Int64
	failed := make(chan error, 10)
	until := time.Now().Add(10 * time.Second)
	for i := range 10 {
		all.Go(func() {
			for k := i; time.Now().Before(until); k++ {
				if _, _, err := ask(ctx, e, ranges[k%len(ranges)]); err != nil {
					failed <- err
					return
				}
				n.Add(1)
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-failed:
			return most, n.Load(), err
		case <-done:
			return most, n.Load(), nil
		case <-tick.C:
			now, err := rss()
			if err != nil {
				return most, n.Load(), err
			}
			most = max(most, now)
		}
	}
}

// processor is the time that this process took of processors.
func processor() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic("BUG: getrusage: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// rss is the resident memory of this process in MB.
func rss() (float64, error) { return status("VmRSS:") }

func status(field string) (float64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, ok := bytes.Cut(text, []byte(field))
	line, _, _ := bytes.Cut(rest, []byte("kB"))
	n, err := strconv.ParseFloat(string(bytes.TrimSpace(line)), 64)
	if !ok || err != nil {
		return 0, fmt.Errorf("/proc/self/status has no %s: %v", field, err)
	}
	return n * 1024 / 1e6, nil
}

// resetPeak makes VmHWM begin anew.
func resetPeak() error { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }
