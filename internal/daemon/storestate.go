package daemon

import (
	"context"
	"time"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// storeState is what the store keeps, with what this run did to it.
func (d *Daemon) storeState(ctx context.Context) (wire.StoreState, error) {
	i, err := d.store.Info(ctx)
	if err != nil {
		return wire.StoreState{}, err
	}
	counts := d.store.Counts()
	d.present.RLock()
	c := d.config.Store
	disk := d.load.DiskAvailableBytes
	d.present.RUnlock()
	out := wire.StoreState{
		Time: d.clock.Now().UTC().Truncate(time.Millisecond), Path: d.store.Path(), SchemaVersion: int(i.SchemaVersion), Driver: store.Driver,
		FileBytes: uint64(i.FileBytes), LogBytes: uint64(i.LogBytes), CapBytes: uint64(c.Size), Series: int(i.Series), OpenSeries: int(i.OpenSeries),
		MaxOpenSeries: store.MaxSeries, RefusedSeries: count(counts.Crowded), BytesPerSample: pointer(i.BytesPerSample),
		Appends: count(counts.Appends), RefusedAppends: count(counts.Refused), FailedWrites: count(counts.Failed),
	}
	if v, ok := disk.Get(); ok {
		out.FreeDiskBytes = &v
	}
	steps := map[string]*float64{"minutes": pointer(60), "hours": pointer(3600)}
	keep := map[string]time.Duration{"raw": c.Raw, "minutes": c.Minutes, "hours": c.Hours}
	for _, t := range i.Tiers {
		out.Samples += uint64(t.Samples)
		w := wire.StoreTier{Name: t.Name, StepSeconds: steps[t.Name], RetentionSeconds: keep[t.Name].Seconds(), Chunks: uint64(t.Rows), Samples: uint64(t.Samples), Bytes: uint64(t.Bytes)}
		if t.Rows > 0 {
			oldest, newest := time.UnixMilli(t.Oldest).UTC(), time.UnixMilli(t.Newest).UTC()
			w.Oldest = &oldest
			if out.Oldest == nil || oldest.Before(*out.Oldest) {
				out.Oldest = &oldest
			}
			if out.Newest == nil || newest.After(*out.Newest) {
				out.Newest = &newest
			}
		}
		out.Tiers = append(out.Tiers, w)
	}
	for _, a := range i.Asides {
		out.Asides = append(out.Asides, wire.StoreAside{Path: a.Path, Reason: a.Why.Error()})
	}
	return out, nil
}

func count(n int64) *uint64 {
	v := uint64(max(0, n))
	return &v
}
