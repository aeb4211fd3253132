package trace

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Metrics that are no series of their own: they say of the others when a life began and
// what work was done.
const (
	startTime  = "process_start_time_seconds"
	cpuSeconds = "process_cpu_seconds_total"
)

// knownMetrics are metrics of Prometheus' client libraries that mean what ours do, or
// whose unit their name does not tell.
var knownMetrics = map[string]struct {
	metric string
	unit   unitOf
}{
	"process_resident_memory_bytes": {"rss", bytesUnit},
	"process_private_memory_bytes":  {"private", bytesUnit}, // .NET
	"process_open_fds":              {"fds", countUnit},
	"process_num_threads":           {"threads", countUnit}, // .NET
	"process_open_handles":          {"process_open_handles", countUnit},
	"go_goroutines":                 {"go_goroutines", countUnit},
	"go_threads":                    {"go_threads", countUnit},
	"jvm_threads_current":           {"jvm_threads_current", countUnit},
	"container_memory_rss":          {"container_memory_rss", bytesUnit},
}

// seriesOf makes series of a matrix. Counters are left out: they grow by nature, and a
// leak cannot be told from work in them. unit is for metrics that tell none.
func seriesOf(matrix []*labelled, name string, unit unitOf) ([]Series, error) {
	starts, work := map[string][]Point{}, map[string][]Point{}
	for _, s := range matrix {
		switch s.labels["__name__"] {
		case startTime:
			starts[s.thing()] = s.points
		case cpuSeconds:
			work[s.thing()] = s.points
		}
	}
	var out []Series
	left := ""
	for _, s := range matrix {
		metric := s.labels["__name__"]
		if isCounter(metric) {
			left = metric
			continue
		}
		if !slices.ContainsFunc(s.points, func(p Point) bool { return p.Value == p.Value }) {
			continue
		}
		thing := s.thing()
		x := Series{Name: name, Metric: printable(metric), Points: s.points, Restarts: restartsBetween(s.points, starts[thing])}
		if thing != "{}" {
			x.Name = printable(thing)
		}
		own := unitOfColumn(metric, false)
		if known, ok := knownMetrics[metric]; ok {
			x.Metric, own = known.metric, known.unit
		} else if metric == "" {
			x.Metric = "value"
		}
		if own.name == "" {
			own = unit
		}
		x.Unit = own.name
		scale(x.Points, own.factor)
		putWork(x.Points, work[thing], x.Restarts)
		out = append(out, x)
	}
	if len(out) == 0 && left != "" {
		return nil, &Error{
			Err:  fmt.Errorf("%s grows by nature: the answer holds no gauge", printable(left)),
			Hint: "query a gauge like process_resident_memory_bytes, or a rate; a gauge that has such a name passes as NAME * 1",
		}
	}
	if len(out) == 0 {
		return nil, &Error{Err: errors.New("there is not a single figure in the answer"), Hint: "check the query in Prometheus' own page"}
	}
	return out, nil
}

// isCounter goes by the names that Prometheus' conventions give counters.
func isCounter(metric string) bool {
	return metric == startTime || strings.HasSuffix(metric, "_total") || strings.HasSuffix(metric, "_bucket") || strings.HasSuffix(metric, "_created")
}

// thing is what a series is about: its labels without the name of the metric, as
// Prometheus writes them.
func (s *labelled) thing() string {
	var out strings.Builder
	out.WriteByte('{')
	for _, label := range slices.Sorted(maps.Keys(s.labels)) {
		if label == "__name__" {
			continue
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%s=%q", label, s.labels[label])
	}
	out.WriteByte('}')
	return out.String()
}

func scale(points []Point, factor float64) {
	for i := range points {
		points[i].Value = finite(points[i].Value * factor)
	}
}

// leastStartDelta: a start time is derived from the boot time, which some kernels round
// now one way, now the other.
const leastStartDelta = 1.5

// restartsBetween are the points at which the start time has become another one. Answers
// of one query have their points at the same times.
func restartsBetween(points, starts []Point) []int {
	var out []int
	known, next := math.NaN(), 0
	for i, p := range points {
		for ; next < len(starts) && starts[next].T <= p.T; next++ {
			began := starts[next].Value
			if math.Abs(began-known) > leastStartDelta && i > 0 && (len(out) == 0 || out[len(out)-1] != i) {
				out = append(out, i)
			}
			if began == began {
				known = began
			}
		}
	}
	return out
}

// putWork copies the counter of work to the points of the same times.
func putWork(points, work []Point, restarts []int) {
	c, next := newCounter(), 0
	for i := range points {
		for next < len(work) && work[next].T < points[i].T {
			next++
		}
		if next == len(work) || work[next].T != points[i].T || work[next].Value != work[next].Value {
			continue
		}
		if _, restart := slices.BinarySearch(restarts, i); restart || work[next].Value < c.raw {
			c.reset()
		}
		points[i].Work = c.add(work[next].Value)
	}
}
