package daemon

import (
	"context"

	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/transfer"
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
	o := store.Options{Raw: c.Raw, Minutes: c.Minutes, Hours: c.Hours, Size: int64(c.Size)}
	out := transfer.State(d.store.Path(), &i, o, d.clock.Now())
	out.RefusedSeries, out.Appends = count(counts.Crowded), count(counts.Appends)
	out.RefusedAppends, out.FailedWrites = count(counts.Refused), count(counts.Failed)
	if n, ok := probe.OwnWritten(); ok {
		out.WrittenBytes = &n
	}
	if v, ok := disk.Get(); ok {
		out.FreeDiskBytes = &v
	}
	return out, nil
}

func count(n int64) *uint64 {
	v := uint64(max(0, n))
	return &v
}
