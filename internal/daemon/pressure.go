package daemon

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/zol0/zol0/internal/budget"
	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/wire"
)

// What is judged while memory is short.
const (
	coarserJudged  = 25
	servicesJudged = 10
)

// press compares the monitor's own memory with its budget and gives up what the step says.
// The caller holds present.
func (d *Daemon) press(now time.Time) {
	d.ownPrivate = memory.Optional[uint64]{}
	private := figure(d.own(), memory.Private)
	if private == nil { // it is not among the processes of the machine that it watches
		own, err := probe.Own()
		v, ok := own.Get(memory.Private)
		if d.fault("see its own memory", err); !ok {
			return
		}
		private = &v
	}
	d.ownPrivate = memory.Present(*private)
	before := d.budget.Step()
	step, changed := d.budget.Observe(now, *private)
	if !changed {
		return
	}
	d.log.Warn("own memory", "step", step.String(), "was", before.String(), "private_bytes", *private)
	d.event("degradation", "zol0", fmt.Sprintf("%s (own private memory %d bytes of a budget of %d)", step.Meaning(), *private, d.budget.Bytes()),
		map[string]any{"step": int(step), "step_name": step.String(), "from": before.String(), "private_bytes": *private, "budget_bytes": d.budget.Bytes()})
	d.apply(step)
	if step > before {
		debug.FreeOSMemory()
	}
}

// apply makes a step hold.
func (d *Daemon) apply(step budget.Step) {
	if step >= budget.NoCaches {
		d.cache.Clear()
		d.sessions.DropTemporary()
	}
	judged := tally.MaxJudged
	switch {
	case step >= budget.OnlyServices:
		judged = servicesJudged
	case step >= budget.CoarserWindows:
		judged = coarserJudged
	}
	d.tally.SetMaxJudged(judged)
	if step >= budget.CoarserWindows {
		d.fault("give back the store's memory", d.store.ReleaseMemory())
	}
	d.recorder.SetServicesOnly(step >= budget.OnlyServices)
	d.clients = step < budget.NoNewClients
}

// NewClients reports whether there is memory for one more live client.
func (d *Daemon) NewClients() bool {
	d.present.RLock()
	defer d.present.RUnlock()
	return d.clients
}

// ClearCache drops every cache, collects garbage, gives memory back to the system and says
// what that brought.
func (d *Daemon) ClearCache(context.Context) (wire.CacheCleared, error) {
	out := wire.CacheCleared{Before: d.ownMemory()}
	entries, bytes := d.cache.Clear()
	out.Entries, out.EntryBytes = entries, uint64(bytes)
	d.sessions.DropTemporary()
	err := d.store.ReleaseMemory()
	debug.FreeOSMemory()
	out.After = d.ownMemory()
	if a, b := out.Before.PrivateBytes, out.After.PrivateBytes; a != nil && b != nil {
		freed := int64(*a) - int64(*b)
		out.FreedBytes = &freed
	}
	return out, err
}

// ownMemory reads the monitor's memory at this moment.
func (d *Daemon) ownMemory() wire.MemoryState {
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	out := wire.MemoryState{HeapBytes: heap.HeapAlloc, HeldBytes: heap.Sys - heap.HeapReleased}
	x, err := probe.Own()
	if err != nil {
		d.log.Warn("cannot see itself", "error", err)
		return out
	}
	for _, f := range []struct {
		to *(*uint64)
		m  memory.Metric
	}{{&out.RSSBytes, memory.RSS}, {&out.PrivateBytes, memory.Private}} {
		if v, ok := x.Get(f.m); ok {
			*f.to = &v
		}
	}
	return out
}

// sweep drops what has passed its age, every five minutes.
func (d *Daemon) sweep(now time.Time) {
	if now.Sub(d.sweeping) < cache.SweepInterval && !now.Before(d.sweeping) {
		return
	}
	if !d.sweeping.IsZero() {
		debug.FreeOSMemory()
	}
	d.sweeping = now
	d.cache.Sweep(now)
	d.sessions.Sweep(now)
}
