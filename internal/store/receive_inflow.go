package store

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"
	"sync"
)

// inflow is what is received from other hosts and not in its hours in the file yet. Each
// sample is in the log first (table received), then in a piece, the hour of one series in
// memory. Pieces whose hour is over are written as chunks, joined with what the file has of
// the hour; then the rows of the log that nobody needs any more go.
type inflow struct {
	// mu lets one Receive go on at a time. It is taken before writing, which is held for one
	// transaction at a time only.
	mu sync.Mutex

	seed    maphash.Seed
	byHash  map[uint64]*incomer
	series  int // of all owners
	pieces  []*piece
	due     []*piece // those that are written next
	looked  int64    // when owners that can be forgotten were looked for
	request uint64
	plan    plan
	totals  Received
	trouble error // of settling, until a Tidy tells it

	next     int64 // number of the next row of the log
	rows     []logRow
	logBytes int64

	// byID, what its owners hold and the content of pieces are changed with Store.mu held too,
	// under which they are read by others.
	byID map[OwnerID]*incomer

	// Guarded by Store.writing.
	highest  OwnerID // that was given to an owner of these
	replaced bool    // the file was begun anew: it has nothing of all this
}

func newInflow() inflow {
	return inflow{seed: maphash.MakeSeed(), byHash: make(map[uint64]*incomer), byID: make(map[OwnerID]*incomer), next: 1}
}

// logRow is a row of the log.
type logRow struct{ id, bytes int64 }

// incomer is an owner of received series.
type incomer struct {
	Owner
	hash    uint64
	twin    *incomer // another with the same hash
	seen    int64    // time of its newest sample
	touched int64    // when a sample of it came
	dirty   bool     // its row must be written
	series  []incoming
}

// incoming is a series of an incomer.
type incoming struct {
	code    Code
	at      int32  // where it stood in this request
	request uint64 // in which it was seen last
	pieces  *piece
}

// piece is an hour of a received series in memory.
type piece struct {
	head
	owner   *incomer
	code    Code
	hour    int64
	since   int64 // the first row of the log with a sample of it
	touched int64 // when a sample came
	done    bool  // it is in the file
	next    *piece
}

// find is the series with a code; nil where there is none. It is valid until the next is made.
func (o *incomer) find(c Code) *incoming {
	for i := range o.series {
		if o.series[i].code == c {
			return &o.series[i]
		}
	}
	return nil
}

// piece is an hour of a series; nil where it is not in memory.
func (o *incomer) piece(c Code, hour int64) *piece {
	x := o.find(c)
	if x == nil {
		return nil
	}
	for p := x.pieces; p != nil; p = p.next {
		if p.hour == hour {
			return p
		}
	}
	return nil
}

// without leaves out the points that a piece has already. all is everything that it has
// with them, where any of them is not later than what it has.
func (p *piece) without(points []Point) (fresh, all []Point, err error) {
	if last := len(points) - 1; points[last].T == p.t1 && last == 0 && math.Float64bits(points[0].Value) == math.Float64bits(p.last) {
		return nil, nil, nil // a request that was repeated
	}
	have, err := decodeSamples(make([]Point, 0, int(p.n)+len(points)), p.data.Bytes())
	if err != nil {
		return nil, nil, err
	}
	for _, x := range points {
		i, found := slices.BinarySearchFunc(have, x, func(a, b Point) int { return cmp.Compare(a.T, b.T) })
		if !found || math.Float64bits(have[i].Value) != math.Float64bits(x.Value) {
			fresh = append(fresh, x)
		}
	}
	if len(fresh) == 0 {
		return nil, nil, nil
	}
	return fresh, joinSorted(have, fresh, func(x Point) int64 { return x.T }), nil
}

// headOf makes a head of points in order of time.
func headOf(points []Point) (*head, error) {
	h, err := newHead()
	if err != nil {
		return nil, err
	}
	for _, x := range points {
		h.add(x.T, x.Value)
	}
	return h, nil
}

// inOrder sorts points by time; of those at one time the last stays.
func inOrder(points []Point) []Point {
	for i := 1; i < len(points); i++ {
		if points[i].T <= points[i-1].T {
			slices.Reverse(points)
			slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(a.T, b.T) })
			return slices.CompactFunc(points, func(a, b Point) bool { return a.T == b.T })
		}
	}
	return points
}

// target is where the samples of a series of a request go; without an owner, nowhere.
type target struct {
	owner *incomer
	code  Code
}

// intake is what goes into one piece.
type intake struct {
	target
	piece   *piece // nil: one that begins
	points  []Point
	rebuilt *head // what the piece has afterwards, where not all is later than what it has
}

// seriesEnd is when a series was seen to end.
type seriesEnd struct {
	series Series
	t      int64
}

// plan is what one request does, before it is done.
type plan struct {
	targets []target
	points  []Point
	intakes []intake
	ends    []seriesEnd
	fresh   []*incomer // that may be in the file, and must be by then
	log     []byte
	first   int64 // number of its first row in the log
	rows    []logRow
}

// maxPlan is how much of the memory of a plan is kept for the next.
const maxPlan = 8192

func (p *plan) reset() {
	if cap(p.points) > maxPlan || cap(p.intakes) > maxPlan || cap(p.targets) > maxPlan || cap(p.log) > 16*maxPlan {
		*p = plan{}
		return
	}
	clear(p.intakes)
	clear(p.targets)
	clear(p.fresh)
	*p = plan{targets: p.targets[:0], points: p.points[:0], intakes: p.intakes[:0], ends: p.ends[:0], fresh: p.fresh[:0], log: p.log[:0], rows: p.rows[:0]}
}

// inflowOf are the pieces of a series from one hour to another, oldest first. The caller holds mu.
func (s *Store) inflowOf(series Series, from, to int64) (out []chunk) {
	o := s.inflow.byID[series.Owner()]
	if o == nil {
		return nil
	}
	x := o.find(series.Code())
	if x == nil {
		return nil
	}
	for p := x.pieces; p != nil; p = p.next {
		if p.hour < from || p.hour > to {
			continue
		}
		out = append(out, chunk{key: keyOf(p.hour, series), summary: p.summary, data: slices.Clone(p.data.Bytes())})
	}
	slices.SortFunc(out, func(a, b chunk) int { return cmp.Compare(a.key, b.key) })
	return out
}
