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
		Version: d.options.Version, UptimeSeconds: math.Round(d.clock.Now().Sub(d.began).Seconds()),
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

// logsHint says why there are no lines of other services.
const logsHint = "These are the daemon's own lines. This version cannot read the logs of other services; look where they write them, or with journalctl -u SERVICE."

// Logs are the last lines of the daemon's own log, from info up.
func (d *Daemon) Logs(q api.LogQuery) wire.Logs {
	return wire.Logs{
		Sources: []wire.LogSource{d.lines.Source()},
		Lines:   d.lines.Query(logs.Query{Service: q.Service, Level: q.Level, After: q.After, Limit: q.Limit}),
		Hint:    logsHint,
	}
}
