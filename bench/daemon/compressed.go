package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/metrics"
	"runtime/pprof"
	"time"

	"github.com/zol0/zol0/bench/figure"
	"github.com/zol0/zol0/bench/process"
	"github.com/zol0/zol0/internal/config"
	product "github.com/zol0/zol0/internal/daemon"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/probe"
	"github.com/zol0/zol0/internal/store"
)

// Compressed says how many beats to drive one after the other. The daemon is the real one
// with the real machine and store, but its clock goes on by one interval at each beat and
// it never waits: hours of judging and storing pass in a minute. What it reads moves as
// fast as the population really does.
type Compressed struct {
	Data      string        `json:"data"`
	Procfs    bool          `json:"procfs"`
	Began     time.Time     `json:"began"` // of the daemon's clock; beats lie on its multiples of Interval
	Interval  time.Duration `json:"interval"`
	Beats     int           `json:"beats"`
	Every     int           `json:"every"` // beats from one mark to the next
	Processes int           `json:"processes"`
	// Profile is a directory for a profile of the second half's processor time and of the
	// heap at the end; empty takes none.
	Profile string `json:"profile,omitempty"`
	profile *os.File
}

// Mark is how the daemon did up to a beat.
type Mark struct {
	Beat      int     `json:"beat"`
	RSSMB     float64 `json:"rss_mb"`
	PrivateMB float64 `json:"private_mb"`
	HeapMB    float64 `json:"heap_mb"` // alive at the last collection; none is forced
	PeakMB    float64 `json:"peak_mb"` // since the mark before: hour ends are among it
	// BeatMS is processor time per beat since the mark before.
	BeatMS float64 `json:"beat_ms"`
}

// Flat is how a run of compressed beats went.
type Flat struct {
	Processes int    `json:"processes"`
	Reader    string `json:"reader"`
	Marks     []Mark `json:"marks"`
	// State and Sentence are the daemon's own verdict on its private memory at the end.
	State    string `json:"state"`
	Sentence string `json:"sentence"`
	Late     uint64 `json:"late"`
	// Services is how many services had samples in the last minute of the run. A run that
	// stored less than there was measures nothing.
	Services int `json:"services"`
}

// BeatMS is processor time per beat in the last quarter of a run: the median of its marks.
func (f *Flat) BeatMS() float64 {
	var all []float64
	for _, m := range f.Marks[len(f.Marks)*3/4:] {
		all = append(all, m.BeatMS)
	}
	return figure.Median(all)
}

// Drive runs the beats. It is called inside the population, in a program of its own.
func Drive(ctx context.Context, p Compressed) (out Flat, err error) {
	cfg, err := config.Load("", func(string) (string, bool) { return "", false })
	if err != nil {
		return out, err
	}
	cfg.Daemon.Data, cfg.Daemon.Interval = p.Data, p.Interval
	reader, err := probe.Open(probe.Options{Light: p.Procfs})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	c := &clock{Reader: reader, plan: &p, began: time.Now(), now: p.Began.Truncate(p.Interval), marks: make(chan int), goOn: make(chan struct{})}
	o := product.Options{Config: cfg, Version: "bench", Clock: c, Machine: c}
	out.Processes, out.Reader = p.Processes, reader.Source()
	d, err := product.Open(o)
	if err != nil {
		return out, err
	}
	c.opened = true
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	var before time.Duration
	for {
		select {
		case beat := <-c.marks:
			if beat > 0 {
				m, err := lookAt(beat, p.Every, before)
				if err != nil {
					return out, errors.Join(err, p.endProfile(false))
				}
				out.Marks = append(out.Marks, m)
			}
			if beat >= p.Beats/2 && p.Profile != "" && p.profile == nil {
				if err := p.beginProfile(); err != nil {
					return out, err
				}
			}
			if beat >= p.Beats {
				out.conclude(d)
				if err := p.endProfile(true); err != nil {
					return out, err
				}
				stop()
			}
			if before, err = process.CPU(os.Getpid()); err != nil {
				return out, err
			}
			c.goOn <- struct{}{}
		case <-time.After(markTime):
			return out, fmt.Errorf("no %d beats passed within %s after the first %d: the daemon waits for a time that does not come", p.Every, markTime, len(out.Marks)*p.Every)
		case err := <-ended:
			if n := len(out.Marks) * p.Every; err == nil && n < p.Beats {
				err = fmt.Errorf("the daemon ended after %d of %d beats", n, p.Beats)
			}
			if err == nil {
				out.Services, err = stored(ctx, p.Data)
			}
			return out, err
		}
	}
}

// stored counts the services with a sample in the newest minute of a store.
func stored(ctx context.Context, dir string) (n int, err error) {
	s, err := store.OpenReader(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	last, ok := s.Last()
	if !ok {
		return 0, fmt.Errorf("nothing was stored in %s", dir)
	}
	ctx = context.WithoutCancel(ctx) // that of the daemon has ended
	owners, err := s.Owners(ctx, store.Service, last-60_000, last, func(l store.Labels) bool { return l.Get("rest") == "" })
	if err != nil {
		return 0, err
	}
	for i := range owners {
		found := false
		err := s.Points(ctx, store.SeriesOf(owners[i].ID, store.Code(memory.Private)), last-60_000, last, func(store.Point) bool { found = true; return false })
		if err != nil {
			return 0, err
		}
		if found {
			n++
		}
	}
	return n, nil
}

// markTime bounds how long the beats from one mark to the next may take.
const markTime = 2 * time.Minute

// conclude takes the daemon's own words about itself.
func (f *Flat) conclude(d *product.Daemon) {
	self := d.Self()
	f.Late = self.Beat.Late
	for _, v := range self.Verdicts {
		if v.Metric == "private_bytes" {
			f.State, f.Sentence = v.State, v.Sentence
		}
	}
}

// lookAt takes the figures of this process after so many beats since the mark before.
func lookAt(beat, beats int, before time.Duration) (m Mark, err error) {
	cpu, err := process.CPU(os.Getpid())
	if err != nil {
		return m, err
	}
	own, err := process.MemoryOf(os.Getpid())
	if err != nil {
		return m, err
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	m = Mark{
		Beat: beat, RSSMB: float64(own.RSS) / 1e6, PrivateMB: float64(own.Private()) / 1e6, PeakMB: float64(own.Peak) / 1e6,
		HeapMB: float64(live[0].Value.Uint64()) / 1e6, BeatMS: (cpu - before).Seconds() * 1e3 / float64(beats),
	}
	return m, process.ResetPeak(os.Getpid())
}

func (p *Compressed) beginProfile() (err error) {
	if err = os.MkdirAll(p.Profile, 0o755); err != nil {
		return fmt.Errorf("cannot make the directory for profiles: %w", err)
	}
	if p.profile, err = os.Create(filepath.Join(p.Profile, "cpu.pprof")); err != nil {
		return fmt.Errorf("cannot write a profile: %w", err)
	}
	return pprof.StartCPUProfile(p.profile)
}

func (p *Compressed) endProfile(heap bool) error {
	if p.profile == nil {
		return nil
	}
	pprof.StopCPUProfile()
	err := p.profile.Close()
	p.profile = nil
	if !heap || err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(p.Profile, "heap.pprof"))
	if err != nil {
		return fmt.Errorf("cannot write a profile: %w", err)
	}
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

// clock is the daemon's, and the machine it watches, as what it asks of the machine tells
// how far a beat is. A beat begins on a multiple of the interval. While it is at work the
// clock goes on to just before the next one, for which the daemon then waits as long as
// is left: a microsecond.
type clock struct {
	*probe.Reader
	plan    *Compressed
	now     time.Time
	elapsed time.Duration
	began   time.Time // by the world's clock
	beats   int
	opened  bool
	working bool          // a beat is
	marks   chan int      // the number of beats that were finished
	goOn    chan struct{} // the next may begin
}

// left is how long the daemon waits for the next beat.
const left = time.Microsecond

func (c *clock) Now() time.Time { return c.now }

// Elapsed is asked when a beat begins, and when it is over.
func (c *clock) Elapsed() time.Duration {
	switch {
	case !c.opened:
	case c.working:
		c.working = false
		c.now = c.now.Add(left)
		c.elapsed += left
		return c.elapsed - left
	case c.beats%c.plan.Every == 0:
		c.marks <- c.beats
		<-c.goOn
	}
	return c.elapsed
}

// Scan lets processes age with the clock: a process is stored once it has lived for a
// minute, and judged by how long it has lived.
func (c *clock) Scan() (probe.Scan, error) {
	out, err := c.Reader.Scan()
	ahead := c.ahead()
	for i := range out.Samples {
		out.Samples[i].Age += ahead
	}
	return out, err
}

// Host lets the machine age as well.
func (c *clock) Host() (memory.Host, error) {
	out, err := c.Reader.Host()
	out.Uptime += c.ahead()
	return out, err
}

// ahead is how far the clock is ahead of the world's.
func (c *clock) ahead() time.Duration { return c.elapsed - time.Since(c.began) }

// Load is asked once a beat, when the time of the beat is known.
func (c *clock) Load(dir string) (memory.Load, error) {
	c.working = true
	c.beats++
	c.now = c.now.Add(c.plan.Interval - left)
	c.elapsed += c.plan.Interval - left
	return c.Reader.Load(dir)
}
