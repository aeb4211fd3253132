package leak

import (
	"math"
	"testing"
	"unsafe"
)

// The whole of a detector is its struct: it points to nothing but a model that it shares.
func TestDetectorIsUnderTwelveKilobytes(t *testing.T) {
	size := unsafe.Sizeof(Detector{})
	t.Logf("%d bytes", size)
	if size > 12*1024 {
		t.Errorf("a detector takes %d bytes, want at most %d", size, 12*1024)
	}
}

// After a month at ten seconds every horizon from the best part of an hour to the month is
// still seen, back to the first sample.
func TestMonthIsSeenWhole(t *testing.T) {
	d := New(Memory())
	const month, step, n = 30 * day, 10, 30 * day / 10
	rising := func(t float64) float64 { return 1e9 + t*100 } // 100 bytes a second
	for i := range n {
		at := float64(i) * step
		d.Observe(5000+at, rising(at))
	}
	h := &d.history
	if h.samples != n {
		t.Fatalf("%d samples, want %d", h.samples, n)
	}
	var w window
	h.cut(&w, 0)
	if w.samples != n {
		t.Errorf("the window over all holds %d samples, want %d", w.samples, n)
	}
	if first := held(h)[0].at; float64(first) > month/bins {
		t.Errorf("the oldest bucket is at %v s, want it in the first of %d bins", first, bins)
	}
	for _, span := range []float64{45 * 60, 2 * 3600, 6 * 3600, day, 3 * day, 7 * day, month - step} {
		h.cut(&w, span)
		filled := 0
		for i := range w.n {
			// A floor is the lowest in its bin, a mean its middle; half a bucket is off.
			at := w.from + w.x[i]*w.binWidth()
			slack := 100 * (w.binWidth() + 600)
			if math.Abs(w.mean[i]-rising(at)) < slack && math.Abs(w.low[i]-rising(at)) < slack {
				filled++
			}
		}
		t.Logf("%8.0f s: %d bins of %d, %d samples, longest gap %.0f s", span, w.n, bins, w.samples, w.longest)
		if filled < bins*3/4 {
			t.Errorf("the last %v s: %d bins of %d show the series, want three quarters", span, filled, bins)
		}
	}
	v := d.Verdict()
	if want := 360e3; math.Abs(v.Rate.Value-want) > .01*want {
		t.Errorf("rate %v an hour, want %v", v.Rate.Value, want)
	}
}

func TestObservingDoesNotAllocate(t *testing.T) {
	d, s := weekOld()
	if n := testing.AllocsPerRun(2000, func() {
		s.T += 10
		s.Work++
		s.Faults += 20
		d.ObserveSample(s)
	}); n > 0 {
		t.Errorf("%v allocations a sample, want none", n)
	}
	judged := d.next
	if n := testing.AllocsPerRun(20, func() {
		s.T = d.next // due
		s.Value += 1e6
		d.ObserveSample(s)
	}); n > 0 {
		t.Errorf("%v allocations a judgement, want none", n)
	}
	if d.next == judged {
		t.Error("nothing was judged: the test measured something else")
	}
	if n := testing.AllocsPerRun(20, func() {
		d.Restart(s.T)
		s.T++
		d.ObserveSample(s)
	}); n > 0 {
		t.Errorf("%v allocations a restart, want none", n)
	}
}

// A verdict allocates its evidence and its caveats and nothing that grows.
func TestVerdictAllocatesLittle(t *testing.T) {
	const most = 12
	d, _ := weekOld()
	for range 3 {
		n := testing.AllocsPerRun(20, func() { sink = d.Verdict() })
		t.Logf("%v allocations, %d terms, %d caveats", n, len(sink.Evidence), len(sink.Caveats))
		if n > most+raceAllocations {
			t.Errorf("%v allocations a verdict, want at most %d", n, most)
		}
		d.Restart(0)
		for _, s := range served(2000, 60, 3) {
			d.ObserveSample(s)
			s.T--
			d.ObserveSample(s)
		}
	}
}
