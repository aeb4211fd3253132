package record

import (
	"math"
	"strconv"

	"github.com/zol0/zol0/internal/store"
)

// MaxPresent is how many owners Present gives at most: the machine, every service and every
// instance with series, and the rest of both.
const MaxPresent = 1 + MaxServices + MaxRuled + MaxRanked + 2

// Figures are the last values of one owner by code; NaN is what it has not.
type Figures struct {
	Kind   store.Kind
	Labels []store.Label // in no order
	Values [1 << 5]float64
}

// Present is what the last moment said of everybody who has series, those that are stored every
// minute included: the machine first, then services and, where wanted, instances, in no
// order. It makes all of it anew and keeps nothing.
func (r *Recorder) Present(instances bool) []Figures {
	index := make(map[store.OwnerID]int, 2+len(r.services))
	out := make([]Figures, 0, 2+len(r.services))
	add := func(o store.OwnerID, k store.Kind, labels ...store.Label) {
		if o == 0 {
			return
		}
		index[o] = len(out)
		f := Figures{Kind: k, Labels: labels}
		for c := range f.Values {
			f.Values[c] = math.NaN()
		}
		out = append(out, f)
	}
	rest := []store.Label{{Name: "service", Value: otherName}, {Name: restLabel, Value: "true"}}
	add(r.host, store.Host)
	for name, x := range r.services {
		add(x.owner, store.Service, store.Label{Name: "service", Value: name})
	}
	add(r.others.owner, store.Service, rest...)
	if instances {
		for _, x := range r.instances {
			add(x.owner, store.Process,
				store.Label{Name: "service", Value: x.service}, store.Label{Name: "pid", Value: strconv.Itoa(int(x.id.PID))}, store.Label{Name: "start", Value: strconv.FormatUint(x.id.Start, 10)})
		}
		add(r.rest.owner, store.Process, rest...)
	}
	for _, samples := range [][]store.Sample{r.beat, r.min} {
		for _, x := range samples {
			if i, ok := index[x.Series.Owner()]; ok {
				out[i].Values[x.Series.Code()] = x.Value
			}
		}
	}
	return out
}
