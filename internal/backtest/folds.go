package backtest

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"
)

// Folds deals the traces into k folds for cross-validation and returns their ids, in the
// order of the set. Traces of one program stay together: a detector tuned on some of them
// would know the others. The folds are about equal in size and in labels. The same
// arguments give the same folds on every system and in every version; another seed gives
// others. k is taken as at least 1 and at most the number of programs, so that no fold
// is empty.
func Folds(set *Set, k int, seed uint64) [][]string {
	groups := byProgram(set, seed)
	k = max(1, min(k, len(groups)))
	dealt := make([]fold, k)
	home := make(map[string]int, len(groups)) // program to fold
	for _, g := range groups {
		best := 0
		for i := 1; i < k; i++ {
			if dealt[i].before(dealt[best], g) {
				best = i
			}
		}
		dealt[best].take(g)
		home[g.program] = best
	}
	out := make([][]string, k)
	for _, trace := range set.Traces {
		i := home[trace.Program]
		out[i] = append(out[i], trace.ID)
	}
	return out
}

// labels counts traces by label: leak, ok, ambiguous.
type labels [3]int

func (l labels) total() int { return l[0] + l[1] + l[2] }

type group struct {
	program string
	labels  labels
	lot     uint64 // drawn by the seed
}

// byProgram lists the programs, those with most traces first: what comes last can even
// out what came before. Among equals the lot decides.
func byProgram(set *Set, seed uint64) []group {
	var groups []group
	place := make(map[string]int)
	for _, trace := range set.Traces {
		i, known := place[trace.Program]
		if !known {
			i = len(groups)
			place[trace.Program] = i
			groups = append(groups, group{program: trace.Program, lot: lot(seed, trace.Program)})
		}
		groups[i].labels[slices.Index([]string{Leak, OK, Ambiguous}, trace.Label)]++
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.labels.total(), a.labels.total()), cmp.Compare(a.lot, b.lot), cmp.Compare(a.program, b.program))
	})
	return groups
}

// lot is a number that depends on seed and name alone. FNV-1a spreads single bits poorly
// towards the top, so the finaliser of MurmurHash3 follows.
func lot(seed uint64, name string) uint64 {
	h := fnv.New64a()
	h.Write(binary.LittleEndian.AppendUint64(nil, seed))
	h.Write([]byte(name))
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// fold is what was dealt to one fold.
type fold struct{ labels labels }

// before reports whether g should rather go into f than into other: where traces of its
// labels are fewest, then where all traces are fewest.
func (f fold) before(other fold, g group) bool {
	weight := func(l labels) (w int) {
		for i, n := range g.labels {
			w += n * l[i]
		}
		return w
	}
	return cmp.Or(cmp.Compare(weight(f.labels), weight(other.labels)), cmp.Compare(f.labels.total(), other.labels.total())) < 0
}

func (f *fold) take(g group) {
	for i, n := range g.labels {
		f.labels[i] += n
	}
}
