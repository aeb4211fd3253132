package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/zol0/zol0/internal/remote"
)

// machine is a host of zol0: services and processes with eight metrics each.
type machine struct {
	random *rand.Rand
	series []remote.Series
	kinds  []kind
}

// kind is how a metric moves.
type kind struct {
	name    string
	counter bool
	unit    float64 // of a step
	first   float64
	moves   float64 // how likely it is to change from one beat to the next
}

// kinds are the metrics that zol0 stores at each beat, with about how often each moves on a
// machine that does little.
var kinds = []kind{
	{"private_bytes", false, 4096, 60 << 20, 0.3}, {"rss_bytes", false, 4096, 80 << 20, 0.3}, {"shmem_bytes", false, 4096, 4 << 20, 0.02}, {"swap_bytes", false, 4096, 0, 0},
	{"cpu_seconds_total", true, 0.01, 100, 0.6}, {"threads", false, 1, 12, 0.05}, {"fds", false, 1, 40, 0.1}, {"major_faults_total", true, 1, 30, 0.02},
}

func newMachine(name string, series int, r *rand.Rand) *machine {
	m := &machine{random: r}
	for i := range series {
		k := kinds[i%len(kinds)]
		labels := []remote.Label{
			{Name: "__name__", Value: "zol0_service_" + k.name}, {Name: "host", Value: name}, {Name: "instance", Value: name + ":8509"},
			{Name: "service", Value: fmt.Sprintf("service-%03d", i/len(kinds))},
		}
		v := k.first * (1 + r.Float64())
		m.series = append(m.series, remote.Series{Labels: labels, Samples: []remote.Sample{{V: rounded(v, k.unit)}}})
		m.kinds = append(m.kinds, k)
	}
	return m
}

// rounded is a value in whole units.
func rounded(v, unit float64) float64 { return float64(int64(v/unit)) * unit }

// beat moves all series on to a moment.
func (m *machine) beat(at time.Time) {
	for i := range m.series {
		x, k := &m.series[i].Samples[0], &m.kinds[i]
		x.T = at.UnixMilli()
		if m.random.Float64() >= k.moves {
			continue
		}
		step := float64(m.random.IntN(33)-16) * k.unit
		if k.counter {
			step = float64(1+m.random.IntN(8)) * k.unit
		}
		x.V = rounded(max(0, x.V+step)+k.unit/2, k.unit)
	}
}
