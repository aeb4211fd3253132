package leak

import (
	"encoding/binary"
	"math"
	"testing"
)

// figures are the values that arithmetic stumbles over.
var figures = []float64{
	0, 1, -1, 4096, 1e6, 1e9, -1e9, 1e12, 1e30, -1e30, 1.1e30, 1e39, 1e308, -1e308,
	math.MaxFloat64, math.SmallestNonzeroFloat64, -5e-324, 1e-310, 1e-45, 1e-30,
	math.NaN(), math.Inf(1), math.Inf(-1), 1 << 53, 0.1, 1e15, -1e15, 86400,
}

// tape reads figures from arbitrary bytes; zeros after its end.
type tape []byte

func (t *tape) byte() byte {
	if len(*t) == 0 {
		return 0
	}
	b := (*t)[0]
	*t = (*t)[1:]
	return b
}

// figure is one of figures, a small one, or any 64 bits.
func (t *tape) figure() float64 {
	switch kind := t.byte(); {
	case kind < 128:
		return figures[int(kind)%len(figures)]
	case kind < 224:
		return float64(int8(t.byte())) * 4096
	}
	var bits [8]byte
	for i := range bits {
		bits[i] = t.byte()
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(bits[:]))
}

// FuzzObserve feeds a detector whatever bytes say: it must neither panic nor contradict
// itself, and it must be possible to save and restore it at any point.
func FuzzObserve(f *testing.F) {
	ramp := []byte{1, 0, 0, 0}
	for i := range byte(120) {
		ramp = append(ramp, 0, 200, 1+i%3, 200, i) // a stretch of steady steps
	}
	f.Add(ramp)
	f.Add(append([]byte{3, 140, 10, 4, 0}, ramp...))
	long := append([]byte(nil), ramp...)
	for i := range byte(28) {
		long = append(long, 0, i, i)
	}
	f.Add(append(long, ramp...))
	f.Add([]byte{0, 20, 21, 22, 0, 1, 20, 1, 21, 1, 22, 2, 3, 4, 5, 6, 7})
	f.Fuzz(fuzzObserve)
}

func fuzzObserve(t *testing.T, data []byte) {
	const most = 512 // events of one run
	in := tape(data)
	d := New(Options{Kind: Kind(in.byte() % 4), Floor: in.figure(), Limit: in.figure(), Threshold: in.figure()})
	d.SetModel(eager())
	now, seen := 0.0, 0
	for i := 0; i < most && len(in) > 0; i++ {
		switch op := in.byte(); op % 16 {
		case 14:
			d.Restart(now)
			continue
		case 13:
			d.SetLimit(in.figure())
			continue
		case 12: // many alike
			step, rise := math.Abs(in.figure()), in.figure()
			for k := range 60 {
				now += step
				seen++
				d.Observe(now, rise*float64(k))
			}
			continue
		case 11: // everything known
			s := Sample{T: now + in.figure(), Value: in.figure(), Work: in.figure(), Faults: in.figure(), Beside: in.figure()}
			if s.T > now {
				now = s.T
			}
			seen++
			d.ObserveSample(s)
		default:
			step, value := in.figure(), in.figure()
			if now+step > now {
				now += step
			}
			seen++
			d.Observe(now, value)
		}
		if i%64 == 0 {
			checkVerdict(t, d, seen)
		}
	}
	checkVerdict(t, d, seen)
	if d.samples+d.ignored != seen {
		t.Fatalf("%d samples were given; %d taken and %d ignored", seen, d.samples, d.ignored)
	}
	checkSaved(t, d)
}

// checkVerdict holds a verdict to what its documentation says.
func checkVerdict(t *testing.T, d *Detector, seen int) {
	t.Helper()
	v := d.Verdict()
	if v.State > Leaking || v.Shape > Saturating {
		t.Fatalf("state %d, shape %d: no such thing", v.State, v.Shape)
	}
	if v.State != Learning && math.IsNaN(v.Score) {
		t.Fatalf("%v with a score of %v: %+v", v.State, v.Score, v)
	}
	if v.State == Learning && (v.Shape != Unshaped || v.Rate.Known() || !math.IsNaN(v.Score)) {
		t.Fatalf("learning, but it says %+v", v)
	}
	for name, i := range map[string]Interval{"rate": v.Rate, "growth per work": v.PerWork, "onset": v.Onset, "time to the limit": v.Forecast.In, "level": v.Forecast.Near} {
		unknown := math.IsNaN(i.Low) && math.IsNaN(i.Value) && math.IsNaN(i.High)
		if !unknown && !(i.Low <= i.Value && i.Value <= i.High) {
			t.Fatalf("%s: %+v is no interval (%v)", name, i, v.State)
		}
	}
	if len(v.Evidence) > int(termCount) || len(v.Caveats) > 8 || v.Samples > seen {
		t.Fatalf("%d terms, %d caveats, %d samples of %d", len(v.Evidence), len(v.Caveats), v.Samples, seen)
	}
	for _, term := range v.Evidence {
		if math.IsNaN(term.Value) || math.IsInf(term.Value, 0) {
			t.Fatalf("term %+v", term)
		}
	}
}

// checkSaved saves and restores a detector.
func checkSaved(t *testing.T, d *Detector) {
	t.Helper()
	var restored Detector
	restored.SetModel(d.model)
	if err := restored.UnmarshalBinary(saved(t, d)); err != nil {
		t.Fatal(err)
	}
	if a, b := pretty(d), pretty(&restored); a != b {
		t.Fatalf("saved    %s\nrestored %s", a, b)
	}
}
