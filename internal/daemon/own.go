package daemon

import (
	"math"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/cache"
	"github.com/zol0/zol0/internal/logs"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/wire"
)

// Own is the little that every page shows of the daemon itself, as of the last beat.
func (d *Daemon) Own() wire.OwnState {
	kept, sessions := d.cache.Stats(), d.sessions.Stats()
	d.present.RLock()
	defer d.present.RUnlock()
	return wire.OwnState{
		Version: d.options.Version, Demo: d.options.Demo, UptimeSeconds: math.Round(d.clock.Now().Sub(d.began).Seconds()),
		RSSBytes: figure(d.own(), memory.RSS), PrivateBytes: figure(d.own(), memory.Private), BudgetBytes: d.budget.Bytes(),
		Step: int(d.budget.Step()), StepName: d.budget.Step().String(), Late: d.beats.late,
		CacheEntries: kept.Entries, MaxCacheEntries: cache.MaxEntries, PageLoads: sessions.Loads,
	}
}

// Config is what holds after file, environment and flags, as `zol0 config show --json`
// writes it. Settings that need a restart are those that the daemon runs with.
func (d *Daemon) Config() wire.Config {
	d.present.RLock()
	defer d.present.RUnlock()
	return d.config.Wire()
}

// logsHint says how to have the lines of other services.
const logsHint = "These are the daemon's own lines. Name the logs of other services in the configuration:\nlogs:\n  - service: NAME\n    file: /path/of/its.log   # or unit: its.service, or docker: /path/of/ID-json.log"

// Logs are the last lines of all logs that are followed, and of the daemon's own from info up.
func (d *Daemon) Logs(q api.LogQuery) wire.Logs {
	out := wire.Logs{Sources: d.rings.Sources(), Lines: d.rings.Query(logs.Query{Service: q.Service, Level: q.Level, After: q.After, Limit: q.Limit})}
	if len(out.Sources) == 1 {
		out.Hint = logsHint
	}
	return out
}
