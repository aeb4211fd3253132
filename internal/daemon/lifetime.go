package daemon

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
)

// lifetime is one life of one process of a service, as far as the store knows it.
type lifetime struct {
	pid                  int32
	start, boot          string // labels; what is not known is empty
	name, service        string
	owners               []store.Owner // more than one where its name changed (exec), oldest first
	began, first, ending int64         // milliseconds since 1970; first and ending are samples
	dated                bool          // began is when the process began, not just its first sample
	alive                bool          // it was seen at the last beat
}

// Start labels are ticks since boot on Linux and milliseconds since 1970 elsewhere
// (process.ID.Start). No machine runs for the 31 years that this many ticks are, and the
// milliseconds passed it in 1973.
const (
	mostTicks       = 100_000_000_000
	tickMillis      = 10
	bootLabelLength = 8 // as package record cuts it
)

// lifetimes are the lives of a service that had samples between two times, youngest first;
// those of all services where that is empty.
func (h inquiry) lifetimes(ctx context.Context, service string, from, to int64) ([]lifetime, error) {
	match := map[string]string{}
	if service != "" {
		match["service"] = service
	}
	owners, err := h.past.Owners(ctx, store.Process, match, from, to)
	if err != nil {
		return nil, err
	}
	type key struct{ service, boot, pid, start string }
	at := make(map[key]int, len(owners))
	var out []lifetime
	for _, o := range owners {
		k := key{o.Labels.Get("service"), o.Labels.Get("boot"), o.Labels.Get("pid"), o.Labels.Get("start")}
		i, known := at[k]
		if known && k.start != "" {
			x := &out[i]
			x.owners = append(x.owners, o)
			x.first, x.ending = min(x.first, o.First), max(x.ending, o.Last)
			continue
		}
		pid, err := strconv.ParseInt(k.pid, 10, 32)
		if err != nil {
			continue // an import can have anything there, or nothing
		}
		at[k] = len(out)
		out = append(out, lifetime{pid: int32(pid), start: k.start, boot: k.boot, name: o.Labels.Get("name"), service: k.service, owners: []store.Owner{o}, first: o.First, ending: o.Last})
	}
	boots := h.boots()
	for i := range out {
		x := &out[i]
		slices.SortFunc(x.owners, func(a, b store.Owner) int { return cmp.Compare(a.First, b.First) })
		x.name = x.owners[len(x.owners)-1].Labels.Get("name")
		if err := boots.date(ctx, x); err != nil {
			return nil, err
		}
	}
	h.present(out)
	slices.SortFunc(out, func(a, b lifetime) int {
		return cmp.Or(cmp.Compare(b.began, a.began), cmp.Compare(b.pid, a.pid))
	})
	return out, nil
}

// present notes which of them live.
func (h inquiry) present(all []lifetime) {
	h.d.present.RLock()
	defer h.d.present.RUnlock()
	if h.d.snapshot == nil {
		return
	}
	boot := h.d.boot[:min(bootLabelLength, len(h.d.boot))]
	candidates := make(map[int32][]int)
	for i := range all {
		if x := &all[i]; x.boot == boot {
			candidates[x.pid] = append(candidates[x.pid], i)
		}
	}
	for k := range h.d.snapshot.Services {
		v := &h.d.snapshot.Services[k]
		for i := range v.Instances {
			id := v.Instances[i].ID()
			for _, c := range candidates[id.PID] {
				if x := &all[c]; x.service == v.Name && x.start == strconv.FormatUint(id.Start, 10) {
					x.alive = true
				}
			}
		}
	}
}

// end is the time of the last sample of a life. That of an owner that the store still
// waits for is not written anywhere.
func (h inquiry) end(ctx context.Context, x *lifetime) (int64, error) {
	if x.ending != math.MaxInt64 {
		return x.ending, nil
	}
	now := h.d.clock.Now().UnixMilli()
	latest := x.first
	for i := range x.owners {
		o := &x.owners[i]
		if !o.Open() {
			latest = max(latest, o.Last)
			continue
		}
		series := store.SeriesOf(o.ID, store.Code(memory.Private))
		seen := int64(-1)
		point := func(p store.Point) bool { seen = p.T; return true }
		// An owner without samples is closed with the hour after them; the daemon may have been
		// down for long, though, and then the whole hours are looked through.
		if err := h.past.Points(ctx, series, max(o.First, now-2*hour), now, point); err != nil {
			return 0, err
		}
		if seen < 0 {
			begin := int64(-1)
			err := h.past.Buckets(ctx, series, o.First, now, hour, func(b store.Bucket) bool { begin = b.T; return true })
			if err == nil && begin >= 0 {
				err = h.past.Points(ctx, series, begin, begin+hour, point)
			}
			if err != nil {
				return 0, err
			}
		}
		latest = max(latest, seen)
	}
	x.ending = latest
	return latest, nil
}

const (
	minute = int64(time.Minute / time.Millisecond)
	hour   = int64(time.Hour / time.Millisecond)
	day    = 24 * hour
)

// boots date processes: their start counts from the boot of their machine.
type boots struct {
	past  archive
	label string // of the present one
	known map[string]int64
	host  store.OwnerID
}

func (h inquiry) boots() *boots {
	h.d.present.RLock()
	defer h.d.present.RUnlock()
	b := &boots{past: h.past, label: h.d.boot[:min(bootLabelLength, len(h.d.boot))], known: map[string]int64{}}
	if h.d.beats.number > 0 {
		b.known[b.label] = h.d.beats.last.wall.Add(-h.d.beats.uptime).UnixMilli()
	}
	return b
}

// date sets when a life began. Where neither its start nor the boot it counts from is
// known, that is its first sample.
func (b *boots) date(ctx context.Context, x *lifetime) error {
	x.began = x.first
	start, known := startOf(x.start)
	if !known {
		return nil
	}
	began := int64(start)
	if start < mostTicks {
		boot, ok, err := b.at(ctx, x)
		if err != nil || !ok {
			return err
		}
		began = boot + int64(start)*tickMillis
	}
	// It cannot have begun after it was seen: the clock was set meanwhile.
	if began <= x.first {
		x.began, x.dated = began-began%second, true // the clocks are not read at the same instant
	}
	return nil
}

// startOf reads the label of when a process began; a label that says nothing is no error.
func startOf(label string) (start uint64, known bool) {
	start, err := strconv.ParseUint(label, 10, 63)
	return start, err == nil && start > 0
}

// uptimeWithin is how soon after the first sample of a process one of the machine's uptime
// is looked for: it is stored every minute, and of old times the last one of an hour is kept.
const uptimeWithin = 2 * hour

// at is when the machine was started on which a life began.
func (b *boots) at(ctx context.Context, x *lifetime) (ms int64, ok bool, err error) {
	if x.boot == "" {
		return 0, false, nil
	}
	if ms, ok = b.known[x.boot]; ok {
		return ms, ms != 0, nil
	}
	if b.host == 0 {
		hosts, err := b.past.Owners(ctx, store.Host, nil, x.first, x.first+uptimeWithin)
		if err != nil || len(hosts) == 0 {
			return 0, false, err
		}
		b.host = hosts[0].ID
	}
	err = b.past.Points(ctx, store.SeriesOf(b.host, store.HostUptime), x.first, x.first+uptimeWithin, func(p store.Point) bool {
		ms = p.T - int64(p.Value*1000)
		return false
	})
	b.known[x.boot] = ms
	return ms, ms != 0, err
}
