package daemon

import (
	"fmt"
	"math"
	"time"

	"github.com/zol0/zol0/internal/alert"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/leak"
)

// alarm looks at everything that an alert can be about. The caller holds present.
func (d *Daemon) alarm(m moment) {
	r := &d.round
	r.Begin()
	d.alarmOfProcesses(r)
	d.alarmOfItself(r)
	d.alarmOfHost(r)
	d.alarmOfGrowth(r, m)
	d.alarmOfFaults(r)
	d.announce(m, d.alerts.Evaluate(m.wall, r))
}

// alarmInTheDark is alarm for a beat in which the processes could not be read.
func (d *Daemon) alarmInTheDark(m moment) {
	r := &d.round
	r.Begin()
	r.MissAll("the processes could not be read at this beat")
	d.alarmOfFaults(r)
	d.announce(m, d.alerts.Evaluate(m.wall, r))
}

// alarmOfProcesses compares processes and their sum with the thresholds.
func (d *Daemon) alarmOfProcesses(r *alert.Round) {
	unreadable := 0
	for k := range d.chosen {
		v := &d.chosen[k]
		for i := range v.Instances {
			x := &v.Instances[i]
			if x.Status == sampler.Unknown {
				unreadable++
			}
			if !x.Identity.Watched {
				continue
			}
			private, ok := x.Sample.Get(memory.Private)
			if !ok {
				continue
			}
			elevated, high, limit := d.sampler.Thresholds(x)
			found := alert.Finding{Service: v.Name, Process: x.Sample.Name, PID: x.Sample.ID.PID, Value: float64(private)}
			switch b := units.Bytes(private); {
			case b > high:
				found.Rule, found.Limit = alert.ProcessHigh, float64(high)
				r.Add(found)
			case b > elevated:
				found.Rule, found.Limit = alert.ProcessElevated, float64(elevated)
				r.Add(found)
			}
			if x.Identity.Kind != service.KindZoL0 && limit > 0 && units.Bytes(private) > limit {
				found.Rule, found.Limit = alert.ProcessLimit, float64(limit)
				r.Add(found)
			}
		}
	}
	if s := d.snapshot; s.OverWatched() {
		r.Add(alert.Finding{Rule: alert.WatchedTotal, Value: float64(s.Watched), Limit: float64(s.WatchedLimit)})
	}
	if why := d.unseen(unreadable); why != "" {
		for _, rule := range []alert.Rule{alert.ProcessHigh, alert.ProcessElevated, alert.ProcessLimit, alert.WatchedTotal, alert.Leak, alert.Forecast} {
			r.Miss(rule, why)
		}
	}
}

// unseen says why not all processes were looked at; empty where they were.
func (d *Daemon) unseen(unreadable int) string {
	switch s := d.snapshot; {
	case s.Denied > 0:
		return fmt.Sprintf("this user may not read %s: run zol0 as root or with the unit in packaging/systemd", units.Count(s.Denied, "process", "processes"))
	case s.Hidden:
		return "the system hides processes of other users from this one: run zol0 as root or with the unit in packaging/systemd"
	case unreadable > 0:
		return "the private memory of " + units.Count(unreadable, "watched process", "watched processes") + " could not be read"
	}
	return ""
}

// alarmOfItself compares the monitor with its threshold and its budget.
func (d *Daemon) alarmOfItself(r *alert.Round) {
	private, ok := d.ownPrivate.Get()
	if !ok {
		const why = "the monitor's own memory could not be read"
		r.Miss(alert.OwnMemory, why)
		r.Miss(alert.OwnBudget, why)
		return
	}
	limit := d.config.Limits.Own
	if x := d.own(); x != nil {
		if _, _, own := d.sampler.Thresholds(x); own > 0 {
			limit = own
		}
	}
	if units.Bytes(private) > limit {
		r.Add(alert.Finding{Rule: alert.OwnMemory, Process: "zol0", PID: int32(d.options.PID), Value: float64(private), Limit: float64(limit)})
	}
	if step := d.budget.Step(); step > 0 {
		r.Add(alert.Finding{Rule: alert.OwnBudget, Value: float64(private), Limit: float64(d.budget.Bytes()),
			Words: fmt.Sprintf("%s: zol0 has %s of private memory, of a budget of %s.", step.Meaning(), units.Bytes(private), units.Bytes(d.budget.Bytes()))})
	}
}

// alarmOfHost looks at processors and memory of the machine.
func (d *Daemon) alarmOfHost(r *alert.Round) {
	percent, seen, enough := d.course.lastMinute()
	switch {
	case math.IsNaN(percent):
		r.Miss(alert.HostCPU, "the system does not tell, or told once so far, for how long processors were busy")
	case !enough:
		r.Miss(alert.HostCPU, fmt.Sprintf("a minute of readings is needed; there are %s", units.Duration(seen)))
	case percent > alert.BusyPercent:
		r.Add(alert.Finding{Rule: alert.HostCPU, Value: percent, Limit: alert.BusyPercent})
	}
	h := &d.snapshot.Host
	used, ok := h.UsedBytes().Get()
	if !ok || h.TotalBytes == 0 {
		r.Miss(alert.HostMemory, "the system does not tell how much memory is available")
		return
	}
	if percent := 100 * float64(used) / float64(h.TotalBytes); percent > alert.BusyPercent {
		r.Add(alert.Finding{Rule: alert.HostMemory, Value: percent, Limit: alert.BusyPercent})
	}
}

// alarmOfGrowth looks at what the judges say.
func (d *Daemon) alarmOfGrowth(r *alert.Round, m moment) {
	if judged, learning := d.tally.Learning(); judged == learning {
		why := fmt.Sprintf("no process was watched for long enough yet: a verdict takes %d samples and more", tally.MinSamples)
		for _, rule := range []alert.Rule{alert.Leak, alert.DescriptorLeak, alert.ThreadLeak, alert.Forecast} {
			r.Miss(rule, why)
		}
	}
	d.alarms = d.tally.Alarms(d.alarms[:0])
	for i := range d.alarms {
		d.alarmOfSeries(r, m, &d.alarms[i])
	}
	for _, counted := range [...]struct {
		metric memory.Metric
		rule   alert.Rule
	}{{memory.FDs, alert.DescriptorLeak}, {memory.Threads, alert.ThreadLeak}} {
		if n := d.withheld(counted.metric); n > 0 {
			r.Miss(counted.rule, fmt.Sprintf("this user may not count the %s of %s", tally.Thing(counted.metric), units.Count(n, "watched process", "watched processes")))
		}
	}
}

// withheld counts watched processes of which the system tells memory but not this.
func (d *Daemon) withheld(m memory.Metric) (n int) {
	for k := range d.chosen {
		for i := range d.chosen[k].Instances {
			if x := d.chosen[k].Instances[i].Sample; x.Has(memory.Private) && !x.Has(m) {
				n++
			}
		}
	}
	return n
}

// alarmOfSeries looks at one series that is suspect or leaking.
func (d *Daemon) alarmOfSeries(r *alert.Round, m moment, a *tally.Alarm) {
	x, ok := d.tally.Instance(a.ID)
	if !ok {
		return
	}
	for i := range x.Verdicts {
		j := &x.Verdicts[i]
		if j.Metric != a.Metric {
			continue
		}
		if a.State == leak.Leaking {
			r.Add(leakFinding(a, j))
		}
		if a.State == leak.Leaking || j.Horizon >= earliest.Seconds() { // what has just started looks like a leak for a while
			d.alarmOfForecast(r, m, a, j)
		}
	}
}

func leakFinding(a *tally.Alarm, j *tally.Judgement) alert.Finding {
	found := alert.Finding{Rule: alert.Leak, Service: a.Service, Process: a.Name, PID: a.ID.PID, Value: j.Rate.Value, Limit: math.NaN(),
		Words: fmt.Sprintf("%s (PID %d), %s: %s", a.Name, a.ID.PID, tally.Thing(a.Metric), j.Words())}
	switch a.Metric {
	case memory.FDs:
		found.Rule, found.Value = alert.DescriptorLeak, math.NaN()
	case memory.Threads:
		found.Rule, found.Value = alert.ThreadLeak, math.NaN()
	}
	return found
}

// alarmOfForecast looks how long it takes until a process that seems to leak hits something.
func (d *Daemon) alarmOfForecast(r *alert.Round, m moment, a *tally.Alarm, j *tally.Judgement) {
	f := d.forecast(a.ID, j)
	if f.Outlook != leak.Reaches || !f.In.Known() {
		return
	}
	passed := max(0, m.elapsed.Seconds()-f.at)
	left := max(0, f.In.Value-passed)
	if left >= alert.Soon.Seconds() {
		return
	}
	v, _ := d.snapshot.Find(a.ID.PID)
	if v == nil {
		return
	}
	found := alert.Finding{Rule: alert.Forecast, Severity: alert.Warning, Service: a.Service, Process: a.Name, PID: a.ID.PID, Value: left, Limit: alert.Soon.Seconds()}
	if left < alert.VerySoon.Seconds() {
		found.Severity, found.Limit = alert.Critical, alert.VerySoon.Seconds()
	}
	found.Words = fmt.Sprintf("%s (PID %d) reaches %s in %s", a.Name, a.ID.PID, d.endOf(v, &f), spanOf(left))
	if low, high := max(0, f.In.Low-passed), f.In.High-passed; !math.IsNaN(low) && !math.IsInf(high, 0) && high > left {
		found.Words += fmt.Sprintf(" (%s to %s)", spanOf(low), spanOf(high))
	}
	found.Words += " if it goes on so."
	r.Add(found)
}

// endOf names what a forecast is about.
func (d *Daemon) endOf(v *sampler.Service, f *outlook) string {
	all := d.boundsOf(v, nil)
	for i := range all {
		if f.first || all[i].kind != "host" {
			return all[i].words()
		}
	}
	return "its limit"
}

func spanOf(seconds float64) string {
	return units.Duration(time.Duration(seconds) * time.Second)
}

// alarmOfFaults looks at what the daemon fails to do.
func (d *Daemon) alarmOfFaults(r *alert.Round) {
	for part, why := range d.noticed.failing {
		r.Add(alert.Finding{Rule: alert.Fault, Subject: part, Value: math.NaN(), Limit: math.NaN(), Words: fmt.Sprintf("The daemon cannot %s: %s.", part, why)})
	}
}
