package daemon

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

// Beat is the number of the last finished beat.
func (d *Daemon) Beat() uint64 {
	d.present.RLock()
	defer d.present.RUnlock()
	return d.beats.number
}

// Services is the table of the last finished beat.
func (d *Daemon) Services() wire.ServiceTable {
	d.present.Lock() // verdicts are renewed on asking
	defer d.present.Unlock()
	out := wire.ServiceTable{Beat: d.beats.number, IntervalSeconds: d.options.Config.Daemon.Interval.Seconds(), Services: []wire.ServiceRow{}}
	s := d.snapshot
	if s == nil {
		return out
	}
	head := s.Wire(nil)
	out.Time, out.Host = head.Time, head.Host
	out.WatchedPrivateBytes, out.WatchedLimitBytes, out.WatchedStatus = head.WatchedPrivateBytes, head.WatchedLimitBytes, head.WatchedStatus
	out.Processes, out.DeniedProcesses, out.Partial = head.Processes, head.DeniedProcesses, head.Partial
	out.UntrackedServices = d.tally.Untracked()
	out.Services = make([]wire.ServiceRow, 0, len(d.chosen))
	for k := range d.chosen {
		out.Services = append(out.Services, d.row(&d.chosen[k]))
	}
	slices.SortFunc(out.Services, func(a, b wire.ServiceRow) int {
		return cmp.Or(cmp.Compare(stateOf(b.State), stateOf(a.State)), cmp.Compare(orZero(b.GrowthBytes), orZero(a.GrowthBytes)), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func stateOf(word string) leak.State {
	for s := leak.Learning; s <= leak.Leaking; s++ {
		if s.String() == word {
			return s
		}
	}
	return leak.Learning
}

func orZero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// row is one service of the table.
func (d *Daemon) row(v *sampler.Service) wire.ServiceRow {
	sum := func(m memory.Metric) *uint64 {
		if v, ok := v.Total.Get(m); ok {
			return &v
		}
		return nil
	}
	out := wire.ServiceRow{
		Name: v.Name, Kind: v.Kind, Watched: v.Watched, Status: v.Status.String(), State: leak.Learning.String(), StateMetric: memory.Private.String(),
		PrivateBytes: sum(memory.Private), RSSBytes: sum(memory.RSS), ShmemBytes: sum(memory.Shmem), SwapBytes: sum(memory.Swap),
		Threads: sum(memory.Threads), FDs: sum(memory.FDs), Instances: len(v.Instances), UptimeSeconds: math.Round(v.Age.Seconds()),
	}
	if !math.IsNaN(v.CPU) {
		cpu := math.Round(v.CPU*100) / 100
		out.CPUPercent = &cpu
	}
	var room [3]bound
	if limits := d.boundsOf(v, room[:0]); len(limits) > 0 {
		first := limits[0].bytes
		out.LimitBytes = &first
	}
	rate, smallest, growth := leak.Interval{}, 0.0, 0.0
	known := false
	for i := range v.Instances {
		x, ok := d.tally.Instance(v.Instances[i].ID())
		if !ok {
			continue
		}
		known = true
		growth += x.End - x.Start
		if len(x.Verdicts) == 0 {
			continue
		}
		if m := x.Memory(); m.Rate.Known() {
			out.RatedInstances++
			rate.Value, rate.Low, rate.High = rate.Value+m.Rate.Value, rate.Low+m.Rate.Low, rate.High+m.Rate.High
			smallest += m.Smallest
		}
	}
	if known {
		out.GrowthBytes = &growth
	}
	if out.RatedInstances > 0 {
		out.Rate, out.SmallestBytesPerHour = tally.RateWire(rate), pointer(math.Round(smallest))
	}
	if s, ok := d.tally.Standing(v.Name); ok && s.Judged > 0 {
		d.worst(&out, s)
	}
	return out
}

// worst adds the worst verdict of a service to its row.
func (d *Daemon) worst(out *wire.ServiceRow, s tally.Standing) {
	out.State, out.StateMetric = s.State.String(), s.Metric.String()
	if s.State == leak.Learning {
		return
	}
	x, ok := d.tally.Instance(s.ID)
	if !ok {
		return
	}
	for i := range x.Verdicts {
		if v := &x.Verdicts[i]; v.Metric == s.Metric {
			f := d.forecast(x.ID, v)
			out.Sentence, out.Caveats, out.Forecast = v.Words(), v.Caveats, tally.OutlookWire(&f.Forecast)
		}
	}
}

// pointer is v for JSON; nil for what is no number.
func pointer(v float64) *float64 {
	if math.IsNaN(v - v) {
		return nil
	}
	return &v
}

// truncated is a time for JSON.
func truncated(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}
