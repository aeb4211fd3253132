// Package leak tells a leak from everything else that grows. It judges one series of
// figures about one process (bytes, descriptors, threads), seen from outside, sample by
// sample, and answers with a Verdict: the state, how fast it grows and how sure that is,
// since when, how far, what will become of it, and what must be borne in mind.
//
//	detector := leak.New(leak.Memory())
//	for each sample {
//		detector.Observe(seconds, bytes)
//	}
//	verdict := detector.Verdict()
//
// The package is pure: it has no clock, reads and writes nothing, starts no goroutine and
// keeps no global state. Time is what the caller says it is, in seconds. A Detector keeps
// under 12 KB however long it watches, never allocates while it observes, and can be saved
// and restored. Judge gives the same verdict for samples that are already at hand.
//
// docs/detection.md has the mathematics, the measured error rates, and what the package
// gets wrong.
package leak
