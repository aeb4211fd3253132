package daemon

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

// boundsEvery is how often limits of control groups are read and told to the judges: people
// change them seldom, and what is used of them moves slowly.
const boundsEvery = time.Minute

// bounds are what the growth of services can hit, as it was a moment ago.
type bounds struct {
	cgroups  *probe.Cgroups
	services map[string]probe.CgroupLimit // of the largest process of each that has one
	outlooks map[process.ID]outlook       // for what the judge was not told
	looked   time.Duration
	began    bool
}

// outlook is what is foreseen of an instance's private memory, and the second of the watch
// that it counts from.
type outlook struct {
	leak.Forecast
	at float64
	// first says that it is for what binds first of all, and not for the limit that the
	// judge was told.
	first bool
}

// bound is one thing that the growth of a service can hit.
type bound struct {
	kind  string // rule, cgroup, host
	bytes uint64
	used  memory.Optional[uint64]
	where string // source of the rule, or path of the group
}

// room is how much is left until it is hit.
func (b *bound) room() uint64 {
	used, _ := b.used.Get()
	return b.bytes - min(used, b.bytes)
}

// boundsOf appends what the growth of a service can hit, that with the least room first.
func (d *Daemon) boundsOf(v *sampler.Service, dst []bound) []bound {
	x := &v.Instances[0] // the largest
	if r := x.Identity.Rule; r != nil && r.Thresholds.LimitBytes > 0 {
		b := bound{kind: "rule", bytes: r.Thresholds.LimitBytes, where: r.Source}
		if private, ok := x.Sample.Get(memory.Private); ok {
			b.used = memory.Present(private)
		}
		dst = append(dst, b)
	}
	if l, ok := d.bounds.services[v.Name]; ok {
		dst = append(dst, bound{"cgroup", l.MaxBytes, l.UsedBytes, l.Path})
	}
	if h := &d.snapshot.Host; h.TotalBytes > 0 {
		dst = append(dst, bound{kind: "host", bytes: h.TotalBytes, used: h.UsedBytes()})
	}
	slices.SortStableFunc(dst, func(a, b bound) int { return cmp.Compare(a.room(), b.room()) })
	return dst
}

// limitsOf are the same in words.
func (d *Daemon) limitsOf(v *sampler.Service) []wire.Limit {
	all := d.boundsOf(v, nil)
	out := make([]wire.Limit, 0, len(all))
	for i := range all {
		b := &all[i]
		x := wire.Limit{Kind: b.kind, Bytes: b.bytes, UsedBytes: value(b.used)}
		switch b.kind {
		case "rule":
			x.Text = "limit of the rule at " + b.where + ", for the private memory of each process; used is that of the largest"
		case "cgroup":
			x.Text = "memory.max of the control group " + b.where + "; used is what all its processes have, without file pages that the kernel can drop"
		case "host":
			x.Text = "memory of the host; used is what new work could not have without swapping"
		}
		out = append(out, x)
	}
	return out
}

// words name a bound in a sentence.
func (b *bound) words() string {
	size := units.Bytes(b.bytes)
	switch b.kind {
	case "rule":
		return fmt.Sprintf("the limit of %s that the rule at %s sets", size, b.where)
	case "cgroup":
		return fmt.Sprintf("the limit of %s of the control group %s", size, b.where)
	}
	return fmt.Sprintf("the end of the host's memory of %s", size)
}

// bind reads the limits of control groups and tells the judges which of them, and of the
// rules, the growth will hit first. What nobody set, the size of the machine, they are not
// told: to them a limit is evidence. Once a minute.
func (d *Daemon) bind(m moment) {
	b := &d.bounds
	if b.began && m.elapsed-b.looked < boundsEvery {
		return
	}
	b.looked, b.began = m.elapsed, true
	if b.cgroups == nil {
		host := filepath.Dir(filepath.Clean(d.config.ProcRoot))
		b.cgroups = probe.NewCgroups(filepath.Join(host, "sys/fs/cgroup"))
		b.services, b.outlooks = make(map[string]probe.CgroupLimit), make(map[process.ID]outlook)
	}
	b.cgroups.Forget()
	clear(b.services)
	clear(b.outlooks)
	for k := range d.chosen {
		v := &d.chosen[k]
		for i := range v.Instances {
			x := &v.Instances[i]
			judged := d.tally.IsJudged(x.ID())
			if i > 0 && !judged {
				continue
			}
			l, limited := d.cgroupLimit(x)
			if i == 0 && limited && len(b.services) < tally.MaxServices {
				b.services[v.Name] = l
			}
			if judged {
				d.tally.SetLimit(x.ID(), knownLimit(x, l, limited))
			}
		}
	}
	d.alarms = d.tally.Alarms(d.alarms[:0])
	for _, a := range d.alarms {
		if a.Metric == memory.Private {
			d.foresee(a.ID)
		}
	}
}

// cgroupLimit is the limit of the control group that an instance is in; false where none
// is known.
func (d *Daemon) cgroupLimit(x *sampler.Instance) (probe.CgroupLimit, bool) {
	facts, err := d.machine.Describe(x.ID(), process.NeedCgroup)
	if err != nil || !facts.Has(process.NeedCgroup) {
		return probe.CgroupLimit{}, false // it has ended, or the system knows no groups
	}
	return d.bounds.cgroups.Limit(facts.Cgroup)
}

// level is all of an instance's memory that counts: its private memory and what the judge
// is told beside it.
func level(x *sampler.Instance) (private, all float64) {
	p, _ := x.Sample.Get(memory.Private)
	rss, _ := x.Sample.Get(memory.RSS)
	return float64(p), float64(max(p, rss))
}

// mainShare is how much of a control group a process must use for its limit to be one of
// that process: of others it says nothing.
const mainShare = .5

// knownLimit is the limit to tell the judge of an instance, in bytes of all that counts; 0 where
// nobody set any.
func knownLimit(x *sampler.Instance, l probe.CgroupLimit, limited bool) (limit float64) {
	private, all := level(x)
	if r := x.Identity.Rule; r != nil && r.Thresholds.LimitBytes > 0 {
		limit = float64(r.Thresholds.LimitBytes) + all - private
	}
	used, known := l.UsedBytes.Get()
	if limited && known && all >= mainShare*float64(used) {
		if room := all + float64(l.Room()); limit == 0 || room < limit {
			limit = room
		}
	}
	return limit
}

// foresee reckons when a process that seems to leak has used up what binds first, where
// that is not the limit that its judge knows.
func (d *Daemon) foresee(id process.ID) {
	v, x := d.snapshot.Find(id.PID)
	if x == nil || x.ID() != id {
		return
	}
	all := d.boundsOf(v, nil)
	if len(all) == 0 {
		return
	}
	_, has := level(x)
	end := has + float64(all[0].room())
	if known := d.tally.Limit(id); known > 0 && known <= end {
		return
	}
	if f, at, ok := d.tally.Foresee(id, end); ok && f.Outlook == leak.Reaches {
		d.bounds.outlooks[id] = outlook{f, at, true}
	}
}

// forecast is what is foreseen of an instance's private memory: by its judge, or for a limit
// that it was not told.
func (d *Daemon) forecast(id process.ID, j *tally.Judgement) outlook {
	if o, ok := d.bounds.outlooks[id]; ok && j.Metric == memory.Private && j.State >= leak.Suspect {
		return o
	}
	return outlook{j.Forecast, j.At, false}
}
