package tally

import (
	"strings"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/leak"
)

// worker is one process with everything the judging looks at.
func worker(pid int32, name string, private, fds, threads float64, cpu time.Duration) memory.Sample {
	x := memory.Sample{ID: process.ID{PID: pid, Start: uint64(pid)}, Name: name}
	x.Set(memory.Private, uint64(private))
	x.Set(memory.RSS, uint64(private)+8e6)
	x.Set(memory.FDs, uint64(fds))
	x.Set(memory.Threads, uint64(threads))
	x.Set(memory.CPUTime, uint64(cpu))
	x.Set(memory.MinorFaults, uint64(private)/4096)
	return x
}

// observed shows one service of the given processes to an account.
func observed(t *Tally, at time.Time, service string, samples ...memory.Sample) {
	v := sampler.Service{Name: service}
	for i := range samples {
		v.Instances = append(v.Instances, sampler.Instance{Sample: &samples[i]})
		v.Total.Add(&samples[i])
	}
	t.Observe(at, []sampler.Service{v})
}

// A service that leaks shared memory, descriptors or threads is named for it although its
// private memory is steady.
func TestWhatElseLeaksIsJudged(t *testing.T) {
	for _, c := range []struct {
		metric              memory.Metric
		shmem, fds, threads float64 // a minute
		words               string
	}{
		{memory.Shmem, 1e6, 0, 0, " MB/h"},
		{memory.FDs, 0, 4, 0, " descriptors/h"},
		{memory.Threads, 0, 0, 2, " threads/h"},
	} {
		tally := New()
		for i := range 60 {
			x := worker(1, "bot", 50e6, 20+c.fds*float64(i), 8+c.threads*float64(i), time.Duration(i)*time.Second)
			x.Set(memory.Shmem, uint64(2e6+c.shmem*float64(i)))
			observed(tally, noon.Add(time.Duration(i)*time.Minute), "bot", x)
		}
		s := summaryOf(t, tally.Summaries(), "bot")
		x := &s.Instances[0]
		if s.State < leak.Suspect || s.Worst != c.metric || x.Memory().State != leak.Steady || len(x.Verdicts) != 2 {
			t.Fatalf("%s: the service is %v for its %s, its memory %v", c.metric, s.State, s.Worst, x.Memory().State)
		}
		if words := x.Worst().Words(); !strings.Contains(words, c.words) {
			t.Errorf("%s: %s", c.metric, words)
		}
	}
}

// Descriptors of which there are always as many take no detector; the first change starts
// one, which knows how it was before.
func TestWhatNeverChangesTakesNoDetector(t *testing.T) {
	for _, c := range []struct {
		name    string
		fds     func(i int) (float64, bool)
		samples int
	}{
		{"constant", func(int) (float64, bool) { return 20, true }, 0},
		{"unreadable", func(int) (float64, bool) { return 0, false }, 0},
		{"readable later, constant", func(i int) (float64, bool) { return 20, i > 10 }, 0},
		{"from the 31st on", func(i int) (float64, bool) { return 20 + float64(i/30), true }, 31},
		{"readable later", func(i int) (float64, bool) { return float64(i), i >= 10 }, 50},
	} {
		tally := New()
		for i := range 60 {
			x := memory.Sample{ID: process.ID{PID: 1}, Name: "bot"}
			x.Set(memory.Private, 50e6)
			if v, ok := c.fds(i); ok {
				x.Set(memory.FDs, uint64(v))
			}
			observed(tally, noon.Add(time.Duration(i)*time.Minute), "bot", x)
		}
		verdicts := summaryOf(t, tally.Summaries(), "bot").Instances[0].Verdicts
		if got := len(verdicts) - 1; got != min(1, c.samples) || got > 0 && verdicts[1].Samples != c.samples {
			t.Errorf("%s: %d verdicts beside memory, %+v", c.name, got, verdicts[1:])
		}
	}
}

// The load reaches the detectors: without it a verdict of growth says so.
func TestTheLoadIsHandedOn(t *testing.T) {
	for _, known := range []bool{true, false} {
		tally := New()
		for i := range 60 {
			x := worker(1, "bot", 50e6+1e6*float64(i), 20, 8, time.Duration(i)*time.Second)
			if i%7 == 3 { // a scanner that rounds down to ticks
				x.Set(memory.CPUTime, uint64(time.Duration(i)*time.Second-10*time.Millisecond))
			}
			if !known {
				bare := memory.Sample{ID: x.ID, Name: x.Name}
				private, _ := x.Get(memory.Private)
				bare.Set(memory.Private, private)
				x = bare
			}
			observed(tally, noon.Add(time.Duration(i)*time.Minute), "bot", x)
		}
		v := summaryOf(t, tally.Summaries(), "bot").Instances[0].Verdicts[0]
		if unknown := strings.Contains(v.Bearing(), "load unknown"); unknown == known || v.PerWork.Known() != known {
			t.Errorf("load known %v: per work %v, %s", known, v.PerWork, v.Bearing())
		}
	}
}

// MinSamples is what leak awaits: one fewer, and it is still learning.
func TestMinSamplesIsThatOfLeak(t *testing.T) {
	d := leak.New(leak.Memory())
	for i := range MinSamples {
		if got := d.Verdict().State; got != leak.Learning {
			t.Fatalf("after %d samples it is %v", i, got)
		}
		d.Observe(float64(i), 1e6)
	}
	if d.Verdict().State == leak.Learning {
		t.Fatalf("after %d samples it is still learning", MinSamples)
	}
}

func TestMissing(t *testing.T) {
	tally := New()
	for i := range MinSamples {
		observed(tally, noon.Add(time.Duration(i)*time.Minute), "bot", worker(1, "bot", 50e6, 20, 8, 0))
		x := summaryOf(t, tally.Summaries(), "bot").Instances[0]
		if short := i+1 < MinSamples; (x.Missing() != "") != short || x.Samples != i+1 || x.Span != time.Duration(i)*time.Minute {
			t.Fatalf("after %d samples: %d over %s, missing %q", i+1, x.Samples, x.Span, x.Missing())
		}
	}
	observed(tally, noon.Add(100*time.Hour), "bot", worker(1, "bot", 50e6, 20, 8, 0))
	if x := summaryOf(t, tally.Summaries(), "bot").Instances[0]; !strings.Contains(x.Missing(), "too many parts") {
		t.Errorf("after a gap of four days: %q, %v", x.Missing(), x.Memory().State)
	}
}

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		metric memory.Metric
		value  float64
		want   string
	}{
		{memory.Private, 14.2e6, "14.2 MB"},
		{memory.Private, -3000, "−3 KB"},
		{memory.Private, 0, "0 B"},
		{memory.Shmem, 14.2e6, "14.2 MB"},
		{memory.Shmem, -3000, "−3 KB"},
		{memory.FDs, 120, "120 descriptors"},
		{memory.Threads, -2.5, "−2.5 threads"},
	} {
		if got := Amount(c.metric, c.value); got != c.want {
			t.Errorf("%g of %s is %q, want %q", c.value, c.metric, got, c.want)
		}
	}
}

// Where several metrics are in the same state the service is named for the first of Judged.
func TestOrderOfMetrics(t *testing.T) {
	tally := New()
	for i := range 60 {
		x := worker(1, "bot", 50e6, 20+4*float64(i), 8+2*float64(i), 0)
		y := worker(2, "bot", 50e6, 20, 8+4*float64(i), 0)
		observed(tally, noon.Add(time.Duration(i)*time.Minute), "bot", y, x)
	}
	s := summaryOf(t, tally.Summaries(), "bot")
	if standing, _ := tally.Standing("bot"); s.Worst != memory.FDs || standing.Metric != memory.FDs || standing.State != s.State || standing.ID.PID != 1 {
		t.Errorf("the service is %v for its %s, stands for its %s of PID %d", s.State, s.Worst, standing.Metric, standing.ID.PID)
	}
	for _, x := range s.Instances {
		for k := 1; k < len(x.Verdicts); k++ {
			if rankOf(x.Verdicts[k].Metric) <= rankOf(x.Verdicts[k-1].Metric) {
				t.Errorf("PID %d: %s comes after %s", x.ID.PID, x.Verdicts[k].Metric, x.Verdicts[k-1].Metric)
			}
		}
	}
}
