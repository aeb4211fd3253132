package trading

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/zol0/zol0/internal/wire"
)

// FuzzAnswers: no answer makes a reader panic, nor a figure that is no number.
func FuzzAnswers(f *testing.F) {
	for _, text := range coreAnswers() {
		f.Add([]byte(text))
	}
	f.Add([]byte("profit{strategy=\"a\"} 5\n# EOF\n"))
	f.Add([]byte("time,strategy,profit\n2026-01-01,a,5\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		o := optionsOf(KindJSON, "http://127.0.0.1:1")
		o.Components, o.Keep, o.File = "parts", []string{"*"}, "none"
		x, err := newFields(&o, nil)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := decoded(text); err == nil {
			checkReading(t, func() (*Reading, error) { return x.take(v, noon) })
		}
		if v, err := objectOf(text); err == nil {
			c := &core{options: &o}
			out := &Reading{}
			for _, take := range []func(object, *Reading){c.components, c.parts("strategies"), c.system, c.health, c.trading, c.performance, c.statistics, c.environment, c.validation, c.logs} {
				take(v, out)
			}
			checkReading(t, func() (*Reading, error) { return out, nil })
			b := &freqtrade{options: &o, config: v}
			b.trade(v)
			b.logs(v, out)
			s := b.strategy(v)
			b.components(v, noon, out)
			checkReading(t, func() (*Reading, error) { out.Strategies = []wire.Strategy{s}; return out, nil })
		}
		checkReading(t, func() (*Reading, error) { return newExposition(&o, nil).parse(text, "text/plain", noon) })
		l := newLedger(&o)
		l.line(text)
		checkReading(t, func() (*Reading, error) { return &Reading{Strategies: l.books.strategies()}, nil })
	})
}

func checkReading(t *testing.T, read func() (*Reading, error)) {
	t.Helper()
	r, err := read()
	if err != nil {
		return
	}
	r.sorted()
	if _, err := json.Marshal(r.Strategies); err != nil {
		t.Error(err)
	}
	for _, g := range r.Gauges {
		if math.IsNaN(g.Value) || math.IsInf(g.Value, 0) {
			t.Errorf("%+v", g)
		}
	}
	for _, c := range r.Components {
		if !slices.Contains([]string{"up", "degraded", "down", "unknown"}, c.Status) || len(c.Reason) > 2*maxText {
			t.Errorf("%+v", c)
		}
	}
}
