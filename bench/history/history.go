// Package history fills a store with days of what the daemon would have written, faster
// than days pass, and measures what that costs.
//
// The values are synthetic and no measurement of anything: population.go says how they
// move. What is measured is the store: processor time, bytes and memory. Everything
// between the values and the file is the product's own code: record.Recorder decides what
// is stored, store.Append stores it, store.Tidy thins it, in the order of a beat.
package history

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zol0/zol0/bench/process"
	"github.com/zol0/zol0/internal/record"
	"github.com/zol0/zol0/internal/store"
)

// Beat is the interval of the daemon by default.
const Beat = 5 * time.Second

// Plan says what history to make. The same plan makes the same file.
type Plan struct {
	Dir  string        `json:"dir"`
	Span time.Duration `json:"span"` // of full beats
	End  time.Time     `json:"end"`  // of the last beat
	Seed uint64        `json:"seed"`
	// Services and Processes are how many live at any time.
	Services  int `json:"services"`
	Processes int `json:"processes"`
	// FullHour gives the hour that End lies in as many beats as a whole hour has, by putting
	// them closer together: what is open in memory is then as large as it gets.
	FullHour bool `json:"full_hour"`
}

// Cost is what it cost to write a history. Bytes are of the file, MB are 10^6 bytes.
type Cost struct {
	Days    float64 `json:"days"`
	Beats   int     `json:"beats"`
	Series  int     `json:"series_per_beat"`
	Owners  int     `json:"owners"` // that were begun, services and instances
	Samples int64   `json:"samples"`
	// RecordUS and TidyUS are processor time of this process per beat for Record with its
	// Append, and for Tidy, garbage collection included. MakingUS is what making up the
	// values took, which no daemon does.
	RecordUS float64 `json:"record_us"`
	AppendUS float64 `json:"append_us"` // of which the store's part, on the clock
	TidyUS   float64 `json:"tidy_us"`
	MakingUS float64 `json:"making_us"`
	// SlowestMS is the longest single Record with Tidy, on the clock: that at an hour's end.
	SlowestMS float64 `json:"slowest_ms"`
	// FileBytes is the whole file after the last beat, its log moved into it.
	FileBytes int64 `json:"file_bytes"`
	// ChunkBytes are those of the rows with samples, FrameBytes those of the open hour.
	ChunkBytes int64 `json:"chunk_bytes"`
	FrameBytes int64 `json:"frame_bytes"`
	OpenFrames int64 `json:"open_frames"`
	// WrittenBytes is what was handed to the file system per beat (wchar of
	// /proc/PID/io): more than reaches the disk, as pages are written again before they do.
	WrittenBytes float64 `json:"written_bytes_per_beat"`
	HeapMB       float64 `json:"heap_mb"` // highest in use at an hour's end
	Seconds      float64 `json:"seconds"`
}

// PerSample is the bytes of rows with samples per sample; Whole those of the file.
func (c *Cost) PerSample() float64 { return float64(c.ChunkBytes+c.FrameBytes) / float64(c.Samples) }

// Whole is the bytes of the whole file per sample: indices, owners, free pages and all.
func (c *Cost) Whole() float64 { return float64(c.FileBytes) / float64(c.Samples) }

// meter is a store that watches the clock.
type meter struct {
	*store.Store
	spent  time.Duration
	series int
	owners map[store.OwnerID]bool
}

func (m *meter) OwnerOf(k store.Kind, labels store.Labels, now int64) (store.OwnerID, error) {
	id, err := m.Store.OwnerOf(k, labels, now)
	m.owners[id] = true
	return id, err
}

func (m *meter) Append(at time.Time, beat, minute []store.Sample) error {
	m.series = max(m.series, len(beat)+len(minute))
	began := time.Now()
	err := m.Store.Append(at, beat, minute)
	m.spent += time.Since(began)
	return err
}

// Fill writes the history of a plan.
func Fill(ctx context.Context, p Plan) (cost Cost, err error) {
	if p.Services < 1 || p.Processes < p.Services || p.Span < Beat {
		return cost, fmt.Errorf("cannot make a history of %d services with %d processes over %s", p.Services, p.Processes, p.Span)
	}
	began := time.Now()
	s, err := store.Open(store.Options{Dir: p.Dir, Now: p.End})
	if err != nil {
		return cost, err
	}
	defer func() {
		if e := s.Close(); err == nil {
			err = e
		}
	}()
	f := &feeder{plan: p, store: s, meter: &meter{Store: s, owners: make(map[store.OwnerID]bool)}, people: newPopulation(p)}
	f.recorder = record.New(f.meter)
	if err = f.feed(ctx, &cost); err != nil {
		return cost, err
	}
	cost.Series, cost.Owners, cost.Samples = f.meter.series, len(f.meter.owners), s.Counts().Samples
	cost.Days = p.Span.Hours() / 24
	cost.AppendUS = perBeat(f.meter.spent, cost.Beats)
	if err = s.Close(); err != nil {
		return cost, err
	}
	if err = cost.sizes(filepath.Join(p.Dir, store.FileName)); err != nil {
		return cost, err
	}
	cost.Seconds = time.Since(began).Seconds()
	return cost, nil
}

// feeder walks through the beats of a plan.
type feeder struct {
	plan     Plan
	store    *store.Store
	meter    *meter
	recorder *record.Recorder
	people   *population
}

func (f *feeder) feed(ctx context.Context, cost *Cost) error {
	before, err := process.OwnIO()
	if err != nil {
		return err
	}
	var making, recording, tidying, slowest time.Duration
	var heap uint64
	hour := int64(-1)
	for at := range f.plan.beats {
		if err := ctx.Err(); err != nil {
			return err
		}
		t0 := ownCPU()
		snapshot, load := f.people.next(at)
		t1 := ownCPU()
		clock := time.Now()
		if err := f.recorder.Record(at, snapshot, load); err != nil {
			return fmt.Errorf("cannot store the beat of %s: %w", at.Format(time.RFC3339), err)
		}
		t2 := ownCPU()
		if _, err := f.store.Tidy(at); err != nil {
			return fmt.Errorf("cannot thin what is old at %s: %w", at.Format(time.RFC3339), err)
		}
		slowest = max(slowest, time.Since(clock))
		making, recording, tidying = making+t1-t0, recording+t2-t1, tidying+ownCPU()-t2
		cost.Beats++
		if h := at.Unix() / 3600; h != hour {
			hour = h
			heap = max(heap, heapInUse())
		}
	}
	after, err := process.OwnIO()
	if err != nil {
		return err
	}
	n := cost.Beats
	cost.RecordUS, cost.TidyUS, cost.MakingUS = perBeat(recording, n), perBeat(tidying, n), perBeat(making, n)
	cost.SlowestMS, cost.HeapMB = slowest.Seconds()*1e3, float64(heap)/1e6
	cost.WrittenBytes = float64(after.Handed-before.Handed) / float64(n)
	return nil
}

// beats are the times of a plan's beats.
func (p Plan) beats(yield func(time.Time) bool) {
	end := p.End.UTC().Truncate(Beat)
	open := end.Truncate(time.Hour)
	for at := end.Add(-p.Span).Truncate(Beat); !at.After(end); at = at.Add(Beat) {
		if p.FullHour && !at.Before(open) {
			break
		}
		if !yield(at) {
			return
		}
	}
	if !p.FullHour {
		return
	}
	step := (end.Sub(open) / time.Duration(beatsPerHour)).Truncate(time.Millisecond)
	if step <= 0 {
		return // the hour has just begun: there is no room in it
	}
	for i := range beatsPerHour {
		if !yield(open.Add(time.Duration(i) * step)) {
			return
		}
	}
}

const beatsPerHour = int(time.Hour / Beat)

func perBeat(d time.Duration, beats int) float64 {
	return float64(d.Microseconds()) / float64(max(1, beats))
}

// ownCPU is the processor time of this process so far, all threads.
func ownCPU() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic("BUG: no clock of the processor: " + err.Error())
	}
	return time.Duration(t.Nano())
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// Copy copies a closed store into another directory.
func Copy(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("cannot make the directory %s: %w", to, err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return fmt.Errorf("cannot copy the history %s: %w", from, err)
	}
	return nil
}
