package store

import (
	"cmp"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// joined is a chunk with what the file has of its hour already, because the clock was set
// back or the program was started anew. What cannot be read there is put out of the way.
func (s *Store) joined(c *chunk) (*chunk, error) {
	if !c.joins {
		return c, nil
	}
	var old chunk
	found := false
	if err := s.w.getChunk.BindInt64(1, int64(c.key)); err != nil {
		return nil, err
	}
	err := s.w.each(s.w.getChunk, func(row *sqlite3.Stmt) error {
		old, found = readChunk(row), true
		return nil
	})
	if err != nil || !found {
		return c, err
	}
	both, wrong := joinChunks(&old, c)
	if wrong == nil {
		return both, nil
	}
	return c, s.keepChunk(&old, wrong)
}

// joinChunks makes one chunk of two of the same hour of the same series. Where both have a
// sample at a time, that of b stays: it came later. The coarser tier decides about both.
func joinChunks(a, b *chunk) (*chunk, error) {
	out := &chunk{key: a.key, tier: max(a.tier, b.tier)}
	if out.tier == tierMinutes {
		old, err := minutesOfChunk(a)
		if err != nil {
			return nil, err
		}
		younger, err := minutesOfChunk(b)
		if err != nil {
			return nil, err
		}
		return packMinutes(a.key, joinSorted(old, younger, func(x Bucket) int64 { return x.T }))
	}
	old, err := decodeSamples(nil, a.data)
	if err != nil {
		return nil, err
	}
	younger, err := decodeSamples(nil, b.data)
	if err != nil {
		return nil, err
	}
	out.data, out.summary, err = encodeSamples(joinSorted(old, younger, func(p Point) int64 { return p.T }))
	return out, err
}

// joinSorted merges two lists in order of time; where both have an entry at a time, that of
// b stays.
func joinSorted[T any](a, b []T, at func(T) int64) []T {
	all := append(slices.Clone(b), a...) // stable: b's come first among equals
	slices.SortStableFunc(all, func(x, y T) int { return cmp.Compare(at(x), at(y)) })
	return slices.CompactFunc(all, func(x, y T) bool { return at(x) == at(y) })
}

// minutesOfChunk are the minutes of a chunk of either tier.
func minutesOfChunk(c *chunk) ([]Bucket, error) {
	from := c.key.span() * hourMillis
	if c.tier == tierMinutes {
		return decodeBuckets(nil, c.data, from, minuteMillis)
	}
	points, err := decodeSamples(nil, c.data)
	return minutesOf(points), err
}

// packMinutes makes a chunk of the tier of minutes.
func packMinutes(k key, buckets []Bucket) (*chunk, error) {
	data, err := encodeBuckets(buckets, k.span()*hourMillis, minuteMillis)
	if err != nil {
		return nil, err
	}
	return &chunk{key: k, tier: tierMinutes, summary: summaryOf(buckets), data: data}, nil
}

// summaryOf joins buckets in order of time. Its times are those of the first and last bucket.
func summaryOf(buckets []Bucket) summary {
	var s summary
	for _, b := range buckets {
		s.join(summary{n: b.N, t0: b.T, t1: b.T, first: b.First, last: b.Last, min: b.Min, max: b.Max, sum: b.Mean * float64(b.N)})
	}
	return s
}
