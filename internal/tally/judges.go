package tally

import (
	"math"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/leak"
)

// Judged are the metrics that are judged, in the order in which verdicts are given. What
// the system does not tell of a process has no verdict, nor have shared memory,
// descriptors and threads of which there was always as much: most processes never change
// theirs, and a detector takes 10 KB.
var Judged = [...]memory.Metric{memory.Private, memory.Shmem, memory.FDs, memory.Threads}

// rankOf is the place of a metric in Judged.
func rankOf(m memory.Metric) int { return slices.Index(Judged[:], m) }

// MinSamples is how many samples leak awaits before it says anything.
const MinSamples = 24

// judges are the detectors of one instance, each under 12 KB, and how long they watch it.
type judges struct {
	detectors [len(Judged)]*leak.Detector // nil until there is something to judge
	first     [len(Judged)]float64        // value at first in this life; NaN if unknown
	told      [len(Judged)]leak.State     // as of the last Observe
	limit     float64                     // of private memory; 0 if unknown
	samples   int                         // of this life
	from      float64                     // time of the first, in the detectors' seconds
	last      leak.Sample                 // the last, without a value
	// offset is what the detectors' seconds are ahead of those of the watch: 0 but for
	// those that were restored into a watch that counts anew.
	offset float64
	work   workCount

	cached   []Judgement // verdicts given lately; nil is none
	cachedAt float64     // last.T then

	saved bool // handed out to be saved
	turn  int  // when it was last its turn to be saved
}

// newDetector is the detector of one of Judged.
func newDetector(m memory.Metric) *leak.Detector {
	switch m {
	case memory.Shmem:
		return leak.New(leak.SharedMemory())
	case memory.FDs:
		return leak.New(leak.Descriptors())
	case memory.Threads:
		return leak.New(leak.Threads())
	}
	return leak.New(leak.Memory())
}

// room is how many more detectors there may be for what is judged from its first change
// on, and how many found none.
type room struct{ left, refused int }

// workCount makes one counter of what the work is counted by: processor time, or what the
// program itself counts. Where one takes the place of the other, or begins anew, it goes on
// from where it was: a detector takes a leap for work.
type workCount struct {
	counted bool    // by the program
	shift   float64 // added to what is counted
	last    float64
	known   bool // last is set
}

// at is the count for a reading; no number where there is none.
func (w *workCount) at(v float64, counted bool) float64 {
	if math.IsNaN(v) {
		return v
	}
	if counted != w.counted {
		w.counted = counted
		w.shift = 0
		if w.known {
			w.shift = w.last - v
		}
	}
	v += w.shift
	if w.known && v < w.last {
		if counted {
			w.shift += w.last - v // it began anew
		}
		// Two scanners round to ticks differently: a step back by one is no work undone.
		v = w.last
	}
	w.last, w.known = v, true
	return v
}

// observe takes in a sample at t seconds of the watch, and what the program says of its work:
// counted is false where it is not asked, and work no number where it does not answer.
func (j *judges) observe(t float64, x *memory.Sample, r *room, work float64, counted bool) {
	t += j.offset
	before := j.last
	if j.samples == 0 {
		j.from = t
		before = leak.Sample{T: t, Work: math.NaN()}
		for k := range j.first {
			j.first[k] = math.NaN()
		}
	}
	j.samples++
	if !counted {
		work = figureOf(x, memory.CPUTime) / float64(time.Second)
	}
	if !j.work.known && !math.IsNaN(before.Work) {
		j.work.last, j.work.known = before.Work, true // as it was saved
	}
	j.last = leak.Sample{T: t, Work: j.work.at(work, counted), Faults: figureOf(x, memory.MinorFaults), Beside: math.NaN()}
	for k, metric := range Judged {
		s := j.last
		if s.Value = figureOf(x, metric); math.IsNaN(s.Value) {
			continue
		}
		if metric == memory.Private {
			s.Beside = max(0, figureOf(x, memory.RSS)-s.Value) // swapped memory is no part of the RSS
		}
		if j.detectors[k] == nil && !j.begin(k, metric, s.Value, before, r) {
			continue
		}
		j.detectors[k].ObserveSample(s)
	}
}

// begin starts a detector if there is something to judge: private memory at once, the rest
// at its first change, for which it is told how it was before.
func (j *judges) begin(k int, metric memory.Metric, value float64, before leak.Sample, r *room) bool {
	if metric != memory.Private {
		if math.IsNaN(j.first[k]) {
			j.first[k] = value
		}
		if value == j.first[k] {
			return false
		}
		if r.left == 0 {
			r.refused++
			return false
		}
		r.left--
	}
	j.detectors[k] = newDetector(metric)
	if before.Value = j.first[k]; !math.IsNaN(before.Value) {
		j.detectors[k].ObserveSample(before)
	}
	return true
}

// counting is how many of its detectors are not for private memory.
func (j *judges) counting() int {
	n := 0
	for k, d := range j.detectors {
		if d != nil && Judged[k] != memory.Private {
			n++
		}
	}
	return n
}

// figureOf is a figure of a sample; NaN where the system did not give it.
func figureOf(x *memory.Sample, m memory.Metric) float64 {
	if v, ok := x.Get(m); ok {
		return float64(v)
	}
	return math.NaN()
}

// restart begins another life at t seconds of the watch.
func (j *judges) restart(t float64) {
	for k, d := range j.detectors {
		if d != nil {
			d.Restart(t + j.offset)
			j.told[k] = d.State()
		}
	}
	j.samples, j.cached, j.work = 0, nil, workCount{}
}

// seen is when it last observed, in seconds of the watch.
func (j *judges) seen() float64 { return j.last.T - j.offset }

// span is the time from the first to the last sample of this life.
func (j *judges) span() time.Duration {
	if j.samples == 0 {
		return 0
	}
	return time.Duration((j.last.T - j.from) * float64(time.Second))
}

// Judgement is what the series of one metric of an instance says.
type Judgement struct {
	Metric memory.Metric
	// Verdict is in bytes for memory, in things for descriptors and threads. Its times are
	// in seconds of the watch, before its beginning below 0: Tally.Wall translates them.
	// The evidence is left out: it is large.
	leak.Verdict
}

// judgements are the verdicts so far, in the order of Judged.
func (j *judges) judgements() []Judgement {
	out := make([]Judgement, 0, len(Judged))
	for k, d := range j.detectors {
		if d != nil {
			out = append(out, Judgement{Metric: Judged[k], Verdict: j.verdict(d)})
		}
	}
	return out
}

// verdict is that of one of its detectors, in seconds of the watch.
func (j *judges) verdict(d *leak.Detector) leak.Verdict {
	v := d.Verdict()
	v.Evidence = nil
	v.At -= j.offset
	v.Onset.Value -= j.offset
	v.Onset.Low -= j.offset
	v.Onset.High -= j.offset
	return v
}

// A verdict that was asked for is given again until its life has grown by a sixty-fourth,
// at which a detector judges anew, or until its state changes: it moves no faster, and costs
// 85 µs. The bounds are for very young lives, which are judged anew with each sample, and for
// old ones, whose figures would look stale.
const (
	cachedShare = 1.0 / 64
	minCached   = 30 * time.Second
	maxCached   = 5 * time.Minute
)

// lately are the verdicts so far, or those of a moment ago.
func (j *judges) lately() []Judgement {
	due := min(max(minCached.Seconds(), (j.last.T-j.from)*cachedShare), maxCached.Seconds())
	if age := j.last.T - j.cachedAt; j.cached == nil || age > 0 && age >= due {
		j.cached, j.cachedAt = j.judgements(), j.last.T
	}
	return j.cached
}
