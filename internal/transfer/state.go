package transfer

import (
	"math"
	"time"

	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// State is what is in a store in the shape that programs read. What a daemon alone knows,
// its counts and the room on the disk, is left for it to fill in.
func State(path string, i *store.Info, o store.Options, now time.Time) wire.StoreState {
	out := wire.StoreState{
		Time: now.UTC().Truncate(time.Millisecond), Path: path, SchemaVersion: int(i.SchemaVersion), Driver: "github.com/ncruces/go-sqlite3",
		FileBytes: uint64(i.FileBytes), LogBytes: uint64(i.LogBytes), UsedBytes: uint64(i.UsedBytes), FreeBytes: uint64(i.FreeBytes), CapBytes: uint64(o.Size),
		Series: int(i.Series), OpenSeries: int(i.OpenSeries), MaxOpenSeries: store.MaxSeries,
		Events: uint64(i.Events), Detectors: uint64(i.Detectors), Owners: []wire.StoreOwners{}, Tiers: []wire.StoreTier{}, Asides: []wire.StoreAside{},
	}
	if left, _, ok := i.UntilCap(o); ok {
		days := left.Hours() / 24
		out.DaysUntilCap = &days
	}
	if !math.IsNaN(i.BytesPerSample) {
		out.BytesPerSample = &i.BytesPerSample
	}
	for _, w := range i.Owners {
		out.Owners = append(out.Owners, wire.StoreOwners{Kind: w.Kind.String(), Open: uint64(w.Open), All: uint64(w.All)})
	}
	steps := []*float64{nil, seconds(time.Minute), seconds(time.Hour)}
	keeps := []time.Duration{o.Raw, o.Minutes, o.Hours}
	for n, t := range i.Tiers {
		tier := wire.StoreTier{Name: t.Name, StepSeconds: steps[n], RetentionSeconds: keeps[n].Seconds(), Chunks: uint64(t.Rows), Samples: uint64(t.Samples), Bytes: uint64(t.Bytes)}
		if t.Rows > 0 {
			tier.Oldest, tier.Newest = moment(t.Oldest), moment(t.Newest)
			if out.Oldest == nil || tier.Oldest.Before(*out.Oldest) {
				out.Oldest = tier.Oldest
			}
			if out.Newest == nil || tier.Newest.After(*out.Newest) {
				out.Newest = tier.Newest
			}
		}
		out.Samples += tier.Samples
		out.Tiers = append(out.Tiers, tier)
	}
	for _, a := range i.Asides {
		out.Asides = append(out.Asides, wire.StoreAside{Path: a.Path, Reason: a.Why.Error()})
	}
	return out
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}

func moment(ms int64) *time.Time {
	t := time.UnixMilli(ms).UTC()
	return &t
}
