package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/history"
	"github.com/zol0/zol0/bench/process"
	"github.com/zol0/zol0/internal/wire"
)

// Query is what a question costs the daemon: medians. Processor time is that of the
// daemon between question and answer, and of nothing else: questions are put where no
// beat is due, while beats go on.
type Query struct {
	What   string  `json:"what"`
	CPUMS  float64 `json:"cpu_ms"`
	WallMS float64 `json:"wall_ms"`
	// Bytes is the length of an answer.
	Bytes float64 `json:"bytes"`
	Times int     `json:"times"`
}

// The questions. None is answered from a cache: ranges differ, and the table is new at
// each beat.
const (
	OneSeries    = "24 h of one series at 60 s"
	ServiceTable = "the whole service table"
	TopTen       = "top 10 by growth over 24 h"
)

func (s *server) self(ctx context.Context) (out wire.Self, err error) {
	text, err := s.get(ctx, "/api/self")
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, fmt.Errorf("cannot understand /api/self: %w", err)
	}
	return out, nil
}

// stores fails unless every service has had samples of late: a daemon that stores less than
// there is costs less than it should.
func (s *server) stores(ctx context.Context, services int) error {
	for i := range services {
		v := url.Values{"name": {"zol0_service_private_bytes"}, "service": {history.ServiceName(i)}, "from": {"-10s"}, "step": {"1s"}}
		text, err := s.get(ctx, "/api/series?"+v.Encode())
		if err != nil {
			return err
		}
		var out wire.SeriesAnswer
		if err := json.Unmarshal(text, &out); err != nil {
			return fmt.Errorf("cannot understand /api/series: %w", err)
		}
		if len(out.Series) != 1 || len(out.Series[0].Times) < 5 {
			return fmt.Errorf("the daemon stored no sample of %s for ten seconds", history.ServiceName(i))
		}
	}
	return nil
}

// ask puts every question several times.
func (c *Cost) ask(ctx context.Context, s *server, p *Plan) error {
	if err := process.ResetPeak(s.pid()); err != nil {
		return err
	}
	for _, q := range []struct {
		what    string
		perBeat bool // is answered anew only once a beat
		path    func(i int) string
		check   func(text []byte) error
	}{
		{OneSeries, false, func(i int) string {
			v := url.Values{"name": {"zol0_service_private_bytes"}, "service": {history.ServiceName(i % p.Services)}, "step": {"60s"}}
			v.Set("from", fmt.Sprintf("-%dm", 24*60+i))
			v.Set("to", fmt.Sprintf("-%dm", i))
			return "/api/series?" + v.Encode()
		}, checkSeries},
		{ServiceTable, true, func(int) string { return "/api/services" }, func(text []byte) error { return checkTable(text, p.Services) }},
		{TopTen, false, func(i int) string { return fmt.Sprintf("/api/top?metric=private_bytes&n=10&since=%dm", 24*60+i) }, checkTop},
	} {
		x := Query{What: q.what}
		var cpu, wall, bytes []float64
		for i := range p.Queries {
			if err := betweenBeats(ctx, q.perBeat); err != nil {
				return err
			}
			before, err := process.CPU(s.pid())
			if err != nil {
				return err
			}
			began := time.Now()
			text, err := s.get(ctx, q.path(i))
			if err != nil {
				return err
			}
			took := time.Since(began)
			after, err := process.CPU(s.pid())
			if err != nil {
				return err
			}
			if err := q.check(text); err != nil {
				return fmt.Errorf("the answer to %s is not what was asked for: %w", q.path(i), err)
			}
			cpu, wall, bytes = append(cpu, (after-before).Seconds()*1e3), append(wall, took.Seconds()*1e3), append(bytes, float64(len(text)))
		}
		x.CPUMS, x.WallMS, x.Bytes, x.Times = figure.Median(cpu), figure.Median(wall), figure.Median(bytes), len(cpu)
		c.Queries = append(c.Queries, x)
	}
	m, err := process.MemoryOf(s.pid())
	c.QueriesPeakMB = float64(m.Peak) / 1e6
	return err
}

// betweenBeats waits until no beat is at work or near: beats come at whole seconds. With
// next it waits for another second than this one.
func betweenBeats(ctx context.Context, next bool) error {
	const early, late = Interval * 3 / 10, Interval * 85 / 100
	now := time.Now()
	phase := now.Sub(now.Truncate(Interval))
	switch {
	case next:
		return pause(ctx, Interval-phase+early)
	case phase < early:
		return pause(ctx, early-phase)
	case phase > late:
		return pause(ctx, Interval-phase+early)
	}
	return nil
}

// A day has 1,440 minutes. Half of them are asked for, as a service may have begun.
func checkSeries(text []byte) error {
	var out wire.SeriesAnswer
	if err := json.Unmarshal(text, &out); err != nil {
		return fmt.Errorf("cannot understand it: %w", err)
	}
	if len(out.Series) != 1 || len(out.Series[0].Times) < 720 {
		return fmt.Errorf("%d series; one with a day of minutes was asked for", len(out.Series))
	}
	return nil
}

func checkTable(text []byte, services int) error {
	var out wire.ServiceTable
	if err := json.Unmarshal(text, &out); err != nil {
		return fmt.Errorf("cannot understand it: %w", err)
	}
	if len(out.Services) < services {
		return fmt.Errorf("%d services of %d", len(out.Services), services)
	}
	return nil
}

func checkTop(text []byte) error {
	var out wire.Top
	if err := json.Unmarshal(text, &out); err != nil {
		return fmt.Errorf("cannot understand it: %w", err)
	}
	if len(out.Services) == 0 {
		return fmt.Errorf("no service has grown")
	}
	return nil
}
