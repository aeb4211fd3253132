package daemon

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/alert"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// Alerts are what holds at the last beat and what ended lately.
func (d *Daemon) Alerts() wire.Alerts {
	d.present.RLock()
	defer d.present.RUnlock()
	return d.alerts.Wire()
}

const (
	// alertsPerBeat is how many beginnings and ends of alerts a beat tells one by one: live
	// clients have short queues, and where everything fails at once nobody reads a list.
	alertsPerBeat = 5
	// alertsPerHour is how many of them the journal is told in an hour: a process that goes
	// up and down at its threshold all day must not drive everything else out of it.
	alertsPerHour = 120
	// alertHour is the hour that they are counted in.
	alertHour = time.Hour
)

// announcements count what the journal was told of alerts.
type announcements struct {
	since   time.Duration // when the hour began
	told    int
	omitted int
}

// announce tells the journal, the log and live clients what became of alerts, the gravest
// first. Faults and the budget have events of their own.
func (d *Daemon) announce(m moment, changes []alert.Change) {
	a := &d.announced
	if m.elapsed-a.since >= alertHour {
		if a.omitted > 0 {
			d.event("alert", "zol0", fmt.Sprintf("%s of alerts in the hour before were not written down: there were too many.", units.Count(a.omitted, "change", "changes")), map[string]any{"omitted": a.omitted})
		}
		*a = announcements{since: m.elapsed}
	}
	slices.SortStableFunc(changes, func(x, y alert.Change) int { return cmp.Compare(severityOf(&y), severityOf(&x)) })
	told, rest := 0, 0
	for i := range changes {
		c := &changes[i]
		switch {
		case c.Alert.Rule == alert.Fault.String() || c.Alert.Rule == alert.OwnBudget.String():
		case a.told >= alertsPerHour:
			a.omitted++
		case told == alertsPerBeat:
			rest++
		default:
			told++
			a.told++
			d.event("alert", subjectOf(&c.Alert), alertText(c), map[string]any{
				"change": c.Turn.String(), "rule": c.Alert.Rule, "severity": c.Alert.Severity, "service": c.Alert.Service,
				"value": c.Alert.Value, "threshold": c.Alert.Limit, "unit": c.Alert.Unit, "since": c.Alert.Since,
			})
		}
	}
	if rest > 0 {
		a.told++
		d.event("alert", "zol0", units.Count(rest, "more alert began or ended", "more alerts began or ended")+" at the same beat.", map[string]any{"omitted": rest})
	}
}

func severityOf(c *alert.Change) alert.Severity {
	for s := alert.Critical; s > alert.Info; s-- {
		if s.String() == c.Alert.Severity {
			return s
		}
	}
	return alert.Info
}

// subjectOf is what an alert happened to: its service, else what its rule looks at.
func subjectOf(a *wire.Alert) string {
	switch {
	case a.Service != "":
		return a.Service
	case strings.HasPrefix(a.Rule, "host_"):
		return "host"
	}
	return "zol0"
}

// alertText is a change as one sentence.
func alertText(c *alert.Change) string {
	a := &c.Alert
	if c.Turn == alert.Lifted {
		return fmt.Sprintf("Over after %s: %s", units.Duration(a.Ended.Sub(a.Since)), a.Sentence)
	}
	return strings.ToUpper(a.Severity[:1]) + a.Severity[1:] + ": " + a.Sentence
}
