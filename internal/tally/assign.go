package tally

import (
	"cmp"
	"math"
	"slices"

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

// assign gives the detectors to the largest and the fastest growing instances.
func (t *Tally) assign() {
	if len(t.lives) <= MaxJudged {
		for _, l := range t.lives {
			t.give(l)
		}
		return
	}
	t.ranking = t.ranking[:0]
	for _, l := range t.lives {
		l.wanted = false
		t.ranking = append(t.ranking, l)
	}
	bySize := func(a, b *life) int { return cmp.Or(cmp.Compare(b.size(), a.size()), compareID(a.id, b.id)) }
	byGrowth := func(a, b *life) int { return cmp.Or(cmp.Compare(b.growth(), a.growth()), bySize(a, b)) }
	slices.SortFunc(t.ranking, bySize)
	want(t.ranking, MaxJudged/2)
	slices.SortFunc(t.ranking, byGrowth)
	want(t.ranking, MaxJudged/2)
	for _, l := range t.ranking {
		if !l.wanted && l.judges != nil {
			l.judges = nil
			t.judged--
		}
	}
	for _, l := range t.ranking {
		if l.wanted {
			t.give(l)
		}
	}
	clear(t.ranking) // what ended must not be kept alive by its old rank
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

func (t *Tally) give(l *life) {
	if l.judges == nil {
		l.judges = new(judges)
		t.judged++
	}
}
