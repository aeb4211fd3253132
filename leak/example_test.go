package leak_test

import (
	"fmt"
	"math"

	"github.com/zol0/zol0/leak"
)

// megabytes writes amounts of the series in the examples.
func megabytes(v float64) string { return fmt.Sprintf("%.1f MB", v/1e6) }

// memory is what a service would show at time t: 150 MB that warm up, a wave of a few
// hundred kilobytes, and what it loses per hour.
func memory(t, lostPerHour float64) float64 {
	return 150e6 - 60e6*math.Exp(-t/600) + 3e5*math.Sin(t/97) + lostPerHour*t/3600
}

// Example watches a service that loses 20 MB an hour, a sample a minute, for twelve hours.
func Example() {
	detector := leak.New(leak.Memory())
	detector.SetLimit(1e9)
	for t := 0.0; t <= 12*3600; t += 60 {
		detector.ObserveSample(leak.Sample{
			T: t, Value: memory(t, 20e6),
			Work:   .02 * t, // CPU seconds: without a load, a rise may be that of the day
			Faults: math.NaN(), Beside: math.NaN(),
		})
	}
	verdict := detector.Verdict()
	fmt.Println(verdict.State, verdict.Shape)
	fmt.Println(verdict.Sentence(megabytes))
	for _, caveat := range verdict.Caveats {
		fmt.Println("-", caveat)
	}
	// Output:
	// leaking linear
	// Leaking: growing by 20.0 MB/h for at least 12 h, 294.2 MB so far; reaches its limit in 30 to 31 h.
}

// ExampleJudge judges samples that are already at hand.
func ExampleJudge() {
	var points []leak.Point
	for t := 0.0; t <= 12*3600; t += 60 {
		points = append(points, leak.Point{T: t, Value: memory(t, 0)})
	}
	verdict := leak.Judge(points, leak.Memory())
	fmt.Println(verdict.Sentence(megabytes))
	// Output:
	// Filling: levels off near 149.9 MB, 59.7 MB so far.
}

// ExampleCompare holds a new version against one that is known to be good, at the same age.
func ExampleCompare() {
	good, candidate := leak.New(leak.Memory()), leak.New(leak.Memory())
	for t := 0.0; t <= 8*3600; t += 60 {
		good.Observe(t, memory(t, 0))
		candidate.Observe(t, memory(t+1000, 2e6))
	}
	difference := leak.Compare(good, candidate)
	fmt.Println(difference.Word)
	fmt.Println(difference.Sentence(megabytes))
	// Output:
	// worse
	// Worse: grows by 2.0 MB/h (1.9 to 2.0) more at the same age (8.0 h); 26.9 MB so far against 59.7 MB (p < 0.001).
}
