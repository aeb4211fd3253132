package store

// past is one hour of one series on its way into the file.
type past struct {
	key     key
	parts   [][]byte // raw chunks, later ones win
	minutes *chunk   // or a chunk of minutes
	hours   []Bucket // or the hours of a day; key is that of the day
	head    *head
	n       int
	touched int64
}

// maxParts is how many pieces of an hour wait until they are joined: an hour whose samples
// come in the wrong order has as many pieces as samples.
const maxParts = 16

// fold puts the samples so far among the parts, so that earlier ones can follow.
func (b *past) fold() error {
	b.parts = append(b.parts, b.head.data.Bytes())
	b.head = nil
	if len(b.parts) < maxParts {
		return nil
	}
	points, err := b.points()
	if err != nil {
		return err
	}
	data, s, err := encodeSamples(points)
	b.parts, b.n = append(b.parts[:0], data), int(s.n)
	return err
}

// points are the samples of all parts in order of time.
func (b *past) points() ([]Point, error) {
	var all []Point
	for i, part := range b.parts {
		points, err := decodeSamples(nil, part)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			all = points
		} else {
			all = joinSorted(all, points, func(p Point) int64 { return p.T })
		}
	}
	return all, nil
}
