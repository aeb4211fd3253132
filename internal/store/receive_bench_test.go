package store

import (
	"fmt"
	"math/rand/v2"
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
