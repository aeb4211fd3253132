package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	zol0 "github.com/zol0/zol0/internal/engine"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/spool"
	"github.com/zol0/zol0/internal/store"
)

// report is what the sender says of itself, a line at a time.
type report struct {
	// Put are samples, and Sum is of their values: whole numbers, so that it is exact.
	Put int64
	Sum float64
	zol0.Counts
	CPU float64 // in seconds; told by /proc, not by the sender
}

// sent are the samples that the engine took; the last message of a beat may be shorter.
func (r report) sent(series int) int64 {
	return r.SentRecords * int64(series) / recordsOf(series)
}

// metrics are those that a service has at each beat.
var metrics = []memory.Metric{memory.Private, memory.RSS, memory.Shmem, memory.Swap, memory.CPUTime, memory.Threads, memory.FDs, memory.MajorFaults}

// sayEvery is how often the sender says how it is.
const sayEvery = 200 * time.Millisecond

// send puts samples in real time and sends them, until it is told to end; then it sends
// what waits.
func send(ctx context.Context, dir, target string, series int, interval time.Duration) error {
	w, err := zol0.NewWriter(zol0.WriterOptions{
		URL: target, Host: "bench", Instance: "bench:8509", Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Spool: spool.Options{Dir: dir, MaxBytes: 1 << 30},
	})
	if err != nil {
		return err
	}
	var r report
	beat, err := samplesOf(w, series)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	done, over := context.WithCancel(context.Background())
	stepped := make(chan struct{})
	go func() {
		defer close(stepped)
		for done.Err() == nil {
			select {
			case <-done.Done():
			case <-time.After(w.Step(done, time.Now)):
			case <-wakeOf(w):
			}
		}
	}()
	random := rand.New(rand.NewPCG(1, 2))
	says := json.NewEncoder(os.Stdout)
	beats, tell := time.NewTicker(interval), time.NewTicker(sayEvery)
	for ctx.Err() == nil && err == nil {
		select {
		case <-ctx.Done():
		case at := <-beats.C:
			move(beat, random)
			if err = w.Put(at, beat, nil); err == nil {
				r.Put += int64(len(beat))
				for _, x := range beat {
					r.Sum += x.Value
				}
			}
		case <-tell.C:
			r.Counts = w.Counts()
			err = says.Encode(r)
		}
	}
	err = errors.Join(err, w.End(time.Now()))
	for deadline := time.Now().Add(30 * time.Second); err == nil && w.Counts().Records > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			err = fmt.Errorf("%d records wait still", w.Counts().Records)
		}
	}
	r.Counts = w.Counts()
	err = errors.Join(err, says.Encode(r))
	over()
	<-stepped
	return errors.Join(err, w.Close())
}

// wakeOf is the writer's wake while all is well; after a failure the wait is waited.
func wakeOf(w *zol0.Writer) <-chan struct{} {
	if w.Counts().Failed > 0 {
		return nil
	}
	return w.Wake()
}

// samplesOf are the series of services with the metrics that a daemon stores at each beat.
func samplesOf(w *zol0.Writer, series int) ([]store.Sample, error) {
	var out []store.Sample
	for i := range series {
		id := store.OwnerID(i/len(metrics) + 1)
		if i%len(metrics) == 0 {
			l, err := store.NewLabels("service", fmt.Sprintf("service-%05d", id))
			if err != nil {
				return nil, err
			}
			w.Meet(id, store.Service, l)
		}
		out = append(out, store.Sample{Series: store.SeriesOf(id, store.Code(metrics[i%len(metrics)])), Value: float64(i%97) * 4096 * 100})
	}
	return out, nil
}

// move changes a third of all values, by pages as memory does.
func move(beat []store.Sample, random *rand.Rand) {
	for i := range beat {
		if random.IntN(3) == 0 {
			beat[i].Value = max(0, beat[i].Value+float64(random.IntN(33)-15)*4096)
		}
	}
}
