package alert

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// Wire is the account as JSON.
func (b *Book) Wire() wire.Alerts {
	out := wire.Alerts{Checks: make([]wire.AlertCheck, Rules), Firing: []wire.Alert{}, Resolved: slices.Clone(b.resolved)}
	if out.Resolved == nil {
		out.Resolved = []wire.Alert{}
	}
	slices.Reverse(out.Resolved)
	for rule := range Rules {
		out.Checks[rule] = wire.AlertCheck{Rule: rule.String(), Meaning: rule.Meaning(), Checked: b.missed[rule] == "", Why: b.missed[rule], Firing: b.omitted[rule]}
	}
	if b.rounds == 0 {
		for i := range out.Checks {
			out.Checks[i].Checked, out.Checks[i].Why = false, "the first beat is not over yet"
		}
		out.Status, out.Sentence = "unknown", "Nothing was checked yet."
		return out
	}
	at := b.at.UTC().Truncate(time.Millisecond)
	out.Time = &at
	var count [Critical + 1]int
	for rule, n := range b.omitted {
		count[table[rule].severity] += n
	}
	for _, h := range b.sorted() {
		out.Firing = append(out.Firing, h.wire(b.at))
		out.Checks[h.Rule].Firing++
		count[h.severity()]++
	}
	out.Status, out.Sentence = b.summary(count)
	return out
}

// summary is all of it in a word and in a sentence. What is not known hides no warning,
// but a mere notice does not hide what is not known.
func (b *Book) summary(count [Critical + 1]int) (status, sentence string) {
	missed := 0
	for _, why := range b.missed {
		if why != "" {
			missed++
		}
	}
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, units.Count(n, one, many))
		}
	}
	add(count[Critical], "critical alert", "critical alerts")
	add(count[Warning], "warning", "warnings")
	add(count[Info], "notice", "notices")
	if missed > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d checks could not be made", missed, int(Rules)))
	}
	switch {
	case count[Critical] > 0:
		status = "critical"
	case count[Warning] > 0:
		status = "warning"
	case missed > 0:
		status = "unknown"
	case count[Info] > 0:
		status = "notice"
	default:
		return "operational", "All systems operational"
	}
	return status, strings.Join(parts, ", ") + "."
}

// wire is an alert as JSON at a moment.
func (h *held) wire(now time.Time) wire.Alert {
	row := &table[h.Rule]
	out := wire.Alert{
		Rule: row.name, Severity: h.severity().String(), Service: h.Service, Sentence: row.words(&h.Finding),
		Value: number(h.Value), Limit: number(h.Limit), Unit: row.unit, Since: h.since.UTC().Truncate(time.Millisecond),
	}
	if !h.calm.IsZero() && now.After(h.calm) {
		out.Sentence += fmt.Sprintf(" It has not been so for %s.", units.Duration(now.Sub(h.calm)))
	}
	return out
}

// number is v for JSON; nil for what is no number.
func number(v float64) *float64 {
	if math.IsNaN(v - v) {
		return nil
	}
	v = math.Round(v*100) / 100
	return &v
}
