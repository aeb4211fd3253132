package leak

// Point is one reading of a series: the figure at a time in seconds, in any epoch.
type Point struct{ T, Value float64 }

// Judge is the verdict on a series that is already at hand, oldest point first. It is what
// a Detector says that observed the points one by one. For a series that was restarted,
// observe it life by life with a Detector.
func Judge(points []Point, o Options) Verdict {
	d := New(o)
	for _, p := range points {
		d.Observe(p.T, p.Value)
	}
	return d.Verdict()
}

// JudgeSamples is Judge for samples of which more than the figure is known.
func JudgeSamples(samples []Sample, o Options) Verdict {
	d := New(o)
	for _, s := range samples {
		d.ObserveSample(s)
	}
	return d.Verdict()
}
