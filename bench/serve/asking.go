package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// lived is what live clients saw.
type lived struct {
	rss           float64
	beats, missed int
}

// follow lets clients follow the beats, and counts those between the first and the last that
// any of them did not get.
func follow(ctx context.Context, d *daemon, clients int, span time.Duration) (out lived, err error) {
	ctx, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	seen := make([][]uint64, clients)
	failed := make([]error, clients)
	var all sync.WaitGroup
	w := d.watch()
	for i := range clients {
		all.Go(func() { seen[i], failed[i] = beats(ctx, &http.Client{Transport: transport}, d.url) })
	}
	all.Wait()
	memory, watched := w.stop()
	if err := errors.Join(append(failed, watched)...); err != nil {
		return out, err
	}
	out.rss = median(memory[len(memory)/2:]) // all were there by then
	// The last may be on its way to some while the time ends.
	last := uint64(0)
	for _, s := range seen {
		if len(s) < 3 {
			return out, fmt.Errorf("a client saw %d beats: the span is too short", len(s))
		}
		last = max(last, s[len(s)-1])
	}
	for _, s := range seen {
		for n := s[0]; n < last; n++ {
			if !slices.Contains(s, n) {
				out.missed++
			}
		}
		out.beats = max(out.beats, len(s))
	}
	return out, nil
}

// beats are the numbers of those that a client is told of.
func beats(ctx context.Context, c *http.Client, base string) (seen []uint64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/events", nil)
	if err != nil {
		return nil, err
	}
	response, err := c.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	if response.StatusCode != http.StatusOK {
		return nil, errors.New("/api/events: " + response.Status)
	}
	lines, event := bufio.NewScanner(response.Body), ""
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			event = name
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || event != "beat" {
			continue
		}
		var x struct{ Beat uint64 }
		if err := json.Unmarshal([]byte(data), &x); err != nil || x.Beat == 0 {
			return nil, fmt.Errorf("no beat in %.80q: %w", data, err)
		}
		seen = append(seen, x.Beat)
	}
	if err := lines.Err(); err != nil && ctx.Err() == nil {
		return nil, err
	}
	return seen, nil
}

// loaded is how requests fared.
type loaded struct {
	asked, failed  int
	p50, p99, most float64 // milliseconds
}

// load asks at fixed moments, whether or not what was asked before was answered: a time of
// waiting for a turn counts.
func load(ctx context.Context, d *daemon, rate int, span time.Duration) (out loaded, err error) {
	const most = 64 // at a time, as many as the daemon answers
	transport := &http.Transport{MaxIdleConnsPerHost: most}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	out.asked = int(span.Seconds() * float64(rate))
	times := make([]float64, out.asked)
	var failed atomic.Int64
	var all sync.WaitGroup
	places := make(chan struct{}, most)
	began := time.Now()
	for i := range out.asked {
		at := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		if err := sleep(ctx, time.Until(at)); err != nil {
			return out, err
		}
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			path := "/metrics"
			if i%2 == 1 {
				path = "/api/services"
			}
			if err := ask(ctx, client, d.url+path); err != nil {
				failed.Add(1)
			}
			times[i] = float64(time.Since(at)) / 1e6
		})
	}
	all.Wait()
	slices.Sort(times)
	out.failed = int(failed.Load())
	out.p50, out.p99, out.most = times[len(times)/2], times[len(times)*99/100], times[len(times)-1]
	return out, nil
}

func ask(ctx context.Context, c *http.Client, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := c.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	n, err := io.Copy(io.Discard, response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || n == 0) {
		err = errors.New(address + ": " + response.Status)
	}
	return err
}

// ranges keeps so many range queries on their way, and returns the resident memory at most.
// Where all places are taken the daemon says so (503), which is no answer and no failure.
func ranges(ctx context.Context, d *daemon, sides int, span time.Duration) (peak float64, answered int, err error) {
	ctx, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	kinds := []struct {
		expression string
		back       time.Duration
		points     int
	}{
		{`zol0_service_private_bytes`, 24 * time.Hour, 240},
		{`rate(zol0_service_cpu_seconds_total[5m])`, 24 * time.Hour, 240},
		{`zol0_process_rss_bytes`, 6 * time.Hour, 240},
		{`sum(zol0_service_private_bytes)`, 7 * 24 * time.Hour, 240},
		{`topk(10, zol0_service_private_bytes - zol0_service_private_bytes offset 24h)`, 24 * time.Hour, 100},
	}
	var done atomic.Int64
	var all sync.WaitGroup
	failed := make([]error, sides)
	w := d.watch()
	for i := range sides {
		all.Go(func() {
			c := &http.Client{}
			for n := i; ctx.Err() == nil; n++ {
				k := kinds[n%len(kinds)]
				now := time.Now()
				q := url.Values{"query": {k.expression}, "start": {fmt.Sprint(now.Add(-k.back).Unix())}, "end": {fmt.Sprint(now.Unix())}, "step": {fmt.Sprint(int(k.back.Seconds()) / k.points)}}
				err := ask(ctx, c, d.url+"/api/v1/query_range?"+q.Encode())
				switch {
				case err == nil:
					done.Add(1)
				case ctx.Err() == nil && !strings.Contains(err.Error(), "503"):
					failed[i] = err
					return
				}
			}
		})
	}
	all.Wait()
	memory, watched := w.stop()
	return slices.Max(append(memory, 0)), int(done.Load()), errors.Join(append(failed, watched)...)
}
