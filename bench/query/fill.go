package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
)

// The machine: 60 services and 40 instances of 8 figures each, 800 series, a beat each 5 s.
const (
	services  = 60
	instances = 40
	beat      = 5 * time.Second
)

var figures = []memory.Metric{memory.Private, memory.RSS, memory.Anon, memory.File, memory.Shmem, memory.CPUTime, memory.Threads, memory.FDs}

// end is the last beat: in the middle of an hour, so that there is an open one.
var end = time.Date(2026, 3, 9, 12, 30, 0, 0, time.UTC)

// life is one owner and its figures: private memory walks by pages, a third of the series
// stand still, as those of a machine do.
type life struct {
	id     store.OwnerID
	values [8]float64
}

func (l *life) move(r *rand.Rand, n int) {
	l.values[0] = max(1<<20, l.values[0]+float64(r.IntN(9)-4)*4096)
	if n%3 == 0 {
		l.values[1] = l.values[0] + l.values[3]
		l.values[2] = l.values[0]
	}
	if r.IntN(100) == 0 {
		l.values[3] += 4096
	}
	l.values[5] += float64(r.IntN(40)) / 1000
	if r.IntN(50) == 0 {
		l.values[6] = float64(4 + r.IntN(4))
	}
	if r.IntN(20) == 0 {
		l.values[7] = float64(20 + r.IntN(8))
	}
}

// fill writes the history.
func fill(ctx context.Context, p plan, out io.Writer) error {
	s, err := store.Open(store.Options{Dir: p.dir, Now: end, Raw: time.Duration(p.days+1) * 24 * time.Hour})
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // it is closed below
	r := rand.New(rand.NewPCG(1, 2))
	at := end.Add(-time.Duration(p.days) * 24 * time.Hour)
	born := 0
	begin := func(kind store.Kind, name string) (*life, error) {
		pairs := []string{"service", name}
		if kind == store.Process {
			pairs = []string{"service", name, "pid", strconv.Itoa(1000 + born), "started", strconv.FormatInt(at.Unix(), 10)}
		}
		born++
		labels, err := store.NewLabels(pairs...)
		if err != nil {
			return nil, err
		}
		l := &life{}
		if l.id, err = s.OwnerOf(kind, labels, at.UnixMilli()); err != nil {
			return nil, err
		}
		l.values = [8]float64{float64(1+r.IntN(400)) * 1e6, 5e8, 4e8, 2e7, 0, 0, 4, 20}
		return l, nil
	}
	var all []*life
	for i := range services + instances {
		kind, name := store.Service, fmt.Sprintf("service-%02d", i)
		if i >= services {
			kind, name = store.Process, fmt.Sprintf("service-%02d", i%services)
		}
		l, err := begin(kind, name)
		if err != nil {
			return err
		}
		all = append(all, l)
	}
	began := time.Now()
	beats := int64(p.days) * int64(24*time.Hour/beat)
	turn, next := p.churn/len(figures), 0
	samples := make([]store.Sample, 0, len(all)*len(figures))
	for n := range beats {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		at = at.Add(beat)
		if turn > 0 && n%(int64(time.Hour/beat)/int64(turn)) == 0 { // an instance ends, another begins
			i := services + next%instances
			next++
			if all[i], err = begin(store.Process, fmt.Sprintf("service-%02d", i%services)); err != nil {
				return err
			}
		}
		samples = samples[:0]
		for i, l := range all {
			l.move(r, int(n)+i)
			for k, m := range figures {
				samples = append(samples, store.Sample{Series: store.SeriesOf(l.id, store.Code(m)), Value: l.values[k]})
			}
		}
		if err := s.Append(at, samples, nil); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "wrote %d days, %d beats of %d samples, %d owners, in %.0f s\n", p.days, beats, len(samples), born, time.Since(began).Seconds())
	return s.Close()
}
