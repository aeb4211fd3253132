package store

import "math"

// packed is what of a chunk is written: nothing where all samples have one value at equal
// distances, for then its columns say it all. Half of the series of a machine are like
// that at any hour.
func (c *chunk) packed() ([]byte, error) {
	step, ok := c.level()
	if !ok {
		return c.data, nil
	}
	points, err := decodeSamples(nil, c.data)
	if err != nil {
		return nil, err
	}
	for i, p := range points {
		if p.T != c.t0+int64(i)*step || math.Float64bits(p.Value) != math.Float64bits(c.first) {
			return c.data, nil
		}
	}
	return []byte{}, nil
}

// unpack makes the samples of a chunk of which nothing was written.
func (c *chunk) unpack() {
	step, ok := c.level()
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
	c.data = h.data.Bytes()
}

// level is the distance between the samples where they may have one value at equal
// distances; ok is false where they cannot, or the columns make no sense.
func (c *chunk) level() (step int64, ok bool) {
	if c.tier != tierRaw || c.min != c.max || c.first != c.min || c.n < 1 || c.n > math.MaxUint16 || c.t1 < c.t0 {
		return 0, false
	}
	if c.n == 1 {
		return 0, c.t0 == c.t1
	}
	span := c.t1 - c.t0
	return span / (c.n - 1), span%(c.n-1) == 0 && span >= c.n-1
}
