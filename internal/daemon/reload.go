package daemon

import (
	"runtime/debug"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/budget"
	"github.com/zol0/zol0/internal/config"
)

// reloaded is how the configuration was read last.
type reloaded struct {
	at  time.Time
	err error // why the file as it stands now was refused; the one before holds
}

// reload reads the configuration again. A bad one is refused and the old one stays; what
// needs a restart waits for one. Both are said.
func (d *Daemon) reload() {
	d.notify.reloading(d.clock.Elapsed())
	defer d.notify.ready()
	next, err := d.options.Reload()
	d.present.Lock()
	defer d.present.Unlock()
	d.reloadTokens()
	d.reloaded.err = err
	if err != nil {
		d.log.Warn("the new configuration is refused; the old one holds", "error", err)
		d.event("config", d.options.ConfigPath, "The new configuration was refused and the old one holds: "+err.Error(), nil)
		return
	}
	d.reloaded.at = d.clock.Now()
	changed, restart := config.Diff(d.config, next)
	// What needs a restart stays as it is until then, so that it is said again.
	running := *next
	running.Daemon, running.ProcRoot, running.Store.Engine = d.config.Daemon, d.config.ProcRoot, d.config.Store.Engine
	running.Sources, running.Logs = d.config.Sources, d.config.Logs
	d.configure(&running)
	d.tally.Rename()
	c := &running.Store
	d.store.SetRetention(c.Raw, c.Minutes, c.Hours, int64(c.Size))
	d.budget.SetBytes(uint64(running.Memory.Budget))
	debug.SetMemoryLimit(budget.MemoryLimit(uint64(running.Memory.Budget)))
	text := "The configuration was read again; nothing in it is different."
	if len(changed) > 0 {
		text = "The configuration was read again: " + strings.Join(changed, "; ") + "."
	}
	if len(restart) > 0 {
		text += " After a restart only: " + strings.Join(restart, "; ") + "."
	}
	d.log.Info("configuration read again", "changed", changed, "after_restart", restart)
	d.event("config", d.options.ConfigPath, text, map[string]any{"changed": changed, "after_restart": restart})
}

// reloadTokens reads the file of tokens again. The caller holds present.
func (d *Daemon) reloadTokens() {
	if d.server == nil || d.options.Tokens == nil {
		return
	}
	if err := d.server.ReloadTokens(); err != nil {
		d.log.Warn("the file of tokens is refused; those that were read before hold", "error", err)
		d.event("config", d.options.Tokens.Path(), "The file of tokens was refused and those that were read before hold: "+err.Error(), nil)
		return
	}
	d.log.Info("tokens read again", "tokens", len(d.options.Tokens.Tokens()))
}
