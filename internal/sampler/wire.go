package sampler

import (
	"math"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/wire"
)

// Wire is the snapshot as JSON, with the given services of it.
func (s *Snapshot) Wire(services []Service) wire.Snapshot {
	out := wire.Snapshot{
		Time: s.Time.UTC().Truncate(time.Millisecond), Host: hostWire(&s.Host), Services: make([]wire.Service, 0, len(services)),
		WatchedPrivateBytes: uint64(s.Watched), WatchedLimitBytes: uint64(s.WatchedLimit), WatchedStatus: s.WatchedWord(),
		Processes: s.Processes, DeniedProcesses: s.Denied, Partial: s.Hidden,
	}
	for k := range services {
		out.Services = append(out.Services, s.serviceWire(&services[k]))
	}
	return out
}

// WatchedWord is the status of all watched services together.
func (s *Snapshot) WatchedWord() string {
	if s.OverWatched() {
		return "REVIEW"
	}
	return Normal.String()
}

func (s *Snapshot) serviceWire(v *Service) wire.Service {
	out := wire.Service{
		Name: v.Name, Kind: v.Kind, Watched: v.Watched, Status: v.Status.String(), ThresholdBytes: uint64(v.Passed),
		Usage: usageWire(&v.Total, v.CPU), UptimeSeconds: seconds(v.Age), Instances: make([]wire.Instance, 0, len(v.Instances)),
	}
	for i := range v.Instances {
		out.Instances = append(out.Instances, s.InstanceWire(&v.Instances[i]))
	}
	return out
}

// InstanceWire is one instance of the snapshot as JSON.
func (s *Snapshot) InstanceWire(x *Instance) wire.Instance {
	out := wire.Instance{
		ID: x.ID().String(), PID: x.ID().PID, StartTime: s.Started(x), Name: x.Sample.Name, ParentPID: x.Sample.Parent,
		State: stateWord(x.Sample.State), Status: x.Status.String(), Usage: usageWire(x.Sample, x.CPU), UptimeSeconds: seconds(x.Sample.Age),
	}
	if peak, ok := x.Sample.Get(memory.PeakRSS); ok {
		out.PeakRSSBytes = &peak
	}
	if uid := x.Sample.UID; uid >= 0 {
		out.UserID = &uid
	}
	return out
}

// figures are what a sample and a sum of samples have in common.
type figures interface {
	Get(m memory.Metric) (uint64, bool)
}

func usageWire(f figures, cpu float64) wire.Usage {
	value := func(m memory.Metric) *uint64 {
		if v, ok := f.Get(m); ok {
			return &v
		}
		return nil
	}
	out := wire.Usage{
		PrivateBytes: value(memory.Private), RSSBytes: value(memory.RSS), AnonBytes: value(memory.Anon), FileBytes: value(memory.File),
		ShmemBytes: value(memory.Shmem), SwapBytes: value(memory.Swap), VirtualBytes: value(memory.Virtual),
		Threads: value(memory.Threads), FDs: value(memory.FDs), MinorFaults: value(memory.MinorFaults), MajorFaults: value(memory.MajorFaults),
	}
	if v, ok := f.Get(memory.CPUTime); ok {
		s := float64(v) / 1e9
		out.CPUSeconds = &s
	}
	if !math.IsNaN(cpu) {
		rounded := math.Round(cpu*100) / 100
		out.CPUPercent = &rounded
	}
	return out
}

func stateWord(s memory.State) string {
	if s == 0 {
		return "?"
	}
	return string(rune(s))
}

func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*100) / 100 }

// pointer is the figure for JSON: null where it is absent.
func pointer[T any](o memory.Optional[T]) *T {
	if v, ok := o.Get(); ok {
		return &v
	}
	return nil
}

func hostWire(h *memory.Host) wire.Host {
	out := wire.Host{
		Name: h.Name, MemoryTotalBytes: h.TotalBytes, MemoryUsedBytes: pointer(h.UsedBytes()), MemoryAvailableBytes: pointer(h.AvailableBytes),
		SwapTotalBytes: pointer(h.SwapTotalBytes), CPUs: h.CPUs, Load1: pointer(h.Load1), UptimeSeconds: seconds(h.Uptime),
	}
	if used := out.MemoryUsedBytes; used != nil && h.TotalBytes > 0 {
		percent := math.Round(1000*float64(*used)/float64(h.TotalBytes)) / 10
		out.MemoryUsedPercent = &percent
	}
	size, ok := h.SwapTotalBytes.Get()
	if free, known := h.SwapFreeBytes.Get(); ok && known && free <= size {
		used := size - free
		out.SwapUsedBytes = &used
	}
	return out
}
