package leak

import "testing"

// The floors asked of these, on one core: a microsecond and no allocation to observe, 150
// microseconds to judge, 0.3 % of the core for a thousand series (180 ms each minute).

// weekOld is a detector a week into a service with a load that leaks, everything known.
func weekOld() (*Detector, Sample) {
	d := New(Memory())
	d.SetLimit(1 << 30)
	var last Sample
	for _, s := range served(7*24*360, 10, 1) {
		last = s
		d.ObserveSample(s)
	}
	return d, last
}

func BenchmarkObserve(b *testing.B) {
	d, s := weekOld()
	b.ReportAllocs()
	for b.Loop() {
		s.T += 10
		s.Work++
		d.ObserveSample(s)
	}
}

func BenchmarkJudge(b *testing.B) {
	d, _ := weekOld()
	b.ReportAllocs()
	for b.Loop() {
		d.judge()
	}
}

func BenchmarkVerdict(b *testing.B) {
	d, _ := weekOld()
	b.ReportAllocs()
	for b.Loop() {
		sink = d.Verdict()
	}
}

// sink keeps what is measured from being optimised away.
var sink Verdict

// BenchmarkThousandSeries is the first day of a thousand series, from the first sample on:
// the day in which most judgements fall. One operation is that day.
func BenchmarkThousandSeries(b *testing.B) {
	const series, minutes = 1000, 24 * 60
	samples := served(minutes, 60, 1)
	for b.Loop() {
		detectors := make([]*Detector, series)
		for i := range detectors {
			detectors[i] = New(Memory())
		}
		for _, s := range samples {
			for i, d := range detectors {
				s.Value += float64(4096 * (i % 7)) // not all alike
				d.ObserveSample(s)
			}
		}
	}
	perMinute := b.Elapsed().Seconds() / float64(b.N) / minutes
	b.ReportMetric(perMinute*1e3, "ms/minute")
	b.ReportMetric(perMinute/60*100, "%core")
}

func BenchmarkMarshal(b *testing.B) {
	d, _ := weekOld()
	b.ReportAllocs()
	for b.Loop() {
		saved, err := d.MarshalBinary()
		if err != nil {
			b.Fatal(err)
		}
		if err := d.UnmarshalBinary(saved); err != nil {
			b.Fatal(err)
		}
	}
}
