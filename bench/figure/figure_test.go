package figure

import "testing"

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{7}, 7},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := Median(c.values); got != c.want {
			t.Errorf("Median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
}

func TestMedianLeavesTheOrderOfItsValues(t *testing.T) {
	values := []float64{3, 1, 2}
	Median(values)
	if values[0] != 3 || values[1] != 1 || values[2] != 2 {
		t.Errorf("Median sorted the caller's values: %v", values)
	}
}

func TestSlope(t *testing.T) {
	if got := Slope([]float64{1, 2, 3, 4}, []float64{5, 7, 9, 11}); got != 2 {
		t.Errorf("the slope of y = 2x + 3 is %v", got)
	}
	if got := Slope([]float64{1, 1}, []float64{5, 7}); got != 0 {
		t.Errorf("the slope over one instant is %v, want 0", got)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %q, want %q", n, got, want)
		}
	}
}
