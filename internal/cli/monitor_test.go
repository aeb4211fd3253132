package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/internal/sampler"
	"github.com/zol0/zol0/internal/service"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/wire"
)

// crowd is a machine of 1,000 processes of which some leak, some breathe, and a few end
// and begin anew at every reading.
type crowd struct {
	samples []memory.Sample
	round   int
	next    int32
}

func newCrowd() *crowd {
	c := &crowd{next: 1}
	for range 1000 {
		c.samples = append(c.samples, c.begin())
	}
	return c
}

func (c *crowd) begin() memory.Sample {
	x := memory.Sample{ID: process.ID{PID: c.next, Start: uint64(c.next)}, Name: "worker", Age: time.Second}
	c.next++
	return x
}

func (c *crowd) Scan() (probe.Scan, error) {
	c.round++
	for i := range 3 {
		c.samples[(c.round*3+i)%900] = c.begin()
	}
	for i := range c.samples {
		x := &c.samples[i]
		x.Age += time.Second
		x.Set(memory.Private, uint64(50e6+1000*(c.round%50)+c.round*(i%10)))
		x.Set(memory.CPUTime, uint64(x.Age/10))
	}
	return probe.Scan{Samples: c.samples}, nil
}

func (c *crowd) Host() (memory.Host, error) { return memory.Host{TotalBytes: 8e9}, nil }

func (c *crowd) Describe(process.ID, process.Need) (process.Facts, error) {
	return process.Facts{Known: process.NeedCmdline | process.NeedCgroup, Cmdline: []string{"worker"}}, nil
}

type nowhere struct{ io.Writer }

func (nowhere) Close() error { return nil }

// A watch of 10,000 readings of 1,000 processes needs no more memory in the end than in
// the beginning. (make test takes a tenth of the readings, make soak all of them.)
func TestHeapOfAMonitorIsFlat(t *testing.T) {
	readings := 1000
	if os.Getenv("ZOL0_SOAK") != "" {
		readings = 10_000
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := &record{path: "nowhere", file: nowhere{io.Discard}}
	r.rows = csv.NewWriter(&r.pending)
	m := &monitoring{
		app:       &app{World: World{Now: func() time.Time { return now }, Out: io.Discard, Err: io.Discard, Env: func(string) (string, bool) { return "", false }}},
		selection: selection{sort: "private"}, tally: tally.New(), record: r, progress: newProgress(io.Discard, now, time.Hour),
		machine:  &machine{sampler: sampler.New(newCrowd(), service.New(service.Options{}), sampler.DefaultLimits())},
		interval: 30 * time.Second, duration: time.Duration(readings) * 30 * time.Second,
	}
	if err := m.compile(); err != nil {
		t.Fatal(err)
	}
	heapAfter := func(to int) uint64 {
		for m.samples < to {
			now = now.Add(m.interval)
			if err := m.sample(m.samples); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	early := heapAfter(readings / 5)
	late := heapAfter(readings)
	t.Logf("heap after %d readings %d bytes, after %d readings %d bytes", readings/5, early, readings, late)
	if late > early+512<<10 {
		t.Errorf("the heap grew from %d to %d bytes", early, late)
	}
	if late > 8<<20 {
		t.Errorf("the heap holds %d bytes; zol0 monitor is to stay below 20 MB in all", late)
	}
	if err := m.summary(); err != nil {
		t.Fatal(err)
	}
}

// lone is a machine of one process that grows by so many bytes at every reading. Its nth
// reading may take a while.
type lone struct {
	by       uint64
	readings int
	slow     int
	takes    time.Duration
	began    time.Time
}

func (l *lone) Scan() (probe.Scan, error) {
	l.readings++
	if l.readings == l.slow {
		time.Sleep(l.takes)
	}
	x := memory.Sample{ID: process.ID{PID: 812, Start: 1}, Name: "bot", Age: time.Hour + time.Since(l.began)}
	x.Set(memory.Private, 50e6+l.by*uint64(l.readings))
	x.Set(memory.CPUTime, uint64(x.Age/50))
	x.Set(memory.FDs, uint64(12+l.readings%2))
	return probe.Scan{Samples: []memory.Sample{x}}, nil
}

func (*lone) Host() (memory.Host, error) { return memory.Host{TotalBytes: 8e9}, nil }

func (*lone) Describe(process.ID, process.Need) (process.Facts, error) {
	return process.Facts{Known: process.NeedCmdline | process.NeedCgroup, Cmdline: []string{"bot"}}, nil
}

// watched runs a whole watch of a lone process in no time and returns it with its rows
// and its summaries.
func watched(t *testing.T, l *lone, duration, interval time.Duration) (m *monitoring, rows int, text string, document wire.Monitoring) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var out, table bytes.Buffer
		l.began = time.Now()
		r := &record{path: "nowhere", file: nowhere{&table}}
		r.rows = csv.NewWriter(&r.pending)
		m = &monitoring{
			app:       &app{World: World{Now: time.Now, Out: &out, Err: io.Discard, Env: func(string) (string, bool) { return "", false }}},
			selection: selection{sort: "private"}, tally: tally.New(), record: r, progress: newProgress(io.Discard, time.Now(), duration),
			machine: &machine{sampler: sampler.New(l, service.New(service.Options{}), sampler.DefaultLimits())},
			started: time.Now(), interval: interval, duration: duration,
		}
		if err := m.compile(); err != nil {
			t.Fatal(err)
		}
		if err := m.watch(context.Background()); err != nil {
			t.Fatal(err)
		}
		reports := out.Len()
		if err := m.summary(); err != nil {
			t.Fatal(err)
		}
		text = out.String()[reports:]
		out.Reset()
		m.asJSON = true
		if err := m.summary(); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out.Bytes(), &document); err != nil {
			t.Fatal(err)
		}
		rows = strings.Count(table.String(), "\n")
	})
	return m, rows, text, document
}

// The watch of the original system, 10 minutes with a sample every 30 seconds, ends with
// a verdict although that makes 21 samples only, and says how small a growth it would
// have seen.
func TestAMonitorOfTenMinutesJudges(t *testing.T) {
	m, rows, text, document := watched(t, &lone{}, 10*time.Minute, 30*time.Second)
	if m.samples != 21 || m.readings != 41 || rows != 21 || m.skipped != 0 {
		t.Errorf("%d samples, %d readings, %d rows, %d skipped", m.samples, m.readings, rows, m.skipped)
	}
	for _, want := range []string{
		"Watched for 10m: 21 samples, one every 30s, and 20 readings between them for the verdicts.\n",
		"\nbot (PID 812), 50 MB to 50 MB\n  Steady: no growth above 3.15 MB/h over 10 min.\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %q:\n%s", want, text)
		}
	}
	v := document.Services[0]
	if v.State != "steady" || v.StateMetric != "private_bytes" || v.SmallestBytesPerHour == nil || *v.SmallestBytesPerHour != 3145728 || v.Rate == nil {
		t.Errorf("the service is %+v", v)
	}
	if x := v.Instances[0]; len(x.Verdicts) != 2 || x.Verdicts[1].Metric != "fds" || x.Samples != 41 || x.SpanSeconds != 600 {
		t.Errorf("the instance is %+v", x)
	}
}

func TestAMonitorSaysWhatGrows(t *testing.T) {
	_, _, text, document := watched(t, &lone{by: 1e6}, 30*time.Minute, time.Minute)
	for _, want := range []string{
		"bot  ", "  suspect\n",
		"\nbot (PID 812), 51 MB to 81 MB\n  Suspect: growing by 60",
		"\n  Bear in mind: too short: 30 min cannot tell a leak from a warm-up",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %q:\n%s", want, text)
		}
	}
	v := document.Services[0].Instances[0].Verdicts[0]
	if v.State != "suspect" || v.RateLow == nil || *v.RateLow < 50e6 || v.Score == nil || v.Onset == nil || v.Onset.Before(document.Start) || len(v.Caveats) == 0 || v.Shape == "unshaped" {
		t.Errorf("the verdict is %+v", v)
	}
}

func TestAMonitorTooShortSaysWhatIsMissing(t *testing.T) {
	m, _, text, document := watched(t, &lone{by: 1e6}, time.Minute, 10*time.Second)
	if m.samples != 7 || m.readings != 13 {
		t.Errorf("%d samples, %d readings", m.samples, m.readings)
	}
	for _, want := range []string{
		"  learning\n",
		"\nlearning: 24 readings are needed before a verdict; there were 13. Try: zol0 monitor 5 10\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary does not say %q:\n%s", want, text)
		}
	}
	if v := document.Services[0].Instances[0].Verdicts[0]; v.State != "learning" || v.Score != nil || v.RatePerHour != nil || v.SmallestPerHour != nil || v.Onset != nil || v.Forecast != nil {
		t.Errorf("the verdict is %+v", v)
	}
}

// A reading that takes long makes those after it late; none is made twice, and samples
// that were missed are counted.
func TestLateReadingsAreLeftOut(t *testing.T) {
	for _, c := range []struct {
		takes                      time.Duration
		samples, skipped, readings int
	}{
		{10 * time.Second, 21, 0, 41},
		{20 * time.Second, 21, 0, 41}, // the next one begins late
		{35 * time.Second, 21, 0, 40}, // one between two samples is left out
		{70 * time.Second, 20, 1, 38},
		{5 * time.Minute, 12, 9, 22},
		{time.Hour, 3, 18, 5},
	} {
		m, rows, _, _ := watched(t, &lone{slow: 4, takes: c.takes}, 10*time.Minute, 30*time.Second)
		if m.samples != c.samples || m.skipped != c.skipped || m.readings != c.readings || rows != c.samples || m.interrupted() {
			t.Errorf("a reading of %s: %d samples, %d skipped, %d readings, %d rows, interrupted %v; want %+v", c.takes, m.samples, m.skipped, m.readings, rows, m.interrupted(), c)
		}
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		duration, interval time.Duration
		want               int
	}{
		{10 * time.Minute, 30 * time.Second, 2},
		{5 * time.Minute, 10 * time.Second, 1},
		{30 * time.Minute, time.Minute, 1},
		{2 * time.Minute, 30 * time.Second, 6},
		{time.Hour, time.Hour, 30},
		{3 * time.Second, time.Second, 1}, // too short for any verdict
		{time.Minute, time.Minute, 12},
	} {
		if got := parts(c.duration, c.interval); got != c.want {
			t.Errorf("%s every %s: %d parts, want %d", c.duration, c.interval, got, c.want)
		}
	}
}
