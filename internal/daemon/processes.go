package daemon

import (
	"cmp"
	"slices"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/wire"
)

// MaxProcesses is how many processes one table has: some 4 MB of JSON. More run on few
// machines, and the largest come first.
const MaxProcesses = 10_000

// Processes is every process at the last beat, the largest private memory first.
func (d *Daemon) Processes() wire.ProcessTable {
	d.present.RLock()
	defer d.present.RUnlock()
	out := wire.ProcessTable{Beat: d.beats.number, Processes: []wire.ProcessRow{}}
	s := d.snapshot
	if s == nil {
		return out
	}
	head := s.Wire(nil)
	out.Time, out.DeniedProcesses, out.Partial = head.Time, head.DeniedProcesses, head.Partial
	all := make([]*sampler.Instance, 0, s.Processes)
	for k := range s.Services {
		for i := range s.Services[k].Instances {
			all = append(all, &s.Services[k].Instances[i])
		}
	}
	out.Total = len(all)
	slices.SortFunc(all, func(a, b *sampler.Instance) int {
		x, _ := a.Sample.Get(memory.Private)
		y, _ := b.Sample.Get(memory.Private)
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(a.Sample.ID.PID, b.Sample.ID.PID))
	})
	all = all[:min(len(all), MaxProcesses)]
	out.Processes = make([]wire.ProcessRow, len(all))
	for i, x := range all {
		out.Processes[i] = processRow(s, x)
	}
	return out
}

func processRow(s *sampler.Snapshot, x *sampler.Instance) wire.ProcessRow {
	w := s.InstanceWire(x)
	return wire.ProcessRow{
		ID: w.ID, PID: w.PID, ParentPID: w.ParentPID, StartTime: w.StartTime, Name: w.Name,
		Service: x.Identity.Service, Watched: x.Identity.Watched, Kernel: x.Sample.Kernel, UserID: w.UserID, State: w.State, Status: w.Status,
		PrivateBytes: w.PrivateBytes, RSSBytes: w.RSSBytes, ShmemBytes: w.ShmemBytes, SwapBytes: w.SwapBytes,
		CPUPercent: w.CPUPercent, Threads: w.Threads, FDs: w.FDs, UptimeSeconds: w.UptimeSeconds,
	}
}

// Explain says how the service of one process was found. The error wraps fs.ErrNotExist
// where the last beat met no such process.
func (d *Daemon) Explain(pid int32) (service.Explanation, error) {
	d.present.Lock() // the reader that it asks is no one else's meanwhile
	defer d.present.Unlock()
	return d.sampler.Explain(pid)
}
