package daemon

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/logs"
	"github.com/zol0/zol0/internal/record"
	"github.com/zol0/zol0/internal/trading"
	"github.com/zol0/zol0/internal/wire"
)

// outside is what is asked and read beside the beat: sources of trading and of work, and logs.
type outside struct {
	sources   []*trading.Source
	followers []*logs.Follower
	worked    map[string]*trading.Source // by service
	// down is what the journal said last of each source and component, and dead when it was
	// told of memory that ran out in a service. Both are guarded by Daemon.present.
	down map[string]string
	dead map[string]time.Time
}

// openOutside makes the sources and followers of the configuration.
func (d *Daemon) openOutside() error {
	x := &d.outside
	desk := trading.NewDesk()
	x.worked, x.down, x.dead = make(map[string]*trading.Source), make(map[string]string), make(map[string]time.Time)
	for _, o := range d.config.Sources {
		service := o.Service
		if service == "" {
			service = o.Name
		}
		o.Connection.Agent = "zol0/" + d.options.Version
		var lines func([]trading.Line)
		if o.HasLines() {
			ring := d.rings.Ring(o.Name, service)
			lines = func(lines []trading.Line) {
				for _, l := range lines {
					at := l.Time
					if at.IsZero() {
						at = d.clock.Now()
					}
					ring.Take(at, l.Level, l.Text)
				}
			}
		}
		s, err := trading.New(o, desk, lines)
		if err != nil {
			return fmt.Errorf("source %q: %w", o.Name, err)
		}
		x.sources = append(x.sources, s)
		if o.Work != "" {
			x.worked[o.Service] = s
		}
	}
	for _, o := range d.config.Logs {
		x.followers = append(x.followers, logs.Follow(o, d.rings.Ring(o.Title(), o.Service), d.ranOut))
	}
	if len(x.sources)+len(x.followers) > 0 {
		d.recorder.SetGauges(d.gauges)
	}
	return nil
}

// askOutside asks and reads until ctx ends; what it returns waits for that.
func (d *Daemon) askOutside(ctx context.Context) func() error {
	var all sync.WaitGroup
	for _, s := range d.outside.sources {
		all.Go(func() {
			again(ctx, func() time.Duration {
				wait := s.Pull(ctx, d.clock.Now())
				if ctx.Err() == nil {
					d.tellSource(s)
				}
				return wait
			})
		})
	}
	for _, f := range d.outside.followers {
		all.Go(func() { again(ctx, func() time.Duration { return f.Round(ctx, d.clock.Now) }) })
	}
	return func() (err error) {
		all.Wait()
		for _, s := range d.outside.sources {
			err = errors.Join(err, s.Close())
		}
		for _, f := range d.outside.followers {
			err = errors.Join(err, f.Close())
		}
		return err
	}
}

// again does something until ctx ends, each time after the wait that it asks for.
func again(ctx context.Context, do func() time.Duration) {
	for ctx.Err() == nil {
		timer := time.NewTimer(do())
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// tellSource notes in the journal when a source or a component goes down, and when it is up
// again.
func (d *Daemon) tellSource(s *trading.Source) {
	now := d.clock.Now()
	state := s.State()
	d.present.Lock()
	defer d.present.Unlock()
	dead := ""
	if state.State == "dead" {
		dead = state.Error
	}
	d.turned("source "+state.Name, state.Name, dead, "The source "+state.Name+" does not answer", "The source "+state.Name+" answers again")
	if dead != "" {
		return // what its components are nobody knows
	}
	for _, c := range s.Components(now) {
		reason := ""
		if c.Status == "down" {
			reason = c.Reason
			if reason == "" {
				reason = "down"
			}
		}
		d.turned("component "+state.Name+" "+c.Name, state.Name, reason, fmt.Sprintf("The component %s of %s is down", c.Name, state.Name), fmt.Sprintf("The component %s of %s is %s again", c.Name, state.Name, c.Status))
	}
}

// maxTurned is of how many sources and components the journal remembers what it said.
const maxTurned = trading.MaxSources * (trading.MaxComponents + 1)

// turned tells the journal where something is down that was not, or the other way round.
func (d *Daemon) turned(key, subject, reason, down, up string) {
	was, known := d.outside.down[key]
	switch {
	case reason != "" && (!known || was == ""):
		d.event("source", subject, down+": "+reason, nil)
	case reason == "" && was != "":
		d.event("source", subject, up+".", nil)
	}
	if known || len(d.outside.down) < maxTurned {
		d.outside.down[key] = reason
	}
}

// ranOutEvery is how often the journal is told of one service whose memory ran out: a program
// that catches the error writes it again and again.
const ranOutEvery = time.Minute

// ranOut notes on the timeline of a service that its log tells of memory that ran out.
func (d *Daemon) ranOut(o logs.Out) {
	now := d.clock.Now()
	d.present.Lock()
	defer d.present.Unlock()
	last, known := d.outside.dead[o.Service]
	if known && now.Sub(last) < ranOutEvery {
		return
	}
	if known || len(d.outside.dead) < logs.MaxSources {
		d.outside.dead[o.Service] = now
	}
	text := o.Text
	if len(text) > 300 {
		text = text[:300]
	}
	d.event("oom", o.Service, fmt.Sprintf("Its log tells of memory that ran out (%s): %s", o.Of, text), map[string]any{"of": o.Of, "source": o.Source, "logged": o.Time.UTC()})
}

// workOf is how much work a service counted, for its judges.
func (d *Daemon) workOf(service string) (work float64, counted bool) {
	s := d.outside.worked[service]
	if s == nil {
		return math.NaN(), false
	}
	reading, holds := s.Present(d.clock.Now())
	if !holds || reading.Work == nil {
		return math.NaN(), true
	}
	return *reading.Work, true
}

// gauges are the figures of sources and logs that are stored.
func (d *Daemon) gauges(each func(record.Gauge)) {
	now := d.clock.Now()
	for _, s := range d.outside.sources {
		name := s.Options().Name
		reading, holds := s.Present(now)
		each(record.Gauge{Name: "zol0_source_up", Labels: []string{"source", name}, Value: truth(holds)})
		if !holds {
			continue
		}
		for i := range reading.Strategies {
			strategyGauges(&reading.Strategies[i], name, each)
		}
		for i := range reading.Components {
			c := &reading.Components[i]
			v, known := map[string]float64{"up": 1, "degraded": .5, "down": 0}[c.Status]
			if known {
				each(record.Gauge{Name: "zol0_component_up", Labels: []string{"source", name, "component", c.Name}, Value: v})
			}
		}
		if reading.Open != nil {
			each(record.Gauge{Name: "zol0_source_open_trades", Labels: []string{"source", name}, Value: float64(*reading.Open)})
		}
		if reading.Work != nil {
			each(record.Gauge{Name: "zol0_source_work_total", Labels: []string{"source", name, "service", s.Options().Service}, Value: *reading.Work})
		}
		for _, g := range reading.Gauges {
			labels := []string{"source", name}
			for _, l := range g.Labels {
				labels = append(labels, l[0], l[1])
			}
			each(record.Gauge{Name: g.Name, Labels: labels, Value: g.Value})
		}
	}
	d.rings.Each(func(r *logs.Ring) {
		source, service := r.Name()
		counts := r.Counts()
		for i, n := range counts {
			each(record.Gauge{Name: "zol0_log_lines_total", Labels: []string{"source", source, "service", service, "level", logs.Levels[i]}, Value: float64(n)})
		}
	})
}

func truth(v bool) float64 {
	if v {
		return 1
	}
	return 0
}

// strategyGauges are the figures of one strategy; what is not real is no series.
func strategyGauges(s *wire.Strategy, source string, each func(record.Gauge)) {
	if s.Origin == "fallback" {
		return
	}
	labels := []string{"source", source, "strategy", s.Name}
	put := func(name string, v *float64) {
		if v != nil {
			each(record.Gauge{Name: "zol0_strategy_" + name, Labels: labels, Value: *v})
		}
	}
	count := func(name string, n *uint64) {
		if n != nil {
			v := float64(*n)
			put(name, &v)
		}
	}
	put("profit", s.Profit)
	put("equity", s.Equity)
	put("win_ratio", s.WinRate)
	put("profit_factor", s.ProfitFactor)
	put("expectancy", s.Expectancy)
	put("sharpe_ratio", s.Sharpe)
	put("sortino_ratio", s.Sortino)
	put("max_drawdown", s.MaxDrawdown)
	if s.MaxDrawdownPercent != nil {
		v := *s.MaxDrawdownPercent / 100
		put("max_drawdown_ratio", &v)
	}
	count("trades_total", s.Trades)
	count("wins_total", s.Wins)
	count("losses_total", s.Losses)
	count("open_trades", s.OpenTrades)
}
