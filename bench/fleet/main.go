// Command fleet is a load of many hosts on something that takes remote write: a hub of
// zol0, VictoriaMetrics, Prometheus. Each host has a phase of its own, series as a machine
// of zol0 has them (counters and random walks, most of which stand still at most beats), and a queue:
// what is not answered is sent again, and how late it is is counted.
//
//	go run ./fleet -hosts 5 -series 800 -interval 5s -target http://127.0.0.1:8509/api/v1/write -for 60s -pid 1234
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zol0/zol0/internal/remote"
)

type load struct {
	hosts, series   int
	interval, lasts time.Duration
	target          string
	pid             int
	dir             string

	sent, failed, rejected, late, samples, bytes, offered atomic.Int64
	mu                                                    sync.Mutex
	took                                                  []time.Duration
}

func main() {
	l := &load{}
	flag.IntVar(&l.hosts, "hosts", 5, "hosts")
	flag.IntVar(&l.series, "series", 800, "series of each")
	flag.DurationVar(&l.interval, "interval", 5*time.Second, "between two samples of a series")
	flag.DurationVar(&l.lasts, "for", time.Minute, "how long")
	flag.StringVar(&l.target, "target", "http://127.0.0.1:8509/api/v1/write", "where remote write is taken")
	flag.IntVar(&l.pid, "pid", 0, "process of the target, whose CPU time and memory are read from /proc")
	flag.StringVar(&l.dir, "dir", "", "its data, whose size on disk is told")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := l.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

// run drives the load and prints what came of it.
func (l *load) run(ctx context.Context) error {
	if l.hosts < 1 || l.series < 1 || l.interval <= 0 {
		return errors.New("hosts, series and interval are to be more than nothing")
	}
	before, err := processOf(l.pid)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: l.hosts}}
	ctx, cancel := context.WithTimeout(ctx, l.lasts+30*time.Second)
	defer cancel()
	began := time.Now()
	var all sync.WaitGroup
	peak := int64(0)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for ctx.Err() == nil {
			if p, err := processOf(l.pid); err == nil {
				peak = max(peak, p.rss)
			}
			select {
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
	}()
	for i := range l.hosts {
		all.Go(func() { l.host(ctx, client, i, began) })
	}
	all.Wait()
	took := time.Since(began)
	after, err := processOf(l.pid)
	cancel()
	<-watched
	if err != nil {
		return err
	}
	l.report(os.Stdout, took, before, after, peak)
	return nil
}

// host sends what one host measures, a beat after the other, until its time is over and
// its queue is empty.
func (l *load) host(ctx context.Context, client *http.Client, i int, began time.Time) {
	r := rand.New(rand.NewPCG(uint64(i), 1))
	x := newMachine(fmt.Sprintf("host-%05d", i), l.series, r)
	phase := time.Duration(r.Int64N(int64(l.interval)))
	var message []byte
	for at := began.Add(phase); at.Before(began.Add(l.lasts)); at = at.Add(l.interval) {
		if !wait(ctx, time.Until(at)) {
			return
		}
		x.beat(at)
		l.offered.Add(int64(l.series))
		var err error
		if message, err = remote.Encode(message[:0], x.series); err != nil {
			fmt.Fprintln(os.Stderr, "fleet:", err)
			return
		}
		l.send(ctx, client, message)
		if time.Since(at) > l.interval {
			l.late.Add(1) // the next beat is due already
		}
	}
}

// send sends a message until it is taken in.
func (l *load) send(ctx context.Context, client *http.Client, message []byte) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		began := time.Now()
		status, err := post(ctx, client, l.target, message)
		switch {
		case err == nil && status/100 == 2:
			l.mu.Lock()
			l.took = append(l.took, time.Since(began))
			l.mu.Unlock()
			l.sent.Add(1)
			l.samples.Add(int64(l.series))
			l.bytes.Add(int64(len(message)))
			return
		case err == nil && status/100 == 4 && status != http.StatusTooManyRequests:
			l.rejected.Add(1)
			return
		}
		l.failed.Add(1)
		if !wait(ctx, pause) {
			return
		}
	}
}

func post(ctx context.Context, client *http.Client, url string, message []byte) (int, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(message))
	if err != nil {
		return 0, err
	}
	q.Header.Set("Content-Type", "application/x-protobuf")
	q.Header.Set("Content-Encoding", "snappy")
	q.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	answer, err := client.Do(q)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, errors.Join(err, answer.Body.Close())
}

// wait waits, and reports whether there is anything to go on for.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(max(0, d)):
		return true
	}
}

// quantile is one of latencies, which it sorts.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}
