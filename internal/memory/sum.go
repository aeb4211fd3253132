package memory

// Sum adds up samples of several instances. A metric that no instance offered stays
// absent; one that only some offered is partial, and a screen has to say so.
type Sum struct {
	values [Count]uint64
	given  [Count]int32
	of     int32
}

// Add counts one more sample in.
func (s *Sum) Add(x *Sample) {
	s.of++
	for m := range Count {
		if v, ok := x.Get(m); ok {
			s.values[m] += v
			s.given[m]++
		}
	}
}

// Get returns the total of m and whether any instance offered it.
func (s *Sum) Get(m Metric) (uint64, bool) { return s.values[m], s.given[m] > 0 }

// Has reports whether any instance offered m.
func (s *Sum) Has(m Metric) bool { return s.given[m] > 0 }

// Partial reports whether some instances did not offer m, so that its total is too low.
func (s *Sum) Partial(m Metric) bool { return s.given[m] > 0 && s.given[m] < s.of }

// Samples is how many samples were counted in.
func (s *Sum) Samples() int { return int(s.of) }
