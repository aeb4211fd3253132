package daemon

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/detect"
	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/tally"
	"github.com/zol0/zol0/internal/wire"
	"github.com/zol0/zol0/leak"
)

const (
	// maxReplayed is how many processes of a stretch are judged anew.
	maxReplayed = 20
	// maxReplayedSamples is a week of one process at an interval of five seconds, and ten
	// milliseconds of work. What is longer is read in steps.
	maxReplayedSamples = 130_000
	// workEvery is how often the processor time is looked up that memory is held against:
	// a counter is a straight line in between for all that matters here.
	workEvery = 5 * minute
)

// judged is a process of a stretch and what is thought of it there.
type judged struct {
	life    *lifetime
	verdict leak.Verdict
	span    int64 // milliseconds from its first sample to its last
}

func (j *judged) wire() wire.Verdict {
	v := tally.Judgement{Metric: memory.Private, Verdict: j.verdict}
	return v.Wire(func(seconds float64) time.Time { return time.UnixMilli(int64(seconds * 1000)) })
}

// worst judges the processes of a stretch anew and returns the worst; nil where none has
// enough samples. left counts those that were not judged.
func (h inquiry) worst(ctx context.Context, s *stretch) (out *judged, left int, err error) {
	lives := make([]*lifetime, len(s.lives))
	for i := range s.lives {
		lives[i] = &s.lives[i]
	}
	recorded := func(x *lifetime) int64 { return min(x.ending, s.to) - max(x.first, s.from) }
	slices.SortStableFunc(lives, func(a, b *lifetime) int { return cmp.Compare(recorded(b), recorded(a)) })
	if left = max(0, len(lives)-maxReplayed); left > 0 {
		lives = lives[:maxReplayed]
	}
	for _, x := range lives {
		d, span, err := h.replay(ctx, s, x, math.MaxInt64)
		if err != nil {
			return nil, left, err
		}
		j := &judged{x, d.Verdict(), span}
		if j.verdict.Samples < tally.MinSamples {
			continue
		}
		if out == nil || worse(&j.verdict, &out.verdict) {
			out = j
		}
	}
	return out, left, nil
}

// worse reports whether a says worse than b: a worse state, then faster growth.
func worse(a, b *leak.Verdict) bool {
	if a.State != b.State {
		return a.State > b.State
	}
	return a.Rate.Known() && (!b.Rate.Known() || a.Rate.Value > b.Rate.Value)
}

// replay shows a new detector what was stored of a process in a stretch, no further than
// so long after the first sample.
func (h inquiry) replay(ctx context.Context, s *stretch, x *lifetime, most int64) (d *leak.Detector, span int64, err error) {
	d = leak.New(detect.Options("private", detect.Bytes))
	first := int64(-1)
	for i := range x.owners {
		o := &x.owners[i]
		from, to := max(s.from, o.First), s.to-1
		if !o.Open() {
			to = min(to, o.Last)
		}
		if from > to {
			continue
		}
		work, err := h.work(ctx, o.ID, from, to)
		if err != nil {
			return nil, 0, err
		}
		observe := func(t int64, value float64) bool {
			if first < 0 {
				first = t
			}
			if t-first > most {
				return false
			}
			span = t - first
			d.ObserveSample(leak.Sample{T: float64(t) / 1000, Value: value, Work: work.at(t), Faults: math.NaN(), Beside: math.NaN()})
			return true
		}
		series := store.SeriesOf(o.ID, store.Code(memory.Private))
		step := replayStep(to-from, h.d.options.Config.Daemon.Interval)
		if step == 0 {
			err = h.past.Points(ctx, series, from, to, func(p store.Point) bool { return observe(p.T, p.Value) })
		} else {
			err = h.past.Buckets(ctx, series, from, to, step, func(b store.Bucket) bool { return observe(min(b.T+step-1, to), b.Last) })
		}
		if err != nil {
			return nil, 0, err
		}
	}
	return d, span, nil
}

// replayStep is in which steps a process is read; 0 reads every sample.
func replayStep(span int64, interval time.Duration) int64 {
	if span/max(1, interval.Milliseconds()) <= maxReplayedSamples {
		return 0
	}
	return above(max(minute, span/maxReplayedSamples), minute)
}

// line is a counter, a point every workEvery.
type line struct {
	points []store.Point
	next   int // where the last look-up ended: times ascend
}

func (h inquiry) work(ctx context.Context, owner store.OwnerID, from, to int64) (*line, error) {
	x := new(line)
	step := max(workEvery, above((to-from)/maxWorkPoints, minute))
	err := h.past.Buckets(ctx, store.SeriesOf(owner, store.Code(memory.CPUTime)), from, to, step, func(b store.Bucket) bool {
		if len(x.points) == 0 {
			x.points = append(x.points, store.Point{T: max(from, b.T), Value: b.First})
		}
		x.points = append(x.points, store.Point{T: min(b.T+step, to), Value: b.Last})
		return true
	})
	return x, err
}

// maxWorkPoints bounds a line to 64 KB, whatever the length of the stretch.
const maxWorkPoints = 4096

// at is the counter at a time; no number outside of what is known.
func (x *line) at(t int64) float64 {
	for x.next+1 < len(x.points) && x.points[x.next+1].T < t {
		x.next++
	}
	if x.next+1 >= len(x.points) || t < x.points[x.next].T {
		return math.NaN()
	}
	a, b := x.points[x.next], x.points[x.next+1]
	if b.T <= a.T {
		return b.Value
	}
	return a.Value + (b.Value-a.Value)*float64(t-a.T)/float64(b.T-a.T)
}

// change says what became of the growth; nil where one side was not judged.
func (h inquiry) change(ctx context.Context, sides [2]*stretch, verdicts [2]*judged, c *wire.Comparison) (*wire.VerdictChange, error) {
	a, b := verdicts[0], verdicts[1]
	if a == nil || b == nil {
		return nil, nil
	}
	// A detector keeps the beginning of a long series in few points: the longer one is shown
	// to another no further than the shorter one.
	span := min(a.span, b.span)
	var both [2]*leak.Detector
	for i, j := range verdicts {
		var err error
		if both[i], _, err = h.replay(ctx, sides[i], j.life, span); err != nil {
			return nil, err
		}
	}
	d := leak.Compare(both[0], both[1])
	out := &wire.VerdictChange{Word: d.Word.String(), Sentence: d.Sentence(func(v float64) string { return tally.Amount(memory.Private, v) })}
	c.Caveats = append(c.Caveats, d.Caveats...)
	if sides[0].life == nil || sides[1].life == nil {
		c.Caveats = append(c.Caveats, "the age that the change is judged at counts from the beginning of each stretch")
	}
	if len(sides[0].lives) > 1 || len(sides[1].lives) > 1 {
		c.Caveats = append(c.Caveats, fmt.Sprintf("the change is that between the processes with the worst verdicts: PID %d before, PID %d after", a.life.pid, b.life.pid))
	}
	return out, nil
}
