package record

import (
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/store"
)

// emitHost adds the figures of the machine that the system gave. load may be nil.
func (r *Recorder) emitHost(s *sampler.Snapshot, load *memory.Load) {
	put := func(c store.Code, v float64) {
		r.beat = append(r.beat, store.Sample{Series: store.SeriesOf(r.host, c), Value: v})
	}
	// What never or always moves in step with the clock needs no sample at every beat.
	putMinute := func(c store.Code, v float64) {
		r.min = append(r.min, store.Sample{Series: store.SeriesOf(r.host, c), Value: v})
	}
	putBytes := func(c store.Code, o memory.Optional[uint64]) {
		if v, ok := o.Get(); ok {
			put(c, float64(v))
		}
	}
	putTime := func(c store.Code, o memory.Optional[uint64]) {
		if v, ok := o.Get(); ok {
			put(c, float64(v)/float64(time.Second))
		}
	}
	h := &s.Host
	if v, ok := h.Load1.Get(); ok {
		put(store.HostLoad1, v)
	}
	putMinute(store.HostCPUs, float64(h.CPUs))
	putMinute(store.HostMemoryTotal, float64(h.TotalBytes))
	putBytes(store.HostMemoryAvailable, h.AvailableBytes)
	if v, ok := h.SwapTotalBytes.Get(); ok {
		putMinute(store.HostSwapTotal, float64(v))
	}
	putBytes(store.HostSwapFree, h.SwapFreeBytes)
	put(store.HostProcesses, float64(s.Processes))
	putMinute(store.HostUptime, h.Uptime.Seconds())
	if load == nil {
		return
	}
	putTime(store.HostCPUBusy, load.CPUBusyNanoseconds)
	putTime(store.HostCPUTotal, load.CPUTotalNanoseconds)
	for _, p := range []struct {
		code store.Code
		from memory.Optional[memory.Stall]
	}{
		{store.HostPressureCPUSome, load.CPUPressure.Some},
		{store.HostPressureMemorySome, load.MemoryPressure.Some},
		{store.HostPressureMemoryFull, load.MemoryPressure.Full},
		{store.HostPressureIOSome, load.IOPressure.Some},
		{store.HostPressureIOFull, load.IOPressure.Full},
	} {
		if v, ok := p.from.Get(); ok {
			put(p.code, float64(v.TotalNanoseconds)/float64(time.Second))
		}
	}
	if v, ok := load.DiskTotalBytes.Get(); ok {
		putMinute(store.HostDiskTotal, float64(v))
	}
	putBytes(store.HostDiskAvailable, load.DiskAvailableBytes)
	putBytes(store.HostDiskRead, load.DiskReadBytes)
	putBytes(store.HostDiskWritten, load.DiskWrittenBytes)
	putBytes(store.HostSwapIn, load.SwapInBytes)
	putBytes(store.HostSwapOut, load.SwapOutBytes)
}
