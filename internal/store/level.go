package store

import "math"

// packed is the row of a chunk. Where all samples have one value at equal distances it has
// no bytes, and zeros in the columns that would say the same value again: a third of the
// series of a machine are like that at any hour.
func (c *chunk) packed() (chunk, error) {
	step, ok := c.step()
	if !ok || c.min != c.max || c.first != c.min {
		return *c, nil
	}
	points, err := decodeSamples(nil, c.data)
	if err != nil {
		return *c, err
	}
	for i, p := range points {
		if p.T != c.t0+int64(i)*step || math.Float64bits(p.Value) != math.Float64bits(c.first) {
			return *c, nil
		}
	}
	return chunk{key: c.key, tier: c.tier, summary: summary{n: c.n, t0: c.t0, t1: c.t1, first: c.first}, data: []byte{}}, nil
}

// unpack makes the samples of a row without bytes, and what its columns leave out.
func (c *chunk) unpack() {
	step, ok := c.step()
	if len(c.data) > 0 || !ok {
		return // without samples and not level: whoever decodes it says so
	}
	h, err := newHead()
	if err != nil {
		panic("BUG: " + err.Error()) // an empty chunk has an appender
	}
	for i := range c.n {
		h.add(c.t0+i*step, c.first)
	}
	c.data, c.summary = h.data.Bytes(), h.summary
}

// level completes the columns of a row without bytes.
func (s *summary) level() {
	s.last, s.min, s.max, s.sum = s.first, s.first, s.first, s.first*float64(s.n)
}

// step is the distance between the samples of a raw chunk if that is always the same; ok is
// false where it cannot be, or the columns make no sense.
func (c *chunk) step() (step int64, ok bool) {
	if c.tier != tierRaw || c.n < 1 || c.n > math.MaxUint16 || c.t1 < c.t0 {
		return 0, false
	}
	if c.n == 1 {
		return 0, c.t0 == c.t1
	}
	span := c.t1 - c.t0
	return span / (c.n - 1), span%(c.n-1) == 0 && span >= c.n-1
}
