package tally

import (
	"fmt"
	"testing"
	"time"
)

// The floor asked of this: a beat with 100 judged processes takes at most a millisecond.

// BenchmarkObserve is one beat of a watch that is a day old.
func BenchmarkObserve(b *testing.B) {
	for _, n := range []int{100, 230, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			tally, c := New(), newCrowd(n, 1)
			c.step = time.Minute
			for range 24 * 60 {
				c.show(tally)
			}
			c.round *= int(c.step / (5 * time.Second))
			c.step = 5 * time.Second
			b.ReportAllocs()
			for b.Loop() {
				c.show(tally)
			}
			b.ReportMetric(float64(tally.counting()+tally.Judged()), "detectors")
		})
	}
}

// BenchmarkFirstHour is the first hour of a watch, in which most judgements fall; one
// operation is that hour.
func BenchmarkFirstHour(b *testing.B) {
	const beats = 720
	for b.Loop() {
		tally, c := New(), newCrowd(100, 1)
		c.step = 5 * time.Second
		for range beats {
			c.show(tally)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/beats, "ms/beat")
}

// BenchmarkStandings is the state of 60 services.
func BenchmarkStandings(b *testing.B) {
	tally, c := New(), newCrowd(100, 1)
	for range 100 {
		c.show(tally)
	}
	b.ReportAllocs()
	for b.Loop() {
		for k := range c.services {
			tally.Standing(c.services[k].Name)
		}
	}
}

// BenchmarkInstance is the verdicts of one instance: of a moment ago, and made anew.
func BenchmarkInstance(b *testing.B) {
	tally, c := New(), newCrowd(100, 1)
	for range 1000 {
		c.show(tally)
	}
	l := tally.lives[c.samples[50].ID]
	b.Run("lately", func(b *testing.B) {
		for b.Loop() {
			tally.Instance(l.id)
		}
	})
	b.Run("anew", func(b *testing.B) {
		for b.Loop() {
			l.judges.cached = nil
			tally.Instance(l.id)
		}
	})
}

// BenchmarkSaveNext is the part of one beat in the rotation of 100 processes.
func BenchmarkSaveNext(b *testing.B) {
	tally, c := New(), newCrowd(100, 1)
	c.step = time.Minute
	for range 24 * 60 {
		c.show(tally)
	}
	bytes, records := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		if err := tally.SaveNext(func(r *Record) error { bytes += len(r.Blob); records++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(bytes)/float64(b.N), "bytes/beat")
	b.ReportMetric(float64(bytes)/float64(max(records, 1)), "bytes/record")
}
