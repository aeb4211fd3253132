package tally

import (
	"slices"
	"time"

	"github.com/zol0/zol0/internal/process"
)

// Bounds of what waits for a successor.
const (
	// MaxWaiting is how many ended instances keep their detectors for the process that
	// replaces them. For one more, the one that was watched shortest gives way. Where fewer
	// instances are judged (SetMaxJudged) fewer wait, in the same proportion.
	MaxWaiting = 20
	// succession is how long after its end an instance can be replaced: supervisors that
	// back off wait up to five minutes (Kubernetes: CrashLoopBackOff), people a bit longer.
	succession = 10 * time.Minute
)

// waiting are the detectors of an ended instance.
type waiting struct {
	role
	id     process.ID
	first  float64 // private memory at first
	judges *judges
	since  float64 // end of the instance, in seconds of the watch
}

// role is what a process must share with the one it replaces.
type role struct{ service, name string }

func (l *life) role() role { return role{l.service.Name, l.name} }

// succeed finds out who replaced whom. Where exactly one instance ended and exactly one
// began in its role, the second is another life of the first, and what earlier lives did
// counts in its verdicts. Where several could have replaced several nobody knows.
func (t *Tally) succeed(now float64) {
	for i := len(t.waiting) - 1; i >= 0; i-- {
		if now-t.waiting[i].since > succession.Seconds() {
			t.stopWaiting(i)
		}
	}
	if len(t.waiting)+len(t.buried) > 0 {
		for _, l := range t.arrivals {
			t.inherit(l, now)
		}
	}
	for _, l := range t.buried {
		if l.judges != nil && l.judges.samples > 0 {
			t.wait(waiting{l.role(), l.id, l.first, l.judges, l.judges.seen()})
		}
	}
	clear(t.buried)
	clear(t.arrivals)
	t.buried, t.arrivals = t.buried[:0], t.arrivals[:0]
}

// inherit gives a new instance the detectors of the one it replaced.
func (t *Tally) inherit(l *life, now float64) {
	role := l.role()
	same := func(other *life) bool { return other.role() == role }
	first := slices.IndexFunc(t.waiting, func(w waiting) bool { return w.role == role })
	ended := slices.IndexFunc(t.buried, same)
	switch {
	case first < 0 && ended < 0:
		return
	case count(t.arrivals, same) > 1,
		count(t.waiting, func(w waiting) bool { return w.role == role })+count(t.buried, same) > 1:
		for i := len(t.waiting) - 1; i >= 0; i-- {
			if t.waiting[i].role == role {
				t.stopWaiting(i)
			}
		}
		for _, other := range t.buried {
			if same(other) {
				t.forgetSaved(other.judges, other.id)
				other.judges = nil
			}
		}
		return
	case first >= 0:
		l.judges = t.waiting[first].judges
		t.stopWaiting(first)
	default:
		t.forgetSaved(t.buried[ended].judges, t.buried[ended].id)
		l.judges, t.buried[ended].judges = t.buried[ended].judges, nil
	}
	if l.judges != nil {
		l.judges.restart(now)
	}
}

func count[T any](list []T, fits func(T) bool) int {
	n := 0
	for _, x := range list {
		if fits(x) {
			n++
		}
	}
	return n
}

// maxWaiting is how many may wait now.
func (t *Tally) maxWaiting() int { return MaxWaiting * t.limit / MaxJudged }

// wait keeps detectors for a successor.
func (t *Tally) wait(w waiting) {
	w.judges.cached = nil
	if len(t.waiting) >= t.maxWaiting() {
		shortest := t.shortestWaiting()
		if shortest < 0 || t.waiting[shortest].judges.samples > w.judges.samples {
			t.forgetSaved(w.judges, w.id)
			return
		}
		t.stopWaiting(shortest)
	}
	t.waiting = append(t.waiting, w)
}

// shortestWaiting is the one that was watched shortest; -1 where none waits.
func (t *Tally) shortestWaiting() int {
	shortest := -1
	for i := range t.waiting {
		if shortest < 0 || t.waiting[i].judges.samples < t.waiting[shortest].judges.samples {
			shortest = i
		}
	}
	return shortest
}

func (t *Tally) stopWaiting(i int) {
	t.forgetSaved(t.waiting[i].judges, t.waiting[i].id)
	t.waiting = slices.Delete(t.waiting, i, i+1)
}
