package plot

// scene is a picture with everything decided that does not depend on its size.
type scene struct {
	view
	title, sentence string
	empty           bool    // no point can be drawn
	start           float64 // of the first point
	usual           float64 // mean time between two points
	course          course
	limit           float64   // 0: none, or out of view
	restarts        []float64 // where marks go; fewer than restarted where they crowd
	restarted       int
	legend          []entry
}

func sceneOf(p *Picture) scene {
	s := scene{title: printable(p.Title, maxTitle), sentence: printable(p.Sentence, maxSentence)}
	e := extentOf(p.Points)
	if s.empty = e.drawn == 0; s.empty {
		return s
	}
	if usable(p.Limit) && p.Limit > 0 && p.Limit <= limitReach*e.high {
		s.limit = p.Limit
	}
	s.start, s.usual = e.from, (e.to-e.from)/float64(max(e.drawn-1, 1))
	s.course = courseOf(p.Verdict, e, s.limit)
	s.view = framed(e, s.course, p.Unit, s.limit)
	s.mark(p.Restarts)
	s.legend = legend(p, &s)
	return s
}

// maxMarks are more than can be told apart in a picture; a service that crashes in a loop
// has any number of restarts.
const maxMarks = 1000

// mark counts the restarts within view and places their marks.
func (s *scene) mark(restarts []float64) {
	var taken [maxMarks]bool
	for _, t := range restarts {
		if !(t >= s.from && t <= s.to) {
			continue
		}
		s.restarted++
		if slot := &taken[int(s.across(t)*(maxMarks-1))]; !*slot {
			*slot = true
			s.restarts = append(s.restarts, t)
		}
	}
}
