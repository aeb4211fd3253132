package tally

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/process"
	"github.com/zol0/zol0/leak"
)

// holdersShare is how much more an instance that has detectors counts than one that has
// none: a history must not be thrown away because two neighbours in the ranking change
// places with their noise.
const holdersShare = .25

// size is the rank by size.
func (l *life) size() float64 {
	if l.judges != nil {
		return l.last * (1 + holdersShare)
	}
	return l.last
}

// growth is the rank by growth.
func (l *life) growth() float64 {
	g := l.last - l.first
	if l.judges != nil {
		return g + holdersShare*math.Abs(g) + leak.FloorBytes
	}
	return g
}

// byRule puts those first that a rule names: somebody asked for them.
func byRule(a, b *life) int {
	if a.ruled == b.ruled {
		return 0
	}
	if a.ruled {
		return -1
	}
	return 1
}

func bySize(a, b *life) int {
	return cmp.Or(byRule(a, b), cmp.Compare(b.size(), a.size()), compareID(a.id, b.id))
}

func byGrowth(a, b *life) int {
	return cmp.Or(byRule(a, b), cmp.Compare(b.growth(), a.growth()), bySize(a, b))
}

// Pin makes one instance, the monitor itself, one of those that are judged whatever its
// rank and however few there may be. Another one takes its place.
func (t *Tally) Pin(id process.ID) { t.pinned = id }

// SetMaxJudged lowers or raises how many instances are judged at a time: n of at most
// MaxJudged, the pinned one among them; with 0 only that one is judged. Those with the
// lowest rank lose their detectors at once, and as large a share of those that wait for a
// successor. What lost its detectors is learnt anew when there is room again.
func (t *Tally) SetMaxJudged(n int) {
	t.limit = min(max(n, 0), MaxJudged)
	for len(t.waiting) > t.maxWaiting() {
		t.stopWaiting(t.shortestWaiting())
	}
	if len(t.holders) > t.limit {
		t.rank()
		t.dismiss()
		clear(t.ranking)
		t.hold()
	}
}

// MaxJudged is how many instances are judged at a time now.
func (t *Tally) MaxJudged() int { return t.limit }

// assign gives the detectors to the pinned instance, then to those that a rule names, then
// to the others: of each the largest and the fastest growing.
func (t *Tally) assign() {
	if len(t.lives) <= t.limit {
		for _, l := range t.lives {
			t.give(l)
		}
	} else if t.rankingDue() {
		t.rank()
		t.dismiss()
		for _, l := range t.ranking {
			if l.wanted {
				t.give(l)
			}
		}
		clear(t.ranking) // what ended must not be kept alive by its old rank
	}
	t.hold()
}

// rankEvery is how often the ranking is made anew while all places are taken: to sort a
// thousand instances at every beat would be a tenth of its cost.
const rankEvery = time.Minute

// rankingDue reports whether a place is free, or the ranking is old.
func (t *Tally) rankingDue() bool {
	living := 0
	for _, l := range t.holders {
		if t.lives[l.id] == l {
			living++
		}
	}
	return living < t.limit || t.lives[t.pinned] != nil && t.lives[t.pinned].judges == nil || t.clock.elapsed-t.rankedAt >= rankEvery
}

// rank marks those that are to have detectors.
func (t *Tally) rank() {
	t.rankedAt = t.clock.elapsed
	t.ranking = t.ranking[:0]
	left := t.limit
	for _, l := range t.lives {
		if l.wanted = l.id == t.pinned; l.wanted {
			left = max(0, left-1)
		}
		t.ranking = append(t.ranking, l)
	}
	slices.SortFunc(t.ranking, bySize)
	want(t.ranking, left-left/2)
	slices.SortFunc(t.ranking, byGrowth)
	want(t.ranking, left/2)
}

// want marks the first n that are not marked yet.
func want(lives []*life, n int) {
	for _, l := range lives {
		if n == 0 {
			return
		}
		if !l.wanted {
			l.wanted = true
			n--
		}
	}
}

// dismiss takes the detectors from those that are not to have any.
func (t *Tally) dismiss() {
	for _, l := range t.ranking {
		if !l.wanted && l.judges != nil {
			t.silence(l, DetectorsDropped)
			t.forgetSaved(l.judges, l.id)
			l.judges = nil
		}
	}
}

func (t *Tally) give(l *life) {
	if l.judges == nil {
		l.judges = &judges{turn: t.saving.turn} // behind those that wait to be saved
	}
}

// hold lists those that have detectors, the pinned one first, then those that a rule
// names: in this order they get more of them.
func (t *Tally) hold() {
	clear(t.holders)
	t.holders = t.holders[:0]
	for _, l := range t.lives {
		if l.judges != nil {
			t.holders = append(t.holders, l)
		}
	}
	slices.SortFunc(t.holders, func(a, b *life) int {
		switch t.pinned {
		case a.id:
			return -1
		case b.id:
			return 1
		}
		return cmp.Or(byRule(a, b), compareID(a.id, b.id))
	})
}
