package detect

import (
	"cmp"
	"math"
	"slices"

	"github.com/zol0/zol0/internal/trace"
	"github.com/zol0/zol0/leak"
)

// Claim is a change of what is said of several series of one process together.
type Claim struct {
	T       float64 // newest time of the points known, in seconds
	Leaking bool    // some series leaks from now on; else none does any more
	// Rate is the growth per second of the first series of bytes that began to leak then;
	// NaN if there is none.
	Rate float64
}

// Claims replays all series of one process: a leak is claimed as long as any of them is
// leaking. start makes the detector of a series.
func Claims(all []trace.Series, start func(trace.Series) *leak.Detector) []Claim {
	type change struct {
		series int
		Change
	}
	var changes []change
	for i, s := range all {
		Replay(s, start(s), func(c Change) { changes = append(changes, change{i, c}) })
	}
	slices.SortStableFunc(changes, func(x, y change) int { return cmp.Compare(x.T, y.T) })
	var claims []Claim
	leaking := make(map[int]bool, len(all))
	for i := 0; i < len(changes); {
		// What changes at one moment is one change: all series of a process restart at once.
		at, was, rate := changes[i].T, len(leaking) > 0, math.NaN()
		for ; i < len(changes) && changes[i].T == at; i++ {
			c := &changes[i]
			if c.State != leak.Leaking {
				delete(leaking, c.series)
				continue
			}
			leaking[c.series] = true
			if math.IsNaN(rate) && all[c.series].Unit == Bytes {
				rate = c.Verdict.Rate.Value / 3600
			}
		}
		if is := len(leaking) > 0; is != was {
			claims = append(claims, Claim{T: at, Leaking: is, Rate: rate})
		}
	}
	return claims
}
