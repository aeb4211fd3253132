package daemon

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/units"
	"github.com/zol0/zol0/internal/wire"
)

// past is what answers about the past share.
type past struct {
	comparing sync.Mutex
	restarts  restarts // guarded by Daemon.present
}

// stretch is one side of a comparison.
type stretch struct {
	name     string // before, after
	from, to int64  // milliseconds since 1970; to is not included
	life     *lifetime
	lives    []lifetime    // that had samples in it, youngest first
	owners   []store.Owner // whose figures it is
	restarts int
}

// compare are two stretches of time of a service side by side. An error that wraps
// fs.ErrNotExist says that the service has no such life.
func (h inquiry) compare(ctx context.Context, q api.CompareQuery) (wire.Comparison, error) {
	// One at a time: all processes of a week are judged anew, which takes a core for a while.
	h.d.past.comparing.Lock()
	defer h.d.past.comparing.Unlock()
	out := wire.Comparison{Service: q.Service, Caveats: []string{}}
	sides := [2]*stretch{{name: "before"}, {name: "after"}}
	for i, asked := range []*api.StretchQuery{&q.Before, &q.After} {
		if err := h.resolve(ctx, q.Service, asked, sides[i]); err != nil {
			return out, err
		}
	}
	var figures [2]map[string]*float64
	var verdicts [2]*judged
	for i, s := range sides {
		shown := []*wire.ComparedStretch{&out.Before, &out.After}[i]
		var err error
		if figures[i], shown.Samples, err = h.figures(ctx, s); err != nil {
			return out, err
		}
		if shown.Tier, err = h.past.Finest(ctx, s.from); err != nil {
			return out, err
		}
		shown.From, shown.To = time.UnixMilli(s.from).UTC(), time.UnixMilli(s.to).UTC()
		if s.life != nil {
			shown.PID, shown.Start = s.life.pid, s.life.start
		}
		var left int
		if verdicts[i], left, err = h.worst(ctx, s); err != nil {
			return out, err
		}
		if left > 0 {
			out.Caveats = append(out.Caveats, fmt.Sprintf("%s: %s of %d were judged, those recorded longest", s.name, units.Count(maxReplayed, "process", "processes"), maxReplayed+left))
		}
		if verdicts[i] != nil {
			v := verdicts[i].wire()
			shown.Verdict = &v
		}
	}
	out.Rows = comparisonRows(figures[0], figures[1])
	out.Caveats = append(out.Caveats, comparedCaveats(sides, &out)...)
	var err error
	out.Verdict, err = h.change(ctx, sides, verdicts, &out)
	return out, err
}

// resolve finds what a stretch is of.
func (h inquiry) resolve(ctx context.Context, service string, q *api.StretchQuery, s *stretch) error {
	s.from, s.to = 0, h.d.clock.Now().UnixMilli()+1
	if !q.From.IsZero() {
		s.from = q.From.UnixMilli()
	}
	if !q.To.IsZero() {
		s.to = min(s.to, q.To.UnixMilli())
	}
	all, err := h.lifetimes(ctx, service, 0, s.to-1)
	if err != nil {
		return err
	}
	s.lives = slices.DeleteFunc(slices.Clone(all), func(x lifetime) bool { return x.ending < s.from })
	if q.PID != 0 {
		return h.resolveLife(ctx, service, q, s)
	}
	s.owners, err = h.past.Owners(ctx, store.Service, map[string]string{"service": service, "rest": ""}, s.from, s.to-1)
	if err != nil {
		return err
	}
	for i := range all {
		x := &all[i]
		if !x.dated || x.began < s.from || x.began >= s.to {
			continue
		}
		replaced, err := h.replaced(ctx, all[i+1:], x)
		if err != nil {
			return err
		}
		if replaced {
			s.restarts++
		}
	}
	return nil
}

// resolveLife narrows a stretch to one life.
func (h inquiry) resolveLife(ctx context.Context, service string, q *api.StretchQuery, s *stretch) error {
	i := slices.IndexFunc(s.lives, func(x lifetime) bool { return x.pid == q.PID && (q.Start == "" || x.start == q.Start) })
	if i < 0 {
		return fmt.Errorf("the store has no process %d of service %s that began at %q: %w", q.PID, service, q.Start, fs.ErrNotExist)
	}
	s.lives = s.lives[i : i+1]
	s.life = &s.lives[0]
	s.owners = s.life.owners
	s.from = max(s.from, s.life.began)
	if !s.life.alive {
		end, err := h.end(ctx, s.life)
		if err != nil {
			return err
		}
		s.to = max(s.from+1, min(s.to, end+1))
	}
	return nil
}

// replaced reports whether one of the earlier lives of the same program had ended when
// this one began: that makes it a restart, and not one process more.
func (h inquiry) replaced(ctx context.Context, earlier []lifetime, x *lifetime) (bool, error) {
	for i := range earlier {
		y := &earlier[i]
		if y.alive || y.name != x.name {
			continue
		}
		end, err := h.end(ctx, y)
		if err != nil {
			return false, err
		}
		if end <= x.began {
			return true, nil
		}
	}
	return false, nil
}

// comparedFigure is a row of a comparison.
type comparedFigure struct {
	metric, title, unit string
}

// comparedFigures are all, in their order.
var comparedFigures = [...]comparedFigure{
	{"private_bytes", "Private memory, mean", "bytes"},
	{"private_bytes_max", "Private memory, highest", "bytes"},
	{"private_growth", "Private memory, end less beginning", "bytes_per_hour"},
	{"rss_bytes", "RSS, mean", "bytes"},
	{"shmem_bytes", "Shared memory, mean", "bytes"},
	{"swap_bytes", "Swap, mean", "bytes"},
	{"cpu", "Processor time, of one core", "percent"},
	{"threads", "Threads, mean", "count"},
	{"fds", "Descriptors, mean", "count"},
	{"minor_faults", "Page faults without reading", "per_hour"},
	{"major_faults", "Page faults that read from disk", "per_hour"},
	{"instances", "Processes, mean", "count"},
	{"restarts", "Restarts", "count"},
}

// figures are those of a stretch by name, and how many samples of private memory there are.
func (h inquiry) figures(ctx context.Context, s *stretch) (map[string]*float64, uint64, error) {
	out := make(map[string]*float64, len(comparedFigures))
	var samples uint64
	take := func(code store.Code, use func(*digest)) error {
		c, err := h.digestOf(ctx, s, code)
		if err == nil && c.n > 0 {
			use(c)
		}
		return err
	}
	mean := func(name string, m memory.Metric, decimals int) error {
		return take(store.Code(m), func(c *digest) { out[name] = pointer(round(c.mean(), decimals)) })
	}
	perHour := func(name string, m memory.Metric) error {
		return take(store.Code(m), func(c *digest) { out[name] = pointer(round(c.increasePerSecond()*3600, 1)) })
	}
	for _, f := range []func() error{
		func() error {
			return take(store.Code(memory.Private), func(c *digest) {
				samples = uint64(c.n)
				out["private_bytes"], out["private_bytes_max"] = pointer(round(c.mean(), 0)), pointer(c.max)
				out["private_growth"] = pointer(round((c.last.Value-c.first.Value)/(float64(c.last.T-c.first.T)/float64(hour)), 0))
			})
		},
		func() error { return mean("rss_bytes", memory.RSS, 0) },
		func() error { return mean("shmem_bytes", memory.Shmem, 0) },
		func() error { return mean("swap_bytes", memory.Swap, 0) },
		func() error { return mean("threads", memory.Threads, 1) },
		func() error { return mean("fds", memory.FDs, 1) },
		func() error {
			return take(store.Code(memory.CPUTime), func(c *digest) { out["cpu"] = pointer(round(c.increasePerSecond()*100, 2)) })
		},
		func() error { return perHour("minor_faults", memory.MinorFaults) },
		func() error { return perHour("major_faults", memory.MajorFaults) },
		func() error {
			if s.life != nil {
				return nil // it is one process
			}
			n := float64(s.restarts)
			out["restarts"] = &n
			return take(store.Instances, func(c *digest) { out["instances"] = pointer(round(c.mean(), 2)) })
		},
	} {
		if err := f(); err != nil {
			return nil, 0, err
		}
	}
	return out, samples, nil
}

func round(v float64, decimals int) float64 {
	unit := math.Pow10(decimals)
	return math.Round(v*unit) / unit
}

// comparisonRows puts the figures side by side. What neither side knows has no row.
func comparisonRows(before, after map[string]*float64) []wire.ComparisonRow {
	rows := []wire.ComparisonRow{}
	for _, f := range comparedFigures {
		x := wire.ComparisonRow{Metric: f.metric, Title: f.title, Unit: f.unit, Before: before[f.metric], After: after[f.metric]}
		if x.Before == nil && x.After == nil {
			continue
		}
		if x.Before != nil && x.After != nil {
			x.Change = pointer(round(*x.After-*x.Before, 2))
			if *x.Before > 0 {
				x.ChangePercent = pointer(round(100*(*x.After-*x.Before) / *x.Before, 1))
			}
		}
		rows = append(rows, x)
	}
	return rows
}

// unevenly is by how much the lengths of two stretches may differ without a word.
const unevenly = 1.25

// comparedCaveats are what must be borne in mind.
func comparedCaveats(sides [2]*stretch, c *wire.Comparison) (out []string) {
	for i, s := range sides {
		shown := []*wire.ComparedStretch{&c.Before, &c.After}[i]
		if shown.Samples == 0 {
			out = append(out, s.name+": the store has no samples of it")
		}
		if s.restarts > 0 {
			out = append(out, fmt.Sprintf("%s: %s; the end less the beginning is not what one process gained", s.name, units.Count(s.restarts, "restart", "restarts")))
		}
	}
	a, b := float64(sides[0].to-sides[0].from), float64(sides[1].to-sides[1].from)
	if max(a, b) > unevenly*min(a, b) {
		out = append(out, fmt.Sprintf("the stretches are of different length: %s before, %s after", spanText(a), spanText(b)))
	}
	if c.Before.Tier != c.After.Tier {
		out = append(out, fmt.Sprintf("the stretches are stored differently: %s before, %s after", c.Before.Tier, c.After.Tier))
	}
	return out
}

func spanText(milliseconds float64) string {
	return units.Duration(time.Duration(milliseconds) * time.Millisecond)
}
