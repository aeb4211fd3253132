package daemon

import (
	"cmp"
	"slices"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

// maxInstances is how many processes of a service one answer has: those with the worst
// verdicts, then the largest. No more than tally.MaxJudged of them have a verdict.
const maxInstances = 500

// Service is one service at the last beat with all that is known of it; ok is false where
// there is none of that name.
func (d *Daemon) Service(name string) (out wire.ServiceDetail, ok bool) {
	d.present.Lock() // verdicts are renewed on asking
	defer d.present.Unlock()
	v := d.find(name)
	if v == nil {
		return wire.ServiceDetail{}, false
	}
	head := d.snapshot.Wire(nil)
	out = wire.ServiceDetail{
		Time: head.Time, Beat: d.beats.number, IntervalSeconds: d.options.Config.Daemon.Interval.Seconds(),
		Service: d.row(v), Instances: d.instances(v), Limits: d.limitsOf(v),
	}
	elevated, high, _ := d.sampler.Thresholds(&v.Instances[0])
	out.ElevatedBytes, out.HighBytes = uint64(elevated), uint64(high)
	out.RuleYAML, out.RuleSource = d.ruleOf(v)
	out.Work, out.Sources = d.workWire(name)
	return out, true
}

// find is a service of the last snapshot: as it is watched, or whole where it is not.
func (d *Daemon) find(name string) *sampler.Service {
	if d.snapshot == nil {
		return nil
	}
	for _, list := range [][]sampler.Service{d.chosen, d.snapshot.Services} {
		for k := range list {
			if list[k].Name == name && len(list[k].Instances) > 0 {
				return &list[k]
			}
		}
	}
	return nil
}

// instances are the processes of a service with their verdicts.
func (d *Daemon) instances(v *sampler.Service) []wire.ServiceInstance {
	type judged struct {
		at       *sampler.Instance
		verdicts []tally.Judgement
		state    leak.State
	}
	all := make([]judged, 0, len(v.Instances))
	for i := range v.Instances {
		x := judged{at: &v.Instances[i]}
		if y, ok := d.tally.Instance(x.at.ID()); ok {
			x.verdicts = y.Verdicts
			for k := range y.Verdicts {
				x.state = max(x.state, y.Verdicts[k].State)
			}
		}
		all = append(all, x)
	}
	slices.SortStableFunc(all, func(a, b judged) int { return cmp.Compare(b.state, a.state) }) // they come by size
	all = all[:min(len(all), maxInstances)]
	out := make([]wire.ServiceInstance, 0, len(all))
	for _, x := range all {
		row := wire.ServiceInstance{
			Instance: d.snapshot.InstanceWire(x.at), Verdicts: make([]wire.Verdict, 0, len(x.verdicts)),
			Recorded: d.recorder.Tracked(x.at.ID()), Watched: x.at.Identity.Watched,
		}
		for k := range x.verdicts {
			j := &x.verdicts[k]
			w, f := j.Wire(d.tally.Wall), d.forecast(x.at.ID(), j)
			w.Forecast = tally.OutlookWire(&f.Forecast)
			row.Verdicts = append(row.Verdicts, w)
			if j.Metric == memory.Private && j.State != leak.Learning {
				row.LevelBytes, row.LevelTime = pointer(j.Level), truncated(d.tally.Wall(j.At))
			}
		}
		out = append(out, row)
	}
	return out
}
