package probe

import (
	"fmt"
	"math"
	"testing"

	"github.com/zol0/zol0/internal/memory"
)

func TestPressureOfDifferentKernels(t *testing.T) {
	stall := func(nanos uint64, percent float64) memory.Optional[memory.Stall] {
		return memory.Present(memory.Stall{TotalNanoseconds: nanos, Avg10Percent: percent})
	}
	for _, c := range []struct {
		name string
		text string
		want memory.Pressure
		ok   bool
	}{
		{
			name: "memory",
			text: "some avg10=0.05 avg60=0.02 avg300=0.06 total=110304458\nfull avg10=100.00 avg60=0.02 avg300=0.04 total=57089091\n",
			want: memory.Pressure{Some: stall(110304458000, 0.05), Full: stall(57089091000, 100)}, ok: true,
		},
		{
			name: "processors before Linux 5.13",
			text: "some avg10=12.34 avg60=0.46 avg300=6.04 total=0\n",
			want: memory.Pressure{Some: stall(0, 12.34)}, ok: true,
		},
		{
			name: "a line of the future",
			text: "most avg10=x\nsome avg10=0.00 avg60=0.00 avg300=0.00 total=7\n",
			want: memory.Pressure{Some: stall(7000, 0)}, ok: true,
		},
		{name: "interrupts have no some", text: "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"},
		{name: "cut off within the total", text: "some avg10=0.05 avg60=0.02 avg300=0.06 total=1103"},
		{name: "cut off in the second line", text: "some avg10=0.05 avg60=0.02 avg300=0.06 total=1\nfull avg10=0.0"},
		{name: "without a total", text: "some avg10=0.05 avg60=0.02 avg300=0.06\n"},
		{name: "without an average", text: "some avg60=0.02 total=5\n"},
		{name: "more than all of the time", text: "some avg10=100.01 avg60=0.02 avg300=0.06 total=5\n"},
		{name: "a total that is no number", text: "some avg10=0.05 avg60=0.02 avg300=0.06 total=5 6\n"},
		{name: "a total that does not fit", text: "some avg10=0.05 avg60=0.02 avg300=0.06 total=18446744073709552\n"},
		{name: "empty"},
	} {
		if got, ok := parsePressure([]byte(c.text)); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func FuzzParsePressure(f *testing.F) {
	f.Add([]byte("full avg10=0.05 avg60=0.02 avg300=0.06 total=1\n"), uint64(14), uint64(6774808602))
	f.Add([]byte("some avg10= total=\n"), uint64(10000), uint64(0))
	f.Add([]byte("some total=1 avg10=1.00\n\n\n"), uint64(0), ^uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, hundredths, micros uint64) {
		p, ok := parsePressure(b)
		for _, o := range []memory.Optional[memory.Stall]{p.Some, p.Full} {
			stall, given := o.Get()
			if given && (!ok || stall.Avg10Percent < 0 || stall.Avg10Percent > 100 || stall.TotalNanoseconds%1000 != 0) {
				t.Errorf("%+v, %v from %q", stall, ok, b)
			}
		}
		hundredths, micros = hundredths%10001, micros%(1<<54)
		text := fmt.Appendf(nil, "some avg10=%d.%02d avg60=0.00 avg300=0.00 total=%d\n", hundredths/100, hundredths%100, micros)
		p, ok = parsePressure(text)
		stall, given := p.Some.Get()
		if !ok || !given || stall.TotalNanoseconds != 1000*micros || math.Abs(stall.Avg10Percent*100-float64(hundredths)) > 1e-6 {
			t.Errorf("%q: %+v, %v", text, p, ok)
		}
	})
}
