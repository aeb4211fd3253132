package query

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
)

// began is the start of an hour.
var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// stage is a store with two services, one of which ended after ten minutes, and a gauge.
func stage(t testing.TB, span time.Duration) (*store.Store, time.Time) {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), Now: began})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	owner := func(k store.Kind, pairs ...string) store.OwnerID {
		l, err := store.NewLabels(pairs...)
		if err != nil {
			t.Fatal(err)
		}
		id, err := s.OwnerOf(k, l, began.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	bot, gone, gauge := owner(store.Service, "service", "bot"), owner(store.Service, "service", "gone"), owner(store.Gauge, "__name__", "equity", "strategy", "a")
	at := began
	for ; at.Sub(began) < span; at = at.Add(5 * time.Second) {
		x := at.Sub(began).Seconds()
		beat := []store.Sample{
			{Series: store.SeriesOf(bot, store.Code(memory.Private)), Value: 1e6 + x},
			{Series: store.SeriesOf(bot, store.Code(memory.CPUTime)), Value: x / 10},
		}
		if at.Sub(began) < 10*time.Minute {
			beat = append(beat, store.Sample{Series: store.SeriesOf(gone, store.Code(memory.Private)), Value: 5})
		}
		var minute []store.Sample
		if at.Second() == 0 {
			minute = append(minute, store.Sample{Series: store.SeriesOf(gauge, 0), Value: math.Sin(x)})
		}
		if err := s.Append(at, beat, minute); err != nil {
			t.Fatal(err)
		}
	}
	return s, at.Add(-5 * time.Second)
}

func instant(t *testing.T, e *Engine, text string, at time.Time) promql.Vector {
	t.Helper()
	a, err := e.Instant(context.Background(), Instant{Text: text, At: at})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer a.Close()
	v, ok := a.Value.(promql.Vector)
	if !ok {
		t.Fatalf("%s is a %T", text, a.Value)
	}
	return append(promql.Vector(nil), v...)
}

func TestInstants(t *testing.T) {
	s, last := stage(t, 3*time.Hour)
	e := New(s, Options{})
	for _, c := range []struct {
		text string
		at   time.Time
		want []float64
	}{
		{`zol0_service_private_bytes`, last, []float64{1e6 + 10795}},
		{`zol0_service_private_bytes{service=~"b.*"}`, last.Add(4 * time.Second), []float64{1e6 + 10795}},
		{`zol0_service_private_bytes{service!="bot"}`, last, nil},
		{`zol0_service_private_bytes`, began.Add(5 * time.Minute), []float64{1e6 + 300, 5}},
		{`zol0_service_private_bytes{service="gone"}`, began.Add(10 * time.Minute), []float64{5}},
		{`zol0_service_private_bytes{service="gone"}`, began.Add(11 * time.Minute), nil}, // it ended: no lookback of five minutes
		{`count({service="bot"})`, last, []float64{2}},
		{`equity`, began, []float64{0}},
		{`delta(zol0_service_private_bytes{service="bot"}[1h])`, last, []float64{3600}},
		{`rate(zol0_service_cpu_seconds_total{service="bot"}[30m])`, last, []float64{0.1}},
		{`max_over_time(zol0_service_private_bytes{service="bot"}[2h30m])`, last, []float64{1e6 + 10795}},
		{`min_over_time(zol0_service_private_bytes{service="bot"}[2h30m])`, last, []float64{1e6 + 1800}},
		{`zol0_service_private_bytes{service="bot"} - zol0_service_private_bytes offset 1h`, last, []float64{3600}},
		{`{__name__=~"zol0_service_private.*|equity"} @ ` + "1772442000", last, []float64{1e6, 5, 0}},
	} {
		v := instant(t, e, c.text, c.at)
		if len(v) != len(c.want) {
			t.Errorf("%s at %s: %v, want %v", c.text, c.at, v, c.want)
			continue
		}
		for _, w := range c.want {
			found := false
			for _, x := range v {
				found = found || math.Abs(x.F-w) <= 1e-9*math.Abs(w)
			}
			if !found {
				t.Errorf("%s at %s: %v, want %v", c.text, c.at, v, c.want)
			}
		}
	}
}
