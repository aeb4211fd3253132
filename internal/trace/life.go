package trace

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// record gathers the lives of processes while a file is read, and makes series of them.
type record struct {
	name    string           // of things without a name: the file
	metrics []seriesKind     // of every life
	living  map[string]*life // by thing and PID, the last life of each
	lives   []*life          // in the order in which they began
	points  int
	named   int // bytes of names that are kept

	sink     *Sink // takes the rows instead; nil keeps them
	begun    bool  // it knows the columns
	line     int   // of the row
	zoneless bool  // the row's time has no offset
}

type seriesKind struct {
	name, unit string
	resident   bool // a part of the RSS
}

// life is one life of one process, or all those of a service that a file follows.
type life struct {
	thing       string // key of what the lives are lives of
	name        string // to show, not yet printable
	pid         string
	order       int
	first, last float64 // times between which it was seen
	uptime      float64
	counter     counter   // of work
	faults      counter   // minor page faults
	points      [][]Point // one series a metric
	breaks      []int     // points at which it began anew
	anew        bool      // the next point is such a one
}

func newRecord(src *source, name string) *record {
	return &record{name: name, living: map[string]*life{}, sink: src.sink}
}

// begin opens a life of a thing at a line of the file. The key tells its processes apart.
func (r *record) begin(line int, key, thing, name, pid string, at float64) (*life, error) {
	if len(r.lives) == maxLives {
		return nil, tooMuch(line, maxLives, "processes")
	}
	if r.named += len(key); r.named > maxNameBytes {
		return nil, tooMuch(line, maxNameBytes, "bytes of names")
	}
	x := &life{
		thing: thing, name: name, pid: pid, order: len(r.lives),
		first: at, last: at, uptime: math.NaN(), counter: newCounter(), faults: newCounter(), points: make([][]Point, len(r.metrics)),
	}
	r.living[key] = x
	r.lives = append(r.lives, x)
	return x, nil
}

// moment is what was read of one process at one time.
type moment struct {
	at, work, faults float64
	rss              float64   // in the unit of the figures that are a part of it
	figures          []float64 // one a metric
}

// add puts one sample of every metric into a life.
func (r *record) add(x *life, m moment) error {
	if r.sink != nil {
		return r.stream(x, m)
	}
	x.first, x.last = min(x.first, m.at), max(x.last, m.at)
	if x.anew { // only now: a row that cannot be read gives no point to begin with
		x.anew = false
		x.breaks = append(x.breaks, len(x.points[0]))
	}
	for i, v := range m.figures {
		beside := math.NaN()
		if r.metrics[i].resident {
			beside = max(0, m.rss-v) // swapped memory is no part of the RSS
		}
		x.points[i] = append(x.points[i], Point{m.at, v, m.work, m.faults, beside})
	}
	r.points += len(m.figures)
	return nil
}

// restart says that from here on another process is in the place of this one. Its counters
// begin at 0.
func (x *life) restart(pid string) {
	x.pid, x.anew = pid, true
	x.counter.reset()
	x.faults.reset()
}

// lane is what is taken for one process over all its restarts.
type lane struct{ lives []*life }

// lanes links lives: a process that begins after one of the same name has ended is its
// restart. Where two ended at the same moment, which of them it follows cannot be told,
// and it stands alone, as do processes that run beside each other.
func (r *record) lanes() []*lane {
	byThing := map[string][]*life{}
	for _, x := range r.lives {
		byThing[x.thing] = append(byThing[x.thing], x)
	}
	var out []*lane
	for _, begun := range byThing {
		ended := slices.Clone(begun)
		slices.SortStableFunc(begun, func(a, b *life) int { return cmp.Compare(a.first, b.first) })
		slices.SortStableFunc(ended, func(a, b *life) int { return cmp.Compare(a.last, b.last) })
		of := map[*life]*lane{}
		var free []*lane // whose last life is over, in the order in which they ended
		for _, x := range begun {
			for len(ended) > 0 && ended[0].last < x.first {
				free = append(free, of[ended[0]])
				ended = ended[1:]
			}
			n := len(free)
			if n == 0 || n > 1 && free[n-1].end() == free[n-2].end() {
				of[x] = &lane{[]*life{x}}
				out = append(out, of[x])
				continue
			}
			of[x] = free[n-1]
			free = free[:n-1]
			of[x].lives = append(of[x].lives, x)
		}
	}
	slices.SortFunc(out, func(a, b *lane) int { return cmp.Compare(a.lives[0].order, b.lives[0].order) })
	return out
}

func (l *lane) end() float64 { return l.lives[len(l.lives)-1].last }

// finish makes the series, and keeps the error that reading ended with.
func (r *record) finish(broken error) ([]Series, error) {
	series, tooMany := r.series()
	if broken == nil {
		broken = tooMany
	}
	return series, broken
}

// series gives a series for every lane and metric of which anything is known.
func (r *record) series() ([]Series, error) {
	// The row that a file breaks off in may have begun a life and given it nothing.
	r.lives = slices.DeleteFunc(r.lives, func(x *life) bool { return len(r.metrics) == 0 || len(x.points[0]) == 0 })
	lanes := r.lanes()
	if n := len(lanes) * len(r.metrics); n > maxSeries {
		return nil, tooManySeries(n)
	}
	shown := map[string]int{}
	for _, l := range lanes {
		shown[l.lives[0].name]++
	}
	var out []Series
	for _, l := range lanes {
		newest := l.lives[len(l.lives)-1]
		name := r.name
		if newest.name != "" {
			name = printable(plain(newest.name))
		}
		if shown[newest.name] > 1 && newest.pid != "" {
			name += " PID " + printable(newest.pid)
		}
		l.addUp()
		for i, m := range r.metrics {
			points, restarts := l.joined(i)
			if slices.ContainsFunc(points, func(p Point) bool { return p.Value == p.Value }) {
				out = append(out, Series{Name: name, Metric: m.name, Unit: m.unit, Points: points, Restarts: restarts})
			}
		}
	}
	return out, nil
}

// plain takes off the apostrophe that zol0 puts before a name which a spreadsheet would
// run as a formula.
func plain(name string) string {
	if len(name) > 1 && name[0] == '\'' && strings.ContainsRune("=+-@\t\r", rune(name[1])) {
		return name[1:]
	}
	return name
}

// addUp makes the counters of each life go on where those of the one before it ended.
func (l *lane) addUp() {
	var work, faults float64
	for _, x := range l.lives {
		workBefore, faultsBefore := work, faults
		for _, points := range x.points {
			for i := range points {
				points[i].Work, work = goOn(points[i].Work, workBefore, work)
				points[i].Faults, faults = goOn(points[i].Faults, faultsBefore, faults)
			}
		}
	}
}

// goOn is a counter's figure over what was counted before this life, and how far the
// counter has come with it. Both a life's first metric and its later ones pass here.
func goOn(v, before, reached float64) (sum, now float64) {
	if sum = finite(v + before); sum == sum { // NaN is the only value that differs from itself
		return sum, sum
	}
	return sum, reached
}

// joined is the series of one metric over all lives, and where the later ones begin.
func (l *lane) joined(metric int) ([]Point, []int) {
	var points []Point
	var restarts []int
	for i, x := range l.lives {
		if i > 0 {
			restarts = append(restarts, len(points))
		}
		for _, at := range x.breaks {
			restarts = append(restarts, len(points)+at)
		}
		if i == 0 {
			points = x.points[metric]
		} else {
			points = append(points, x.points[metric]...)
		}
	}
	return points, restarts
}

// counter makes a counter that never falls of what a file says about work.
type counter struct {
	raw  float64 // the last figure of the file
	base float64 // what was reached before the counter began anew
	done float64
	at   float64 // time of the last figure, for integrate
}

func newCounter() counter { return counter{raw: math.Inf(-1), done: math.Inf(-1), at: math.NaN()} }

// add takes in a figure of a counter. One that falls within a life is a correction of the
// kernel's, which sums the time of several threads: what was reached stands. One that was
// not measured counts nothing.
func (c *counter) add(v float64) float64 {
	if v != v { // NaN is the only value that differs from itself
		return v
	}
	c.raw = v
	c.done = max(c.done, c.base+v)
	return finite(c.done)
}

// reset says that the counter began anew at 0.
func (c *counter) reset() { c.raw, c.base = math.Inf(-1), max(c.done, 0) }

// integrate adds the work of a share of one core, in percent, that was used since the
// last figure, and gives the CPU seconds in all. Before the second figure there are none.
func (c *counter) integrate(at, percent float64) float64 {
	if math.IsNaN(c.at) {
		c.at, c.done = at, 0
		return 0
	}
	if elapsed := at - c.at; elapsed > 0 && percent > 0 {
		c.done += elapsed * percent / 100
	}
	c.at = max(c.at, at)
	return finite(c.done)
}
