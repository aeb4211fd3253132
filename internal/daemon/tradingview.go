package daemon

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zol0/zol0/internal/trading"
	"github.com/zol0/zol0/internal/wire"
)

// sourceHint is a block to copy that adds a source.
const sourceHint = `sources:
  - name: ZoL0
    kind: zol0                     # or freqtrade, openmetrics, json, trades
    url: http://localhost:5001
    service: NAME                  # whose memory stands beside its trades`

// tellsStrategies reports whether a source can tell of strategies.
func tellsStrategies(o *trading.Options) bool {
	return o.Wants("strategies") && (o.Kind != trading.KindOpenMetrics && o.Kind != trading.KindJSON || len(o.Metrics) > 0)
}

// Strategies are how those of all sources perform, the most profitable first.
func (d *Daemon) Strategies() wire.Strategies {
	out := wire.Strategies{Message: "No strategy source", Hint: sourceHint, Sources: []wire.SourceState{}, Strategies: []wire.Strategy{}}
	silent := ""
	for _, s := range d.outside.sources {
		if !tellsStrategies(s.Options()) {
			continue
		}
		out.Configured, out.Hint = true, ""
		state := s.State()
		out.Sources = append(out.Sources, state)
		all := s.Strategies()
		if len(all) == 0 {
			silent = cmp.Or(silent, state.Name+" "+map[string]string{"waiting": "was not asked yet", "ok": "names no strategy", "partial": "names no strategy: " + state.Error, "dead": "does not answer: " + state.Error}[state.State])
		}
		out.Strategies = append(out.Strategies, all...)
	}
	if out.Configured {
		out.Message = "No strategy yet: " + cmp.Or(silent, "its source names none")
	}
	slices.SortStableFunc(out.Strategies, func(a, b wire.Strategy) int {
		if x, y := a.Origin == "fallback", b.Origin == "fallback"; x != y {
			return map[bool]int{true: 1, false: -1}[x]
		}
		return compareProfit(&a, &b)
	})
	out.Totals = totals(out.Strategies)
	return out
}

// compareProfit puts the greater profit first, and what has none last.
func compareProfit(a, b *wire.Strategy) int {
	switch {
	case a.Profit == nil && b.Profit == nil:
		return strings.Compare(a.Name, b.Name)
	case a.Profit == nil:
		return 1
	case b.Profit == nil:
		return -1
	}
	return cmp.Or(cmp.Compare(*b.Profit, *a.Profit), strings.Compare(a.Name, b.Name))
}

// totals add up what is real and of one currency.
func totals(all []wire.Strategy) (out wire.StrategyTotals) {
	profit, mixed := 0.0, false
	for i := range all {
		s := &all[i]
		if s.Origin == "fallback" {
			continue
		}
		if out.Strategies++; out.Strategies == 1 {
			out.Currency = s.Currency
		}
		mixed = mixed || s.Profit == nil || s.Currency != out.Currency
		if s.Profit != nil {
			profit += *s.Profit
		}
		if s.Trades != nil {
			out.Trades += *s.Trades
		}
		if s.OpenTrades != nil {
			out.OpenTrades += *s.OpenTrades
		}
	}
	if out.Strategies > 0 && !mixed {
		out.Profit = &profit
	}
	if mixed {
		out.Currency = ""
	}
	return out
}

// Strategy is one strategy by periods; false where there is none of that name.
func (d *Daemon) Strategy(source, name string) (wire.StrategyDetail, bool) {
	for _, s := range d.outside.sources {
		if s.Options().Name == source {
			if x := s.Detail(name); x != nil {
				return *x, true
			}
		}
	}
	return wire.StrategyDetail{}, false
}

// workWire is the counter of a service's work, and the sources that tell of its trades.
func (d *Daemon) workWire(service string) (work *wire.ServiceWork, sources []string) {
	for _, s := range d.outside.sources {
		o := s.Options()
		if o.Service != service {
			continue
		}
		if tellsStrategies(o) {
			sources = append(sources, o.Name)
		}
		if d.outside.worked[service] == s {
			work = &wire.ServiceWork{Source: o.Name, Counter: o.Work}
			if v, _ := d.workOf(service); v == v { // it is a number
				work.Count = &v
			}
		}
	}
	return work, sources
}

// coreHint is a block to copy that adds a source of components.
const coreHint = sourceHint

// Core are the components of all sources, what is down first.
func (d *Daemon) Core() wire.Core {
	now := d.clock.Now()
	out := wire.Core{Message: "No source for the trading core", Hint: coreHint, Sources: []wire.SourceState{}, Components: []wire.Component{}}
	for _, s := range d.outside.sources {
		o := s.Options()
		if !o.Wants("components") || o.Kind != trading.KindZol0 && o.Kind != trading.KindFreqtrade && o.Components == "" {
			continue
		}
		out.Configured, out.Hint, out.Message = true, "", "No component yet"
		state := s.State()
		out.Sources = append(out.Sources, state)
		if state.State == "dead" {
			out.Message = state.Name + " does not answer: " + state.Error
		}
		out.Components = append(out.Components, s.Components(now)...)
	}
	rank := map[string]int{"down": 0, "degraded": 1, "unknown": 2, "up": 3}
	slices.SortStableFunc(out.Components, func(a, b wire.Component) int { return cmp.Compare(rank[a.Status], rank[b.Status]) })
	return out
}
