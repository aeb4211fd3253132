package leak

import (
	"math"
	"testing"
)

// TestCritical compares with the table of Abramowitz and Stegun (26.10).
func TestCritical(t *testing.T) {
	for _, row := range []struct{ p, freedom, want float64 }{
		{.05, 1, 12.706}, {.05, 2, 4.303}, {.05, 5, 2.571}, {.05, 10, 2.228}, {.05, 30, 2.042}, {.05, 120, 1.980},
		{.01, 1, 63.657}, {.01, 10, 3.169}, {.5, 4, .741}, {.001, 20, 3.850},
	} {
		if got := critical(row.p, row.freedom); math.Abs(got-row.want) > .0006 {
			t.Errorf("critical(%v, %v) = %.4f, want %.3f", row.p, row.freedom, got, row.want)
		}
	}
}

func TestTails(t *testing.T) {
	for _, freedom := range []float64{1, 1.7, 3, 8.5, 40, 5000} {
		if got := tails(0, freedom); got != 1 {
			t.Errorf("tails(0, %v) = %v, want 1", freedom, got)
		}
		before := 1.0
		for x := .01; x < 1e4; x *= 1.3 {
			now := tails(x, freedom)
			if !(now >= 0 && now <= before) {
				t.Fatalf("tails(%v, %v) = %v after %v: want it to fall", x, freedom, now, before)
			}
			before = now
		}
		if got := tails(math.Inf(1), freedom); got != 0 {
			t.Errorf("tails(Inf, %v) = %v, want 0", freedom, got)
		}
	}
	// One degree of freedom is Cauchy's distribution.
	for _, x := range []float64{.1, 1, 3, 50} {
		if got, want := tails(x, 1), 1-2/math.Pi*math.Atan(x); math.Abs(got-want) > 1e-9 {
			t.Errorf("tails(%v, 1) = %v, want %v", x, got, want)
		}
	}
}
