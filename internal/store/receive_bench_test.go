package store

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zol0/zol0/internal/remote"
)

// BenchmarkReceive takes in messages of 800 series of five hosts, over hours.
func BenchmarkReceive(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir(), Now: noon})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the file is thrown away
	send := hostsOf(5, 800)
	b.ResetTimer()
	for i := range b.N {
		now := noon.Add(time.Duration(i) * time.Second)
		if _, err := s.Receive(now, send(i%5, now)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/800, "ns/sample")
}

// BenchmarkAppendBesideReceiving appends the own machine's samples while five hosts of 800
// series write without a pause, which is hundreds of times what they do.
func BenchmarkAppendBesideReceiving(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir(), Now: noon})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the file is thrown away
	var samples []Sample
	for i := range 800 {
		id, err := s.OwnerOf(Service, Labels{{"service", fmt.Sprint(i)}}, noon.UnixMilli())
		if err != nil {
			b.Fatal(err)
		}
		samples = append(samples, Sample{SeriesOf(id, 0), float64(i)})
	}
	var stop atomic.Bool
	done := make(chan error, 1)
	go func() {
		send := hostsOf(5, 800)
		for i := 0; !stop.Load(); i++ {
			now := noon.Add(time.Duration(i) * time.Second)
			if _, err := s.Receive(now, send(i%5, now)); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	var took []time.Duration
	b.ResetTimer()
	for i := range b.N {
		began := time.Now()
		if err := s.Append(noon.Add(time.Duration(i)*time.Second), samples, nil); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		time.Sleep(5 * time.Millisecond)
	}
	b.StopTimer()
	stop.Store(true)
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	for _, q := range []struct {
		at   float64
		name string
	}{{0.5, "p50-ms"}, {0.99, "p99-ms"}, {1, "max-ms"}} {
		b.ReportMetric(took[min(len(took)-1, int(q.at*float64(len(took))))].Seconds()*1000, q.name)
	}
}

// hostsOf makes the messages of some hosts.
func hostsOf(hosts, series int) func(host int, at time.Time) []remote.Series {
	r := rand.New(rand.NewPCG(1, 1))
	all := make([][]remote.Series, hosts)
	for h := range all {
		for i := range series {
			x := sent(fmt.Sprint("host", h), "zol0_service_private_bytes", "service", fmt.Sprint(i))
			x.Samples = []remote.Sample{{V: float64(r.IntN(1<<20)) * 4096}}
			all[h] = append(all[h], x)
		}
	}
	return func(host int, at time.Time) []remote.Series {
		for i := range all[host] {
			x := &all[host][i].Samples[0]
			x.T = at.UnixMilli()
			if r.IntN(3) == 0 {
				x.V += float64(r.IntN(64)-20) * 4096
			}
		}
		return all[host]
	}
}

// TestHeapOfAReceivedSeries measures what a received series costs with a full hour at 5 s.
func TestHeapOfAReceivedSeries(t *testing.T) {
	s := open(t, t.TempDir())
	const series = 800
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	r := rand.New(rand.NewPCG(3, 4))
	names := []string{"zol0_service_private_bytes", "zol0_service_rss_bytes", "zol0_service_anon_bytes", "zol0_service_file_bytes", "zol0_service_shmem_bytes", "zol0_service_swap_bytes", "zol0_service_threads", "zol0_service_fds"}
	values := make([]float64, series)
	for beat := range 719 {
		now := noon.Add(time.Duration(beat) * 5 * time.Second)
		all := make([]remote.Series, series)
		for i := range all {
			all[i] = sent("host", names[i%8], "service", fmt.Sprint("service-", i/8))
			if r.IntN(3) == 0 {
				values[i] += float64(r.IntN(64)-20) * 4096
			}
			all[i].Samples = []remote.Sample{{T: now.UnixMilli(), V: values[i]}}
		}
		if got, err := s.Receive(now, all); err != nil || got.Samples != series {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	each := (heap() - before) / series
	log := float64(s.Received().LogBytes) / 719 / series
	for range 100 {
		if _, err := s.Tidy(noon.Add(2 * time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of heap a series with a full hour, %.1f bytes a sample in the log, %.2f in the file", each, log, info.BytesPerSample)
	if each > 3<<10 {
		t.Errorf("a received series costs %d bytes of heap, more than 3 KiB", each)
	}
	runtime.KeepAlive(s)
}
