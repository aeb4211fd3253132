package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/zol0/zol0/internal/backtest"
	"github.com/zol0/zol0/internal/detect"
	"github.com/zol0/zol0/internal/shapes"
	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/leak"
)

// How much the three kinds of series count, each series beside a recorded one.
const (
	mixWeight       = .2
	syntheticWeight = 1
	mixes           = 800
	syntheticSeeds  = 16 // per shape
)

// leakingMetric is the metric that leaks by a trace's resource.
var leakingMetric = map[string]string{"memory": "private", "shmem": "shmem", "fds": "fds", "threads": "threads"}

// recorded are the series of a labelled directory, each twice: with and without its limit.
func recorded(set *backtest.Set) ([]subject, error) {
	var list []subject
	for _, l := range set.Traces {
		all, err := trace.Open(l.File, trace.Options{})
		if err != nil {
			return nil, err
		}
		if l.Label == "ambiguous" {
			continue
		}
		for _, series := range all {
			s := subject{
				name: l.ID + " " + series.Metric, programs: []string{l.Program}, kind: detect.Options(series.Metric, series.Unit), series: series,
				evidence: math.Inf(1), unused: math.Inf(1), weight: 1,
			}
			if l.Label == "leak" {
				s.evidence = l.Evidence
				s.leaks = series.Metric == leakingMetric[l.Resource]
				if !s.leaks {
					s.unused = l.Evidence
				}
			}
			list = append(list, s)
			if s.kind.Kind == leak.Private || s.kind.Kind == leak.Shared {
				s.limit = l.Limit
				list[len(list)-1].weight = mixWeight
				list = append(list, s)
			}
		}
	}
	return list, nil
}

// mixed are sums of a recorded process and one that does not leak: the first scaled, and
// half of them watched from later on only.
func mixed(of []subject) []subject {
	var single []subject
	for _, s := range of {
		if s.kind.Kind == leak.Private && s.limit > 0 && len(s.series.Restarts) == 0 && math.IsInf(s.unused, 1) {
			single = append(single, s)
		}
	}
	random := rand.New(rand.NewPCG(7, 0))
	var list []subject
	for len(list) < mixes {
		a, b := single[random.IntN(len(single))], single[random.IntN(len(single))]
		if b.leaks || !sameLength(a.series, b.series) {
			continue
		}
		list = append(list, mix(a, b, math.Exp2(random.Float64()*3-1.5), max(0, random.Float64()-.5)*.8, len(list)%2 == 0))
	}
	return list
}

func sameLength(a, b trace.Series) bool {
	x, y := a.Points[len(a.Points)-1].T, b.Points[len(b.Points)-1].T
	return x < 1.5*y && y < 1.5*x
}

// mix adds two series: the growth of a times scale, watched from a share of its time on.
func mix(a, b subject, scale, from float64, limited bool) subject {
	s := a
	s.name += " + " + b.name
	s.programs = append(append([]string(nil), a.programs...), b.programs...)
	s.weight = mixWeight
	s.limit = 0
	if limited {
		s.limit = a.limit + b.limit
	}
	points := a.series.Points
	begin := from * points[len(points)-1].T
	if a.leaks && scale < 1 {
		s.evidence = begin + (a.evidence-points[0].T)/scale + points[0].T
	}
	s.evidence = max(s.evidence, begin+600)
	s.series.Points = nil
	k := 0
	for _, p := range points {
		for k+1 < len(b.series.Points) && b.series.Points[k+1].T <= p.T {
			k++
		}
		if p.T < begin {
			continue
		}
		q := b.series.Points[k]
		p.Value = points[0].Value + scale*(p.Value-points[0].Value) + q.Value
		p.Work += q.Work
		p.Faults = p.Faults*scale + q.Faults
		p.Beside += q.Beside
		s.series.Points = append(s.series.Points, p)
	}
	return s
}

// synthetic are made series of half a day, two days and a week.
func synthetic(seeds int, first uint64) ([]subject, error) {
	var list []subject
	for _, shape := range shapes.Shapes() {
		for k := range seeds {
			random := rand.New(rand.NewPCG(seedOf(shape), first+uint64(k)))
			span := []float64{12, 48, 168, 168}[k%4] * 3600
			made, err := shapes.Make(shapes.Setting{
				Shape: shape, Seed: first + uint64(k), Span: span, Interval: span / 2016, Noise: 1, Work: random.IntN(3) > 0,
			})
			if err != nil {
				return nil, err
			}
			if made.Truth.Label == "ambiguous" {
				continue
			}
			s := subject{
				name: shape + " " + strconv.Itoa(k), series: convert(made),
				evidence: math.Inf(1), unused: math.Inf(1), weight: syntheticWeight,
			}
			if random.IntN(2) == 0 {
				s.limit = made.Limit
			}
			first := 1 << 18 / made.Truth.Rate // a quarter of a megabyte, as on the recorded ones
			if shape == "leak-descriptors" || shape == "leak-threads" {
				s.series.Metric, s.series.Unit = "fds", detect.Count
				s.limit, first = 0, 3/made.Truth.Rate
			}
			s.kind = detect.Options(s.series.Metric, s.series.Unit)
			if made.Truth.Label == "leak" {
				s.leaks, s.evidence = true, made.Truth.Onset+first
			}
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no synthetic series were made")
	}
	return list, nil
}

func convert(made shapes.Series) trace.Series {
	s := trace.Series{Name: made.Shape, Metric: "private", Unit: detect.Bytes, Restarts: made.Restarts}
	for _, p := range made.Points {
		s.Points = append(s.Points, trace.Point{T: p.T, Value: p.Value, Work: p.Work, Faults: math.NaN(), Beside: math.NaN()})
	}
	return s
}
