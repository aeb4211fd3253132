package store

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// write joins one piece with what is in the file. It is called within a transaction.
func (m *Import) write(b *past) error {
	if len(b.hours) > 0 {
		return m.writeDay(b.key, b.hours)
	}
	c, err := m.chunkOf(b)
	if err != nil || c == nil {
		return err
	}
	old, found, err := m.stored(b.key)
	if err != nil {
		return err
	}
	day := floorDay(b.key.span())
	if !found {
		inDay, err := m.dayHas(keyOf(day, b.key.series()), b.key.span()*hourMillis)
		if err != nil {
			return err
		}
		if inDay || day < m.limits.minutes {
			return m.writeHours(keyOf(day, b.key.series()), []Bucket{bucketOf(c.summary, b.key.span()*hourMillis)})
		}
		if m.coarse(b.key) && c.tier == tierRaw {
			if c, err = thinned(c); err != nil {
				return err
			}
		}
		m.counts.New += c.n
		return m.s.w.putChunkRow(c)
	}
	if old.tier == tierRaw && c.tier == tierMinutes && old.n >= c.n {
		return nil // it is here already, and finer
	}
	joined, err := m.join(&old, c)
	if err != nil {
		return err
	}
	if joined == nil {
		m.counts.Lost += c.n // together they are more than a chunk holds
		return nil
	}
	if joined.tier == old.tier && bytes.Equal(joined.data, old.data) {
		return nil
	}
	m.counts.New += max(0, joined.n-old.n)
	return m.s.w.putChunkRow(joined)
}

// join makes one chunk of one in the file and a new one; nil where it cannot hold both.
func (m *Import) join(old, c *chunk) (*chunk, error) {
	if old.tier == tierRaw && c.tier == tierRaw && int64(c.key) >= m.s.tidy.cursor {
		if old.n+c.n > maxDense {
			return nil, nil
		}
		return joinChunks(old, c)
	}
	before, err := minutesOfChunk(old)
	if err != nil {
		return nil, err
	}
	after, err := minutesOfChunk(c)
	if err != nil {
		return nil, err
	}
	return packMinutes(c.key, joinBuckets(before, after))
}

// joinBuckets merges the minutes, or hours, of a file with new ones. Where both have one, that
// stays which is made of more samples: an export has only the last of each.
func joinBuckets(old, fresh []Bucket) []Bucket {
	known := make(map[int64]int64, len(old))
	for i := range old {
		known[old[i].T] = old[i].N
	}
	fresh = slices.DeleteFunc(slices.Clone(fresh), func(b Bucket) bool { return known[b.T] > b.N })
	return joinSorted(old, fresh, func(b Bucket) int64 { return b.T })
}

// chunkOf makes a chunk of a piece; nil where there is none in it.
func (m *Import) chunkOf(b *past) (*chunk, error) {
	if b.minutes != nil {
		return b.minutes, nil
	}
	points, err := b.points()
	if err != nil {
		return nil, err
	}
	if points, err = m.s.notInHead(b.key, points); err != nil || len(points) == 0 {
		return nil, err
	}
	if len(points) > maxDense {
		m.counts.Lost += int64(len(points))
		return nil, nil
	}
	c := &chunk{key: b.key}
	c.data, c.summary, err = encodeSamples(points)
	return c, err
}

// notInHead leaves out the samples of times that the open hour has in its frames.
func (s *Store) notInHead(k key, points []Point) ([]Point, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.head[k.series()]
	if h == nil || s.hour != k.span() {
		return points, nil
	}
	open, err := decodeSamples(nil, h.data.Bytes())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(points, func(p Point) bool {
		_, found := slices.BinarySearchFunc(open, p, func(a, b Point) int { return cmp.Compare(a.T, b.T) })
		return found
	}), nil
}

// thinned is a chunk of samples as minutes.
func thinned(c *chunk) (*chunk, error) {
	minutes, err := minutesOfChunk(c)
	if err != nil {
		return nil, err
	}
	return packMinutes(c.key, minutes)
}

// stored is the chunk in the file. One that cannot be read is put out of the way.
func (m *Import) stored(k key) (old chunk, found bool, err error) {
	w := m.s.w
	if err := w.getChunk.BindInt64(1, int64(k)); err != nil {
		return old, false, err
	}
	err = w.each(w.getChunk, func(row *sqlite3.Stmt) error { old, found = readChunk(row), true; return nil })
	if err != nil || !found {
		return old, false, err
	}
	if _, err := minutesOfChunk(&old); err != nil {
		return chunk{}, false, m.s.keepChunk(&old, err)
	}
	return old, true, nil
}

// day are the hours of a day of a series.
func (m *Import) day(k key) (hours []Bucket, data []byte, err error) {
	w := m.s.w
	if err := w.getDay.BindInt64(1, int64(k)); err != nil {
		return nil, nil, err
	}
	err = w.each(w.getDay, func(row *sqlite3.Stmt) error { data = row.ColumnBlob(0, nil); return nil })
	if err != nil || data == nil {
		return nil, nil, err
	}
	hours, wrong := decodeBuckets(nil, data, k.span()*24*hourMillis, hourMillis)
	if wrong == nil {
		return hours, data, nil
	}
	stmt, _, err := w.db.Prepare("INSERT INTO aside(name,k,why,data) VALUES('day',?,?,?)")
	if err != nil {
		return nil, nil, err
	}
	defer stmt.Close() //nolint:errcheck // its error is that of Exec
	return nil, nil, run(stmt, int64(k), wrong.Error(), data)
}

func (m *Import) dayHas(k key, hour int64) (bool, error) {
	hours, _, err := m.day(k)
	for i := range hours {
		if hours[i].T == hour {
			return true, nil
		}
	}
	return false, err
}

// writeDay takes the hours of a day, without those of which the file has minutes or samples.
func (m *Import) writeDay(k key, hours []Bucket) error {
	var out []Bucket
	for i := range hours {
		_, found, err := m.stored(keyOf(hourOf(hours[i].T), k.series()))
		if err != nil {
			return err
		}
		if !found {
			out = append(out, hours[i])
		}
	}
	if len(out) == 0 {
		return nil
	}
	return m.writeHours(k, out)
}

// writeHours joins hours with those of the day's row.
func (m *Import) writeHours(k key, hours []Bucket) error {
	old, data, err := m.day(k)
	if err != nil {
		return err
	}
	joined := joinBuckets(old, hours)
	packed, err := encodeBuckets(joined, k.span()*24*hourMillis, hourMillis)
	if err != nil {
		return err
	}
	if string(packed) == string(data) {
		return nil
	}
	m.counts.New += max(0, samplesOf(joined)-samplesOf(old))
	return run(m.s.w.putDay, int64(k), packed)
}

func samplesOf(buckets []Bucket) (n int64) {
	for i := range buckets {
		n += buckets[i].N
	}
	return n
}

// addChunk takes in a chunk of another store.
func (m *Import) addChunk(c *chunk) error {
	if err := c.check(); err != nil {
		return err
	}
	switch {
	case floorDay(c.key.span()) < m.limits.hours:
		m.counts.TooOld += c.n
		return nil
	case c.key.span()*hourMillis > m.end:
		return ErrAhead
	}
	m.counts.Points += c.n
	m.seen(c.key.series().Owner(), c.t0, c.t1)
	if c.tier == tierMinutes {
		return m.put(&past{key: c.key, minutes: c})
	}
	if b := m.open[c.key.series()]; b != nil && b.key == c.key { // the open hour had to be written once
		b.parts = append([][]byte{c.data}, b.parts...)
		b.n += int(c.n)
		return nil
	}
	return m.put(&past{key: c.key, parts: [][]byte{c.data}})
}

// addDay takes in the hours of a day of another store.
func (m *Import) addDay(k key, hours []Bucket) error {
	n := samplesOf(hours)
	if k.span() < m.limits.hours {
		m.counts.TooOld += n
		return nil
	}
	if k.span()*24*hourMillis > m.end {
		return ErrAhead
	}
	m.counts.Points += n
	m.seen(k.series().Owner(), hours[0].T, hours[len(hours)-1].T+hourMillis-1)
	return m.put(&past{key: k, hours: hours})
}
