package top

import (
	"math"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSparkline(t *testing.T) {
	nan := math.NaN()
	mb := func(values ...float64) []float64 {
		for i := range values {
			values[i] *= 1e6
		}
		return values
	}
	for _, c := range []struct {
		name   string
		values []float64
		want   string
	}{
		{"nothing", nil, ""},
		{"one value", mb(388), "▁"},
		{"flat", mb(388, 388, 388), "▁▁▁"},
		{"nothing used", mb(0, 0), "▁▁"},
		{"noise below 1 %", mb(388, 390, 388.5, 391), "▁▁▁▁"},
		{"noise of a small process", mb(2, 2.05, 2.1, 2.02), "▁▁▁▁"},
		{"pages of a tiny one", mb(0.10, 0.12, 0.11), "▁▁▁"},
		{"two per cent are two steps", mb(400, 409), "▁▃"},
		{"growth", mb(100, 110, 120, 130, 140, 150, 160, 170), "▁▂▃▄▅▆▇█"},
		{"shrinking", mb(170, 100), "█▁"},
		{"from nothing", mb(0, 50, 100), "▁▅█"},
		{"was not there", append([]float64{nan, nan}, mb(100, 200)...), "  ▁█"},
		{"a gap", append(append(mb(100), nan), mb(200)...), "▁ █"},
		{"never there", []float64{nan, nan}, "  "},
	} {
		if got := sparkline(c.values); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestSparklineIsHonest: whatever the values, each has one cell, higher ones are never
// drawn lower, and a series within 1 % is flat.
func TestSparklineIsHonest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1e13), 1, 200).Draw(t, "values")
		if rapid.Bool().Draw(t, "calm") {
			for i := range values {
				values[i] = values[0] * (1 + 0.0098*values[i]/1e13)
			}
		}
		text := []rune(sparkline(values))
		if len(text) != len(values) {
			t.Fatalf("%d cells for %d values", len(text), len(values))
		}
		low, high := math.Inf(1), 0.0
		for i, v := range values {
			low, high = min(low, v), max(high, v)
			for k, w := range values {
				if v < w && text[i] > text[k] {
					t.Fatalf("%g is drawn %c, %g is drawn %c", v, text[i], w, text[k])
				}
			}
		}
		if high-low < 0.0099*high {
			for _, r := range text {
				if r != text[0] {
					t.Fatalf("noise of %g %% is drawn as %q", 100*(high-low)/high, string(text))
				}
			}
		}
	})
}

func TestHistoryHoldsTheWholeWatch(t *testing.T) {
	var h histories
	at := opening
	for i := range 1000 {
		h.begin(at)
		h.observe("grows", 1e6*float64(100+i))
		if i >= 500 {
			h.observe("late", 5e6)
		}
		if i%100 == 99 { // all readings but the last one
			of, count := h.axis(20)
			cells := h.cells("grows", of, count)
			for k := 1; k < count; k++ {
				if !(cells[k] > cells[k-1]) {
					t.Fatalf("after %d readings cell %d is %g, the one before %g", i+1, k, cells[k], cells[k-1])
				}
			}
			if newest := cells[count-1]; newest < 0.9e6*float64(100+i) {
				t.Errorf("after %d readings the newest cell is %g", i+1, newest)
			}
		}
		at = at.Add(2 * time.Second)
	}
	if h.used > historyPoints || h.span() != 999*2*time.Second {
		t.Errorf("%d points over %s", h.used, h.span())
	}
	of, count := h.axis(20)
	late := h.cells("late", of, count)
	if !math.IsNaN(late[8]) || math.IsNaN(late[11]) {
		t.Errorf("a service that came half way is drawn as %v", late)
	}
	if got := h.cells("nobody", of, count); got != nil {
		t.Errorf("a service nobody saw has %v", got)
	}
}

// TestHistoryKeepsToTheClock: the same stretch of time has the same width whether it was
// read often or seldom.
func TestHistoryKeepsToTheClock(t *testing.T) {
	var h histories
	at := opening
	for i := range 60 { // a minute of readings each second, a minute of one
		if i == 0 {
			h.begin(at)
			h.observe("x", 10e6)
			at = at.Add(time.Minute)
		}
		h.begin(at)
		h.observe("x", 20e6)
		at = at.Add(time.Second)
	}
	of, count := h.axis(24)
	if got, want := sparkline(h.cells("x", of, count)), "▁▁▁▁▁▁▁▁▁▁▁▁████████████"; got != want {
		t.Errorf("drawn as %q, want %q", got, want)
	}
	if n := utf8.RuneCountInString(sparkline(h.cells("x", of, count))); n != 24 {
		t.Errorf("%d cells", n)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	var h histories
	for i := range 50 {
		h.begin(opening.Add(time.Duration(i) * time.Second))
		for k := range 40 {
			h.observe(string(rune('a'+i))+string(rune('a'+k)), 1e6)
		}
		h.forget(100)
		if len(h.of) > 100 {
			t.Fatalf("%d histories are kept", len(h.of))
		}
	}
	if len(h.of) < 40 {
		t.Errorf("living services lost their history: %d are left", len(h.of))
	}
}
