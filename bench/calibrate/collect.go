package main

import (
	"hash/fnv"
	"math"
	"slices"

	"github.com/zol0/zol0/internal/detect"
	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/leak"
)

// subject is one series with its truth.
type subject struct {
	name     string
	programs []string // all of them must be among those trained on
	kind     leak.Options
	series   trace.Series
	limit    float64
	leaks    bool    // this very series leaks from evidence on
	evidence float64 // from when on it can be known; +Inf if never
	unused   float64 // from here on the truth of this series is unknown; +Inf if never
	weight   float64
}

// example is the evidence at one moment.
type example struct {
	terms  []float64
	leaks  bool
	weight float64
}

// detectionTime is how long after the first evidence the training insists on a leak being
// seen, in seconds. Earlier, leaks and caches that fill look the same, and a model forced
// to tell them apart learns the accidents of its examples.
const detectionTime = 6 * 3600

// between is the share of a life's age between two examples of it.
const between = .04

var termIndex = func() map[string]int {
	index := map[string]int{}
	for i, name := range leak.TermNames() {
		index[name] = i
	}
	return index
}()

// examples feeds a series to the detector and notes the evidence as time goes by.
func (s *subject) examples() []example {
	options := s.kind
	options.Limit = s.limit
	d := leak.New(options)
	var list []example
	restarts := s.series.Restarts
	start, next := math.Inf(-1), math.Inf(-1)
	for i, p := range s.series.Points {
		if len(restarts) > 0 && restarts[0] == i {
			restarts = restarts[1:]
			d.Restart(p.T)
			start = math.Inf(-1)
		}
		d.ObserveSample(detect.Sample(p))
		if math.IsInf(start, -1) {
			start, next = p.T, p.T+1800
		}
		if p.T < next {
			continue
		}
		next = p.T + max(300, between*(p.T-start))
		leaks := p.T >= s.evidence
		if p.T >= s.unused || leaks && p.T < s.evidence+detectionTime {
			continue
		}
		if e, grows := evidence(d.Verdict()); grows {
			list = append(list, example{e, leaks && s.leaks, 0})
		}
	}
	// A series counts as one, however long it is; one that seldom grows counts less.
	for i := range list {
		list[i].weight = s.weight / float64(max(len(list), 20))
	}
	return list
}

// evidence puts the terms of a verdict in order; grows is whether it is about growth.
func evidence(v leak.Verdict) (terms []float64, grows bool) {
	terms = make([]float64, len(termIndex))
	for _, t := range v.Evidence {
		terms[termIndex[t.Name]] = t.Value
	}
	return terms, terms[termIndex["absolute growth"]] > 0
}

// among reports whether all programs of the subject are in the set.
func (s *subject) among(programs map[string]bool) bool {
	return !slices.ContainsFunc(s.programs, func(p string) bool { return !programs[p] })
}

// seedOf makes the draw for a name independent of the order in which names come.
func seedOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
