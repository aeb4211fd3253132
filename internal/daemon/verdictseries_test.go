package daemon

import (
	"math"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/api"
)

// TestVerdictsAreSeries lets a service leak for hours and asks the store what was thought of
// it minute by minute.
func TestVerdictsAreSeries(t *testing.T) {
	m := newMachine()
	d, _ := start(t, m, t.TempDir(), seldom)
	run(t, d, m, 12*120)
	of := func(name, service string) []float64 {
		t.Helper()
		q := api.SeriesQuery{Names: []string{name}, Columns: api.AllColumns, Match: map[string]string{"service": service}, From: noon, To: noon.Add(12 * time.Hour), Step: time.Minute, MaxSeries: 10}
		answer, err := history{d}.Series(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.Series) == 0 {
			return nil
		}
		return answer.Series[0].Last
	}
	states := of("zol0_service_verdict", "leaky")
	if len(states) < 12*60-2 || states[0] != 0 || states[len(states)-1] != 4 {
		t.Fatalf("%d verdicts on leaky: %v", len(states), states)
	}
	if steady := of("zol0_service_verdict", "steady"); len(steady) == 0 || steady[len(steady)-1] != 1 {
		t.Errorf("verdicts on steady: %v", steady)
	}
	last := func(name string) float64 {
		t.Helper()
		v := of(name, "leaky")
		if len(v) == 0 {
			t.Fatalf("no %s is stored", name)
		}
		return v[len(v)-1]
	}
	row := rowOf(t, d, "leaky")
	if growth := last("zol0_service_growth_bytes_per_second") * 3600; math.Abs(growth-row.Rate.BytesPerHour) > .02*row.Rate.BytesPerHour {
		t.Errorf("the growth stored is %v bytes an hour, the table has %v", growth, row.Rate.BytesPerHour)
	}
	const true20 = 20 << 20 / 3600.0
	if low, high := last("zol0_service_growth_bytes_per_second_low"), last("zol0_service_growth_bytes_per_second_high"); low > true20 || high < true20 {
		t.Errorf("the interval %v to %v does not have %v", low, high, true20)
	}
	if last("zol0_service_verdict_score") <= 0 {
		t.Error("a leak has no evidence")
	}
	// 4 GiB are free at 20 MiB an hour.
	if left := last("zol0_service_limit_reached_seconds"); row.Forecast == nil || math.Abs(left-*row.Forecast.InSeconds) > .05*left {
		t.Errorf("the limit is %v s away, the table says %+v", left, row.Forecast)
	}
	if v := of("zol0_service_limit_reached_seconds", "steady"); v != nil {
		t.Errorf("a forecast for what is steady: %v", v)
	}
}
