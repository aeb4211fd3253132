package trading

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/wire"
)

// Source is one that is asked again and again. Its methods may be called by several
// goroutines; Pull by one.
type Source struct {
	options Options
	desk    *Desk
	reader  reader
	asking  sync.Mutex // the reader's

	mu       sync.Mutex
	reading  *Reading
	good     time.Time
	state    string
	err      string
	hint     string
	answers  uint64
	failures uint64
	since    map[string]status // of components, by name
	lines    func([]Line)
}

// status is what a component was, and since when.
type status struct {
	word  string
	since time.Time
}

// maxWait is between two questions to a source that does not answer.
const maxWait = 5 * time.Minute

// New makes a source that was not asked yet. Lines of its log go to lines, which may be nil.
func New(o Options, desk *Desk, lines func([]Line)) (*Source, error) {
	r, err := newReader(&o)
	if err != nil {
		return nil, err
	}
	return &Source{options: o, desk: desk, reader: r, state: "waiting", since: make(map[string]status), lines: lines}, nil
}

// Close ends what the source holds.
func (s *Source) Close() error {
	s.asking.Lock()
	defer s.asking.Unlock()
	return s.reader.close()
}

// Pull asks once and says how long to wait until the next time: twice as long after each
// failure in a row.
func (s *Source) Pull(ctx context.Context, now time.Time) time.Duration {
	select {
	case s.desk.places <- struct{}{}:
		defer func() { <-s.desk.places }()
	case <-ctx.Done():
		return 0
	}
	s.asking.Lock()
	within, cancel := context.WithTimeout(ctx, s.options.Timeout)
	reading, err := s.reader.read(within, now)
	cancel()
	s.asking.Unlock()
	if ctx.Err() != nil {
		return 0 // nobody waits
	}
	s.mu.Lock()
	if err != nil {
		s.failures++
		s.state, s.err, s.hint = "dead", printed(err.Error()), hintOf(err)
		wait := min(max(maxWait, s.options.Interval), s.options.Interval<<min(s.failures-1, 6))
		s.mu.Unlock()
		return wait
	}
	reading.wanted(&s.options)
	reading.sorted()
	s.answers++
	s.failures, s.state, s.err, s.hint = 0, "ok", "", ""
	if len(reading.Problems) > 0 {
		s.state, s.err = "partial", printed(reading.Problems[0])
	}
	s.date(reading.Components, now)
	lines := reading.Lines
	reading.Lines = nil
	s.reading, s.good = reading, now
	s.mu.Unlock()
	if s.lines != nil && len(lines) > 0 {
		s.lines(lines)
	}
	return s.options.Interval
}

// date sets since when components are what they are.
func (s *Source) date(all []wire.Component, now time.Time) {
	seen := make(map[string]bool, len(all))
	for i := range all {
		c := &all[i]
		c.Source = s.options.Name
		was := s.since[c.Name]
		if was.word != c.Status {
			was = status{c.Status, now.UTC().Truncate(time.Second)}
			s.since[c.Name] = was
		}
		c.Since = was.since
		seen[c.Name] = true
	}
	for name := range s.since {
		if !seen[name] {
			delete(s.since, name)
		}
	}
}

// hintOf is the next step that an error knows.
func hintOf(err error) string {
	var f *fetch.Error
	if errors.As(err, &f) {
		return f.Hint
	}
	return ""
}

// Options are those it was made with.
func (s *Source) Options() *Options { return &s.options }

// Stale is after how many intervals without an answer what a source said is no longer taken
// for the present.
const staleIntervals = 4

// Present is what the source said last, and whether that still holds: a source that is dead
// for several intervals is not what its components are now. The reading must not be changed.
func (s *Source) Present(now time.Time) (reading *Reading, holds bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reading, s.reading != nil && now.Sub(s.good) < staleIntervals*max(s.options.Interval, s.options.Timeout)
}

// State is how it answers.
func (s *Source) State() wire.SourceState {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := wire.SourceState{Name: s.options.Name, Kind: s.options.Kind, Service: s.options.Service, State: s.state, Error: s.err, Hint: s.hint,
		Answers: s.answers, Failures: s.failures, IntervalSeconds: s.options.Interval.Seconds()}
	if !s.good.IsZero() {
		at := s.good.UTC().Truncate(time.Second)
		out.LastGoodTime = &at
	}
	if s.reading != nil {
		out.Caveat, out.Detail, out.Series, out.LeftOut = s.reading.Caveat, s.reading.Detail, len(s.reading.Gauges), s.reading.LeftOut
	}
	return out
}

// Strategies are those of the last answer.
func (s *Source) Strategies() []wire.Strategy {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reading == nil {
		return nil
	}
	out := slices.Clone(s.reading.Strategies)
	for i := range out {
		out[i].Source, out[i].Service = s.options.Name, s.options.Service
	}
	return out
}

// Components are those of the last answer; of a source that is dead for long nobody knows.
func (s *Source) Components(now time.Time) []wire.Component {
	reading, holds := s.Present(now)
	if reading == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Clone(reading.Components)
	if !holds {
		for i := range out {
			out[i].Status, out[i].Since = "unknown", s.good.UTC().Truncate(time.Second)
			out[i].Reason = "its source does not answer: " + s.err
		}
	}
	return out
}

// Detail is one strategy by days, weeks and months; nil where there is no such strategy.
func (s *Source) Detail(name string) *wire.StrategyDetail {
	all := s.Strategies()
	i := slices.IndexFunc(all, func(x wire.Strategy) bool { return x.Name == name })
	if i < 0 {
		return nil
	}
	out := s.reader.detail(name)
	if out == nil {
		out = &wire.StrategyDetail{}
	}
	course := out.Course
	out.Strategy = all[i]
	if len(course.Times) > 0 {
		out.Course = course
	}
	return out
}
