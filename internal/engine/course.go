package engine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"github.com/zol0/zol0/internal/query"
	"github.com/zol0/zol0/internal/store"
)

// Figures are which figures of each step are asked for.
type Figures struct{ Count, Min, Mean, Max, Last bool }

// figure is one of them in PromQL, of a window in place of %[1]s. Two addresses that one
// daemon had become one.
type figure struct {
	name, text string
	asked      func(Figures) bool
	in         func(*store.Bucket, float64)
}

var figures = [...]figure{
	{"count", "sum without (instance) (count_over_time(%[1]s))", func(f Figures) bool { return f.Count }, func(b *store.Bucket, v float64) { b.N = int64(v) }},
	{"min", "min without (instance) (min_over_time(%[1]s))", func(f Figures) bool { return f.Min }, func(b *store.Bucket, v float64) { b.Min = v }},
	{"mean", "sum without (instance) (sum_over_time(%[1]s)) / sum without (instance) (count_over_time(%[1]s))", func(f Figures) bool { return f.Mean }, func(b *store.Bucket, v float64) { b.Mean = v }},
	{"max", "max without (instance) (max_over_time(%[1]s))", func(f Figures) bool { return f.Max }, func(b *store.Bucket, v float64) { b.Max = v }},
	{"last", "max without (instance) (last_over_time(%[1]s))", func(f Figures) bool { return f.Last }, func(b *store.Bucket, v float64) { b.Last = v }},
}

// inWindows asks for figures of windows of so many milliseconds that end before the moment
// at which they are asked for, as those of the store do; PromQL's end with it.
func inWindows(selector string, window int64, asked Figures) string {
	var parts []string
	for _, f := range figures {
		if f.asked(asked) {
			parts = append(parts, fmt.Sprintf(`label_replace(%s, %q, %q, "", "")`, fmt.Sprintf(f.text, fmt.Sprintf("%s[%dms] offset 1ms", selector, window)), figureLabel, f.name))
		}
	}
	return strings.Join(parts, " or ")
}

// Course is a series in steps, none of them empty.
type Course struct {
	Labels  store.Labels
	Buckets []store.Bucket
}

// Courses are the series of a name and with these labels, in whole steps of milliseconds from
// one time to before another.
func (p *Past) Courses(ctx context.Context, name string, match map[string]string, from, to, step int64, asked Figures) ([]Course, error) {
	return p.courses(ctx, p.selector(name, match), from, to, step, asked)
}

// courses asks for all that a selector chooses.
func (p *Past) courses(ctx context.Context, selector string, from, to, step int64, asked Figures) ([]Course, error) {
	var out []Course
	at := make(map[string]int)
	text := inWindows(selector, step, asked)
	for begin := from; begin < to; begin += maxSteps * step {
		end := min(to, begin+maxSteps*step)
		answer, err := p.source.Range(ctx, query.Range{Text: text, From: time.UnixMilli(begin + step), To: time.UnixMilli(end), Step: time.Duration(step) * time.Millisecond})
		if err != nil {
			return nil, err
		}
		m, ok := answer.Value.(promql.Matrix)
		if !ok {
			answer.Close()
			return nil, fmt.Errorf("the engine answered with a %T where a course was asked for", answer.Value)
		}
		for i := range m {
			out = take(out, at, m[i].Metric, step, m[i].Floats)
		}
		answer.Close()
	}
	for i := range out {
		slices.SortFunc(out[i].Buckets, func(a, b store.Bucket) int { return cmp.Compare(a.T, b.T) })
	}
	return out, nil
}

// take adds one figure of one series to its course.
func take(all []Course, at map[string]int, metric labels.Labels, step int64, points []promql.FPoint) []Course {
	own := ownLabels(metric)
	key := fmt.Sprint(own)
	i, known := at[key]
	if !known {
		i = len(all)
		at[key] = i
		all = append(all, Course{Labels: own})
	}
	x := &all[i]
	k := slices.IndexFunc(figures[:], func(f figure) bool { return f.name == metric.Get(figureLabel) })
	if k < 0 {
		return all
	}
	// The first figure brings the steps, the others find theirs: the same windows have samples.
	next := 0
	for _, point := range points {
		t := point.T - step
		for next < len(x.Buckets) && x.Buckets[next].T < t {
			next++
		}
		if next == len(x.Buckets) || x.Buckets[next].T != t {
			x.Buckets = slices.Insert(x.Buckets, next, store.Bucket{T: t, Min: math.NaN(), Mean: math.NaN(), Max: math.NaN(), Last: math.NaN(), First: math.NaN()})
		}
		figures[k].in(&x.Buckets[next], point.F)
	}
	return all
}

// Buckets calls each for every stretch of step milliseconds with a sample, from the multiple
// of step that from lies in on and without what is later than to, in order of time, until it
// returns false. First is that of a counter; of a gauge it is no number.
func (p *Past) Buckets(ctx context.Context, s store.Series, from, to, step int64, each func(store.Bucket) bool) error {
	o, from, to, err := p.within(s, from-from%step, to)
	if err != nil {
		return err
	}
	selector, counter := p.selectorOf(o, s)
	begin := from - from%step
	whole := to + 1 - (to+1)%step
	all := Figures{true, true, true, true, true}
	visit := func(courses []Course, width int64) (more bool, err error) {
		for i := range courses {
			for _, b := range courses[i].Buckets {
				if counter {
					if err := p.first(ctx, s, &b, width); err != nil {
						return false, err
					}
				}
				if !each(b) {
					return false, nil
				}
			}
		}
		return true, nil
	}
	// In pieces, so that whoever has enough ends it.
	for at := begin; at < whole; at += maxSteps * step {
		courses, err := p.courses(ctx, selector, at, min(whole, at+maxSteps*step), step, all)
		if err != nil {
			return err
		}
		if more, err := visit(courses, step); err != nil || !more {
			return err
		}
	}
	if width := to + 1 - whole; width > 0 && begin <= whole {
		courses, err := p.courses(ctx, selector, whole, to+1, width, all)
		if err != nil {
			return err
		}
		_, err = visit(courses, width)
		return err
	}
	return nil
}

// first finds the first sample of a counter in a window: its least, unless it began anew there.
func (p *Past) first(ctx context.Context, s store.Series, b *store.Bucket, width int64) error {
	b.First = b.Min
	if b.Max == b.Last {
		return nil
	}
	return p.Points(ctx, s, b.T, b.T+width-1, func(x store.Point) bool { b.First = x.Value; return false })
}

// growthSteps is in how many steps a stretch is looked at for what grew in it.
const growthSteps = 200

// Top lists the n services whose metric gained most between two times. First and Last are
// the values at the end of the first and last of two hundred steps with samples.
func (p *Past) Top(ctx context.Context, c store.Code, from, to int64, n int) ([]store.Growth, error) {
	name := store.NameOf(store.Service, c, nil)
	step := max(1000, (to-from)/growthSteps)
	// Aligned, as some engines move what is not.
	from, to = from-from%step, to-to%step+step
	courses, err := p.Courses(ctx, name, nil, from, to, step, Figures{Last: true})
	if err != nil {
		return nil, err
	}
	counter := strings.HasSuffix(name, "_total")
	var out []store.Growth
	for i := range courses {
		all := courses[i].Buckets
		if len(all) == 0 {
			continue
		}
		first, last := all[0], all[len(all)-1]
		end := func(b store.Bucket) int64 { return min(b.T+step, p.now.UnixMilli()) }
		g := store.Growth{Owner: store.Owner{Kind: store.Service, Labels: courses[i].Labels}, First: store.Point{T: end(first), Value: first.Last}, Last: store.Point{T: end(last), Value: last.Last}}
		g.Delta = g.Last.Value - g.First.Value
		if counter {
			g.Delta = 0
			for k := 1; k < len(all); k++ {
				if gained := all[k].Last - all[k-1].Last; gained >= 0 {
					g.Delta += gained
				} else {
					g.Delta += all[k].Last // it began anew
				}
			}
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b store.Growth) int {
		return cmp.Or(cmp.Compare(b.Delta, a.Delta), strings.Compare(fmt.Sprint(a.Owner.Labels), fmt.Sprint(b.Owner.Labels)))
	})
	return out[:min(n, len(out))], nil
}
