package daemon

import "github.com/zol0/zol0/internal/wire"

// Alerts are what holds at the last beat and what ended lately.
func (d *Daemon) Alerts() wire.Alerts {
	d.present.RLock()
	defer d.present.RUnlock()
	return d.alerts.Wire()
}
