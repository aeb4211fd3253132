package leak

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zol0/zol0/internal/shapes"
)

// drawn is a synthetic series with what it would be without noise.
type drawn struct {
	shapes.Series
	span, noise, reach float64 // seconds; standard deviation; of the series without noise
	ups, downs         float64 // samples that are above, below the one before without noise
}

func draw(t *testing.T, shape string, seed uint64, span, interval float64, work bool) drawn {
	t.Helper()
	setting := shapes.Setting{Shape: shape, Seed: seed, Span: span, Interval: interval, Noise: 1, Work: work}
	noisy, err := shapes.Make(setting)
	if err != nil {
		t.Fatal(err)
	}
	setting.Noise = 0
	quiet, err := shapes.Make(setting)
	if err != nil {
		t.Fatal(err)
	}
	d := drawn{Series: noisy, span: span}
	low, high, squares := math.Inf(1), math.Inf(-1), 0.0
	for i, p := range quiet.Points {
		low, high = min(low, p.Value), max(high, p.Value)
		squares += (noisy.Points[i].Value - p.Value) * (noisy.Points[i].Value - p.Value)
		if i > 0 && p.Value > quiet.Points[i-1].Value {
			d.ups++
		}
		if i > 0 && p.Value < quiet.Points[i-1].Value {
			d.downs++
		}
	}
	d.reach, d.noise = high-low, math.Sqrt(squares/float64(len(quiet.Points)))
	return d
}

// clear reports that the shape can be seen at all: that it stands out of the noise and,
// where it is made of teeth or stairs, that several samples lie on each.
func (d drawn) clear() bool {
	const stands, each = 4, 8
	n := float64(len(d.Points))
	switch {
	case d.Shape == "flat" || d.Shape == "noisy":
		return true
	case d.reach < stands*d.noise || d.reach < 2*FloorBytes:
		return false
	case d.Shape == "gc-sawtooth":
		return d.downs > 0 && n/d.downs >= each
	case strings.HasPrefix(d.Shape, "leak-stairs"):
		return n/d.ups >= each && d.reach/d.ups >= stands*d.noise
	}
	return true
}

// seen is the shape of a series as a verdict would say it.
func (d drawn) seen(t *testing.T, work bool) Shape {
	t.Helper()
	var h history
	for _, p := range d.Points {
		s := At(p.T, p.Value)
		if work {
			s.Work = p.Work
		}
		h.add(s)
	}
	var w window
	h.cut(&w, 0)
	m := on(&w, circumstances{Options: Memory(), age: h.last - h.origin})
	if !m.measure() {
		t.Fatalf("%s of %v s cannot be measured", d.Shape, d.span)
	}
	return m.shape(&h)
}

// TestShapes holds the words to series whose shape is known, of seeds by which no figure
// in the package was chosen. Without work, what follows the load cannot be told.
func TestShapes(t *testing.T) {
	const (
		seeds      = 8
		firstSeed  = 7000
		enough     = .8
		leastClear = 10
	)
	spans := []struct{ span, interval float64 }{{day, 60}, {3 * day, 120}, {8 * day, 300}}
	days := spans[1:]
	for _, row := range []struct {
		shape string
		work  bool
		want  Shape
		spans []struct{ span, interval float64 }
	}{
		{"flat", true, Flat, spans},
		{"noisy", true, Flat, spans},
		{"gc-sawtooth", true, Sawtooth, spans},
		{"page-cache", true, Sawtooth, spans},
		{"step", true, Step, spans},
		{"steps", true, Stairs, spans},
		{"leak-stairs-rare", true, Stairs, spans},
		{"leak-stairs-frequent", true, Stairs, spans},
		{"season-daily", true, Seasonal, days},
		{"season-daily", false, Seasonal, days},
		{"load-ramp", true, Ramp, spans},
		{"load-step", true, Ramp, spans},
		{"leak-linear-slow", true, Linear, spans},
		{"leak-linear-fast", true, Linear, spans},
		{"leak-linear-noisy", true, Linear, spans},
		{"leak-late", true, Linear, spans},
		{"cache-exponential", true, Saturating, spans},
		{"cache-linear", true, Saturating, spans},
		{"fragmentation", true, Saturating, spans},
		{"warmup", true, Saturating, spans},
	} {
		said := map[Shape]int{}
		clear, more := 0, 0
		for seed := uint64(firstSeed); more < seeds || clear < leastClear; seed++ {
			more++
			if more > 200 {
				t.Fatalf("%s: %d clear cases in %d seeds", row.shape, clear, more)
			}
			for _, s := range row.spans {
				if d := draw(t, row.shape, seed, s.span, s.interval, true); d.clear() {
					clear++
					said[d.seen(t, row.work)]++
				}
			}
		}
		var line string
		for s := range Shape(len(shapeWords)) {
			if said[s] > 0 {
				line += fmt.Sprintf("  %v %d", s, said[s])
			}
		}
		t.Logf("%-21s work %-5v %3d clear:%s", row.shape, row.work, clear, line)
		if right := float64(said[row.want]) / float64(clear); right < enough {
			t.Errorf("%s is %v in %.0f %% of %d clear cases, want %.0f %%:%s", row.shape, row.want, 100*right, clear, 100*enough, line)
		}
	}
}

// TestShapeOfFall: a straight fall is linear, a fall that ends or comes at once is not.
func TestShapeOfFall(t *testing.T) {
	for _, fall := range []struct {
		name   string
		linear bool
		at     func(x float64) float64
	}{
		{"line", true, func(x float64) float64 { return 200e6 - 60e6*x }},
		{"step", false, func(x float64) float64 {
			if x < .5 {
				return 160e6
			}
			return 100e6
		}},
		{"fall that ends", false, func(x float64) float64 { return 200e6 - 100e6*min(x, .5) }},
		{"slight fall", false, func(x float64) float64 { return 200e6 - .2*FloorBytes*x }},
	} {
		for _, noise := range []float64{0, 1e4, 1e6} {
			for seed := range uint64(5) {
				random := rand.New(rand.NewPCG(seed, 1))
				d := drawn{span: day}
				for i := range 1440 {
					v := fall.at(float64(i)/1440) + noise*random.NormFloat64()
					d.Points = append(d.Points, shapes.Point{T: float64(i) * 60, Value: v})
				}
				if got := d.seen(t, false); (got == Linear) != fall.linear {
					t.Errorf("%s with noise of %v is %v", fall.name, noise, got)
				}
			}
		}
	}
}

// TestShapeDoesNotAllocate: a verdict on every series of a machine must not feed the
// collector.
func TestShapeDoesNotAllocate(t *testing.T) {
	for _, shape := range []string{"noisy", "gc-sawtooth", "leak-stairs-rare", "season-daily", "warmup"} {
		var h history
		for _, p := range draw(t, shape, 1, 3*day, 300, true).Points {
			h.add(At(p.T, p.Value))
		}
		var w window
		h.cut(&w, 0)
		m := on(&w, circumstances{Options: Memory(), age: h.last - h.origin})
		if !m.measure() {
			t.Fatal("cannot be measured")
		}
		if n := testing.AllocsPerRun(5, func() { m.shape(&h) }); n > 0 {
			t.Errorf("%s: %v allocations", shape, n)
		}
	}
}

// TestShapeWithHoles: shapes hold where samples are missing for a part of the life.
func TestShapeWithHoles(t *testing.T) {
	for shape, want := range map[string]Shape{"leak-linear-fast": Linear, "leak-stairs-rare": Stairs, "step": Step, "cache-linear": Saturating} {
		right, all := 0, 0
		for seed := range uint64(12) {
			d := draw(t, shape, 8000+seed, 3*day, 120, true)
			if !d.clear() {
				continue
			}
			n := len(d.Points)
			d.Points = append(append([]shapes.Point(nil), d.Points[:n*13/20]...), d.Points[n*15/20:]...)
			all++
			if d.seen(t, true) == want {
				right++
			}
		}
		if all < 5 || right*10 < all*7 {
			t.Errorf("%s with a hole is %v in %d of %d", shape, want, right, all)
		}
	}
}
