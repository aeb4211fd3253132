package main

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/remote"
	"github.com/zol0/zol0/internal/store"
)

// A host as it is planned with: 60 services and 40 instances with eight metrics each.
const (
	wireServices  = 60
	wireInstances = 40
	wireBeats     = 60
)

// tellWire prints what a sample takes on the wire where each message has one beat, and
// where it has three.
func tellWire(out io.Writer) error {
	for _, beats := range []int{1, 3} {
		random := rand.New(rand.NewPCG(3, 4))
		all := wireHost()
		var e remote.Encoder
		var message []byte
		total, samples := 0, 0
		for n := 0; n < wireBeats; n += beats {
			for i := range all {
				x := all[i].Samples[len(all[i].Samples)-1]
				all[i].Samples = all[i].Samples[:0]
				for k := range beats {
					if x.T = 1_795_000_000_000 + int64(n+k)*5000; random.IntN(3) == 0 {
						x.V = max(0, x.V+float64(random.IntN(33)-15)*4096)
					}
					all[i].Samples = append(all[i].Samples, x)
				}
			}
			var err error
			if message, err = e.Encode(message[:0], all); err != nil {
				return err
			}
			total, samples = total+len(message), samples+beats*len(all)
		}
		_, err := fmt.Fprintf(out, "%d series, %d of each in a message: %.2f bytes a sample, %.1f kB a message, %.0f bytes/s at 5 s\n",
			len(all), beats, float64(total)/float64(samples), float64(total*beats)/wireBeats/1000, float64(total)/wireBeats/5)
		if err != nil {
			return err
		}
	}
	return nil
}

func wireHost() (all []remote.Series) {
	add := func(k store.Kind, m memory.Metric, own ...remote.Label) {
		labels := []remote.Label{{Name: "__name__", Value: store.NameOf(k, store.Code(m), nil)}}
		all = append(all, remote.Series{Labels: append(labels, own...), Samples: []remote.Sample{{V: float64(len(all)%97) * 4096 * 100}}})
	}
	for i := range wireServices {
		for _, m := range metrics {
			add(store.Service, m, remote.Label{Name: "host", Value: "web-017"}, remote.Label{Name: "instance", Value: "web-017:8509"}, remote.Label{Name: "service", Value: fmt.Sprintf("service-%02d", i)})
		}
	}
	for i := range wireInstances {
		for _, m := range metrics {
			add(store.Process, m, remote.Label{Name: "boot", Value: "3f2a91c0"}, remote.Label{Name: "host", Value: "web-017"}, remote.Label{Name: "instance", Value: "web-017:8509"},
				remote.Label{Name: "name", Value: fmt.Sprintf("program-%02d", i)}, remote.Label{Name: "pid", Value: fmt.Sprint(1000 + 37*i)},
				remote.Label{Name: "service", Value: fmt.Sprintf("service-%02d", i%wireServices)}, remote.Label{Name: "start", Value: fmt.Sprint(4_000_000 + 12345*i)})
		}
	}
	return all
}
